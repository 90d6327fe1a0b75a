"""The panel: what else a token could have been, in numbers that are right."""

import csv
import io

import numpy as np
import pytest
from playwright.sync_api import expect

from gpt2demo.engine.loading import load_engine
from gpt2demo.settings import Settings


@pytest.fixture(scope="module")
def percentages(tmp_path_factory):
    """Percentages for the token after some ids: the page's engine's logits, read as the page reads, and a float64 softmax.

    That the logits are those of `transformers` is the parity tests' matter (`tests/engine/test_parity.py`).
    """
    engine = load_engine("gpt2-mini", Settings(offline=True, cache=tmp_path_factory.mktemp("cache")))

    def percentages(ids: list[int], prompt_tokens: int) -> np.ndarray:
        if len(ids) < prompt_tokens:
            logits = engine.logits(ids, [len(ids) - 1])[0]
        else:
            step = engine.start(ids[:prompt_tokens])
            for token in ids[prompt_tokens:]:
                step = engine.step(step.past, [token])
            logits = step.logits
        weights = np.exp(logits.astype(np.float64) - logits.max())
        return 100 * weights / weights.sum()

    return percentages


def test_a_click_shows_the_twenty_likeliest_the_chosen_one_and_all_the_others(visitor):
    visitor.opens(prompt="The old man opened the door", seed=2, temperature=1.2, top_k=0, top_p=1, max_new_tokens=10)
    for index in range(visitor.prompt_tokens, visitor.tokens.count()):
        visitor.clicks(index)
        listed, inside = (
            visitor.choices.count(),
            int(visitor.choices.locator(".rank").nth(-1).inner_text().replace(",", "")) <= 20,
        )
        assert listed == (20 if inside else 21)
        expect(visitor.page.locator("#panel .choice.chosen")).to_have_count(1)
        expect(visitor.page.locator("#panel .rest")).to_have_count(1)


def test_each_column_adds_up_to_a_hundred_and_the_raw_one_is_the_models_softmax(visitor, percentages):
    visitor.opens(prompt="Lily and Ben went to the park", seed=5, max_new_tokens=12)
    record, ids = visitor.record, visitor.ids
    first = visitor.prompt_tokens
    assert [token["id"] for token in record["tokens"]] == ids[first:]
    for index in (1, first, first + 5, len(ids) - 1):
        visitor.clicks(index)
        columns = np.array(visitor.columns())
        np.testing.assert_allclose(columns.sum(axis=0), 100, atol=1e-6)
        listed = [int(id) for id in visitor.choices.evaluate_all("all => all.map(node => node.dataset.id)")]
        expected = percentages(ids[:index], first)[listed]
        np.testing.assert_allclose(columns[:-1, 0], expected, rtol=0, atol=1e-4)  # percent: a millionth


def test_bars_stand_on_one_scale_that_ends_just_above_the_likeliest_listed_token(visitor):
    visitor.opens(prompt="The old man opened the door and saw", seed=2, max_new_tokens=10)
    for index in range(visitor.prompt_tokens, visitor.prompt_tokens + 4):
        visitor.clicks(index)
        *listed, rest = visitor.columns()
        end = float(visitor.page.locator("#panel .axis i").last.inner_text().removesuffix(" %"))
        assert max(max(row) for row in listed) <= end
        expect(visitor.page.locator("#panel .rest .broken")).to_have_count(int(max(rest) > end))
        for bar, row in zip(visitor.page.locator("#panel .choice .bar").all(), listed):
            drawn = bar.evaluate("bar => [...bar.children].map(level => parseFloat(level.style.width))")
            assert drawn == pytest.approx([100 * row[i] / end for i in (1, 0, 2)], abs=0.01)


def test_the_bars_can_be_taken_away_as_numbers_in_full(visitor):
    visitor.opens(prompt="The old man", max_new_tokens=6)
    visitor.clicks(5)
    head, *rows = csv.reader(io.StringIO(visitor.offers("#panel", "CSV").decode(), newline=""))
    assert head[:3] == ["rank", "id", "token"] and all("in %" in name for name in head[3:])
    assert [[float(cell) for cell in row[3:]] for row in rows] == visitor.columns()


def test_the_strips_own_numbers_are_the_models_too(visitor, percentages):
    record, first = visitor.opens(prompt="Lily and Ben", seed=5, max_new_tokens=6).record, visitor.prompt_tokens
    for i, token in enumerate(record["tokens"]):
        expected = percentages(visitor.ids[: first + i], first)
        assert token["probability"] == pytest.approx(expected[token["id"]] / 100, abs=1e-6)
        assert token["rank"] == 1 + (expected > expected[token["id"]]).sum()


def test_a_slider_changes_the_open_panel_and_its_sentence_live(visitor):
    visitor.opens(prompt="The old man", max_new_tokens=6)
    visitor.clicks(5)
    raw, before = [row[0] for row in visitor.columns()], visitor.effect.inner_text()
    slider = visitor.page.locator("#temperature input[type=range]")
    for _ in range(6):
        slider.press("ArrowRight")
    expect(visitor.effect).not_to_have_text(before)
    expect(visitor.effect).to_contain_text("Temperature 1.1")
    assert [row[0] for row in visitor.columns()] == raw
    expect(visitor.page.locator("#preset input:checked")).to_have_count(0)


def test_a_preset_moves_the_sliders_and_the_panel(visitor):
    visitor.opens(prompt="The old man", max_new_tokens=6)
    visitor.clicks(5)
    visitor.chooses("Greedy")
    expect(visitor.effect).to_contain_text("Temperature 0 always takes the likeliest token")
    expect(visitor.page.locator("#temperature input[type=number]")).to_have_value("0")
    visitor.chooses("Wild")
    expect(visitor.page.locator("#temperature input[type=number]")).to_have_value("1.3")
    expect(visitor.effect).to_contain_text("Temperature 1.3")


@pytest.mark.parametrize("words", ["always the likeliest token", "few surprises", "the usual middle", "anything goes"])
def test_every_preset_explains_itself(words, visitor):
    visitor.opens(prompt="x", max_new_tokens=1)
    expect(visitor.page.locator("#presets-explained")).to_contain_text(words)


def test_the_first_token_says_why_it_has_no_panel(visitor):
    visitor.opens(prompt="The old man", max_new_tokens=2)
    visitor.tokens.first.click()
    expect(visitor.sentence).to_contain_text("made no prediction here")
