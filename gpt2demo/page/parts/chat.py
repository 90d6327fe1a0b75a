"""The chat as the customer sees it: what was said, how each reply came about, and whose turn it is."""

from collections.abc import Sequence

from gpt2demo.chat.dialogue import Turn
from gpt2demo.chat.store import Entry

EMPTY = {"id": "", "state": "bot", "entries": [], "writing": False, "examples": [], "faq": ""}
STATES = {
    "bot": ["Assistant", "You are talking to the assistant, a program. It answers at once."],
    "waiting": ["Waiting for a person", "Somebody joins here; after 5 minutes without anybody the assistant is back."],
    "with_person": ["With a person", "A person from the team answers here."],
    "closed": ["Closed", "This conversation has ended. “New chat” begins another."],
}
MODES = {
    "template": ["answer", "The shop's prepared answer for this question."],
    "retrieved": ["quote", "A passage of the shop's knowledge, word for word."],
    "generated": ["own words", "Written by GPT-2 from the passage; every figure was checked against it."],
    "confirm": ["asks back", "Not sure enough to answer."],
    "rephrase": ["not understood", "Nothing in the knowledge fits well enough."],
    "handover": ["person", "A person takes over, or is offered."],
    "safety": ["careful text", "A fixed text: this is outside what the assistant may do."],
}


def view(
    id: str, state: str, entries: Sequence[Entry], growing: Turn | None = None, writing: bool = False, faq: str = ""
) -> dict:
    """What the chat's script draws; `growing` is a turn that is not kept yet."""
    shown = [row for index, entry in enumerate(entries) for row in _rows(entry, index)]
    if growing:
        shown += _turn(growing, len(entries))
    return {"id": id, "state": state, "told": STATES[state], "entries": shown, "writing": writing, "faq": faq}


def _rows(entry: Entry, index: int) -> list[dict]:
    if entry.turn:
        return _turn(entry.turn, index)
    return [{"by": entry.author, "text": entry.text, "index": index}]


def _turn(turn: Turn, index: int) -> list[dict]:
    mode, meaning = MODES[turn.mode]
    told = turn.mode in ("template", "retrieved", "generated", "confirm")
    reply = {
        "by": "bot",
        "text": turn.reply,
        "index": index,
        "mode": turn.mode,
        "label": mode,
        "meaning": meaning,
        "sure": turn.confidence if told else None,
        "sources": [{"title": s.title, "topic": s.topic, "text": s.text, "used": list(s.used)} for s in turn.sources],
        "why": [list(step) for step in turn.why],
        "options": list(turn.options),
        "record": turn.record(),
    }
    return [{"by": "customer", "text": turn.message, "index": index, "editable": True}, reply]
