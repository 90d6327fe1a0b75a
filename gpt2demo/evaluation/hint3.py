"""HINT3: what customers of real shops typed, many of them beyond what the shop's bot was taught (Arora et al., 2020)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gpt2demo.classify.labelled import Row, distinct, read_csv
from gpt2demo.evaluation.baselines import Predict

SHOPS = ("curekart", "sofmattress")  # the two shops of the data folder
UNKNOWN = "NO_NODES_DETECTED"  # the set's name for a question that no intent answers


def rows(data: Path, shop: str) -> tuple[list[Row], list[Row]]:
    """What a shop's bot is taught and what it is asked."""
    folder = data / "intent" / "hint3"
    taught = [row for row in distinct(read_csv(folder / f"{shop}_train.csv")) if row[1] != UNKNOWN]
    return taught, read_csv(folder / f"{shop}_test.csv")


def measures(asked: Sequence[Row], labels: Sequence[str], predict: Predict, threshold: float) -> dict:
    """Accuracy on questions in scope, answering all and answering above the threshold; recall of those out of scope.

    A question in scope that is not answered counts as wrong; one out of scope is recognised if it is not answered.
    """
    probabilities = predict([text for text, _ in asked])
    said = np.array(labels)[probabilities.argmax(1)]
    answered = probabilities.max(1) >= threshold
    truth = np.array([label for _, label in asked])
    known = truth != UNKNOWN
    return {
        "in_scope": int(known.sum()),
        "out_of_scope": int((~known).sum()),
        "accuracy": float((said == truth)[known].mean()),
        "accuracy_above_threshold": float(((said == truth) & answered)[known].mean()),
        "out_of_scope_recall": float((~answered)[~known].mean()),
    }
