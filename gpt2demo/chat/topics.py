"""What a message is about: a linear model over words and parts of words, learnt in a blink from the known ways to ask.

Ridge regression: with rows x of unit length and one column of Y per topic (1 for its own lines, -1 for the others), the
weights are X' (X X' + r I)^-1 Y, found by conjugate gradients (Hestenes and Stiefel, 1952), which only ever multiply by the
sparse X. Parts of words let it see through slips of the pen.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.chat.words import Synonyms, split, stems, terms

RIDGE = 0.5
ENOUGH, MOST_ROUNDS = 0.02, 40  # conjugate gradients stop at this share of the first error, or after so many rounds
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
        row = _rows([features(message, self.synonyms)], self.columns, self.rarity)
        return dict(zip(self.topics, (row @ self.weights)[0].tolist()))


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
    return TopicModel(topics, columns, rarity, x.turned() @ _dual(x, y), synonyms)


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix by its filled cells, row after row: `cells` begin at `starts`, each with its column and value."""

    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    width: int

    def __matmul__(self, dense: np.ndarray) -> np.ndarray:
        """(rows, width) @ (width, n) -> (rows, n)."""
        out = np.zeros((len(self.starts), dense.shape[1]), np.float32)
        if len(self.values):
            ends = np.append(self.starts[1:], len(self.values))
            filled = ends > self.starts
            out[filled] = np.add.reduceat(self.values[:, None] * dense[self.columns], self.starts[filled])
        return out

    def turned(self) -> "Sparse":
        """The transpose."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(len(self.starts)), np.diff(np.append(self.starts, len(self.values))))
        starts = np.searchsorted(self.columns[order], np.arange(self.width))
        return Sparse(starts, rows[order], self.values[order], len(self.starts))


def _dual(x: Sparse, y: np.ndarray) -> np.ndarray:
    """(X X' + r I)^-1 Y, all columns at once."""
    turned = x.turned()
    solution, rest = np.zeros_like(y), y.copy()
    direction, error = rest.copy(), (rest**2).sum(0)
    first = error.copy()
    for _ in range(MOST_ROUNDS):
        if (error <= ENOUGH**2 * first).all():
            break
        product = x @ (turned @ direction) + RIDGE * direction
        step = error / np.maximum((direction * product).sum(0), 1e-12)
        solution += step * direction
        rest -= step * product
        before, error = error, (rest**2).sum(0)
        direction = rest + error / np.maximum(before, 1e-12) * direction
    return solution


def _rows(counted: Sequence[Counter], columns: dict[str, int], rarity: np.ndarray) -> Sparse:
    """Rows (len(counted), features) of unit length, a feature's weight growing with the logarithm of its count."""
    starts, places, values = [], [], []
    for counts in counted:
        known = [(columns[feature], count) for feature, count in counts.items() if feature in columns]
        place = np.array([column for column, _ in known], dtype=np.int64)
        value = (1 + np.log(np.array([count for _, count in known], np.float32))) * rarity[place]
        starts.append(sum(map(len, places[-1:])) + (starts[-1] if starts else 0))
        places.append(place)
        values.append(value / max(float(np.linalg.norm(value)), 1e-9))
    flat = (np.concatenate([*parts, np.zeros(0, kind)]) for parts, kind in ((places, np.int64), (values, np.float32)))
    return Sparse(np.array(starts), *flat, len(columns))
