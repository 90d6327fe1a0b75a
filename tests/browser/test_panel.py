"""The panel: what else a token could have been, in numbers that are right."""

import numpy as np
import pytest
from playwright.sync_api import expect

from gpt2demo.catalogue import ASSETS

FOLDER = ASSETS / "models" / "gpt2-mini"


@pytest.fixture(scope="module")
def reference():
    """Percentages for the token after some ids: transformers' GPT-2 and a softmax in float64."""
    import torch
    from transformers import GPT2LMHeadModel

    model = GPT2LMHeadModel.from_pretrained(FOLDER, dtype=torch.float32, attn_implementation="eager").eval()

    def percentages(ids: list[int]) -> np.ndarray:
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0, -1].double().numpy()
        weights = np.exp(logits - logits.max())
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


def test_each_column_adds_up_to_a_hundred_and_the_raw_one_is_the_models_softmax(visitor, reference):
    visitor.opens(prompt="Lily and Ben went to the park", seed=5, max_new_tokens=12)
    record, ids = visitor.record, visitor.ids
    first = visitor.prompt_tokens
    assert [token["id"] for token in record["tokens"]] == ids[first:]
    for index in (1, first, first + 5, len(ids) - 1):
        visitor.clicks(index)
        columns = np.array(visitor.columns())
        np.testing.assert_allclose(columns.sum(axis=0), 100, atol=1e-6)
        listed = [int(id) for id in visitor.choices.evaluate_all("all => all.map(node => node.dataset.id)")]
        np.testing.assert_allclose(
            columns[:-1, 0], reference(ids[:index])[listed], atol=1e-3
        )  # logits of two float32 models differ by up to 1e-5


def test_the_strips_own_numbers_are_the_models_too(visitor, reference):
    record, first = visitor.opens(prompt="Lily and Ben", seed=5, max_new_tokens=6).record, visitor.prompt_tokens
    for i, token in enumerate(record["tokens"]):
        expected = reference(visitor.ids[: first + i])
        assert token["probability"] == pytest.approx(expected[token["id"]] / 100, abs=1e-5)
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
