"""What a scored file says in sum, and, where it carries labels, how right the model was."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.errors import BadInput
from gpt2demo.sentiment.opinion import LABELS

BINS = 10
SPELLINGS = {
    "negative": ("negative", "neg", "bad", "-1", "-", "n"),
    "neutral": ("neutral", "neu", "0", "none", "mixed"),
    "positive": ("positive", "pos", "good", "1", "+", "p"),
}


@dataclass(frozen=True, eq=False)
class Check:
    """How right the model was on texts whose label is known."""

    accuracy: float
    macro_f1: float
    confusion: np.ndarray  # (3, 3) counts: row the true label, column the model's
    calibration: list[tuple[float, float, int]]  # (mean confidence, share right, texts) of each filled bin
    calibration_error: float  # expected calibration error over ten bins of equal width (Guo et al., 2017)
    risk: list[tuple[float, float]]  # (share answered, share wrong among them), the surest texts first


def known_labels(cells: Sequence[str]) -> np.ndarray:
    """The labels of a column as 0, 1, 2, and -1 where the cell is none; raises `BadInput` if hardly any is one."""
    table = {spelling: i for i, label in enumerate(LABELS) for spelling in SPELLINGS[label]}
    found = np.array([table.get(cell.strip().lower(), -1) for cell in cells])
    if (found >= 0).mean() < 0.5:
        example = next((cell for cell, label in zip(cells, found) if label < 0), "")
        raise BadInput(f"The label column holds {example!r:.40}.", "Labels are negative, neutral and positive.")
    return found


def check(probabilities: np.ndarray, truth: np.ndarray) -> Check:
    """Measure probabilities (n, 3) against labels (n,) of which -1 are left out."""
    p, truth = probabilities[truth >= 0], truth[truth >= 0]
    said, confidence = p.argmax(1), p.max(1)
    right = said == truth
    confusion = np.zeros((3, 3), dtype=int)
    np.add.at(confusion, (truth, said), 1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    filled = [bins == i for i in range(BINS) if (bins == i).any()]
    calibration = [(float(confidence[b].mean()), float(right[b].mean()), int(b.sum())) for b in filled]
    error = sum(many * abs(sure - share) for sure, share, many in calibration) / len(p)
    return Check(
        float(right.mean()), macro_f1(confusion), confusion, calibration, error, risk_coverage(confidence, right)
    )


def macro_f1(confusion: np.ndarray) -> float:
    """The mean F1 over the labels that occur, from counts (true, said)."""
    hits, true, said = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    occurs = true > 0
    return float((2 * hits[occurs] / (true + said)[occurs]).mean())


def risk_coverage(confidence: np.ndarray, right: np.ndarray, points: int = 50) -> list[tuple[float, float]]:
    """The share of wrong labels among the surest texts, for growing shares of texts (El-Yaniv and Wiener, 2010)."""
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    ends = np.unique(np.linspace(1, len(order), min(points, len(order))).astype(int))
    return [(float(end / len(order)), float(wrong[end - 1] / end)) for end in ends]
