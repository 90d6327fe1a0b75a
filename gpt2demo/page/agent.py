"""The agents' page: a queue of customers, their conversations, and answers; behind a password, on a page of its own."""

import functools
import time

import gradio as gr

from gpt2demo.errors import BadInput
from gpt2demo.page import events
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.parts import agent, part
from gpt2demo.page.parts import notice as notices
from gpt2demo.services import Services

PATH = "/agent"
NAME = "agent"  # to log in with, beside the password
POLL_EVERY = 2.0  # seconds


class Agent:
    """The page: its layout, then what happens at each click."""

    def __init__(self, services: Services):
        self.services = services
        self.notice = part("notice", notices.NONE, "agent-notice")
        self.desk = part("agent", agent.EMPTY, "agent")
        self.timer = gr.Timer(POLL_EVERY)
        on = functools.partial(events.on, notice=self.notice)
        shown = [self.desk, self.notice]
        on(self.timer.tick, self.on_tick, [self.desk], shown, **QUICK)
        on(self.desk.choose, self.on_choose, [], shown, **QUICK)
        on(self.desk.reply, self.on_reply, [], shown, **QUICK)
        on(self.desk.leave, self.on_leave, [], shown, **QUICK)

    def on_tick(self, before: dict) -> Update:
        """Who waits now, and what the customer said meanwhile."""
        return {self.desk: self.view(before.get("open", ""))}

    def on_choose(self, event: gr.EventData) -> Update:
        """Look at a conversation."""
        return {self.desk: self.view(event.id), self.notice: notices.NONE}

    def on_reply(self, event: gr.EventData) -> Update:
        """Answer a customer, who is then with this person."""
        self.services.desk.answer(event.id, str(event.text))
        return {self.desk: self.view(event.id), self.notice: notices.NONE}

    def on_leave(self, event: gr.EventData) -> Update:
        """Give the customer back to the assistant, or close the conversation."""
        self.services.desk.give_back(event.id, bool(event.close))
        return {self.desk: self.view(""), self.notice: notices.NONE}

    def view(self, open: object) -> dict:
        """The queue, and the conversation `open` if it still exists."""
        desk = self.services.desk
        queue = [(id, state, since, desk.last_words(id)) for id, state, since in desk.store.queue()]
        if not isinstance(open, str) or open not in desk.store:
            return agent.view(queue, "", "", [], [], [], time.time())
        state = desk.store.state(open)
        suggestions = desk.suggestions(open) if state in ("waiting", "with_person") else []
        return agent.view(queue, open, state, desk.store.entries(open), desk.moods(open), suggestions, time.time())


def build(services: Services) -> gr.Blocks:
    """The page as a Blocks of its own; raises `BadInput` without a password."""
    if not services.settings.agent_password:
        raise BadInput("The agents' page needs a password.", "Set GPT2DEMO_AGENT_PASSWORD.")
    with gr.Blocks(title="Customer service: agents", analytics_enabled=False, fill_width=True) as blocks:
        Agent(services)
    return blocks
