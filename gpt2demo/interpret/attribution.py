"""Which tokens of a text made its next token likely, or moved a classifier: two answers that need not agree.

The number that is explained is the natural logarithm of the next token's probability, or the last token's hidden state
times a direction (a classifier's score is one). The softmax is part of what is differentiated, so that the shares add up
to the change of the log-probability itself and can be held against what leaving a token out does to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Engine, Ids, Microscope
from gpt2demo.engine.tokenizer import END
from gpt2demo.interpret.ablation import TOKENS_AT_ONCE, log_probabilities
from gpt2demo.interpret.heads import check_text, microscope

Goal = int | np.ndarray  # the id of a next token, or a direction (width,) for the last hidden state

FIRST_STEPS, MOST_STEPS = 16, 512
GAP = 0.02  # of the change to be explained
BASELINE = (
    f"Compared with the same positions holding nothing but {END}; "
    "the shares add up to the difference in {what}, to {gap:.1f} % after {steps} steps."
)


@dataclass(frozen=True, eq=False)
class Attribution:
    """Each token's share (n,) of the way from `start` (the baseline's number) to `end` (the text's).

    `gap` is the part of that way by which the shares miss it, and `baseline` says in a sentence what was compared.
    """

    values: np.ndarray
    start: float
    end: float
    gap: float
    steps: int
    baseline: str


def integrated_gradients(
    engine: Engine, ids: Ids, goal: Goal, cancelled: Callable[[], bool] = lambda: False, most: int = MOST_STEPS
) -> Attribution:
    """Integrate the gradient from the baseline's embeddings to the text's, positions kept.

    Trapezoids, twice as many until the shares add up to within 2 % or there are `most`; stops doubling when `cancelled`.
    Sundararajan et al. (2017), "Axiomatic Attribution for Deep Networks". Raises `BackendUnavailable` without a
    microscope, `BadInput` without text.
    """
    check_text(ids)
    look = microscope(engine)
    text = look.embeddings(ids)
    baseline = np.broadcast_to(look.embeddings([engine.tokenizer.end]), text.shape)
    way = (text - baseline).astype(np.float64)
    (start, end), mean = _gradients(look, baseline, text, np.array([0.0, 1.0]), goal)
    steps = 1
    while True:
        values = (mean * way).sum(-1)
        gap = _gap(values.sum(), end - start)
        enough = steps >= FIRST_STEPS and gap < GAP
        if enough or steps >= most or cancelled():
            break
        _, between = _gradients(look, baseline, text, (np.arange(steps) + 0.5) / steps, goal)
        mean = (mean + between) / 2  # the trapezoid rule at twice the steps needs only the points in between
        steps *= 2
    what = "score" if isinstance(goal, np.ndarray) else "log-probability"
    return Attribution(values, start, end, gap, steps, BASELINE.format(what=what, gap=100 * gap, steps=steps))


def leave_one_out(engine: Engine, ids: Ids, goal: Goal) -> np.ndarray:
    """How far the number falls (n,) when each token alone is replaced by `<|endoftext|>`, all others staying in place."""
    check_text(ids)
    whole = _number(engine, ids, goal)
    return np.array(
        [whole - _number(engine, [*ids[:i], engine.tokenizer.end, *ids[i + 1 :]], goal) for i in range(len(ids))]
    )


def _gradients(
    look: Microscope, baseline: np.ndarray, text: np.ndarray, shares: np.ndarray, goal: Goal
) -> tuple[list[float], np.ndarray]:
    """The number at these shares of the way, and the mean gradient (n, width); a few points in each turn of the model."""
    at_once = max(1, TOKENS_AT_ONCE // len(text))
    numbers, total = [], np.zeros(text.shape)
    for first in range(0, len(shares), at_once):
        some = shares[first : first + at_once, None, None]
        number, gradients = look.gradients((baseline + some * (text - baseline)).astype(np.float32), goal)
        numbers += number.tolist()
        total += gradients.sum(0)
    return numbers, total / len(shares)


def _gap(total: float, wanted: float) -> float:
    """The part of `wanted` by which `total` misses it."""
    return 0.0 if total == wanted else abs(total - wanted) / max(abs(wanted), 1e-9)


def _number(engine: Engine, ids: Ids, goal: Goal) -> float:
    if isinstance(goal, np.ndarray):
        return float(engine.last_hidden([ids])[0] @ goal)
    return float(log_probabilities(engine.logits(ids, [len(ids) - 1])[0])[goal])
