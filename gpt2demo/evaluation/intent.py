"""Intents on texts that nobody trained on, and how many foreign questions are seen to be foreign."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gpt2demo.classify import measure
from gpt2demo.classify.labelled import OUT_OF_SCOPE, Row, read_csv, sample
from gpt2demo.evaluation.baselines import Predict, majority


def measures(
    data: Path,
    held_out: Sequence[Row],
    labels: Sequence[str],
    predictors: Mapping[str, Predict],
    most: int | None = None,
) -> Iterator[dict]:
    """For each predictor, and for the majority label: the intents of `held_out`, and CLINC150's `oos_test`.

    In scope, accuracy counts the 27 intents alone; out of scope, recall is the share that got that label.
    """
    intents = [row for row in held_out if row[1] != OUT_OF_SCOPE]
    foreign = [(text, OUT_OF_SCOPE) for text, _ in read_csv(data / "intent" / "clinc150" / "oos_test.csv")]
    for name, rows in {"held-out intents": intents, "CLINC150 oos_test": foreign}.items():
        found = sample(rows, most, seed=0)
        truth = np.array([labels.index(label) for _, label in found])
        for predictor, predict in {**predictors, "majority": majority(truth, len(labels))}.items():
            yield {"set": name, "predictor": predictor, **asdict(measure.scores(predict([t for t, _ in found]), truth))}
