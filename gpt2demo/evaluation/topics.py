"""How often the model's guess at a headline's topic is right, and how many headlines get one."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gpt2demo.monitor.sample import stream, topic_of
from gpt2demo.monitor.topics import Topic, topics_of

FILE = Path(__file__).parent / "topic_headlines.csv"  # written for this, before any guess was seen
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


def written(topics: tuple[Topic, ...]) -> list[tuple[str, str]]:
    """(headline, topic or "") pairs that no word of the watch list matches; a third of them is about none of the topics."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [(row["headline"], row["topic"]) for row in csv.DictReader(file)]
    return [(text, topic) for text, topic in rows if not topics_of(topics, text)]


def sample() -> list[tuple[str, str]]:
    """(headline, topic) pairs of the sample stream, as if no rule matched them."""
    return [(text, topic_of(text)) for _, text in stream()]


def measures(p: np.ndarray, truth: Sequence[int], thresholds: Sequence[float] = THRESHOLDS) -> list[dict]:
    """For each threshold on the largest of probabilities (n, topics): the share guessed, and right among those.

    `truth` holds the index of each headline's topic, -1 for none; a guess at such a headline is wrong.
    """
    said, sure, truth = p.argmax(1), p.max(1), np.asarray(truth)
    found = []
    for threshold in thresholds:
        guessed = sure >= threshold
        right = float((said == truth)[guessed].mean()) if guessed.any() else None
        found.append({"from": threshold, "guessed": int(guessed.sum()), "of": len(p), "right": right})
    return found
