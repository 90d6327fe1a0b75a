"""Counting opinion over time: for each topic the share of negative, neutral and positive headlines in windows of a length."""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gpt2demo.errors import BadInput
from gpt2demo.monitor.headlines import Headline
from gpt2demo.sentiment.opinion import LABELS

EPOCH = dt.datetime(1970, 1, 5)  # a Monday, so that windows of a week begin on Mondays
UNITS = {"h": 3600, "d": 86400, "w": 7 * 86400}
MOST_WINDOWS = 5000
Z = 1.959963984540054  # 95 % of a normal distribution lie within this many standard deviations


@dataclass(frozen=True)
class Scored:
    """A headline with what the model thinks of it."""

    headline: Headline
    probabilities: tuple[float, ...]  # of LABELS
    guess: str = ""  # the topic that the model guessed where no rule matched; "" for none

    @property
    def label(self) -> str:
        return LABELS[max(range(len(LABELS)), key=lambda i: self.probabilities[i])]

    @property
    def clear(self) -> bool:
        """Whether the label is likelier than the other two together."""
        return max(self.probabilities) > 0.5

    @property
    def counted(self) -> str:
        """What it counts as in a window: its label, or neutral where that is not clear."""
        return self.label if self.clear else "neutral"

    @property
    def negative(self) -> float:
        return self.probabilities[0]


@dataclass(frozen=True)
class Window:
    """The headlines about one topic from `start` on, for one length, by label."""

    start: dt.datetime
    negative: int = 0
    neutral: int = 0
    positive: int = 0

    @property
    def count(self) -> int:
        return self.negative + self.neutral + self.positive

    @property
    def share(self) -> float | None:
        """The share of negative headlines; None for an empty window."""
        return self.negative / self.count if self.count else None


def length_of(written: str) -> dt.timedelta:
    """A window's length from `6h`, `1d`, `2w`; raises `BadInput` for anything else."""
    found = re.fullmatch(r"\s*(\d{1,3})\s*([hdw])\s*", written)
    if not found or int(found[1]) == 0:
        raise BadInput(f"{written!r:.20} is no length of a window.", "Write hours, days or weeks: 6h, 1d, 1w.")
    return dt.timedelta(seconds=int(found[1]) * UNITS[found[2]])


def start_of(moment: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """The first moment of the window in which a moment lies."""
    return EPOCH + length * ((moment - EPOCH) // length)


def windows(about: Iterable[Scored], length: dt.timedelta, until: dt.datetime | None = None) -> list[Window]:
    """The windows of the headlines about one topic without a gap, from the first to the last or the one that holds `until`.

    Raises `BadInput` where they would be more than anybody can look at.
    """
    tally = Counter((start_of(s.headline.moment, length), s.counted) for s in about)
    if not tally:
        return []
    starts = [start for start, _ in tally]
    first, last = min(starts), max([*starts, *([start_of(until, length)] if until else [])])
    many = (last - first) // length + 1
    if many > MOST_WINDOWS:
        raise BadInput(
            f"{many:,} windows are more than the {MOST_WINDOWS:,} that can be shown.", "Choose longer windows."
        )
    return [
        Window(start, *(tally[start, label] for label in LABELS)) for start in (first + length * i for i in range(many))
    ]


def band(successes: int, count: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson, 1927); (0, 1) where nothing was counted."""
    if count == 0:
        return 0.0, 1.0
    share, spread = successes / count, Z * Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    low, high = min(share, middle - half), max(share, middle + half)  # at 0 and 1 they meet but for rounding
    return max(0.0, low), min(1.0, high)
