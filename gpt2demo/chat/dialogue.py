"""A conversation as values: what was said, how each reply came about, and what is remembered for the next one."""

from dataclasses import asdict, dataclass, field, replace

from gpt2demo.chat.slots import Slots

MODES = ("template", "retrieved", "generated", "confirm", "rephrase", "handover", "safety")
STATES = ("bot", "waiting", "with_person", "closed")


@dataclass(frozen=True)
class Memory:
    """What the assistant carries from one turn to the next."""

    state: str = "bot"
    slots: Slots = field(default_factory=Slots)
    pending: tuple[str, ...] = ()  # passages of which the customer was asked "did you mean"
    question: str = ""  # the message that led to that
    wants_order: bool = False  # the customer asked about an order whose number or e-mail is still missing
    misses: int = 0  # messages in a row that were not understood
    offered: bool = False  # a person was offered and the customer may say yes


@dataclass(frozen=True)
class Source:
    """Where a reply comes from; `used` are the words that the question and the passage share."""

    id: str
    topic: str
    title: str
    text: str = ""
    used: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One message and its reply; `why` holds a (step, what was found) pair for each step of the pipeline."""

    message: str
    reply: str
    mode: str
    intent: str = ""
    confidence: float = 0.0
    sources: tuple[Source, ...] = ()
    memory: Memory = field(default_factory=Memory)
    why: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()  # what the customer may press instead of typing
    done: bool = True  # false while the reply is being written

    def record(self) -> dict:
        """The turn in the form that `chat --json` and the endpoint share."""
        return {
            "message": self.message,
            "reply": self.reply,
            "mode": self.mode,
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "sources": [{"id": s.id, "topic": s.topic, "title": s.title} for s in self.sources],
            "state": self.memory.state,
        }

    def stored(self) -> dict:
        """The whole turn as plain data."""
        return asdict(self)


def restored(data: dict) -> Turn:
    """A turn from `stored` data."""
    memory = data["memory"] | {"slots": Slots(**data["memory"]["slots"]), "pending": tuple(data["memory"]["pending"])}
    sources = tuple(Source(**(s | {"used": tuple(s["used"])})) for s in data["sources"])
    why, options = tuple(tuple(step) for step in data["why"]), tuple(data["options"])
    return replace(
        Turn(**(data | {"memory": Memory(), "sources": (), "why": (), "options": ()})),
        memory=Memory(**memory),
        sources=sources,
        why=why,
        options=options,
    )
