"""Engines on one text, here and now: do two of them agree, and how fast is each?"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from gpt2demo.engine.contract import Engine, Ids

POSITIONS = 64  # of the text that are compared
NEW = 24  # tokens that each writes a round
ROUNDS = 3


@dataclass(frozen=True)
class Pace:
    """How fast an engine wrote: medians over the rounds."""

    first_token_ms: float
    tokens_per_second: float


@dataclass(frozen=True)
class Agreement:
    """How far two engines' logits are apart over a text."""

    positions: int
    same_top: int  # positions at which both put the same token first
    largest_difference: float  # between two logits


@dataclass(frozen=True)
class SideBySide:
    """What was found so far; `done` is the share of the work."""

    done: float
    agreement: Agreement | None = None
    paces: tuple[Pace, Pace] | None = None


def compare(one: Engine, other: Engine, ids: Ids) -> Iterator[SideBySide]:
    """Read a text with both, then let both write on from it in turns; yields what is known after each step."""
    ids = list(ids)[:POSITIONS]
    agreement = agree(one, other, ids)
    yield SideBySide(1 / (ROUNDS + 1), agreement)
    rounds = []
    for round in range(ROUNDS):
        rounds.append((pace(one, ids), pace(other, ids)))
        yield SideBySide((round + 2) / (ROUNDS + 1), agreement, tuple(map(middle, zip(*rounds))))


def race(engines: Sequence[Engine], ids: Ids, cancelled: Callable[[], bool]) -> Iterator[tuple[float, list[Pace]]]:
    """Let engines write on from a text in turns: the share done, and how fast each was so far; ends early if cancelled.

    Each engine's first turn only makes its kernels and buffers and does not count.
    """
    ids = list(ids)[:POSITIONS]
    paces: list[list[Pace]] = [[] for _ in engines]
    for round in range(ROUNDS + 1):
        for i, engine in enumerate(engines):
            if cancelled():
                return
            paces[i].append(pace(engine, ids))
            done = (round * len(engines) + i + 1) / ((ROUNDS + 1) * len(engines))
            yield done, [middle(tuple(p[1:] or p)) for p in paces if p]


def agree(one: Engine, other: Engine, ids: Ids) -> Agreement:
    """Compare the logits of two engines at every position of a text."""
    a, b = (engine.logits(ids, range(len(ids))) for engine in (one, other))
    same = int((a.argmax(-1) == b.argmax(-1)).sum())
    return Agreement(len(ids), same, float(np.abs(a - b).max()))


def pace(engine: Engine, ids: Ids) -> Pace:
    """Write `NEW` tokens greedily after a text, fewer where the context ends."""
    began = time.perf_counter()
    step = engine.start(ids)
    first, count = time.perf_counter(), min(NEW, engine.info.positions - len(ids))
    for _ in range(count):
        step = engine.step(step.past, [int(step.logits.argmax())])
    return Pace(1000 * (first - began), count / (time.perf_counter() - first))


def middle(paces: tuple[Pace, ...]) -> Pace:
    return Pace(median(p.first_token_ms for p in paces), median(p.tokens_per_second for p in paces))
