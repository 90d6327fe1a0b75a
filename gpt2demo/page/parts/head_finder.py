"""The head finder: every head's habits as a table to sort and filter, and a button for each famous kind of head."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BadInput
from gpt2demo.interpret import heads
from gpt2demo.page.parts.atlas import METRICS

EMPTY: dict = {"rows": []}
KINDS = {
    "induction": "an induction head",
    "previous_token": "a previous-token head",
    "same_token": "a same-token head",
    "first_token": "a resting head",
    "distance": "one that looks far back",
    "entropy": "one that looks everywhere",
}
ACTS_AS = (
    f"The name of the head's kind, if it has one: at least {heads.RECOGNISED:.0%} of its look goes that way wherever it"
    f" can, and {heads.TIMES_EVEN} times as much as an even look would give. Resting: half of it or more on the first"
    " token."
).replace("%", " %")


def view(
    engine: Engine,
    ids: Sequence[int],
    scores: Mapping[str, np.ndarray],
    scored: Sequence[int] | None = None,
) -> dict:
    """What the finder's script draws: a row a head (layer, head, what it acts as, the metrics), a button a kind.

    A click on a row opens the head on `ids`; the scores are those of another text where `scored` gives its ids.
    """
    chances = heads.chances(ids if scored is None else scored)
    rows = [
        [*place, acts_as(scores, chances, place), *(round(float(scores[metric.key][place]), 5) for metric in METRICS)]
        for place in np.ndindex(engine.info.layers, engine.info.heads)
    ]
    return {
        "of": "text" if scored is None else "sample",
        "acts_as": ACTS_AS,
        "said": said(rows, scored),
        "ids": list(ids),
        "model": engine.info.name,
        "metrics": [[metric.name, metric.unit, metric.about] for metric in METRICS],
        "rows": rows,
        "kinds": [kind(scores, name, label) for name, label in KINDS.items()],
    }


def kind(scores: Mapping[str, np.ndarray], name: str, label: str) -> dict:
    """A button: the head that has most of a metric, or why this text shows none."""
    try:
        return {"label": label, "place": list(heads.find(scores, name)), "column": keys().index(name), "why": ""}
    except BadInput as error:
        return {"label": label, "place": None, "column": keys().index(name), "why": str(error)}


def acts_as(scores: Mapping[str, np.ndarray], chances: Mapping[str, heads.Chance], place: tuple[int, int]) -> str:
    """The name of a head's kind, or nothing."""
    known = heads.recognise(scores, chances, *place)
    if known:
        return known[0].replace("_", "-")
    return "resting" if scores["first_token"][place] >= 0.5 else ""


def said(rows: Sequence[list], scored: Sequence[int] | None) -> str:
    """In words: how many heads are of a kind that has a name."""
    where = "On this text" if scored is None else f"On the sample, {len(scored)} tokens that tell a small story twice,"
    kinds = Counter(row[2] for row in rows if row[2])
    if not kinds:
        return f"{where} none of {len(rows):,} heads is of a kind that has a name."
    counted = ", ".join(
        f"{count:,} as {name} {'head' if count == 1 else 'heads'}" for name, count in kinds.most_common()
    )
    return f"{where} {kinds.total():,} of {len(rows):,} heads act in a way that has a name: {counted}."


def keys() -> list[str]:
    """The metrics in the order of the table."""
    return [metric.key for metric in METRICS]
