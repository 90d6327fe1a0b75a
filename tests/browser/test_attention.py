"""The Attention tab: the model's heads at a glance, one of them in detail, by mouse, by keyboard, on a phone, at night."""

import re

import pytest
from playwright.sync_api import expect

from gpt2demo.bench import attention_page
from tests.browser.conftest import serving, visiting
from tests.browser.test_first_sight import PHONE, brightness
from tests.models import write_model

DRAWN = "[data-drawn]"
EVIL = "<img src=x onerror=window.hacked=1> ${window.hacked=1} {{x}} </script><script>window.hacked=1</script>"


@pytest.fixture(scope="module")
def room(chromium, server):
    """A visitor who has opened the tab, for all tests that do not need a page of their own."""
    for visit in visiting(chromium, server):
        yield opened(visit())


@pytest.fixture
def looking(room):
    """The visitor looks at the first example."""
    picture_changes(room, lambda: room.button("Twice told").click())
    return room


def opened(visitor):
    visitor.opens()
    visitor.page.get_by_role("tab", name="Attention").click()
    waits_until_drawn(visitor)
    return visitor


def waits_until_drawn(visitor) -> None:
    expect(visitor.page.locator(f"#atlas .atlas{DRAWN}")).to_be_attached()
    expect(visitor.page.locator(f"#head .one-head{DRAWN}")).to_be_attached()


def looks_at(visitor, text: str) -> None:
    """Type a text and wait for its picture."""
    visitor.page.locator("#look-text textarea").fill(text)
    picture_changes(visitor, visitor.page.locator("#look-button").click)


def picture_changes(visitor, act) -> None:
    key = visitor.page.locator("#atlas .atlas").get_attribute("data-drawn")
    act()
    visitor.page.wait_for_function("k => document.querySelector('#atlas .atlas').dataset.drawn !== k", arg=key)


def spot(visitor, layer: int, head: int) -> dict:
    """Where a head lies on the canvas: the cells begin at 34, 30 and share the rest."""
    box = visitor.page.locator("#atlas .marks").bounding_box()
    cell = (box["width"] - 34) / 12
    return {"x": 34 + (head + 0.4) * cell, "y": 30 + (layer + 0.4) * cell}


def sentence(visitor):
    return visitor.page.locator("#head .sentence")


def ink(visitor, canvas: str) -> int:
    """How many different colours a canvas shows."""
    return visitor.page.evaluate(
        "selector => { const c = document.querySelector(selector);"
        " const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);"
        " return new Set(d).size; }",
        canvas,
    )


def test_a_reload_brings_back_the_tab_and_its_text(visit):
    visitor = opened(visit())
    looks_at(visitor, "The heron flew away.")
    visitor.page.reload()
    waits_until_drawn(visitor)
    expect(visitor.page.locator("#look-text textarea")).to_have_value("The heron flew away.")
    expect(visitor.page.locator("#atlas .about")).to_contain_text("reading 6 tokens")


def test_the_tab_opens_with_a_finished_example_an_atlas_and_one_head(room):
    looking = room
    assert looking.page.locator("#look-text textarea").input_value()
    assert ink(looking, "#atlas .maps") > 50
    assert ink(looking, "#head .matrix") > 20
    expect(sentence(looking)).to_contain_text(re.compile(r"Layer \d+, head \d+ "))
    expect(looking.page.locator("#atlas .about")).to_contain_text("12 layers × 12 heads")


def test_pointing_at_a_cell_names_the_head_and_a_click_opens_it(looking):
    looking.page.locator("#atlas .marks").hover(position=spot(looking, 3, 7))
    expect(looking.page.locator("#atlas .readout")).to_contain_text("Layer 3, head 7")
    expect(looking.page.locator("#atlas .readout")).to_contain_text("bits")
    looking.page.locator("#atlas .marks").click(position=spot(looking, 3, 7))
    expect(sentence(looking)).to_contain_text("Layer 3, head 7")


def test_the_atlas_is_walked_and_opened_by_keyboard(looking):
    looking.page.locator("#atlas .marks").click(position=spot(looking, 5, 5))
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        looking.page.keyboard.press(key)
    expect(sentence(looking)).to_contain_text("Layer 6, head 7")


def test_a_token_shows_what_it_looks_at_and_a_click_keeps_it(looking):
    tokens = looking.page.locator("#head .ink .token")
    tokens.nth(5).hover()
    expect(looking.page.locator("#head .says")).to_contain_text("looks at")
    tokens.nth(5).click()
    looking.page.mouse.move(0, 0)
    expect(tokens.nth(5)).to_have_attribute("aria-pressed", "true")
    expect(looking.page.locator("#head .says")).to_contain_text(tokens.nth(5).inner_text().strip("·"))


def test_the_matrix_says_its_numbers(looking):
    looking.page.locator("#head .matrix").hover(position={"x": 2, "y": 2})
    expect(looking.page.locator("#head .says")).to_contain_text(re.compile("looks at .*: 100 % of its attention"))


def test_the_resting_place_is_named_hidden_and_weighed(looking):
    sink = looking.page.locator("#head .sink")
    looking.page.get_by_role("button", name="a resting head").click()
    expect(sink).to_contain_text("resting place, not meaning")
    looking.page.get_by_role("radio", name="Without the first token").click()
    expect(sink).to_contain_text("is hidden")
    looking.page.get_by_role("radio", name="By what it carries").click()
    expect(sink).to_contain_text("carries")
    looking.page.get_by_role("radio", name="As it is").click()
    expect(sink).to_contain_text("resting place, not meaning")


def test_words_instead_of_tokens(looking):
    tokens = looking.page.locator("#head .ink .token")
    before = tokens.count()
    looking.page.get_by_label("words, not tokens").check()
    expect(tokens).not_to_have_count(before)
    assert 1 < tokens.count() < before


def test_the_finder_sorts_filters_and_opens(looking):
    finder = looking.page.locator("#finder")
    rows = finder.locator("tbody tr")
    expect(rows).to_have_count(144)
    finder.get_by_role("button", name="induction, %").click()
    column = [float(text.split()[0]) for text in finder.locator("tbody td:nth-child(7)").all_inner_texts()]
    assert column == sorted(column, reverse=True)
    finder.get_by_role("button", name="induction, %").click()
    assert finder.locator("tbody td:nth-child(7)").first.inner_text() == "0 %"
    finder.get_by_role("searchbox").fill("layer 1, head 4")
    expect(rows).to_have_count(1)
    rows.first.click()
    expect(sentence(looking)).to_contain_text("Layer 1, head 4")


def test_a_button_shows_an_induction_head(looking):
    looks_at(looking, "Red, blue, green, white. Red, blue, green, white. Red, blue, green,")
    looking.page.get_by_role("button", name="an induction head").click()
    expect(sentence(looking)).to_contain_text("acts as an induction head here")


def test_the_finder_shows_the_sample_where_the_text_has_nothing_to_show(looking):
    looks_at(looking, "the")
    page = looking.page
    page.get_by_role("radio", name="the sample").click()
    expect(page.locator("#finder .said")).to_contain_text("On the sample, 108 tokens")
    page.get_by_role("button", name="an induction head").click()
    row = page.locator("#finder tr[aria-selected=true]")
    expect(row.locator("td").nth(2)).to_have_text("induction")
    layer, head = row.locator("td").all_inner_texts()[:2]
    expect(sentence(looking)).to_contain_text(f"Layer {layer}, head {head} ")
    page.get_by_role("radio", name="this text").click()
    expect(page.get_by_role("button", name="an induction head")).to_be_disabled()


def test_a_run_of_the_playground_comes_along_by_one_click(visitor):
    visitor.opens(prompt="The old man opened the door", max_new_tokens=8, seed=3)
    text = visitor.text
    visitor.page.locator("#strip").get_by_role("button", name="Look at its attention").click()
    waits_until_drawn(visitor)
    expect(visitor.page.locator("#look-text textarea")).to_have_value(text)
    assert "".join(visitor.page.locator("#head .ink .token").all_inner_texts()).replace("·", " ") == text


def test_texts_that_are_programs_are_shown_and_not_run(looking):
    looks_at(looking, EVIL)
    expect(looking.page.locator("#head .ink-words")).to_contain_text("<img")
    looking.page.locator("#head .twin summary").click()
    expect(looking.page.locator("#head img, #head script, #atlas img, #finder img")).to_have_count(0)


def test_one_token_is_a_picture_too(looking):
    looks_at(looking, "the")
    expect(looking.page.locator("#head .ink .token")).to_have_count(1)
    expect(looking.page.get_by_role("button", name="an induction head")).to_be_disabled()


def test_five_hundred_tokens_say_what_is_shown_and_why(looking):
    looks_at(looking, "the dog " * 256)
    about = looking.page.locator("#atlas .about")
    expect(about).to_contain_text("the first 128 of 513 tokens")
    expect(about).to_contain_text("only looks back")


def test_the_atlas_of_128_tokens_weighs_less_than_two_megabytes(looking):
    with looking.page.expect_response(re.compile("/kept/")) as answered:
        looks_at(looking, "the dog " * 64)
    assert 1_100_000 < len(answered.value.body()) <= 1_800_000


def test_no_text_is_answered_with_what_to_do(looking):
    looking.page.locator("#look-text textarea").fill("")
    looking.page.locator("#look-button").click()
    expect(looking.page.locator("#look-notice")).to_contain_text("Type a few words")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{}, PHONE], ids=["wide", "phone"])
def test_nothing_sticks_out_sideways(visit, screen, scheme):
    visitor = opened(visit(color_scheme=scheme, **screen))
    assert visitor.fits_the_screen()
    paper = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
    words = visitor.page.evaluate("getComputedStyle(document.querySelector('#head .sentence')).color")
    assert (brightness(words) > brightness(paper)) is (scheme == "dark")


def test_the_maps_change_their_ink_with_day_and_night(visit):
    visitor = opened(visit())
    corner = "(() => { const ink = document.querySelector('#head .matrix').getContext('2d');"
    corner += " return String(ink.getImageData(2, 2, 1, 1).data); })()"
    by_day = visitor.page.evaluate(corner)
    visitor.button("Switch to dark colours").click()
    visitor.page.wait_for_function(f"before => {corner} !== before", arg=by_day)


def test_on_a_phone_a_tapped_cell_brings_the_head_into_sight(visit):
    visitor = opened(visit(**PHONE))
    visitor.page.locator("#atlas .marks").tap(position=spot(visitor, 2, 2))
    expect(sentence(visitor)).to_contain_text("Layer 2, head 2")
    expect(sentence(visitor)).to_be_in_viewport()


@pytest.mark.parametrize(("kind", "start"), [("PNG", b"\x89PNG"), ("SVG", b"<svg"), ("CSV", b"layer,head")])
def test_the_atlas_is_saved(looking, kind, start):
    with looking.page.expect_download() as offered:
        looking.page.locator(f"#atlas [data-kind={kind}]").click()
    with open(offered.value.path(), "rb") as file:
        assert file.read().startswith(start)


def test_the_lines_of_a_head_are_saved_as_they_are_drawn(looking):
    drawn = looking.page.locator("#head .ink path").count()
    svg = saved(looking.page, "#head p:has(+ .matrix-frame)", "SVG").decode()
    assert drawn and svg.count("<path") == drawn


def saved(page, part: str, kind: str) -> bytes:
    """The file that a part's button offers."""
    with page.expect_download() as offered:
        page.locator(f"{part} .saves [data-kind={kind}]").first.click()
    with open(offered.value.path(), "rb") as file:
        return file.read()


def is_a_whole_picture(page, part: str, heads: str) -> None:
    """It has a title, a legend and a sentence; it is saved as PNG, SVG and CSV; a table holds what the CSV holds."""
    for what in ("h3", ".scale-key, .before-after-key", "[role=status]"):
        expect(page.locator(part).locator(what).first).not_to_be_empty()
    title = page.locator(f"{part} h3").first.inner_text()
    assert saved(page, part, "PNG").startswith(b"\x89PNG")
    svg = saved(page, part, "SVG").decode()
    assert svg.startswith("<svg") and title.split(" (")[0] in svg
    rows = saved(page, part, "CSV").decode().split("\r\n")
    assert rows[0] == heads and len(rows) > 1
    page.locator(f"{part} summary").first.click()
    expect(page.locator(f"{part} .table-tools .count").first).to_have_text(f"{len(rows) - 1:,} rows")
    page.locator(f"{part} summary").first.click()


def deeper(visitor, tab: str):
    visitor.page.locator("#deeper").get_by_role("tab", name=tab).click()
    return visitor.page


def test_a_head_switched_off_is_crossed_out_and_its_effect_shown(looking):
    page = looking.page
    page.get_by_role("button", name=re.compile(r"Switch layer \d+, head \d+ off")).click()
    expect(page.locator("#effect .sentence")).to_contain_text(re.compile(r"With layer \d+, head \d+ switched off, "))
    expect(page.locator("#effect .target .numbers")).to_contain_text("→")
    page.get_by_label("switch it off or on").check()
    page.locator("#atlas .marks").click(position=spot(looking, 0, 10))
    expect(page.locator("#effect .sentence")).to_contain_text("layer 0, head 10 and layer")
    page.get_by_label("look at it").check()
    page.get_by_role("button", name="Switch everything back on").click()
    expect(page.locator("#effect .before-after-bars li")).to_have_count(0)


def test_any_token_of_the_text_can_be_the_one_to_find(looking):
    page = looking.page
    page.locator("#effect .target[data-position='5']").click()
    expect(page.locator("#effect .target[data-position='5']")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name=re.compile(r"Switch all of layer \d+ off")).click()
    expect(page.locator("#effect .sentence")).to_contain_text("doctor")


def test_the_ranking_names_the_head_that_matters_most_and_opens_it(looking):
    page = looking.page
    page.get_by_role("button", name="Which heads matter most for this token?").click()
    expect(page.locator("#ranking .sentence")).to_contain_text("Of all 144 heads", timeout=60_000)
    first = page.locator("#ranking tbody tr:has(td.number)").first
    layer, head = (cell.strip() for cell in first.locator("td").all_inner_texts()[:2])
    first.click()
    expect(sentence(looking)).to_contain_text(f"Layer {layer}, head {head} ")


def test_the_lens_shows_what_each_layer_would_say_and_a_click_lists_more(looking):
    page = deeper(looking, "Layer by layer")
    expect(page.locator("#lens .cell")).to_have_count(13 * page.locator("#head .ink .token").count())
    expect(page.locator("#lens .sentence")).to_contain_text("the model says “doctor”")
    page.locator("#lens [data-cell='12.25']").click()
    expect(page.locator("#lens-cell li").first).to_contain_text("doctor")
    expect(page.locator("#lens-cell .climb li").last).to_contain_text("rank 1")
    is_a_whole_picture(page, "#lens", "layer,position,token,would say,probability in %,rank of the final answer")
    is_a_whole_picture(page, "#lens-cell .lens-cell > :first-child", "token,probability")
    is_a_whole_picture(page, "#lens-cell .lens-cell > :last-child", "layer,rank")


def test_attribution_and_attention_stand_side_by_side(looking):
    page = deeper(looking, "What made it likely")
    page.get_by_role("button", name="Which tokens made it likely?").click()
    expect(page.locator("#attribution .line")).to_have_count(3, timeout=60_000)
    expect(page.locator("#attribution")).to_contain_text("They are not the same thing")
    ways = "Integrated gradients,Leaving one out"
    head = re.search(r"layer \d+, head \d+", page.locator("#attribution .lines").inner_text())[0]
    is_a_whole_picture(page, "#attribution", f'position,token,{ways},"The attention of {head}"')


def test_two_texts_show_where_the_difference_is_carried(looking):
    page = deeper(looking, "Two texts")
    page.get_by_role("button", name="Find out").click()
    expect(page.locator("#patch-map .sentence")).to_contain_text("In the end, what enters layer", timeout=60_000)
    expect(page.locator("#patch-map .cell:disabled").first).to_be_attached()
    page.locator("#patch-map .cell:not(:disabled)").first.click()
    expect(page.locator("#patch-bars .sentence")).to_contain_text("taken from the other text")
    is_a_whole_picture(page, "#patch-map", 'layer,position,token,"change of log-probability, nats"')
    is_a_whole_picture(page, "#patch-bars", "token,probability before,probability after")


def test_bertviz_draws_programs_as_text_with_all_networks_cut(looking):
    looks_at(looking, EVIL)
    page = deeper(looking, "BertViz")
    expect(page.locator("#bertviz iframe")).to_have_attribute("src", re.compile(r"/kept/.+\.html"))
    frame = page.frame_locator("#bertviz iframe")
    expect(frame.locator("#vis svg text", has_text="<").first).to_be_visible(timeout=60_000)
    assert page.frames[-1].evaluate("window.hacked") is None
    assert (
        page.frames[-1].evaluate("(() => { try { return parent.document.title; } catch { return 'kept out'; } })()")
        == "kept out"
    )


def test_bertviz_is_saved_as_one_file_without_an_address_to_load_from(looking):
    page = deeper(looking, "BertViz")
    page.get_by_role("radio", name="Neuron view").click()
    expect(page.locator("#bertviz")).to_contain_text("the first 16 of 26 tokens")
    with page.expect_download() as offered:
        page.get_by_role("button", name="Save as one HTML file").click()
    with open(offered.value.path(), encoding="utf-8") as file:
        document = file.read()
    assert document.startswith("<!doctype html>") and "<script src" not in document


def test_every_picture_that_a_visitor_waits_for_is_timed(looking):
    seconds = attention_page.pictures(looking.page, rounds=1)
    assert list(seconds) == [
        "click to atlas, 128 tokens",
        "click to atlas, 32 tokens",
        "click to ranking of all heads, 32 tokens",
        "click to atlas, 64 tokens",
        "click to one head, 64 tokens",
        "click to before and after, 64 tokens",
    ]
    assert min(seconds.values()) > 0.01


def test_before_and_after_is_a_whole_picture(looking):
    looking.page.get_by_role("button", name=re.compile(r"Switch layer \d+, head \d+ off")).click()
    is_a_whole_picture(looking.page, "#effect", "token,probability before,probability after")


def test_a_new_text_takes_the_answers_about_the_old_one_away(looking):
    page = looking.page
    page.get_by_role("button", name="Which heads matter most for this token?").click()
    expect(page.locator("#ranking .sentence")).to_contain_text("heads")
    looks_at(looking, "The news came late in the evening, and")
    expect(page.locator("#ranking .side-by-side")).to_be_hidden()
    expect(page.locator("#ranking .sentence")).to_be_hidden()


def test_the_atlas_of_the_largest_gpt2_can_be_read_and_its_last_head_opened(chromium, tmp_path):
    """48 layers of 25 heads, very narrow, with random weights."""
    folder = tmp_path / "xl-shape"
    folder.mkdir()
    write_model(folder, layers=48, heads=25, width=100, positions=256, inner=50)
    with serving(tmp_path, "--model", str(folder)) as server:
        for visit in visiting(chromium, server):
            visitor = opened(visit())
            with visitor.page.expect_response(re.compile("/kept/")) as answered:
                looks_at(visitor, "The fox looked at the heron. " * 12)
            assert len(answered.value.body()) <= 1_800_000
            expect(visitor.page.locator("#atlas .about")).to_contain_text("48 layers × 25 heads")
            assert ink(visitor, "#atlas .maps") > 50 and visitor.fits_the_screen()
            box = visitor.page.locator("#atlas .marks").bounding_box()
            cell = (box["width"] - 34) / 25
            assert cell >= 16
            visitor.page.locator("#atlas .marks").click(position={"x": 34 + 24.4 * cell, "y": 30 + 47.4 * cell})
            expect(sentence(visitor)).to_contain_text("Layer 47, head 24 ")
            expect(visitor.page.locator("#finder .count")).to_contain_text("1,200 rows")
