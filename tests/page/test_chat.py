"""The customer service tab without a browser: a customer who presses buttons by calling their handlers."""

import inspect
import json
from types import SimpleNamespace

import gradio as gr
import pytest

from gpt2demo.page.chat import Chat
from gpt2demo.page.events import guarded
from gpt2demo.page.parts import part
from gpt2demo.page.parts.chat import MODES, STATES
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.services import Services
from gpt2demo.settings import Settings


@pytest.fixture(scope="module")
def tab():
    with gr.Blocks():
        return Chat(Services(Settings(offline=True)), part("status", NO_STATUS, "status"))


class Customer:
    """One browser tab: `shown` is what its chat shows."""

    def __init__(self, tab: Chat):
        self.tab, self.shown, self.said, self.polls = tab, {}, "", None

    def presses(self, handler: str, *inputs: object) -> list[dict]:
        outcome = guarded(getattr(self.tab, handler), self.tab.notice)(*inputs)
        views = []
        for update in outcome if inspect.isgenerator(outcome) else [outcome]:
            self.shown = update.get(self.tab.chat, self.shown)
            self.said = " ".join(update.get(self.tab.notice, {"sentences": []})["sentences"])
            if self.tab.timer in update:
                self.polls = update[self.tab.timer].active
            views.append(self.shown)
        return views

    def opens(self, id: str = "", fresh: bool = False) -> None:
        self.presses("on_open", SimpleNamespace(id=id, fresh=fresh))

    def sends(self, text: object) -> list[dict]:
        return self.presses("on_send", SimpleNamespace(id=self.shown.get("id", ""), text=text), self.shown, False)

    @property
    def words(self) -> list[str]:
        return [row["text"] for row in self.shown["entries"]]


@pytest.fixture
def customer(tab, tmp_path):
    tab.services = Services(Settings(offline=True, state=tmp_path, agent_password="willow"))
    tab.services.__dict__["_shop"] = SHOP or SHOP_OF(tab.services)
    return Customer(tab)


SHOP = None


def SHOP_OF(services: Services):
    global SHOP
    SHOP = services._shop  # learnt once for all tests
    return SHOP


def test_it_opens_with_a_finished_conversation_that_is_nobodys(customer):
    customer.opens()
    assert len(customer.shown["entries"]) == 4 and customer.shown["id"] == ""
    assert {row["by"] for row in customer.shown["entries"]} == {"customer", "bot"}


def test_the_first_message_begins_a_conversation_and_a_reload_keeps_it(customer):
    customer.opens()
    customer.sends("how do I return a lamp?")
    id, words = customer.shown["id"], customer.words
    assert len(words) == 2 and words[0] == "how do I return a lamp?"
    again = Customer(customer.tab)
    again.opens(id)
    assert (again.shown["id"], again.words) == (id, words)


def test_a_reply_carries_mode_sureness_sources_and_reasons(customer):
    customer.sends("how do I return a lamp?")
    reply = customer.shown["entries"][-1]
    assert reply["mode"] in MODES and 0 < reply["sure"] <= 1
    assert reply["sources"][0]["topic"] == "returns" and reply["sources"][0]["used"]
    assert [step for step, _ in reply["why"]][-1] == "checked"


def test_a_new_chat_is_empty_and_another(customer):
    customer.sends("how do I return a lamp?")
    first = customer.shown["id"]
    customer.opens(fresh=True)
    assert customer.shown["entries"] == [] and customer.shown["id"] not in ("", first)


@pytest.mark.parametrize("message", ["x" * 20_000, "", "   "])
def test_a_message_that_cannot_be_taken_is_one_sentence_and_comes_back(message, customer):
    customer.sends("how do I return a lamp?")
    words = customer.words
    customer.sends(message)
    assert customer.said.count(".") <= 3 and customer.said
    assert customer.words == words and customer.shown["refused"] == message


def test_an_unknown_id_begins_anew(customer):
    customer.shown = {"id": "' or '1'='1"}
    customer.sends("how do I return a lamp?")
    assert len(customer.words) == 2 and customer.shown["id"] != "' or '1'='1"


def test_a_message_can_be_said_differently(customer):
    customer.sends("how do I return a lamp?")
    customer.sends("what does delivery cost?")
    event = SimpleNamespace(id=customer.shown["id"], text="can I pay with PayPal?", index=1)
    customer.presses("on_resend", event, customer.shown, False)
    assert [w for w in customer.words if w.endswith("?")] == ["how do I return a lamp?", "can I pay with PayPal?"]


def test_who_waits_for_a_person_is_told_and_the_page_asks_again(customer):
    customer.sends("I want to talk to a human")
    assert customer.shown["state"] == "waiting" and customer.polls
    assert customer.shown["told"] == STATES["waiting"]
    customer.tab.desk.answer(customer.shown["id"], "Hello, Ida here.")
    customer.presses("on_tick", customer.shown)
    assert customer.words[-1] == "Hello, Ida here." and customer.shown["state"] == "with_person"
    customer.tab.desk.give_back(customer.shown["id"])
    customer.presses("on_tick", customer.shown)
    assert customer.shown["state"] == "bot" and not customer.polls


def test_without_agents_nobody_is_promised(customer, tmp_path):
    shop = customer.tab.services._shop
    customer.tab.services = Services(Settings(offline=True, state=tmp_path / "other"))
    customer.tab.services.__dict__["_shop"] = shop
    customer.sends("I want to talk to a human")
    assert customer.shown["state"] == "bot" and "Nobody can take over" in customer.words[-1]


def test_an_uploaded_faq_answers_this_chat_alone(customer, tmp_path):
    path = tmp_path / "faq.csv"
    path.write_text("question,answer\nDo you sell oolong tea?,Only on Tuesdays.\nIs there parking?,Behind the barn.\n")
    customer.presses("on_upload", str(path), customer.shown)
    assert "2 answers" in customer.said and customer.shown["faq"] == "faq.csv"
    customer.sends("do you sell oolong?")
    assert customer.words[-1] == "Only on Tuesdays."
    other = Customer(customer.tab)
    other.sends("do you sell oolong?")
    assert "Only on Tuesdays." not in other.words


def test_a_bad_faq_is_one_sentence_and_the_chat_stays(customer, tmp_path):
    customer.sends("how do I return a lamp?")
    words = customer.words
    path = tmp_path / "faq.csv"
    path.write_text("question,reply\na,b\n")
    customer.presses("on_upload", str(path), customer.shown)
    assert "no column answer" in customer.said and customer.words == words


def test_a_thumb_is_kept_with_personal_data_hidden(customer):
    customer.sends("where is order 10432, I am ada.finch@example.com")
    event = SimpleNamespace(id=customer.shown["id"], index=0, thumb="down", reason="call +44 1632 960155")
    customer.presses("on_rate", event)
    kept = (customer.tab.services.settings.state / "chat_feedback.jsonl").read_text()
    assert json.loads(kept)["thumb"] == "down"
    assert not any(secret in kept for secret in ("ada.finch", "960155", "10432"))
