"""The desk where customers and people meet: who answers a message, and what both sides see."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace

from gpt2demo.chat.dialogue import Turn
from gpt2demo.chat.knowledge import Knowledge
from gpt2demo.chat.pipeline import LONGEST_MESSAGE, PERSON, Parts, Writer, answer
from gpt2demo.chat.slots import mask
from gpt2demo.chat.store import Store
from gpt2demo.chat.words import plain
from gpt2demo.errors import BadInput

log = logging.getLogger("gpt2demo.chat")
FAQS_KEPT = 20
SUGGESTED = 2


class Desk:
    """Conversations, and a FAQ of their own for those who brought one; `parts_for` gives the pipeline's parts for a FAQ.

    `mood` hears negative, neutral or positive in a text, or nothing.
    """

    def __init__(
        self,
        store: Store,
        parts_for: Callable[[Knowledge | None], Parts],
        writer: Writer | None = None,
        mood: Callable[[str], str] = lambda text: "",
    ):
        self.store, self._parts_for, self._writer, self._mood = store, parts_for, writer, mood
        self._faqs: OrderedDict[str, Parts] = OrderedDict()

    def parts(self, id: str) -> Parts:
        return self._faqs.get(id) or self._parts_for(None)

    def bring(self, id: str, faq: Knowledge) -> None:
        """Answer a conversation from its own FAQ; the oldest of many leaves first."""
        parts = self._parts_for(faq)
        parts.understanding.everything.index  # noqa: B018 - built now, so that the first question does not wait
        self._faqs[id] = parts
        while len(self._faqs) > FAQS_KEPT:
            self._faqs.popitem(last=False)

    def faq(self, id: str) -> Knowledge | None:
        """The FAQ that a conversation brought along."""
        return self._faqs[id].understanding.knowledge if id in self._faqs else None

    def send(
        self, id: str, message: str, cancelled: Callable[[], bool] = lambda: False, own_words: bool = False
    ) -> Iterator[Turn | None]:
        """A customer's message: yields the bot's turn as it grows and keeps it, or yields None where a person has the word.

        With `own_words` GPT-2 writes where there is no template, and the check decides whether that is said.
        """
        state = self.store.state(id)
        if state == "closed":
            raise BadInput("This conversation is closed.", "Begin a new chat.")
        if state in ("waiting", "with_person"):
            if not 0 < len(message.strip()) <= LONGEST_MESSAGE:
                raise BadInput(f"A message has 1 to {LONGEST_MESSAGE:,} characters.", "Shorten it.")
            self.store.say(id, "customer", message.strip())
            yield None
            return
        parts = replace(self.parts(id), writer=self._writer if own_words else None)
        for turn in answer(parts, self.store.turns(id), message, cancelled):
            if turn.done:
                self.store.add_turn(id, turn)
                log.info("%s, %.2f sure: %s", turn.mode, turn.confidence, mask(turn.message[:200]))
            yield turn

    def again(
        self, id: str, index: int, message: str, cancelled: Callable[[], bool], own_words: bool = False
    ) -> Iterator[Turn | None]:
        """The same with entry `index` and all after it taken back."""
        if self.store.state(id) != "bot":
            raise BadInput("While a person has the word, nothing can be taken back.", "Write another message.")
        self.store.cut(id, index)
        yield from self.send(id, message, cancelled, own_words)

    def last_words(self, id: str) -> str:
        """What the customer said last."""
        return (self._said(id) or [""])[-1]

    def suggestions(self, id: str) -> list[str]:
        """Passages that may answer what the customer said last, apart from the wish for a person itself."""
        asked = [message for message in self._said(id) if not PERSON.search(plain(message))]
        for message in reversed(asked):
            hits = [hit for hit in self.parts(id).understanding(message).hits if hit.passage.kind == "passage"]
            texts = [hit.passage.text for hit in hits if hit.passage.topic != "contact"][:SUGGESTED]
            if texts:
                return texts
        return []

    def moods(self, id: str) -> list[str]:
        """How each of the customer's messages sounds, oldest first."""
        return [self._mood(message) for message in self._said(id)]

    def _said(self, id: str) -> list[str]:
        entries = self.store.entries(id)
        return [e.turn.message if e.turn else e.text for e in entries if e.author in ("customer", "bot")]

    def take(self, id: str) -> None:
        """An agent takes a waiting customer."""
        if self.store.state(id) == "waiting":
            self.store.say(id, "notice", "A person from our team has joined.", "with_person")

    def answer(self, id: str, text: str) -> None:
        """An agent's words; taking the customer first if nobody has."""
        if not text.strip():
            raise BadInput("There is no answer.", "Type one first.")
        if self.store.state(id) not in ("waiting", "with_person"):
            raise BadInput("This customer is not with a person any more.", "Choose another from the queue.")
        self.take(id)
        self.store.say(id, "agent", text.strip())

    def give_back(self, id: str, close: bool = False) -> None:
        """The agent leaves: the assistant goes on, or the conversation is closed."""
        said = "The conversation was closed. Thank you." if close else "The person has left; I am the assistant again."
        self.store.say(id, "notice", said, "closed" if close else "bot")
