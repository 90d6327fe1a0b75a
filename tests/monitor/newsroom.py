"""The sample stream with the labels that its patterns were written for, so that no model decides these tests."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

from gpt2demo.catalogue import ASSETS
from gpt2demo.monitor import sample
from gpt2demo.monitor.headlines import Headline, read_file
from gpt2demo.monitor.topics import Topic, shipped
from gpt2demo.monitor.watch import score
from gpt2demo.monitor.windows import Scored

DAY = dt.timedelta(days=1)
SAMPLE = ASSETS / "streams" / "headlines.csv"


def day(number: int) -> dt.datetime:
    return dt.datetime(2026, 3, 2) + DAY * number


def meant(text: str) -> tuple[str, int]:
    """The topic and the kind of a headline of the sample."""
    return next((topic, kind) for pattern, topic, kind in sample.patterns() if pattern.fullmatch(text))


def as_meant(texts: Sequence[str]) -> list[list[float]]:
    """A classifier that is always right about the sample."""
    return [[float(meant(text)[1] == kind) for kind in range(3)] for text in texts]


@cache
def topics() -> tuple[Topic, ...]:
    return shipped()


def headlines() -> list[Headline]:
    return read_file(SAMPLE).headlines


@cache
def scored_sample() -> list[Scored]:
    return score(headlines(), as_meant)
