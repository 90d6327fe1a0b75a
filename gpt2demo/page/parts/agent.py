"""What an agent sees: the queue, one conversation with what the assistant understood, and answers to choose from."""

from collections.abc import Sequence

from gpt2demo.chat.store import Entry
from gpt2demo.page.parts.chat import MODES

EMPTY = {"queue": [], "open": "", "state": "", "entries": [], "moods": [], "suggestions": []}
SIGNS = {"negative": "−", "neutral": "○", "positive": "+", "": "?"}
NAMED = {"waiting": "waiting", "with_person": "with you"}
FIRST_WORDS = 60


def view(
    queue: Sequence[tuple[str, str, float, str]],
    open: str,
    state: str,
    entries: Sequence[Entry],
    moods: Sequence[str],
    suggestions: Sequence[str],
    now: float,
) -> dict:
    """What the agents' script draws; `queue` is (id, state, since, last words), `open` the conversation looked at.

    `moods` are those of the customer's messages in turn, one of `SIGNS` each.
    """
    rows = [
        {"id": id, "state": NAMED[its], "minutes": max(0, int((now - since) // 60)), "words": words[:FIRST_WORDS]}
        for id, its, since, words in queue
    ]
    shown = [row for entry in entries for row in _rows(entry)]
    heard = [{"sign": SIGNS[mood], "mood": mood or "unclear"} for mood in moods] if any(moods) else []
    return {
        "queue": rows,
        "open": open,
        "state": state,
        "entries": shown,
        "moods": heard,
        "suggestions": list(suggestions),
    }


def _rows(entry: Entry) -> list[dict]:
    if not entry.turn:
        return [{"by": entry.author, "text": entry.text}]
    turn = entry.turn
    sure = f", {turn.confidence:.0%} sure" if turn.mode not in ("safety", "handover") else ""
    told = f"{MODES[turn.mode][0]}; understood: {turn.intent or 'nothing'}{sure}"
    return [{"by": "customer", "text": turn.message}, {"by": "bot", "text": turn.reply, "told": told}]
