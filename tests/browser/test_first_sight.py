"""The first glance: something finished to look at, on every screen, by day and by night."""

import pytest
from playwright.sync_api import expect

SCREENS = [(1280, 900), (390, 844)]
SMALL = """() => [...document.querySelectorAll("button, select, summary, input:not([type=range], [type=number])")]
  .map(node => node.closest("label") ?? node)
  .filter(node => node.checkVisibility() && !node.matches(".token, .target") && node.getBoundingClientRect().height < 40)
  .map(node => node.outerHTML)"""
SHADES = """() => {
  const ink = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const painted = (colour) => {
    ink.fillStyle = colour;
    ink.fillRect(0, 0, 1, 1);
    return [...ink.getImageData(0, 0, 1, 1).data];
  };
  return [...document.querySelectorAll("#strip .token.sampler")].map(node => getComputedStyle(node))
    .map(style => [painted(style.color), painted(style.backgroundColor)]);
}"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def test_the_page_opens_with_a_finished_run_an_open_panel_and_a_status_line(visitor):
    visitor.opens()
    expect(visitor.page).to_have_title("GPT-2, thinking out loud")
    expect(visitor.choices).not_to_have_count(0)
    expect(visitor.sentence).to_contain_text("choice")
    expect(visitor.status).to_contain_text("gpt2-mini")
    expect(visitor.status).to_contain_text("ONNX")
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


def test_on_a_phone_the_first_screen_shows_words_to_click_and_what_one_gets(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    sheet_top = visitor.page.locator("#side").bounding_box()["y"]
    seen = [box for node in visitor.tokens.all()[:40] if (box := node.bounding_box())["y"] + box["height"] <= sheet_top]
    assert len(seen) >= 20
    expect(visitor.sentence).to_be_in_viewport(ratio=1)
    for n in range(3):
        expect(visitor.choices.nth(n)).to_be_in_viewport(ratio=1)


def test_on_a_phone_a_tap_answers_in_sight_and_moves_nothing(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    visitor.tokens.nth(12).tap()
    visitor.waits_for_panel_of(12)
    expect(visitor.sentence).to_be_in_viewport(ratio=1)
    expect(visitor.tokens.nth(12)).to_be_in_viewport(ratio=1)
    assert visitor.page.evaluate("window.scrollY") == 0


def test_on_a_phone_more_of_the_panel_can_be_pulled_up_and_put_down_again(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    expect(visitor.choices.nth(8)).not_to_be_in_viewport()
    visitor.button("Show more of the panel").tap()
    expect(visitor.choices.nth(8)).to_be_in_viewport()
    visitor.button("Show less of the panel").tap()
    expect(visitor.choices.nth(8)).not_to_be_in_viewport()


def test_on_a_phone_the_bars_stay_in_sight_while_a_slider_moves(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    visitor.unfolds("Settings")
    visitor.page.locator("#temperature input[type=range]").press("ArrowRight")
    expect(visitor.effect).to_be_in_viewport(ratio=1)
    expect(visitor.page.locator("#temperature")).to_be_in_viewport(ratio=1)


def test_on_a_phone_all_tabs_are_seen(visit):
    visitor = visit(**PHONE)
    visitor.opens()
    tabs = visitor.page.locator("#tabs > .tab-wrapper").get_by_role("tab")
    expect(tabs).to_have_text(["Playground", "Attention", "Sentiment", "Monitor", "Customer service", "Engine"])
    for tab in tabs.all():
        expect(tab).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("tab", ["Playground", "Attention"])
def test_on_a_phone_a_finger_finds_every_control(tab, visit):
    visitor = visit(**PHONE)
    visitor.opens(f"{visitor.url}/#{tab.lower()}")
    expect(visitor.page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    assert visitor.page.evaluate(SMALL) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_read_well_on_every_shade(scheme, visit):
    visitor = visit(color_scheme=scheme)
    shades = visitor.opens(prompt="Once upon a time", max_new_tokens=80).page.evaluate(SHADES)
    assert len({tuple(paper) for _, paper in shades}) > 40
    assert min(contrast(ink, paper) for ink, paper in shades) >= 4.5


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


def contrast(one: list[int], other: list[int]) -> float:
    """The ratio of two colours' luminances as WCAG 2.2 defines it."""
    low, high = sorted(
        sum(
            weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for weight, c in zip((0.2126, 0.7152, 0.0722), (value / 255 for value in colour))
        )
        for colour in (one, other)
    )
    return (high + 0.05) / (low + 0.05)
