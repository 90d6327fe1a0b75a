"""The agents' page without a browser: it exists only with a password, and shows each customer's words to nobody else."""

from types import SimpleNamespace

import gradio as gr
import pytest
from fastapi.testclient import TestClient

from gpt2demo.chat.desk import Desk
from gpt2demo.chat.pipeline import Parts
from gpt2demo.chat.store import Store
from gpt2demo.errors import BadInput
from gpt2demo.page import agent as agents
from gpt2demo.page import page
from gpt2demo.page.agent import Agent
from gpt2demo.page.events import guarded
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.chat.conftest import little_shop  # noqa: F401


@pytest.fixture
def desk(little_shop: Parts) -> Desk:  # noqa: F811
    return Desk(Store(":memory:"), lambda faq: little_shop)


@pytest.fixture
def room(desk):
    with gr.Blocks():
        return Agent(SimpleNamespace(desk=desk))


def customer(desk: Desk, *messages: str) -> str:
    id = desk.store.begin()
    for message in messages:
        list(desk.send(id, message))
    return id


def test_the_queue_shows_who_waits_with_their_last_words(room, desk):
    customer(desk, "what do parrots eat?")
    id = customer(desk, "my kite is torn", "I want to talk to a human")
    view = room.on_tick({})[room.desk]
    assert [(one["id"], one["state"], one["words"]) for one in view["queue"]] == [
        (id, "waiting", "I want to talk to a human")
    ]


def test_a_chosen_conversation_shows_transcript_understanding_and_suggestions(room, desk):
    id = customer(desk, "my kite is torn", "I want to talk to a human")
    view = room.on_choose(SimpleNamespace(id=id))[room.desk]
    assert [row["by"] for row in view["entries"]] == ["customer", "bot", "customer", "bot"]
    assert "understood: kites-repair" in view["entries"][1]["told"]
    assert view["suggestions"][0] == "Torn kites are mended by Ida."


def test_suggestions_answer_the_question_and_not_the_wish_for_a_person(tmp_path):
    desk = Services(Settings(offline=True, state=tmp_path)).desk
    id = customer(desk, "the kettle arrived broken", "I want to talk to a human")
    assert any("photo" in text for text in desk.suggestions(id))


def test_the_mood_of_the_customer_is_shown_message_by_message(little_shop):  # noqa: F811
    def mood(text: str) -> str:
        return "negative" if "torn" in text else ""

    with gr.Blocks():
        room = Agent(SimpleNamespace(desk=Desk(Store(":memory:"), lambda faq: little_shop, mood=mood)))
    id = customer(room.services.desk, "my kite is torn", "I want to talk to a human")
    view = room.on_choose(SimpleNamespace(id=id))[room.desk]
    assert view["moods"] == [{"sign": "−", "mood": "negative"}, {"sign": "?", "mood": "unclear"}]


def test_an_answer_reaches_its_customer_only(room, desk):
    one, two = (customer(desk, "I want to talk to a human") for _ in range(2))
    room.on_reply(SimpleNamespace(id=one, text="Hello, Ida here."))
    assert [entry.text for entry in desk.store.entries(one)][-1] == "Hello, Ida here."
    assert all("Ida" not in entry.text for entry in desk.store.entries(two))


def test_leaving_gives_the_customer_back_or_closes(room, desk):
    one, two = (customer(desk, "I want to talk to a human") for _ in range(2))
    room.on_leave(SimpleNamespace(id=one, close=False))
    room.on_leave(SimpleNamespace(id=two, close=True))
    assert (desk.store.state(one), desk.store.state(two)) == ("bot", "closed")


def test_who_was_closed_meanwhile_cannot_be_answered_and_the_agent_is_told(room, desk):
    id = customer(desk, "I want to talk to a human")
    desk.give_back(id, close=True)
    update = guarded(room.on_reply, room.notice)(SimpleNamespace(id=id, text="hello"))
    assert "not with a person any more" in update[room.notice]["sentences"][0]


def test_there_is_no_such_page_without_a_password(tmp_path):
    with pytest.raises(BadInput, match="needs a password"):
        agents.build(Services(Settings(offline=True, state=tmp_path)))


def test_page_and_events_are_shut_to_whoever_has_not_logged_in(tmp_path):
    services = Services(Settings(offline=True, state=tmp_path, agent_password="willow"))
    client = TestClient(page.build(services))
    assert client.get("/agent/config").status_code == 401
    assert client.post("/agent/gradio_api/queue/join", json={"data": [], "fn_index": 0}).status_code == 401
    assert "agent-notice" not in client.get("/config").text
