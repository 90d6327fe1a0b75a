"""When a run learns how fast, what loss to expect of it, and when to stop it."""

import itertools
import math
from collections.abc import Sequence

WARM_UP = 100  # steps from a standstill to the full rate
APART = 1.0  # nats above its lowest at which a loss has diverged
PATIENCE, LEAST_GAIN = 4, 0.001  # so many validations without a gain of this share, and the run has settled

# Training loss of the shipped model's first run (12 layers, 384 wide, 16,384 tokens, constant rate): tokens -> nats.
MEASURED = (
    (0, math.log(16384)),
    (0.25e6, 8.40),
    (0.5e6, 6.64),
    (1e6, 5.59),
    (1.6e6, 5.19),
    (2.4e6, 5.06),
    (3.3e6, 4.92),
)
MEASURED += ((4.6e6, 4.60), (5.7e6, 4.49))


def rate(step: int, tokens: int, total: int, decay: int) -> float:
    """The share of the full learning rate: up over the first steps, then constant, then straight down to zero.

    `decay` of the `total` tokens are for the way down; without a total the rate stays constant, so that a run can be
    prolonged (Hu et al., 2024, MiniCPM, arXiv 2404.06395).
    """
    up = min(1.0, (step + 1) / WARM_UP)
    return up * min(1.0, max(0.0, (total - tokens) / decay)) if total and decay else up


def expected_loss(tokens: int) -> float | None:
    """The loss that the shipped model had after so many tokens, in nats; none beyond what was measured."""
    for (t0, loss0), (t1, loss1) in itertools.pairwise(MEASURED):
        if tokens <= t1:
            return loss0 + (loss1 - loss0) * (tokens - t0) / (t1 - t0)
    return None


def diverged(loss: float, average: float | None, lowest: float) -> bool:
    """Whether the loss is no number any more, or its average stands a nat above where it was."""
    return not math.isfinite(loss) or (average is not None and average > lowest + APART)


def settled(means: Sequence[float]) -> bool:
    """Whether the last validations brought nothing: bits per byte, oldest first."""
    before, since = means[:-PATIENCE], means[-PATIENCE:]
    return bool(before) and min(since) > min(before) * (1 - LEAST_GAIN)
