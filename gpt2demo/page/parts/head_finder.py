"""The head finder: every head's habits as a table to sort and filter, and a button for each famous kind of head."""

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


def view(engine: Engine, ids: Sequence[int], scores: Mapping[str, np.ndarray]) -> dict:
    """What the finder's script draws: a row a head (layer, head, the metrics in their order), a button a kind."""
    rows = [
        [layer, head, *(round(float(scores[metric.key][layer, head]), 5) for metric in METRICS)]
        for layer in range(engine.info.layers)
        for head in range(engine.info.heads)
    ]
    return {
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


def keys() -> list[str]:
    """The metrics in the order of the table."""
    return [metric.key for metric in METRICS]
