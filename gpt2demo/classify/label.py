"""From texts to labels, in batches of texts of like length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.classify.head import Head
from gpt2demo.engine.contract import Engine

BATCH_TOKENS = 2048  # what one call of the engine reads; other visitors wait no longer than that takes
BATCH_TEXTS = 64


class Stopped(Exception):
    """Nobody waits for the answer any more, so it was not computed."""


def never() -> bool:
    """What is not to be stopped."""
    return False


@dataclass(frozen=True)
class Labelled:
    """A text's label with the probability of each; `abstained` where the largest lies below the head's threshold."""

    label: str
    abstained: bool
    probabilities: dict[str, float]
    windows: int  # 1, or how many pieces a text over the model's context was read in


def label(engine: Engine, head: Head, texts: Sequence[str]) -> list[Labelled]:
    """Label texts; the engine must be the one that the head's adapter is merged into."""
    pieces = [len(windows(engine, text)) for text in texts]
    return [
        Labelled(
            head.labels[row.argmax()],
            bool(row.max() < head.threshold),
            dict(zip(head.labels, row.tolist())),
            n,
        )
        for row, n in zip(probabilities(engine, head, texts), pieces)
    ]


def probabilities(
    engine: Engine, head: Head, texts: Sequence[str], cancelled: Callable[[], bool] = never
) -> np.ndarray:
    """The calibrated probability of each label, (len(texts), labels) float64.

    A text longer than the context is read in windows of equal length, and their probabilities are averaged. Raises
    `Stopped` between two batches once it is `cancelled`.
    """
    pieces = [(i, window) for i, text in enumerate(texts) for window in windows(engine, text)]
    owners = [i for i, _ in pieces]
    total = np.zeros((len(texts), len(head.labels)))
    if pieces:
        np.add.at(total, owners, head.probabilities(last_hidden(engine, [ids for _, ids in pieces], cancelled)))
    return total / np.bincount(owners, minlength=len(texts))[:, None]


def last_hidden(engine: Engine, pieces: Sequence[list[int]], cancelled: Callable[[], bool] = never) -> np.ndarray:
    """The last token's hidden state of each, (len(pieces), width), read in batches of like length; see `probabilities`."""
    found = np.zeros((len(pieces), engine.info.width), np.float32)
    for batch in _batches(sorted(enumerate(pieces), key=lambda piece: len(piece[1]))):
        if cancelled():
            raise Stopped
        found[[i for i, _ in batch]] = engine.last_hidden([ids for _, ids in batch])
    return found


def windows(engine: Engine, text: str) -> list[list[int]]:
    """A text's tokens in pieces that fit the context, nearly always one; an empty text is the end-of-text token."""
    ids = engine.tokenizer.encode(text) or [engine.tokenizer.end]
    return [part.tolist() for part in np.array_split(ids, -(-len(ids) // engine.info.positions))]


def _batches(pieces: list[tuple[int, list[int]]]):
    """Cut a list sorted by length into batches of at most BATCH_TEXTS texts and about BATCH_TOKENS tokens."""
    batch: list[tuple[int, list[int]]] = []
    for piece in pieces:
        if batch and (len(batch) == BATCH_TEXTS or len(piece[1]) * (len(batch) + 1) > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(piece)
    if batch:
        yield batch
