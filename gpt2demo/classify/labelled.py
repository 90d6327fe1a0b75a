"""Labelled texts: reading them from CSV, dropping repeats, setting a part aside."""

import csv
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from gpt2demo.errors import BadInput

Row = tuple[str, str]  # text, label
MOST_CELL = 10 * 2**20

SENTIMENT = ("negative", "neutral", "positive")
SENTIMENT_NAMES = {  # what the sets call them; `mixed` and `ambiguous` have no place among the three
    "very_negative": "negative",
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    "very_positive": "positive",
}
OUT_OF_SCOPE = "out_of_scope"  # the intent of a question that no shop can answer


def read_csv(path: Path, text: str = "text", label: str = "label") -> list[Row]:
    """The rows of a CSV file that have both a text and a label.

    Raises `BadInput` for a file that is missing, empty or not UTF-8, and for a column that it does not have.
    """
    return [
        (row[text].strip(), row[label].strip()) for row in read_table(path, text, label) if row[text] and row[label]
    ]


def read_table(path: Path, *columns: str) -> list[dict[str, str]]:
    """All columns of a CSV file as dictionaries; these ones must be there."""
    csv.field_size_limit(MOST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            names = table.fieldnames or []
            for column in columns:
                if column not in names:
                    there = ", ".join(names) or "none: the file is empty"
                    raise BadInput(f"{path.name} has no column {column!r}.", f"Its columns are {there}.")
            return list(table)
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 (byte {error.start:,}).", "Save it as UTF-8.") from None
    except (OSError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read: {error}.") from None


def labels_of(rows: Iterable[Row]) -> list[str]:
    """The labels that occur, in alphabetical order; raises `BadInput` if there are fewer than two."""
    found = sorted({label for _, label in rows})
    if len(found) < 2:
        only = f"only the label {found[0]!r}" if found else "no labelled text"
        raise BadInput(f"There is {only}.", "A classifier needs at least two labels.")
    return found


def key(text: str) -> str:
    """What two texts share when they differ in case, space and punctuation only."""
    return re.sub("[^a-z0-9]", "", text.lower()) or text


def distinct(rows: Iterable[Row]) -> list[Row]:
    """Each text once, the first of its repeats; texts that stand there under different labels are dropped."""
    labels: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Row] = {}
    for text, label in rows:
        labels[key(text)].add(label)
        first.setdefault(key(text), (text, label))
    return [row for k, row in first.items() if len(labels[k]) == 1]


def without(rows: Iterable[Row], texts: Iterable[str]) -> list[Row]:
    """The rows whose text is none of these, by `key`."""
    barred = {key(text) for text in texts}
    return [row for row in rows if key(row[0]) not in barred]


def relabelled(rows: Iterable[Row], names: Mapping[str, str]) -> list[Row]:
    """The rows whose label has a new name, under it."""
    return [(text, names[label]) for text, label in rows if label in names]


def sample(rows: Sequence[Row], most: int | None, seed: int) -> list[Row]:
    """At most this many rows, drawn without replacement."""
    rows = list(rows)
    random.Random(seed).shuffle(rows)
    return rows[:most]


def split(
    rows: Sequence[Row], share: float, seed: int, group: Callable[[str], object] = key
) -> tuple[list[Row], list[Row]]:
    """Set a share of each label's texts aside, texts of one group on the same side: (training, held out).

    Raises `BadInput` if a label has too few texts to stand on both sides.
    """
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[group(row[0])].append(row)
    order = list(groups.values())
    random.Random(seed).shuffle(order)
    wanted = {label: max(1, round(share * n)) for label, n in Counter(label for _, label in rows).items()}
    train: list[Row] = []
    held_out: list[Row] = []
    for members in order:
        aside = all(wanted[label] > 0 for _, label in members)
        (held_out if aside else train).extend(members)
        if aside:
            for _, label in members:
                wanted[label] -= 1
    if len({label for _, label in train}) < len(wanted) or len({label for _, label in held_out}) < len(wanted):
        rare = min(wanted, key=lambda name: sum(label == name for _, label in rows))
        raise BadInput(f"The label {rare!r} has too few texts.", "Every label needs at least two different texts.")
    return train, held_out
