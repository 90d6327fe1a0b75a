"""Sentiment on texts that nobody trained on, beside what simpler means reach in the same run."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gpt2demo.classify import measure
from gpt2demo.classify.labelled import SENTIMENT, SENTIMENT_NAMES, Row, read_table, relabelled, sample
from gpt2demo.evaluation.baselines import Predict, majority

NEUTRAL = SENTIMENT.index("neutral")


@dataclass(frozen=True)
class Set:
    """A file of `data/sentiment/eval`; where it knows no neutral texts, the likelier of the other two labels counts."""

    name: str
    file: str
    two_classes: bool = False
    where: tuple[str, str] = ("", "")  # a column and the value that it must have


SETS = (
    Set("SST-2 test", "sst2_test", two_classes=True),
    Set("SST-5 test as three", "sst5_test"),
    Set("PhraseBank, all agree", "financial_phrasebank", where=("agreement", "100")),
    Set("PhraseBank, all", "financial_phrasebank"),
    Set("TweetEval test", "tweeteval_test"),
    Set("GoEmotions test", "goemotions_test"),
)


def rows(data: Path, one: Set, most: int | None = None) -> list[Row]:
    """A set's texts under our three labels; texts with a label of no such name (`mixed`, `ambiguous`) are left out."""
    column, value = one.where
    table = read_table(data / "sentiment" / "eval" / f"{one.file}.csv", "text", "label", *filter(None, [column]))
    kept = [(row["text"], row["label"]) for row in table if not column or row[column] == value]
    return sample(relabelled(kept, SENTIMENT_NAMES), most, seed=0)


def measures(data: Path, predictors: Mapping[str, Predict], most: int | None = None) -> Iterator[dict]:
    """For each set and predictor, and for the majority label: accuracy, macro-F1, recall by label, calibration error."""
    for one in SETS:
        found = rows(data, one, most)
        truth = np.array([SENTIMENT.index(label) for _, label in found])
        everyone = {**predictors, "majority": majority(truth, len(SENTIMENT))}
        for name, predict in everyone.items():
            probabilities = predict([text for text, _ in found])
            if one.two_classes:
                probabilities = of_two(probabilities)
            yield {"set": one.name, "predictor": name, **asdict(measure.scores(probabilities, truth))}


def of_two(probabilities: np.ndarray) -> np.ndarray:
    """Negative and positive alone, adding up to 1."""
    two = probabilities.copy()
    two[:, NEUTRAL] = 0
    total = two.sum(1, keepdims=True)
    return np.where(total > 0, two / np.maximum(total, 1e-12), [0.5, 0, 0.5])
