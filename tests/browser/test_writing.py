"""Generate, Stop, Continue, Undo."""

from playwright.sync_api import expect

from tests.browser.visitor import ENDLESS


def test_the_text_grows_token_by_token_until_it_is_finished(visitor):
    visitor.opens(prompt="The fox", max_new_tokens=2, **ENDLESS)
    visitor.sets("max-new-tokens", 120)
    visitor.counts_tokens()
    visitor.generates()
    counts = visitor.counted
    assert visitor.tokens.count() == counts[-1] == visitor.prompt_tokens + 120
    assert len(counts) > 3 and counts == sorted(set(counts))
    expect(visitor.status).to_contain_text("tokens/s")
    expect(visitor.status).to_contain_text("first token")


def test_stop_ends_early_and_keeps_what_is_there(visitor):
    visitor.opens(prompt="The fox", max_new_tokens=2, **ENDLESS)
    visitor.sets("max-new-tokens", 400)
    visitor.button("Generate").click()
    visitor.stops(after=6)
    record = visitor.record
    assert record["stopped_by"] == "visitor"
    assert 4 <= len(record["tokens"]) < 400
    assert record["settings"]["max_new_tokens"] == 400


def test_continue_goes_on_undo_takes_back_and_continue_gives_the_same_again(visitor):
    visitor.opens(prompt="The dog and the cat", seed=3, temperature=1, top_k=0, max_new_tokens=8)
    first = visitor.text
    visitor.goes_on()
    second = visitor.text
    assert second.startswith(first) and len(second) > len(first)
    visitor.undoes()
    assert visitor.text == first
    visitor.goes_on()
    assert visitor.text == second


def test_undo_with_nothing_left_to_take_back_says_so(visitor):
    visitor.opens(prompt="The dog", max_new_tokens=4)
    visitor.undoes()
    assert visitor.text == "The dog"
    visitor.button("Undo").click()
    visitor.says("There is nothing to undo: nothing has been written yet.")
    assert visitor.text == "The dog"


def test_a_stop_text_ends_the_text_and_is_not_shown(visitor):
    visitor.opens(prompt="one two three", max_new_tokens=30, **ENDLESS)
    whole = visitor.text.removeprefix("one two three")
    stop = whole[5:9]
    visitor.sets("stops", stop.replace("\n", "\\n"))
    visitor.generates()
    record = visitor.record
    assert record["stopped_by"] == "stop"
    assert stop not in record["text"] and whole.startswith(record["text"])


def test_a_looping_text_is_explained(visitor):
    visitor.opens(prompt="The fox", max_new_tokens=60, **ENDLESS)
    expect(visitor.notice).to_contain_text("begun to repeat itself")


def test_generate_works_from_the_keyboard_alone(visitor):
    visitor.opens(prompt="The fox", max_new_tokens=4)
    visitor.prompt.focus()
    visitor.expecting_a_new_text(lambda: visitor.page.keyboard.press("Shift+Enter"))
    visitor.button("Generate").focus()
    visitor.expecting_a_new_text(lambda: visitor.page.keyboard.press("Enter"))
