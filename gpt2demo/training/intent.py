"""The texts of `train intent`: 27 intents of shop customers, and what no shop can answer."""

import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gpt2demo.classify.labelled import (
    OUT_OF_SCOPE,
    Row,
    distinct,
    read_csv,
    read_table,
    relabelled,
    sample,
    split,
    without,
)

OUT_OF_SCOPE_TEXTS = 4000
NEAR = 0.8  # Jaccard similarity of the word sets from which two texts count as the same
HELD_OUT = 0.1
OURS = {"order", "order_status", "cancel", "order_checks", "bill_balance", "bill_due", "pay_bill"}  # may be a shop's
DELIVERABLE = {  # what stands for the placeholders of the set, so that the model sees what customers write
    "Order Number": ("10432", "48213", "#7741", "A20931", "00123842", "59917"),
    "Invoice Number": ("20391", "#12588", "INV-3302", "77120"),
    "Person Name": ("Maria Lopez", "John Smith", "Anna Weber", "David", "Priya Nair", "Tom Baker"),
    "Account Type": ("premium", "standard", "pro", "gold", "free", "business"),
    "Account Category": ("premium", "standard", "pro", "gold", "free", "business"),
    "Refund Amount": ("20", "49.90", "115", "7.50", "300"),
    "Currency Symbol": ("$", "€", "£"),
    "Delivery City": ("Boston", "Leeds", "Paris", "Chicago", "Turin"),
    "Delivery Country": ("Canada", "Spain", "Germany", "India", "the United States"),
}


def texts(data: Path, most: int | None = None, seed: int = 0) -> tuple[list[Row], list[Row], dict[str, int]]:
    """Training and held-out rows and how many texts each source gave, at most `most` training texts in all,
    with a quarter as many held out.

    The intents' texts are split so that no two with a Jaccard similarity of 0.8 stand on different sides. Out of scope
    are CLINC150's training texts of that name and its questions of other domains.
    """
    folder = data / "intent"
    intents = distinct(read_csv(folder / "bitext_customer_support" / "bitext_27k_utterances.csv"))
    near = near_groups([text for text, _ in intents])
    train, held_out = split(intents, HELD_OUT, seed, near.__getitem__)
    train, held_out = filled(train, seed), filled(held_out, seed)
    foreign_train, foreign_held_out = split(out_of_scope(folder, seed), HELD_OUT, seed)
    counts = {"bitext": len(train) + len(held_out), "clinc150": len(foreign_train) + len(foreign_held_out)}
    return (
        sample(train + foreign_train, most, seed),
        sample(held_out + foreign_held_out, most and most // 4, seed),
        counts,
    )


def out_of_scope(folder: Path, seed: int) -> list[Row]:
    """Texts that no shop can answer: CLINC150's own, and its questions of other domains; none of its test texts."""
    own = relabelled(read_csv(folder / "clinc150" / "oos_train.csv"), {"oos": OUT_OF_SCOPE})
    own += relabelled(read_csv(folder / "clinc150" / "oos_val.csv"), {"oos": OUT_OF_SCOPE})
    table = read_table(folder / "clinc150" / "train.csv", "text", "label")
    others = [(row["text"], OUT_OF_SCOPE) for row in table if row["label"] not in OURS]
    judged = [text for name in ("oos_test", "test") for text, _ in read_csv(folder / "clinc150" / f"{name}.csv")]
    return without(distinct(own + sample(others, OUT_OF_SCOPE_TEXTS - len(own), seed)), judged)


def filled(rows: Sequence[Row], seed: int) -> list[Row]:
    """The rows with every {{Placeholder}} replaced by something that could stand there."""
    generator = random.Random(seed)

    def value(match: re.Match) -> str:
        return generator.choice(DELIVERABLE.get(match[1].strip(), (match[1].strip().lower(),)))

    return [(re.sub(r"\{\{(.*?)\}\}", value, text), label) for text, label in rows]


def words(text: str) -> frozenset[str]:
    """The words of a text without placeholders and digits."""
    return frozenset(re.findall(r"[a-z']+", re.sub(r"\{\{.*?\}\}", " ", text.lower())))


def near_groups(texts: Sequence[str]) -> dict[str, int]:
    """A number for each text; texts that are near, or joined by a chain of near ones, share it."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    bags = list(dict.fromkeys(words(text) for text in texts))
    vocabulary = {word: i for i, word in enumerate(sorted({word for bag in bags for word in bag}))}
    columns = [vocabulary[word] for bag in bags for word in bag]
    size = np.array([len(bag) for bag in bags])
    table = csr_matrix((np.ones(len(columns)), columns, np.cumsum([0, *size])), (len(bags), len(vocabulary)))
    rows, others = [], []
    for start in range(0, len(bags), 500):
        shared = (table[start : start + 500] @ table.T).tocoo()
        i, j = shared.row + start, shared.col
        near = shared.data >= NEAR * (size[i] + size[j] - shared.data)
        rows.append(i[near])
        others.append(j[near])
    i, j = np.concatenate(rows), np.concatenate(others)
    _, group = connected_components(csr_matrix((np.ones(len(i)), (i, j)), (len(bags), len(bags))))
    number = dict(zip(bags, group.tolist()))
    return {text: number[words(text)] for text in texts}
