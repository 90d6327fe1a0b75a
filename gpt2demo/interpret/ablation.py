"""Does it matter? The next token with heads switched off, and which heads matter most for it.

A head that is off adds zero where its mix of values enters the output projection; the projection's bias stays. That is
"zero ablation": it also takes away what the head always does, so it can hurt more than the head's message is worth.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Change, Engine, Ids, Microscope
from gpt2demo.errors import BadInput
from gpt2demo.interpret.heads import check_text, microscope

TOKENS_AT_ONCE = 512  # of all the copies of a text that are run together, one turn of the model


@dataclass(frozen=True, eq=False)
class Effect:
    """The next token's probabilities (vocabulary,) before and after a change to the model's inside.

    `change` is what the change did to the natural logarithm of the probability of `target`.
    """

    before: np.ndarray
    after: np.ndarray
    target: int
    change: float


def ablate(
    engine: Engine, ids: Ids, heads: Collection[tuple[int, int]], target: int | None = None, mlps: Collection[int] = ()
) -> Effect:
    """Switch off heads (layer, head), and the MLPs of some layers; a whole layer is all its heads and its MLP.

    Without a `target` it is the token that was likeliest before. Raises `BadInput` for what is not there,
    `BackendUnavailable` without a microscope.
    """
    check_text(ids)
    info = engine.info
    wrong = [place for place in heads if not (0 <= place[0] < info.layers and 0 <= place[1] < info.heads)]
    wrong += [(layer, "MLP") for layer in mlps if not 0 <= layer < info.layers]
    if wrong:
        raise BadInput(
            f"{info.name} has no layer {wrong[0][0]}, head {wrong[0][1]}.",
            f"It has {info.layers} layers of {info.heads} heads, counted from 0.",
        )
    changes = [Change(), Change(heads=frozenset(heads), mlps=frozenset(mlps))]
    return effect(*microscope(engine).changed(ids, changes), target)


def rank_heads(
    engine: Engine, ids: Ids, target: int, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[list[tuple[int, int, float]]]:
    """Switch off every head alone: (layer, head, change of log p of `target`), the largest effect first.

    Yields the ranking of the heads done so far, a few heads further each time, until all are done or it is `cancelled`.
    """
    check_text(ids)
    look, info = microscope(engine), engine.info
    before = log_probabilities(look.changed(ids, [Change()])[0])[target]
    at_once = max(1, min(info.heads, TOKENS_AT_ONCE // len(ids)))
    ranking: list[tuple[int, int, float]] = []
    for layer in range(info.layers):
        for first in range(0, info.heads, at_once):
            if cancelled():
                return
            heads = range(first, min(first + at_once, info.heads))
            ranking += [
                (layer, head, change) for head, change in zip(heads, _alone(look, ids, layer, heads, target, before))
            ]
            yield sorted(ranking, key=lambda row: -abs(row[2]))


def effect(before: np.ndarray, after: np.ndarray, target: int | None = None) -> Effect:
    """The effect of a change from two rows of logits."""
    old, new = log_probabilities(before), log_probabilities(after)
    target = int(old.argmax()) if target is None else target
    return Effect(np.exp(old), np.exp(new), target, float(new[target] - old[target]))


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """The natural logarithm of the softmax over the last axis, float64."""
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _alone(look: Microscope, ids: Ids, layer: int, heads: range, target: int, before: float) -> list[float]:
    """How log p of `target` changes from `before` with each of a layer's heads switched off alone."""
    changes = [Change(heads=frozenset({(layer, head)})) for head in heads]
    return (log_probabilities(look.changed(ids, changes))[:, target] - before).tolist()
