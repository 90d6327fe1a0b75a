"""How well a model foresees a text: the surprise at each of its tokens, and the measures made of it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Engine


@dataclass(frozen=True)
class Likelihood:
    """The surprise at a text: `nats` over `tokens` scored tokens that stand for `bytes` bytes."""

    nats: float
    tokens: int
    bytes: int

    @property
    def bits_per_byte(self) -> float:
        return self.nats / math.log(2) / self.bytes

    @property
    def perplexity(self) -> float:
        """exp of the mean surprise at a token."""
        return math.exp(self.nats / self.tokens)


def windows(count: int, length: int, stride: int, tail: bool = True) -> Iterator[tuple[int, int, int]]:
    """Where a text of `count` tokens is read: (first, last, score from), each token but the first scored once.

    A window reads the tokens first..last - 1 and scores those from `score from` to `last`, both included. Without
    `tail`, what is left after the last full window is not scored.
    """
    scored = 0
    for first in range(0, count - 1, stride):
        last = min(first + length, count - 1)
        if last <= scored or (scored and last - first < length and not tail):
            return
        yield first, last, scored + 1
        scored = last


def surprises(logits: np.ndarray, targets: Sequence[int]) -> np.ndarray:
    """-ln p of each target, in nats, float64 (n,): `logits` (n, vocabulary) are those of the position before it."""
    wide = logits.astype(np.float64)
    top = wide.max(-1)
    total = top + np.log(np.exp(wide - top[:, None]).sum(-1))
    return total - wide[np.arange(len(wide)), list(targets)]


def tallies(engine: Engine, ids: Sequence[int], length: int, stride: int, tail: bool = True) -> Iterator[Likelihood]:
    """Score a long text in windows of `length` tokens moved by `stride`; yields the tally so far after each window.

    An end of text counts as a token of no bytes.
    """
    nats, tokens, size = 0.0, 0, 0
    for first, last, score_from in windows(len(ids), length, stride, tail):
        targets = ids[score_from : last + 1]
        logits = engine.logits(ids[first:last], range(score_from - 1 - first, last - first))
        nats += float(surprises(logits, targets).sum())
        tokens += len(targets)
        size += sum(len(engine.tokenizer.bytes(id)) for id in targets)
        yield Likelihood(nats, tokens, size)
