"""Another way: a click or a key on an alternative, and every way stays."""

import re

from playwright.sync_api import expect

START = {"prompt": "The old man opened the door and", "seed": 3, "max_new_tokens": 8}


def alternatives(visitor):
    return visitor.page.locator("#panel .choice:not(.chosen)")


def test_an_alternative_begins_with_the_same_tokens_and_then_that_one(visitor):
    before = visitor.opens(**START).ids
    index = visitor.prompt_tokens + 2
    visitor.clicks(index)
    taken = int(alternatives(visitor).nth(1).get_attribute("data-id"))
    visitor.expecting_a_new_text(alternatives(visitor).nth(1).click)
    assert visitor.ids[: index + 1] == [*before[:index], taken]
    expect(visitor.tokens.nth(index)).to_have_class("token visitor")


def test_branches_are_listed_and_each_shows_its_own_text_again(visitor):
    texts = {visitor.opens(**START).text}
    for n in range(3):
        visitor.clicks(visitor.prompt_tokens + 1)
        visitor.expecting_a_new_text(alternatives(visitor).nth(n).click)
        texts.add(visitor.text)
    expect(visitor.branches).to_have_count(4)
    assert len(texts) == 4
    seen = set()
    for n in range(4):
        visitor.branches.nth(n).click()
        expect(visitor.branches.nth(n)).to_have_attribute("aria-pressed", "true")
        seen.add(visitor.text)
    assert seen == texts


def test_arrows_walk_enter_opens_and_a_digit_takes_an_alternative(visitor):
    before = visitor.opens(**START).ids
    visitor.tokens.first.focus()
    for _ in range(visitor.prompt_tokens + 2):
        visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("ArrowLeft")
    index = visitor.prompt_tokens + 1
    expect(visitor.tokens.nth(index)).to_be_focused()
    visitor.page.keyboard.press("Enter")
    visitor.waits_for_panel_of(index)
    digit = 2 if "chosen" in visitor.choices.nth(0).get_attribute("class") else 1
    taken = int(visitor.choices.nth(digit - 1).get_attribute("data-id"))
    visitor.expecting_a_new_text(lambda: visitor.page.keyboard.press(str(digit)))
    assert visitor.ids[: index + 1] == [*before[:index], taken]


def test_home_and_end_walk_to_the_ends_of_the_text(visitor):
    visitor.opens(**START)
    visitor.tokens.nth(3).focus()
    visitor.page.keyboard.press("End")
    expect(visitor.tokens.last).to_be_focused()
    visitor.page.keyboard.press("Home")
    expect(visitor.tokens.first).to_be_focused()


def test_a_click_on_the_chosen_token_changes_nothing(visitor):
    visitor.opens(**START)
    visitor.clicks(visitor.prompt_tokens + 1)
    visitor.page.locator("#panel .choice.chosen").click()
    visitor.clicks(visitor.prompt_tokens + 2)
    expect(visitor.branches).to_have_count(1)


def test_the_choice_inside_the_prompt_is_a_branch_too(visitor):
    before = visitor.opens(**START).ids
    visitor.clicks(3)
    taken = int(alternatives(visitor).first.get_attribute("data-id"))
    visitor.expecting_a_new_text(alternatives(visitor).first.click)
    assert visitor.ids[:4] == [*before[:3], taken]


def test_back_and_forward_walk_through_branches_and_tabs_and_a_reload_keeps_them(visitor):
    first = visitor.opens(**START).text
    visitor.clicks(visitor.prompt_tokens + 1)
    visitor.expecting_a_new_text(alternatives(visitor).first.click)
    second = visitor.text
    visitor.page.get_by_role("tab", name="Engine").click()
    expect(visitor.page).to_have_url(re.compile("#engine$"))

    visitor.page.go_back()
    expect(visitor.tokens.first).to_be_visible()
    visitor.page.go_back()
    expect(visitor.branches.first).to_have_attribute("aria-pressed", "true")
    assert visitor.text == first
    visitor.page.reload()
    visitor.waits_until_written()
    assert visitor.text == first
    expect(visitor.branches).to_have_count(2)
    visitor.page.go_forward()
    expect(visitor.branches.last).to_have_attribute("aria-pressed", "true")
    assert visitor.text == second
    visitor.page.go_forward()
    expect(visitor.page.get_by_role("tab", name="Engine")).to_have_attribute("aria-selected", "true")
