"""A/B: the same prompt and seed under two settings."""

from playwright.sync_api import expect


def compares(visitor):
    visitor.unfolds("A/B")
    visitor.expecting_a_new_text(visitor.button("Write both").click)
    visitor.waits_until_written("strip-b")


def test_two_texts_side_by_side_and_the_first_token_in_which_they_part(visitor):
    visitor.opens(prompt="The little bird", seed=4, max_new_tokens=16)
    compares(visitor)
    a, b = visitor.bytes_of("strip"), visitor.bytes_of("strip-b")
    marks = [visitor.page.locator(f"#{strip} .differs") for strip in ("strip", "strip-b")]
    for mark in marks:
        expect(mark).to_have_count(1)
    parts = {int(mark.get_attribute("data-index")) for mark in marks}
    assert parts == {next(i for i, (x, y) in enumerate(zip(a, b)) if x != y)}
    boxes = [visitor.page.locator(f"#{strip} .words").bounding_box() for strip in ("strip", "strip-b")]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) < 40


def test_both_texts_come_into_sight_from_the_button_far_below_them(visit):
    visitor = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    visitor.opens(prompt="The little bird", seed=4, max_new_tokens=4)
    compares(visitor)
    for strip in ("strip", "strip-b"):
        expect(visitor.page.locator(f"#{strip} .token").nth(5)).to_be_in_viewport()


def test_a_is_what_generate_writes_and_b_goes_when_another_text_comes(visitor):
    visitor.opens(prompt="The little bird", seed=4, max_new_tokens=12)
    alone = visitor.text
    compares(visitor)
    assert visitor.text == alone
    visitor.generates("Another")
    expect(visitor.page.locator("#strip-b .token")).to_have_count(0)


def test_bs_preset_moves_bs_sliders_alone(visitor):
    visitor.opens(prompt="x", max_new_tokens=1)
    visitor.unfolds("A/B")
    visitor.page.locator("#preset-b").get_by_label("Greedy", exact=True).check()
    expect(visitor.page.get_by_label("number input for B: temperature")).to_have_value("0")
    expect(visitor.page.locator("#temperature input[type=number]")).to_have_value("0.8")
