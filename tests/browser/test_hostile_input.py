"""Whatever somebody types: one sentence where something is wrong, nothing lost, nothing run."""

import re

import pytest
from playwright.sync_api import expect

SHORT = {"prompt": "Hello", "max_new_tokens": 4}

HOSTILE = {
    "script": "<script>window.hacked=1</script>",
    "image": '<img src=x onerror="window.hacked=1">',
    "template": "${window.hacked=1}",
    "moustache": "{{constructor.constructor('window.hacked=1')()}}",
    "backticks": "`${window.hacked=1}` `backticks`",
    "textarea": "</textarea></div><script>window.hacked=1</script>",
    "style": "</style><svg onload=window.hacked=1>",
    "link": "[x](javascript:window.hacked=1) **bold**",
    "end of text": "before <|endoftext|> after",
    "right to left": "مرحبا \u202eabc\u202c שלום",
    "emoji": "A fox 🦊 and a family 👩‍👩‍👧 there",
    "control": "a\x07b\x1b[31m c\u2028d",
}


@pytest.mark.parametrize("prompt", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_prompt_is_text_and_nothing_else(prompt, visitor):
    visitor.opens(**SHORT)
    visitor.generates(prompt)
    assert visitor.text.startswith(prompt)
    assert visitor.record["prompt"] == prompt
    visitor.clicks(visitor.prompt_tokens)
    assert visitor.prompt.input_value() == prompt


def test_a_hostile_link_is_text_too(visitor):
    visitor.opens(prompt='"><img src=x onerror="window.hacked=1">', stop="<script>", max_new_tokens=3)
    assert visitor.text.startswith('"><img src=x')


def test_end_of_text_typed_by_a_visitor_is_thirteen_characters(visitor):
    visitor.opens(**SHORT)
    visitor.generates("<|endoftext|>")
    assert b"".join(visitor.bytes_of()[: visitor.prompt_tokens]) == b"<|endoftext|>"
    expect(visitor.page.locator("#strip .token.prompt .ending")).to_have_count(0)


def test_the_bytes_of_one_glyph_are_joined_and_the_glyph_appears_once(visitor):
    visitor.opens(prompt="A fox 🦊", max_new_tokens=1)
    shown = visitor.page.locator("#strip .words").inner_text()
    assert shown.count("🦊") == 1 and "\ufffd" not in shown.split("🦊")[0]
    assert visitor.page.locator("#strip .token.part").count() >= 1
    assert b"".join(visitor.bytes_of()).startswith("A fox 🦊".encode())


def test_nul_is_made_visible(visitor):
    visitor.opens(**SHORT)
    visitor.prompt.evaluate(
        "(node, text) => { node.value = text; node.dispatchEvent(new Event('input')); }", "a\u0000b"
    )
    visitor.generates()
    expect(visitor.page.locator("#strip .words")).to_contain_text("␀")


def test_half_a_surrogate_pair_is_replaced_and_named(visitor):
    visitor.opens(**SHORT)
    visitor.prompt.evaluate("node => { node.value = 'half \\ud83d here'; node.dispatchEvent(new Event('input')); }")
    visitor.generates()
    assert visitor.text.startswith("half \ufffd here")
    expect(visitor.notice).to_contain_text("not valid Unicode")


def test_a_megabyte_is_refused_and_kept(visitor):
    visitor.opens(**SHORT)
    before = visitor.text
    visitor.prompt.evaluate("node => { node.value = 'x'.repeat(1e6); node.dispatchEvent(new Event('input')); }")
    visitor.button("Generate").click()
    visitor.says(re.compile("1,000,000 characters"))
    assert visitor.prompt.evaluate("node => node.value.length") == 1_000_000
    assert visitor.text == before


def test_a_prompt_over_the_context_says_how_many_tokens_too_many(visitor):
    visitor.opens(**SHORT)
    visitor.prompt.fill("word " * 600)
    visitor.button("Generate").click()
    visitor.says(re.compile(r"The prompt is [\d,]+ tokens long, [\d,]+ too many"))
    assert visitor.prompt.input_value() == "word " * 600


@pytest.mark.parametrize("prompt", ["", "  \n "], ids=["empty", "blank"])
def test_a_blank_prompt_starts_from_the_end_of_text_token_and_says_so(prompt, visitor):
    visitor.opens(**SHORT)
    visitor.generates(prompt)
    expect(visitor.notice).to_contain_text("began from its end-of-text token")
    expect(visitor.tokens.first).to_have_text("end of text")


def test_another_script_gets_a_hint(visitor):
    visitor.opens(**SHORT)
    visitor.generates("Жили-были старик со старухой")
    expect(visitor.notice).to_contain_text("gpt2-mini reads English")


NUMBERS = {
    "seed": ["-1", "1.5", "", "1e400", "99999999999999999999"],
    "max-new-tokens": ["0", "-5", "1e9", ""],
    "temperature": ["99", "-3", "", "1e400"],
    "top-k": ["1e9", "1.5", ""],
    "top-p": ["2", ""],
    "repetition": ["0", "50"],
}


@pytest.mark.parametrize(("field", "value"), [(f, v) for f, values in NUMBERS.items() for v in values])
def test_a_number_that_makes_no_sense_is_one_sentence_or_is_put_right(field, value, visitor):
    visitor.opens(**SHORT)
    before = visitor.text
    visitor.sets(field, value)
    visitor.button("Generate").click()
    expect(visitor.notice.locator("p").or_(visitor.branches.nth(1)).first).to_be_attached()
    assert "Error" not in visitor.page.locator("#playground").inner_text()
    visitor.waits_until_written()
    assert visitor.text.startswith("Hello")
    if visitor.branches.count() < 2:
        assert visitor.text == before
    expect(visitor.page.locator(".toast-body")).to_have_count(0)


def test_after_a_wrong_number_the_right_one_works(visitor):
    visitor.opens(**SHORT)
    visitor.sets("seed", "-1")
    visitor.button("Generate").click()
    visitor.says(re.compile("The seed must be a whole number"))
    visitor.sets("seed", "3")
    visitor.generates()
    expect(visitor.notice.locator("p")).to_have_count(0)
