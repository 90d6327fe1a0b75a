"""What a visitor takes away: a link that writes the same text, and files."""

import csv
import io

import pytest
from playwright.sync_api import expect

START = {"prompt": "The cat & the dog, 100 % + more?", "seed": 9, "temperature": 1.1, "top_k": 50, "max_new_tokens": 14}
STAGES = {
    "raw probability (0 to 1)": "probability",
    "after penalties and temperature (0 to 1)": "probability_tempered",
    "after the cut (0 to 1)": "probability_cut",
}
LINE = {"prompt": 'Line one,\n"quoted"', "seed": 1, "max_new_tokens": 24}


def test_a_copied_link_opens_the_same_text_in_another_browser(visit):
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.opens(**START)
    visitor.button("Copy link").click()
    expect(visitor.button("Link copied")).to_be_visible()
    other = visit().opens(visitor.page.evaluate("navigator.clipboard.readText()"))
    assert other.text == visitor.text
    expect(other.prompt).to_have_value(START["prompt"])
    expect(other.page.locator("#temperature input[type=number]")).to_have_value("1.1")
    assert other.record["settings"] == visitor.record["settings"]


def test_where_the_clipboard_is_closed_the_link_stands_there_to_be_copied(visit):
    visitor = visit()
    visitor.page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    visitor.opens(**START)
    visitor.button("Copy link").click()
    field = visitor.page.locator("#strip").get_by_label("Link to this text")
    expect(field).to_be_visible()
    assert visit().opens(field.input_value()).text == visitor.text


@pytest.mark.parametrize(
    "query", [{"temperature": "nan"}, {"top_k": "many"}, {"seed": -1}, {"max_new_tokens": 99999}], ids=str
)
def test_a_link_with_an_impossible_setting_says_so_and_keeps_the_prompt(query, visitor):
    visitor.page.goto(visitor.address(prompt="Keep me", **query))
    expect(visitor.notice.locator("p")).to_have_count(1)
    expect(visitor.notice).to_contain_text(next(iter(query)).replace("_", " "))
    expect(visitor.prompt).to_have_value("Keep me")


@pytest.mark.parametrize("query", [{"temperature": 3}, {"top_k": 500}, {"repetition_penalty": 0.5}], ids=str)
def test_a_link_beyond_a_sliders_end_still_leaves_a_page_that_works(query, visitor):
    visitor.page.goto(visitor.address(prompt="The fox", max_new_tokens=4, **query))
    expect(visitor.notice.or_(visitor.tokens.first).first).to_be_attached()
    expect(visitor.prompt).to_have_value("The fox")
    visitor.chooses("Balanced")
    expect(visitor.page.locator("#temperature input[type=number]")).to_have_value("0.8")


def test_json_is_the_record_of_the_command_line_with_the_prompts_tokens_and_later_stages(visitor):
    visitor.opens(**LINE)
    record = visitor.record
    assert set(record) == {
        "model", "backend", "device", "prompt", "text", "tokens", "settings", "stopped_by", "first_token_ms",
        "tokens_per_second", "prompt_tokens", "units",
    }  # fmt: skip
    scored = {"id", "text", "probability", "rank", "entropy"}
    assert set(record["tokens"][0]) == scored | {"probability_tempered", "probability_cut"}
    assert set(record["prompt_tokens"][0]) == scored
    assert record["prompt"] == LINE["prompt"] == "".join(token["text"] for token in record["prompt_tokens"])
    assert record["prompt"] + record["text"] == visitor.text
    assert "".join(token["text"] for token in record["tokens"]) == record["text"]
    assert record["settings"]["seed"] == 1 and record["model"] == "gpt2-mini"


def test_csv_parses_and_has_a_line_for_each_token_of_prompt_and_text(visitor):
    record = visitor.opens(**LINE).record
    tokens = record["prompt_tokens"] + record["tokens"]
    rows = list(csv.DictReader(io.StringIO(visitor.saves("CSV"), newline="")))
    assert [int(row["id"]) for row in rows] == [token["id"] for token in tokens]
    assert [int(row["position"]) for row in rows] == list(range(1, len(tokens) + 1))
    assert {row["chosen by"] for row in rows} == {"prompt", "sampler"}
    assert [row["text"].removeprefix("'") for row in rows] == [token["text"].removeprefix("'") for token in tokens]
    for row, token in zip(rows, tokens):
        for column, name in STAGES.items():
            assert (float(row[column]) if row[column] else None) == token.get(name)


def test_the_files_say_what_the_panel_says_at_every_stage(visitor):
    record = visitor.opens(**LINE).record
    index = visitor.prompt_tokens + 3
    visitor.clicks(index)
    panel = visitor.page.locator("#panel .choice.chosen .numbers span").evaluate_all(
        "all => all.map(cell => cell.title)"
    )
    shown = [float(title.rpartition(": ")[2].removesuffix(" %")) / 100 for title in panel]
    token = record["tokens"][3]
    assert [token[name] for name in STAGES.values()] == pytest.approx(shown, abs=1e-9)


def test_text_is_prompt_and_continuation(visitor):
    visitor.opens(**LINE)
    assert visitor.saves("Text") == visitor.text
