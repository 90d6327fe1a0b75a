"""The desk where customers and people meet: who answers a message, and what both sides see."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator

from gpt2demo.chat.dialogue import Turn
from gpt2demo.chat.knowledge import Knowledge
from gpt2demo.chat.pipeline import LONGEST_MESSAGE, Parts, answer
from gpt2demo.chat.slots import mask
from gpt2demo.chat.store import Store
from gpt2demo.errors import BadInput

log = logging.getLogger("gpt2demo.chat")
FAQS_KEPT = 20


class Desk:
    """Conversations, and a FAQ of their own for those who brought one; `parts_for` gives the pipeline's parts for a FAQ."""

    def __init__(self, store: Store, parts_for: Callable[[Knowledge | None], Parts]):
        self.store, self._parts_for = store, parts_for
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

    def send(self, id: str, message: str, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Turn | None]:
        """A customer's message: yields the bot's turn as it grows and keeps it, or yields None where a person has the word."""
        state = self.store.state(id)
        if state == "closed":
            raise BadInput("This conversation is closed.", "Begin a new chat.")
        if state in ("waiting", "with_person"):
            if not 0 < len(message.strip()) <= LONGEST_MESSAGE:
                raise BadInput(f"A message has 1 to {LONGEST_MESSAGE:,} characters.", "Shorten it.")
            self.store.say(id, "customer", message.strip())
            yield None
            return
        for turn in answer(self.parts(id), self.store.turns(id), message, cancelled):
            if turn.done:
                self.store.add_turn(id, turn)
                log.info("%s, %.2f sure: %s", turn.mode, turn.confidence, mask(turn.message[:200]))
            yield turn

    def again(self, id: str, index: int, message: str, cancelled: Callable[[], bool]) -> Iterator[Turn | None]:
        """The same with entry `index` and all after it taken back."""
        if self.store.state(id) != "bot":
            raise BadInput("While a person has the word, nothing can be taken back.", "Write another message.")
        self.store.cut(id, index)
        yield from self.send(id, message, cancelled)

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
