"""The first glance: something finished to look at, on every screen, by day and by night."""

import pytest
from playwright.sync_api import expect

SCREENS = [(1280, 900), (390, 844)]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def test_the_page_opens_with_a_finished_run_an_open_panel_and_a_status_line(visitor):
    visitor.opens()
    expect(visitor.page).to_have_title("GPT-2, thinking out loud")
    expect(visitor.choices).not_to_have_count(0)
    expect(visitor.sentence).to_contain_text("choice")
    expect(visitor.status).to_contain_text("gpt2-mini")
    expect(visitor.status).to_contain_text("PyTorch")
    assert visitor.text.startswith(visitor.prompt.input_value())
    assert visitor.tokens.count() > visitor.prompt_tokens > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SCREENS, ids=["wide", "phone"])
def test_nothing_sticks_out_sideways(size, scheme, visit):
    visitor = visit(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    visitor.opens()
    assert visitor.fits_the_screen()
    visitor.unfolds("Settings")
    for name in ("More", "A/B", "Model"):
        visitor.unfolds(name)
    expect(visitor.page.locator("#seed")).to_be_visible()
    assert visitor.fits_the_screen()


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_is_as_dark_as_the_visitors_system(scheme, dark, visit):
    visitor = visit(color_scheme=scheme)
    visitor.opens()
    ink, paper = visitor.page.evaluate(
        "[...document.querySelectorAll('#panel .sentence'), document.body].map(node => getComputedStyle(node))"
        ".map((style, i) => i ? style.backgroundColor : style.color)"
    )
    assert (brightness(ink) > brightness(paper)) is dark


def test_the_night_switch_holds_over_a_reload(visitor):
    visitor.opens()
    visitor.button("Switch to dark colours").click()
    visitor.opens()
    expect(visitor.button("Switch to light colours")).to_be_visible()


def test_on_a_phone_a_tap_opens_the_sheet_and_close_closes_it(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    side = visitor.page.locator("#side")
    expect(side).to_be_hidden()
    visitor.tokens.nth(12).tap()
    visitor.waits_for_panel_of(12)
    expect(side).to_be_in_viewport()
    expect(visitor.button("Close")).to_be_visible()
    visitor.button("Close").tap()
    expect(side).to_be_hidden()


def test_on_a_phone_the_tapped_token_stays_in_sight_above_the_sheet(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    visitor.tokens.nth(12).tap()
    visitor.page.wait_for_function(
        "() => { const node = document.querySelectorAll('#strip .token')[12].getBoundingClientRect();"
        " return node.top >= 0 && node.bottom <= document.querySelector('#side').getBoundingClientRect().top; }"
    )


def test_a_legend_says_what_the_colours_mean(visitor):
    visitor.opens()
    legend = visitor.page.locator("#strip .legend")
    for scale, words in (("rank", "model's list"), ("entropy", "how sure"), ("probability", "how likely")):
        visitor.page.get_by_role("radio", name=scale).click()
        expect(legend).to_contain_text(words)


def test_an_example_fills_the_prompt_and_writes_on_from_it(visitor):
    visitor.opens()
    visitor.button("The news").click()
    expect(visitor.prompt).to_have_value("The company said on Monday that its profit")
    visitor.generates()
    assert visitor.text.startswith("The company said on Monday that its profit")


def brightness(colour: str) -> float:
    channels = colour[colour.index("(") + 1 :].rstrip(")").split(",")
    return sum(float(channel) for channel in channels[:3])
