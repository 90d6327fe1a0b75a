"""Dated headlines out of a file or a feed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dateutil import parser as dates

from gpt2demo.errors import BadInput
from gpt2demo.sentiment.table import Table, read
from gpt2demo.wording import counted

DATE_NAMES = ("date", "time", "datetime", "timestamp", "published", "day")
TEXT_NAMES = ("headline", "title", "text", "news")


@dataclass(frozen=True)
class Headline:
    """What was said, and when (UTC)."""

    moment: dt.datetime
    text: str


@dataclass(frozen=True)
class Reading:
    """The headlines of a file in the order of time, and the dates that could not be read, as they stood there."""

    headlines: list[Headline]
    unreadable: list[str]


def read_file(path: Path) -> Reading:
    """The headlines of a CSV, TSV or XLSX with a date and a headline a row; raises `BadInput` if there are none."""
    table = read(path)
    when, what = column(table, DATE_NAMES, "date"), column(table, TEXT_NAMES, "headline")
    return reading(zip(table.column(when), table.column(what)), path.name)


def reading(rows: Sequence[tuple[str, str]], name: str) -> Reading:
    """Headlines from (date, text) pairs; raises `BadInput` if no date can be read."""
    headlines, unreadable = [], []
    for written, text in rows:
        moment = parse(written)
        if moment is None:
            unreadable.append(written)
        elif text.strip():
            headlines.append(Headline(moment, " ".join(text.split())))
    if not headlines:
        example = f" The first is {unreadable[0]!r:.60}." if unreadable else ""
        raise BadInput(f"{name} holds no headline with a date that can be read.{example}", "Write dates as 2026-11-25.")
    return Reading(sorted(headlines, key=lambda headline: headline.moment), unreadable)


def column(table: Table, names: Sequence[str], what: str) -> str:
    """The first column with one of these names; raises `BadInput` naming the columns that are there."""
    lower = {name.strip().lower(): name for name in reversed(table.columns)}
    found = next((lower[name] for name in names if name in lower), None)
    if found is None:
        known = ", ".join(map(repr, table.columns))
        raise BadInput(f"The file has no column for the {what}: it has {known}.", f"Call one {names[0]!r}.")
    return found


def parse(written: str) -> dt.datetime | None:
    """The moment in UTC, or None. `3.4.2026` is the third of April, `3/4/2026` the fourth of March, as usual."""
    text = written.strip()
    if not text or len(text) > 60:
        return None
    first, second = (dt.datetime(year, month, day) for year, month, day in ((2000, 1, 1), (2004, 2, 2)))
    try:
        options = {"dayfirst": "." in text and "/" not in text}
        moment = dates.parse(text, default=first, **options)
        if moment.date() != dates.parse(text, default=second, **options).date():
            return None  # the day, month or year was not written but filled in
        return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError, TypeError):
        return None


def left_out(unreadable: list[str]) -> str:
    """In words: the dates that could not be read; "" if all could."""
    if not unreadable:
        return ""
    some = ", ".join(repr(date)[:30] for date in unreadable[:3]) + (", …" if len(unreadable) > 3 else "")
    were = (
        "has a date that cannot be read and was" if len(unreadable) == 1 else "have dates that cannot be read and were"
    )
    return f"{counted(len(unreadable), 'row')} {were} left out: {some}."
