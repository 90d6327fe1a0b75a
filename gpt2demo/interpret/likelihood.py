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
        """exp of the mean surprise, a token."""
        return math.exp(self.nats / self.tokens)


def windows(count: int, length: int, stride: int, tail: bool = True) -> Iterator[tuple[int, int, int]]:
    """Where a long text is read: (first, last, score from), each new target scored once and with what fits before it.

    Targets are tokens 1..count - 1; a window reads tokens first..last - 1 and scores the targets `score from`..last.
    Without `tail`, what is left after the last full window is not scored.
    """
    scored = 0
    for first in range(0, count - 1, stride):
        last = min(first + length, count - 1)
        if last <= scored or (last - first < length and not tail):
            return
        yield first, last, scored + 1
        scored = last


def surprises(engine: Engine, ids: Sequence[int], first: int) -> np.ndarray:
    """-ln p of the tokens ids[first:], each given all before it, in nats, float64; `first` is at least 1."""
    logits = engine.logits(ids[:-1], range(first - 1, len(ids) - 1)).astype(np.float64)
    top = logits.max(-1)
    total = top + np.log(np.exp(logits - top[:, None]).sum(-1))
    return total - logits[np.arange(len(logits)), list(ids[first:])]


def likelihood(
    engine: Engine, ids: Sequence[int], length: int | None = None, stride: int | None = None, tail: bool = True
) -> Likelihood:
    """Score a long text in windows of `length` tokens (the model's positions) moved by `stride` (half of that).

    An end of text counts as a token of no bytes.
    """
    length = length or engine.info.positions
    nats, scored = 0.0, []
    for first, last, score_from in windows(len(ids), length, stride or length // 2, tail):
        nats += float(surprises(engine, ids[first : last + 1], score_from - first).sum())
        scored += ids[score_from : last + 1]
    return Likelihood(nats, len(scored), sum(len(engine.tokenizer.bytes(id)) for id in scored))
