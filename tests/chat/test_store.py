"""Conversations are kept, states change with who speaks and with time, and nobody reads another's."""

import signal
import subprocess
import sys

import pytest

from gpt2demo.chat.desk import Desk
from gpt2demo.chat.store import IDLE_FOR, KEPT_FOR, SILENT_FOR, WAITING_FOR, Store
from gpt2demo.errors import BadInput


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(little_shop, clock):
    return Desk(Store(":memory:", clock), lambda faq: little_shop)


def said(desk, id) -> list[tuple[str, str]]:
    return [(entry.author, entry.text) for entry in desk.store.entries(id)]


def test_a_restart_loses_nothing(tmp_path, little_shop):
    desk = Desk(Store(tmp_path / "chat.sqlite"), lambda faq: little_shop)
    id = desk.store.begin()
    list(desk.send(id, "what do parrots eat?"))
    again = Store(tmp_path / "chat.sqlite")
    assert again.entries(id) == desk.store.entries(id)
    assert again.turns(id)[0].sources[0].id == "parrots-food"


def test_a_kill_loses_nothing_that_was_shown(tmp_path):
    dies = """
import os, signal, sys
from gpt2demo.chat.store import Store
store = Store(sys.argv[1])
id = store.begin()
store.say(id, "customer", "hello", "waiting")
store.say(id, "agent", "I am here", "with_person")
print(id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", dies, tmp_path / "chat.sqlite"], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL
    store, id = Store(tmp_path / "chat.sqlite"), killed.stdout.strip()
    assert [entry.text for entry in store.entries(id)] == ["hello", "I am here"]
    assert store.state(id) == "with_person"


def test_two_conversations_do_not_mix(desk):
    one, two = desk.store.begin(), desk.store.begin()
    list(desk.send(one, "what do parrots eat?"))
    list(desk.send(two, "rent a boat"))
    assert "walnuts" in said(desk, one)[0][1] and "€20" in said(desk, two)[0][1]
    assert len(said(desk, one)) == len(said(desk, two)) == 1


def test_ids_cannot_be_guessed(desk):
    ids = {desk.store.begin() for _ in range(50)}
    assert len(ids) == 50 and min(map(len, ids)) >= 24


@pytest.mark.parametrize("id", ["", "x", "' or '1'='1", "%"])
def test_an_unknown_id_is_one_sentence(id, desk):
    with pytest.raises(BadInput, match="no longer kept"):
        list(desk.send(id, "hello"))


def test_the_bot_is_silent_while_a_person_has_the_word_and_speaks_again_after(desk):
    id = desk.store.begin()
    list(desk.send(id, "I want to talk to a human"))
    assert desk.store.state(id) == "waiting"
    assert list(desk.send(id, "what do parrots eat?")) == [None]
    desk.answer(id, "Hello, Ida here.")
    assert desk.store.state(id) == "with_person"
    assert list(desk.send(id, "hi Ida")) == [None]
    desk.give_back(id)
    assert desk.store.state(id) == "bot"
    assert list(desk.send(id, "what do parrots eat?"))[-1].mode == "retrieved"
    assert [author for author, _ in said(desk, id)] == [
        "bot",
        "customer",
        "notice",
        "agent",
        "customer",
        "notice",
        "bot",
    ]


def test_nobody_free_for_five_minutes_and_the_bot_is_back(desk, clock):
    id = desk.store.begin()
    list(desk.send(id, "I want to talk to a human"))
    clock.now += WAITING_FOR + 1
    assert desk.store.state(id) == "bot"
    assert "Nobody was free" in said(desk, id)[-1][1]
    assert desk.store.queue() == []


def test_an_agent_who_leaves_puts_the_customer_back_into_the_queue(desk, clock):
    id = desk.store.begin()
    list(desk.send(id, "I want to talk to a human"))
    desk.answer(id, "Hello.")
    clock.now += SILENT_FOR + 1
    assert desk.store.state(id) == "waiting"
    assert [(one, state) for one, state, _ in desk.store.queue()] == [(id, "waiting")]


def test_an_idle_conversation_closes_and_says_so(desk, clock):
    id = desk.store.begin()
    list(desk.send(id, "rent a boat"))
    clock.now += IDLE_FOR + 1
    assert desk.store.state(id) == "closed"
    with pytest.raises(BadInput, match="closed"):
        list(desk.send(id, "hello"))


def test_the_queue_is_in_the_order_of_waiting(desk, clock):
    ids = [desk.store.begin() for _ in range(3)]
    for id in ids:
        clock.now += 1
        list(desk.send(id, "I want to talk to a human"))
    assert [id for id, _, _ in desk.store.queue()] == ids
    desk.give_back(ids[1], close=True)
    assert [id for id, _, _ in desk.store.queue()] == [ids[0], ids[2]]


def test_a_message_taken_back_is_gone_with_all_that_followed(desk):
    id = desk.store.begin()
    for message in ("rent a boat", "what do parrots eat?", "my kite is torn"):
        list(desk.send(id, message))
    list(desk.again(id, 1, "my kite is torn", lambda: False))
    assert [entry.turn.message for entry in desk.store.entries(id)] == ["rent a boat", "my kite is torn"]


def test_after_a_month_a_conversation_is_forgotten(tmp_path, clock):
    id = Store(tmp_path / "chat.sqlite", clock).begin()
    clock.now += KEPT_FOR + 1
    assert id not in Store(tmp_path / "chat.sqlite", clock)


def test_an_agent_cannot_answer_who_is_not_waiting(desk):
    id = desk.store.begin()
    with pytest.raises(BadInput, match="not with a person"):
        desk.answer(id, "hello")
