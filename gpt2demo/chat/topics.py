"""What a message is about: a linear model over words and parts of words, learnt in a blink from the known ways to ask.

Ridge regression in its dual form: with rows x of unit length and one column of Y per topic (1 for its own lines, -1 for
the others), weights = X' (X X' + r I)^-1 Y. Parts of words let it see through slips of the pen.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.chat.words import Synonyms, split, stems, terms

RIDGE = 2.0
SEEN_IN = 3  # lines, at least: what is rarer is left out, which costs little and makes learning three times as fast
PARTS = (3, 4, 5)  # letters


@dataclass(frozen=True, eq=False)
class TopicModel:
    """Learnt weights: `columns` gives the row of each feature in `weights` (features, topics)."""

    topics: tuple[str, ...]
    columns: dict[str, int]
    rarity: np.ndarray
    weights: np.ndarray
    synonyms: Synonyms

    def scores(self, message: str) -> dict[str, float]:
        """How much a message looks like each topic's lines: about 1 for surely, about -1 for surely not."""
        row = _rows([features(message, self.synonyms)], self.columns, self.rarity)[0]
        return dict(zip(self.topics, (row @ self.weights).tolist()))


def features(text: str, synonyms: Synonyms) -> Counter:
    """Stems, pairs of stems, and the letters of each word in overlapping parts."""
    words = split(text)
    edged = [f"<{word}>" for word in words]
    parts = ("#" + word[i : i + n] for word in edged for n in PARTS for i in range(len(word) - n + 1))
    return Counter([*terms(stems(words, synonyms)), *parts])


def learn(lines: Sequence[tuple[str, str]], synonyms: Synonyms) -> TopicModel:
    """A model from (line, topic) pairs."""
    counted = [features(line, synonyms) for line, _ in lines]
    seen = Counter(feature for row in counted for feature in row)
    columns = {feature: column for column, feature in enumerate(f for f, n in seen.items() if n >= SEEN_IN)}
    rarity = np.array([np.log((len(lines) + 1) / (seen[f] + 1)) + 1 for f in columns], dtype=np.float32)
    topics = tuple(dict.fromkeys(topic for _, topic in lines))
    x = _rows(counted, columns, rarity)
    y = np.array([[1.0 if topic == own else -1.0 for topic in topics] for _, own in lines], np.float32)
    dual = np.linalg.solve(x @ x.T + RIDGE * np.eye(len(x), dtype=np.float32), y)
    return TopicModel(topics, columns, rarity, x.T @ dual, synonyms)


def _rows(counted: Sequence[Counter], columns: dict[str, int], rarity: np.ndarray) -> np.ndarray:
    """Rows (len(counted), features) of unit length, a feature's weight growing with the logarithm of its count."""
    rows = np.zeros((len(counted), len(columns)), dtype=np.float32)
    for row, features in zip(rows, counted):
        for feature, count in features.items():
            if feature in columns:
                row[columns[feature]] = 1 + np.log(count)
    rows *= rarity
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
