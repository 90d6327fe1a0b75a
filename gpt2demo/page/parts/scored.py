"""A scored file: its rows in a table, its labels in sum, and, where it carries labels of its own, how right the model was."""

from collections.abc import Sequence

import numpy as np

from gpt2demo.sentiment.opinion import LABELS
from gpt2demo.sentiment.summary import Check
from gpt2demo.wording import counted

MOST_SHOWN = 300
LONGEST_SHOWN = 400  # characters

EMPTY = {"rows": [], "counts": [], "sentence": "", "check": None}

ORDERS = {
    "as in the file": lambda p: np.arange(len(p)),
    "most negative first": lambda p: np.argsort(-p[:, 0], kind="stable"),
    "most positive first": lambda p: np.argsort(-p[:, 2], kind="stable"),
    "least sure first": lambda p: np.argsort(p.max(1), kind="stable"),
}
FILTERS = ("all", *LABELS, "unsure")


def view(
    texts: Sequence[str],
    p: np.ndarray,
    threshold: float,
    only: str,
    order: str,
    check: Check | None,
    total: int,
    by: str = "",
) -> dict:
    """What the script draws for probabilities (done, 3) of the first texts out of `total`; `by` says which model gave them."""
    unsure = p.max(1) < threshold if len(p) else np.zeros(0, dtype=bool)
    said = p.argmax(1) if len(p) else np.zeros(0, dtype=int)
    kept = {"all": np.ones(len(p), dtype=bool), "unsure": unsure} | {
        label: (said == i) & ~unsure for i, label in enumerate(LABELS)
    }
    places = [int(i) for i in ORDERS[order](p) if kept[only][i]]
    return {
        "rows": [[i + 1, texts[i][:LONGEST_SHOWN], *p[i].tolist(), bool(unsure[i])] for i in places[:MOST_SHOWN]],
        "matching": len(places),
        "done": len(p),
        "total": total,
        "counts": [int(kept[name].sum()) for name in FILTERS[1:]],
        "threshold": threshold,
        "sentence": sentence(len(p), total, kept),
        "by": f"Read by {by}." if by else "",
        "check": check and check_view(check),
    }


def sentence(done: int, total: int, kept: dict[str, np.ndarray]) -> str:
    """In words: how many texts of which label."""
    if not done:
        return "Nothing scored yet."
    parts = [f"{int(kept[name].sum()):,} {name} ({kept[name].mean():.0%})" for name in FILTERS[1:]]
    of = counted(done, "text") if done == total else f"{done:,} of {counted(total, 'text')}"
    return f"{of}: {', '.join(parts)}.".replace("%", " %")


def check_view(found: Check) -> dict:
    """The figures against known labels, and a sentence that sums them up."""
    known = int(found.confusion.sum())
    return {
        "sentence": (
            f"On {counted(known, 'text')} with a known label the model is right in {found.accuracy:.1%}, macro-F1"
            f" {found.macro_f1:.3f}; its certainty is off by {found.calibration_error:.1%} on average."
        ).replace("%", " %"),
        "confusion": found.confusion.tolist(),
        "calibration": found.calibration,
        "risk": found.risk,
    }
