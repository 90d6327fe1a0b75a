"""Customer service in Chromium: two customers and an agent at once, reloads, and whatever somebody types."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AGENT_PASSWORD
from tests.browser.test_hostile_input import HOSTILE

OPENING = 90_000  # milliseconds


class Customer:
    """One browser tab with the chat open."""

    def __init__(self, page: Page, url: str):
        self.page, self.url = page, url
        self.said = page.locator("#chat .said")
        self.line = page.get_by_label("Your message", exact=True)
        self.notice = page.locator("#chat-notice")
        self.state = page.locator("#chat .state b")

    def opens(self) -> "Customer":
        self.page.goto(self.url)
        return self.turns_to_the_chat()

    def turns_to_the_chat(self) -> "Customer":
        """Open the tab, unless a reload came back to it, and wait for the conversation."""
        expect(self.page.locator("#strip .token:visible, #chat .said:visible").first).to_be_visible(timeout=OPENING)
        menu = self.page.locator("#tabs .overflow-menu > button")  # where a phone keeps the tabs that find no room
        if menu.is_visible():
            menu.click()
            self.page.locator("#tabs .overflow-dropdown").get_by_role("button", name="Customer service").click()
        else:
            self.page.get_by_role("tab", name="Customer service").click()
        expect(self.said.first).to_be_visible(timeout=OPENING)
        return self

    def sends(self, text: str) -> None:
        self.line.fill(text)
        self.line.press("Enter")

    def asks(self, text: str) -> None:
        """Send a message and wait for what the bot replies."""
        self.sends(text)
        expect(self.page.locator("#chat .said.customer").last).to_contain_text(text.split("\n")[0][:40])
        expect(self.said.last).to_have_class("said bot")

    def words(self) -> str:
        return self.page.locator("#chat .log").inner_text()


@pytest.fixture
def customer(visit):
    """Customers, each in a browser of its own."""

    def come(**options) -> Customer:
        visitor = visit(**options)
        return Customer(visitor.page, visitor.url)

    return come


def agent_page(visit) -> Page:
    visitor = visit()
    visitor.page.goto(f"{visitor.url}/agent/")
    visitor.page.locator("input").nth(0).fill("agent")
    visitor.page.locator("input[type=password]").fill(AGENT_PASSWORD)
    visitor.page.get_by_role("button", name="Login").click()
    expect(visitor.page.locator("#agent .queue")).to_be_visible()
    return visitor.page


def test_two_customers_and_an_agent_at_once(customer, visit):
    ada, ben, desk = customer().opens(), customer().opens(), agent_page(visit)
    ada.asks("my lamp is broken and this is Ada")
    ben.asks("where is my parcel, this is Ben")
    ada.sends("I want to talk to a human")
    expect(ada.state).to_have_text("Waiting for a person")
    ben.sends("I want to talk to a human")
    expect(ben.state).to_have_text("Waiting for a person")

    expect(desk.locator("#agent .customer")).to_have_count(2)
    desk.locator("#agent .customer").nth(0).click()
    expect(desk.locator("#agent .log")).to_contain_text("this is Ada")
    desk.get_by_label("Your answer").fill("Hello Ada, Ida here.")
    desk.get_by_role("button", name="Answer", exact=True).click()
    expect(ada.said.last).to_contain_text("Hello Ada")
    expect(ada.state).to_have_text("With a person")
    ada.sends("thank you Ida")
    expect(desk.locator("#agent .log")).to_contain_text("thank you Ida")
    assert "Ada" not in ben.words() and "Ida here" not in ben.words()
    expect(ben.state).to_have_text("Waiting for a person")

    ada.page.reload()
    ada.turns_to_the_chat()
    expect(ada.page.locator("#chat .log")).to_contain_text("Hello Ada")

    desk.get_by_role("button", name="Hand back to the assistant").click()
    expect(ada.state).to_have_text("Assistant")
    ada.asks("how long does delivery take?")
    desk.locator("#agent .customer").nth(0).click()
    expect(desk.locator("#agent .log")).to_contain_text("this is Ben")
    desk.get_by_role("button", name="Close the conversation").click()
    expect(ben.state).to_have_text("Closed")
    expect(ben.line).to_be_disabled()


def test_without_the_password_the_agents_page_and_its_events_are_shut(visit):
    visitor = visit()
    answered = visitor.page.request.get(f"{visitor.url}/agent/config")
    assert answered.status == 401
    joined = visitor.page.request.post(f"{visitor.url}/agent/gradio_api/queue/join", data={"data": [], "fn_index": 0})
    assert joined.status == 401


def test_a_reload_keeps_the_chat_and_another_tab_is_another_customer(customer):
    one = customer().opens()
    one.asks("how do I return a lamp?")
    one.page.reload()
    one.turns_to_the_chat()
    expect(one.page.locator("#chat .said.customer")).to_have_text([" Youhow do I return a lamp?Edit".strip()])
    other = Customer(one.page.context.new_page(), one.url).opens()
    assert "how do I return a lamp?" not in other.words()


def test_a_replys_tokens_open_in_the_playground_and_its_attention_in_the_atlas(customer):
    one = customer().opens()
    one.asks("how do I return a lamp?")
    reply = one.said.last.locator("p").first.inner_text()
    one.page.get_by_role("button", name="Why this answer").last.click()
    one.page.get_by_role("button", name="Its tokens and their probabilities").click()
    expect(one.page.locator("#prompt textarea")).to_have_value(reply)
    expect(one.page.locator("#prompt textarea")).to_be_visible()
    one.turns_to_the_chat()
    one.page.get_by_role("button", name="Its attention").click()
    expect(one.page.locator("#look-text textarea")).to_have_value(reply)
    expect(one.page.locator("#look-text textarea")).to_be_visible()


def test_a_reply_says_where_it_comes_from_and_why(customer):
    one = customer().opens()
    one.asks("how do I return a lamp?")
    last = one.said.last
    expect(last.locator(".mode")).to_contain_text("% sure")
    last.locator(".source").click()
    why = one.page.locator("#chat aside.why")
    expect(why.locator("li b").last).to_have_text("checked")
    expect(why.locator("mark").first).to_be_visible()


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_message_is_text_and_nothing_else(message, customer):
    one = customer().opens()
    one.asks(message)
    assert one.page.locator("#chat .said.customer p").last.inner_text().strip() == message.split("\n")[-1].strip()


def test_20000_characters_are_refused_and_kept_in_the_line(customer):
    one = customer().opens()
    one.asks("how do I return a lamp?")
    one.sends("x" * 20_000)
    expect(one.notice).to_contain_text("20,000 characters")
    assert len(one.line.input_value()) == 20_000
    expect(one.page.locator("#chat .said.customer")).to_have_count(1)


def test_edit_new_chat_and_saving(customer):
    one = customer().opens()
    one.asks("how do I return a lamp?")
    one.page.get_by_role("button", name="Edit").click()
    one.page.get_by_label("Your message, to be changed").fill("what does delivery cost?")
    one.page.get_by_role("button", name="Send again").click()
    expect(one.page.locator("#chat .log")).to_contain_text("€4.90")
    expect(one.page.locator("#chat .said.customer")).to_have_count(1)
    with one.page.expect_download() as offered:
        one.page.locator("#chat [data-kind=JSON]").click()
    saved = json.loads(Path(offered.value.path()).read_text())
    assert [row["by"] for row in saved["entries"]] == ["customer", "bot"]
    one.page.get_by_role("button", name="New chat").click()
    expect(one.said).to_have_count(0)


def test_a_faq_of_ones_own_answers_at_once(customer, tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text("question,answer\nDo you sell <b>oolong</b> tea?,Only on Tuesdays.\n")
    one = customer().opens()
    one.page.get_by_role("button", name="Answer from a FAQ of your own").click()
    one.page.locator("#chat-faq input[type=file]").set_input_files(path)
    expect(one.notice).to_contain_text("1 answers read from faq.csv")
    one.asks("do you sell oolong?")
    expect(one.said.last).to_contain_text("Only on Tuesdays.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_sticks_out_and_why_is_a_sheet(scheme, customer):
    one = customer(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme=scheme).opens()
    one.asks("how do I return a lamp?")
    one.page.get_by_role("button", name="Why this answer").last.click()
    expect(one.page.locator("#chat aside.why")).to_be_in_viewport()
    assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
