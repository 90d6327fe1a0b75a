"""Several visitors at once, and visitors who leave."""

from tests.browser.visitor import ENDLESS

ONE = {"prompt": "Anna had a red balloon", "seed": 1, "temperature": 1, "max_new_tokens": 60}
TWO = {"prompt": "The train to London", "seed": 2, "temperature": 1, "max_new_tokens": 60}


def test_two_visitors_at_once_see_their_own_text_and_nothing_of_the_other(visit):
    one, two = visit(), visit()
    one.page.goto(one.address(**ONE))
    two.page.goto(two.address(**TWO))
    for visitor in (one, two):
        visitor.waits_until_written()
    assert one.text.startswith(ONE["prompt"]) and two.text.startswith(TWO["prompt"])
    assert "train to London" not in one.page.locator("body").text_content()
    assert "red balloon" not in two.page.locator("body").text_content()
    assert visit().opens(**ONE).text == one.text


def test_one_visitors_stop_does_not_stop_the_other(visit):
    one, two = (visit().opens(prompt=prompt, max_new_tokens=1, **ENDLESS) for prompt in ("The fox", "The dog"))
    for visitor in (two, one):
        visitor.sets("max-new-tokens", 400)
        visitor.button("Generate").click()
        visitor.is_writing()
    one.stops(after=one.prompt_tokens + 1)
    two.waits_until_written()
    assert one.record["stopped_by"] == "visitor"
    assert two.record["stopped_by"] == "length"


def test_two_tabs_of_one_browser_are_two_visitors(visit):
    visitor = visit()
    other = type(visitor)(visitor.page.context.new_page(), visitor.url)
    visitor.opens(**ONE)
    other.opens(**TWO)
    visitor.goes_on()
    assert visitor.text.startswith(ONE["prompt"]) and other.text.startswith(TWO["prompt"])


def test_a_visitor_who_leaves_in_the_middle_frees_the_engine(visit):
    for _ in range(3):
        leaving = visit()
        leaving.starts(prompt="The fox", max_new_tokens=1000 - 600, **ENDLESS)
        leaving.page.close()
    staying = visit().opens(prompt="The dog", max_new_tokens=4)
    staying.generates("The cat")
    assert staying.text.startswith("The cat")
