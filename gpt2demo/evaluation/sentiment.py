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


def card_section(found: list[dict], trained: int, most: int | None) -> str:
    """The section of the adapter's card that puts it beside simpler means, from what `measures` gives."""
    how = f"at most {most:,} texts of each set" if most else "all texts of each set"
    by_set = {one.name: {row["predictor"]: row for row in found if row["set"] == one.name} for one in SETS}
    ahead = sum(all(rows["gpt2demo"]["macro_f1"] > rows[other]["macro_f1"] for other in rows if other != "gpt2demo")
                for rows in by_set.values())  # fmt: skip
    warning = "" if ahead == len(by_set) else " Take no decision by it: simpler means often judge better."
    lines = [card_line(name, rows) for name, rows in by_set.items()]
    return f"""## Beside simpler means
`python -m gpt2demo eval sentiment --card` prints this: {how}, none learned from; TF-IDF with logistic regression
learned from the same {trained:,} texts. By macro-F1 this adapter is ahead of all three on {ahead} of {len(by_set)}
sets.{warning}
Accuracy, with macro-F1 after the stroke:

| set | texts | this adapter | VADER | TF-IDF | majority | recall: negative, neutral, positive | calibration error |
| --- | ---: | --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}
"""


def card_line(name: str, rows: Mapping[str, dict]) -> str:
    """One set's row of the card."""
    ours = rows["gpt2demo"]
    scores = " | ".join(
        f"{rows[who]['accuracy']:.3f} / {rows[who]['macro_f1']:.3f}"
        for who in ("gpt2demo", "vader", "tf-idf", "majority")
    )
    recall = ", ".join("–" if np.isnan(r) else f"{r:.3f}" for r in ours["recall"])
    return f"| {name} | {ours['texts']:,} | {scores} | {recall} | {ours['calibration_error']:.3f} |"
