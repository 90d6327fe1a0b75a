"""The Engine tab: two engines on the visitor's text, measured while one watches."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect


@pytest.fixture
def tab(visitor):
    """The page with the Engine tab open."""
    visitor.opens()
    visitor.page.get_by_role("tab", name="Engine", exact=True).click()
    expect(visitor.page.locator("#engines .sentence")).to_contain_text("28 million parameters in 12 layers of 12 heads")
    return visitor.page


def compares(page):
    page.locator("#engine-compare").click()
    expect(page.locator("#engines .foot")).to_be_visible()


def test_pytorch_and_onnx_choose_the_same_words_and_the_bars_are_the_table(tab):
    compares(tab)
    expect(tab.locator("#engines .sentence")).to_contain_text(
        re.compile(
            r"^Both put the same token first at all 64 positions; the largest difference of two logits is 0\.000"
        )
    )
    expect(tab.locator("#engines tbody th")).to_have_text(
        [re.compile("^Writing"), re.compile("^First token"), re.compile("^Weights")]
    )
    with tab.expect_download() as offered:
        tab.locator("#engines .foot button").click()
    head, *rows = csv.reader(io.StringIO(Path(offered.value.path()).read_text(encoding="utf-8")))
    assert head == ["measure", "unit", "PyTorch", "ONNX Runtime"]
    for row, bars in zip(rows, tab.locator("#engines tbody tr").all(), strict=True):
        values = [float(value) for value in row[2:]]
        widths = [float(bar.get_attribute("style").split()[1].rstrip("%;")) for bar in bars.locator(".bar").all()]
        assert widths == pytest.approx([100 * value / max(values) for value in values], abs=0.1)


def test_int8_is_smaller(tab):
    tab.get_by_label("ONNX Runtime, int8").check()
    compares(tab)
    size = tab.locator("#engines tbody tr").last.locator(".figure")
    pytorch, int8 = (float(text.split()[0]) for text in size.all_inner_texts())
    assert int8 < 0.3 * pytorch


def test_an_empty_text_is_a_sentence_and_the_next_one_works(tab):
    tab.locator("#engine-text textarea").fill("")
    tab.locator("#engine-compare").click()
    expect(tab.locator("#engine-notice p")).to_have_text(
        ["There is no text to compare the engines on. Write a few words."]
    )
    tab.locator("#engine-text textarea").fill("<img src=x onerror=hacked=1> The end.")
    compares(tab)
    expect(tab.locator("#engine-notice p")).to_have_count(0)


def uses(page, backend: str) -> None:
    page.get_by_role("tab", name="Engine", exact=True).click()
    page.locator(f"#engine-choice input[value='{backend}']").check()
    page.get_by_role("button", name="Use this engine").click()
    expect(page.locator("#engine-chosen p")).to_contain_text("gpt2-mini now runs on")


def test_a_visitor_writes_and_attends_with_the_engine_that_he_chose(visitor):
    page = visitor.opens(prompt="The fox", max_new_tokens=4).page
    uses(page, "onnx-int8")
    expect(page.locator("#status")).to_contain_text("ONNX Runtime, int8")
    page.get_by_role("tab", name="Attention", exact=True).click()
    expect(page.locator("#head .sentence")).to_contain_text("head")
    switch = page.get_by_role("button", name=re.compile("Switch layer"), include_hidden=True)
    expect(switch).to_have_attribute("inert", "")
    expect(page.locator("#effect .needs-pytorch small").first).to_have_text("needs PyTorch")
    expect(page.locator("#effect .needs-pytorch small").first).to_be_visible()
    page.get_by_role("tab", name="Sentiment", exact=True).click()
    expect(page.locator("#judged .sentence").first).to_contain_text(re.compile("GPT-2 (thinks|would rather)"))
    page.get_by_role("tab", name="Playground", exact=True).click()
    visitor.generates()
    expect(page.locator("#status")).to_contain_text("ONNX Runtime, int8")
    uses(page, "torch")
    page.get_by_role("tab", name="Attention", exact=True).click()
    switch.click()
    expect(page.locator("#effect .sentence")).to_contain_text("switched off")
    expect(page.locator("#effect .needs-pytorch small").first).to_be_hidden()


def test_a_model_that_is_not_here_leaves_the_engine_that_there_was(tab):
    tab.locator("#engine-choice input[value='gpt2-xl']").check()
    tab.get_by_role("button", name="Use this engine").click()
    expect(tab.locator("#engine-chosen p").first).to_contain_text("gpt2-xl is not on this machine")
    expect(tab.locator("#engine-chosen p").last).to_contain_text("gpt2-mini goes on")
    expect(tab.locator("#status")).to_contain_text("gpt2-mini")


def test_the_tab_opens_with_a_picture_that_names_its_machine_and_cancelling_leaves_it(tab):
    bench = tab.locator("#engine-bench")
    expect(bench.locator(".where")).to_contain_text("Not measured here but once, by this project")
    expect(bench.locator("tbody th")).to_contain_text(["transformers generate", "PyTorch", "ONNX Runtime"])
    before = bench.locator(".figure").all_inner_texts()
    bench.get_by_role("button", name="Measure here and now").click()
    bench.get_by_role("button", name="Cancel").click()
    expect(bench.get_by_role("button", name="Cancel")).to_be_hidden()
    assert bench.locator(".figure").all_inner_texts() == before
    expect(bench.get_by_role("button", name="Measure here and now")).to_be_enabled()
