"""The head of a classifier: one direction for each label, and how sure is sure enough."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gpt2demo.engine.adapter import read_json, read_tensors
from gpt2demo.errors import ModelBroken

LABELS = "labels.json"
SCORE = "base_model.model.score.weight"  # as `peft` names the head of `GPT2ForSequenceClassification`


@dataclass(frozen=True, eq=False)
class Head:
    """Scores are `hidden @ weight.T / temperature`, probabilities their softmax."""

    labels: tuple[str, ...]
    weight: np.ndarray  # (labels, width) float64: a text's label is the row that its hidden state matches best
    temperature: float = 1.0  # over 1 makes the probabilities milder (Guo et al., 2017)
    threshold: float = 0.0  # a largest probability below this one is no answer

    def probabilities(self, hidden: np.ndarray) -> np.ndarray:
        """From hidden states (n, width) to probabilities (n, labels), float64."""
        scores = hidden.astype(np.float64) @ self.weight.T / self.temperature
        powers = np.exp(scores - scores.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)


def load(folder: Path) -> Head:
    """The head in an adapter's folder; raises `ModelBroken` for files that are missing, damaged or do not fit."""
    told, tensors = read_json(folder / LABELS), read_tensors(folder)
    try:
        labels = tuple(map(str, told["labels"]))
        weight = tensors[SCORE].astype(np.float64)
        head = Head(labels, weight, float(told["temperature"]), float(told["threshold"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelBroken(
            f"The adapter in {folder} is no classifier: {error!r}.", "Train or fetch it again."
        ) from error
    if weight.shape[0] != len(labels) or not head.temperature > 0:
        raise ModelBroken(f"{folder / LABELS} does not fit the adapter beside it.", "Train or fetch it again.")
    return head


def save(head: Head, folder: Path) -> None:
    """Write the part of a head that `peft` does not keep: the labels, the temperature, the threshold."""
    told = {"labels": head.labels, "temperature": head.temperature, "threshold": head.threshold}
    (folder / LABELS).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
