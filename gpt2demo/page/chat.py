"""Customer service: a chat whose every reply says where it comes from, and why it is as it is."""

import functools
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr

from gpt2demo.chat.desk import Desk
from gpt2demo.chat.slots import mask
from gpt2demo.chat.store import Entry
from gpt2demo.chat.upload import MOST_BYTES, MOST_PASSAGES, read
from gpt2demo.errors import DemoError
from gpt2demo.page import events
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.parts import chat, part
from gpt2demo.page.parts import notice as notices
from gpt2demo.services import Services, examples

POLL_EVERY = 2.0  # seconds, and only while a person has the word or is waited for


class Chat:
    """The tab: its layout, then what happens at each click."""

    title = "Customer service"

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.writing: dict[str, threading.Event] = {}  # conversations that the bot is answering, and what stops it
        self.lay_out()
        self.connect()

    @property
    def desk(self) -> Desk:
        return self.services.desk

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown(
            "**Moss & Lantern** is a shop that we invented: lamps, blankets, baskets. Ask what customers ask. The sample"
            " order 10432 belongs to ada.finch@example.com.",
            elem_id="chat-about",
        )
        with gr.Row(elem_id="chat-examples"):
            self.examples = [
                gr.Button(example["name"], size="sm", elem_classes="example", min_width=40)
                for example in examples("chat")
            ]
        self.notice = part("notice", notices.NONE, "chat-notice")
        self.chat = part("chat", chat.EMPTY, "chat")
        self.timer = gr.Timer(POLL_EVERY, active=False)
        self.own_words = gr.Checkbox(
            False,
            label="Let GPT-2 write in its own words",
            info="Where there is no prepared answer. What the passage does not back is thrown away and the passage quoted;"
            " “why this answer” shows what it wrote. It takes some seconds, and this small model seldom passes.",
            elem_id="chat-own-words",
        )
        with gr.Accordion("Answer from a FAQ of your own", open=False, elem_id="chat-faq"):
            gr.Markdown(
                "CSV or JSON with the columns **question** and **answer** (and, if you like, topic and id), or Markdown whose"
                f" headings are the questions; UTF-8, up to {MOST_BYTES // 2**20} MB and {MOST_PASSAGES:,} answers. It is"
                " used in this chat only and is not kept.",
            )
            self.upload = gr.UploadButton(
                "Choose a file", file_types=[".csv", ".json", ".md"], elem_id="chat-upload", min_width=120
            )

    def connect(self) -> None:
        shown = [self.chat, self.notice, self.timer]
        on = functools.partial(events.on, notice=self.notice)
        on(self.chat.open, self.on_open, [], shown, **QUICK)
        on(self.chat.send, self.on_send, [self.chat, self.own_words], shown)
        on(self.chat.resend, self.on_resend, [self.chat, self.own_words], shown)
        on(self.chat.halt, self.on_halt, [], [self.notice], **QUICK)
        on(self.chat.rate, self.on_rate, [], [self.notice], **QUICK)
        on(self.timer.tick, self.on_tick, [self.chat], shown, **QUICK)
        on(self.upload.upload, self.on_upload, [self.upload, self.chat], shown)
        for button, example in zip(self.examples, examples("chat")):
            on(button.click, functools.partial(self.on_example, example["text"]), [self.chat, self.own_words], shown)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_open(self, event: gr.EventData) -> Update:
        """Go on with the chat that this tab had, or show a finished short one until the first message."""
        known = isinstance(event.id, str) and event.id in self.desk.store
        if known:
            return self.shown(event.id)
        if event.fresh:
            return {**self.shown(self.desk.store.begin()), self.notice: notices.NONE}
        turns = [Entry("bot", turn.reply, 0.0, turn) for turn in self.services.short_chat]
        return {self.chat: chat.view("", "bot", turns), self.timer: gr.Timer(active=False), self.notice: notices.NONE}

    def on_send(self, event: gr.EventData, before: dict, own: bool) -> Iterator[Update]:
        """Answer a message, in the conversation that this tab has or in a new one."""
        yield from self.talk(event.id, event.text, before, own)

    def on_resend(self, event: gr.EventData, before: dict, own: bool) -> Iterator[Update]:
        """Take a message back with all that followed, and answer its new words."""
        yield from self.talk(event.id, event.text, before, own, int(event.index))

    def on_example(self, text: str, before: dict, own: bool) -> Iterator[Update]:
        """Ask an example's question."""
        yield from self.talk(before.get("id", ""), text, before, own)

    def on_halt(self, event: gr.EventData) -> Update:
        """Stop the reply that is being written."""
        if event.id in self.writing:
            self.writing[event.id].set()
        return {self.notice: notices.NONE}

    def on_rate(self, event: gr.EventData) -> Update:
        """Keep a thumb and its reason, where the host allows it, with personal data masked."""
        if not self.services.settings.public and event.id in self.desk.store:
            entries = self.desk.store.entries(event.id)
            turn = entries[int(event.index)].turn if 0 <= int(event.index) < len(entries) else None
            if turn and event.thumb in ("up", "down"):
                row = {"thumb": event.thumb, "reason": mask(str(event.reason)[:300]), "question": mask(turn.message)}
                row |= {"mode": turn.mode, "sources": [source.id for source in turn.sources]}
                with (self.services.settings.state / "chat_feedback.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return {self.notice: notices.NONE}

    def on_tick(self, before: dict) -> Update:
        """What the other side said meanwhile."""
        return self.shown(before["id"]) if before.get("id") in self.desk.store else {self.timer: gr.Timer(active=False)}

    def on_upload(self, path: str, before: dict) -> Update:
        """Answer this conversation from the visitor's own FAQ."""
        faq = replace(read(Path(path)), name=Path(path).name)
        id = before.get("id") if before.get("id") in self.desk.store else self.desk.store.begin()
        self.desk.bring(id, faq)
        said = f"{len(faq.passages):,} answers read from {faq.name}: ask away."
        return {**self.shown(id), self.notice: notices.hints(said)}

    # talking ----------------------------------------------------------------------------------------------------------

    def talk(self, id: object, text: object, before: dict, own: bool, index: int | None = None) -> Iterator[Update]:
        """Show the message at once, then the reply as it grows, then the whole conversation as it is kept."""
        id = id if isinstance(id, str) and id in self.desk.store else self.desk.store.begin()
        cancel = self.writing[id] = threading.Event()
        try:
            replies = self.desk.send(id, str(text), cancel.is_set, own)
            if index is not None:
                replies = self.desk.again(id, index, str(text), cancel.is_set, own)
            for turn in replies:
                if turn and not turn.done:
                    yield {self.chat: self.view(id, growing=turn, writing=True)}
            yield {**self.shown(id), self.notice: notices.NONE}
        except DemoError as error:
            kept = self.view(id) if self.desk.store.entries(id) else before | {"id": id}
            yield {self.chat: kept | {"refused": str(text)}, self.notice: notices.problem(error)}
        finally:
            self.writing.pop(id, None)

    def shown(self, id: str) -> Update:
        """The conversation as it is kept; the page asks again for as long as somebody else may say something."""
        view = self.view(id)
        return {self.chat: view, self.timer: gr.Timer(active=view["state"] in ("waiting", "with_person"))}

    def view(self, id: str, **more: object) -> dict:
        faq = self.desk.faq(id)
        return chat.view(
            id, self.desk.store.state(id), self.desk.store.entries(id), faq=faq.name if faq else "", **more
        )
