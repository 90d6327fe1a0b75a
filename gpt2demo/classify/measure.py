"""How good labels and probabilities are: agreement, calibration, and what abstaining buys."""

from dataclasses import dataclass

import numpy as np

BINS = 15
ANSWERED = 0.6  # at least this share of texts is answered, whatever the threshold would like


@dataclass(frozen=True)
class Scores:
    """Measures over some texts whose label is known."""

    texts: int
    accuracy: float
    macro_f1: float
    recall: tuple[float, ...]  # by label; nan for one that no text has
    calibration_error: float


def scores(probabilities: np.ndarray, truth: np.ndarray) -> Scores:
    """Measure probabilities (n, labels) against the index of each text's label (n,)."""
    said = probabilities.argmax(1)
    error = calibration_error(probabilities, truth)
    return agreement(said, truth, probabilities.shape[1], error)


def agreement(said: np.ndarray, truth: np.ndarray, labels: int, error: float = float("nan")) -> Scores:
    """Measure labels alone; macro-F1 is the mean over the labels that occur in `truth`."""
    f1, recall = [], []
    for label in range(labels):
        hit = int(((said == label) & (truth == label)).sum())
        there, claimed = int((truth == label).sum()), int((said == label).sum())
        recall.append(hit / there if there else float("nan"))
        if there:
            f1.append(2 * hit / (there + claimed))
    return Scores(len(truth), float((said == truth).mean()), float(np.mean(f1)), tuple(recall), error)


def calibration_error(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over 15 bins of equal width (Guo et al., 2017)."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def best_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that makes the true labels likeliest, between 0.2 and 5, to two per cent (Guo et al., 2017)."""
    temperatures = np.geomspace(0.2, 5, 160)
    losses = [-log_softmax(logits / t)[np.arange(len(truth)), truth].mean() for t in temperatures]
    return float(temperatures[int(np.argmin(losses))])


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """The logarithm of softmax over the last axis."""
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def risk_coverage(probabilities: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The surest texts first: the confidence of each, the share answered down to it, the share wrong among those."""
    order = np.argsort(-probabilities.max(1), kind="stable")
    wrong = (probabilities.argmax(1) != truth)[order]
    count = np.arange(1, len(truth) + 1)
    return probabilities.max(1)[order], count / len(truth), wrong.cumsum() / count


def abstain_threshold(probabilities: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Where to begin to abstain, with the coverage and the risk there.

    It is the point of the risk-coverage curve that answers most texts with at most half the errors of answering all; if
    that would answer fewer than 60 %, the point at 60 %.
    """
    confidence, coverage, risk = risk_coverage(probabilities, truth)
    fine = np.flatnonzero(risk <= risk[-1] / 2)
    at = max(int(fine[-1]) if len(fine) else 0, int(np.ceil(ANSWERED * len(truth))) - 1)
    return float(confidence[at]), float(coverage[at]), float(risk[at])
