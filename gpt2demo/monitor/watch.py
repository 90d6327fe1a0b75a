"""The monitor: headlines in, topics and labels on them, windows and alarms out."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gpt2demo.monitor.alarm import Alarm, Rule, alarms, judged
from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.store import Store
from gpt2demo.monitor.topics import Topic, topics_of
from gpt2demo.monitor.windows import Scored, Window, band, windows

RULE = Rule()
BATCH = 64  # headlines scored, and written, at once

Label = Callable[[Sequence[str]], Sequence[Sequence[float]]]  # texts -> negative, neutral, positive for each


class Guess(Protocol):
    """Names a topic, or "", for each headline that no rule matches."""

    key: str  # of what its guesses depend on

    def __call__(self, texts: Sequence[str]) -> Sequence[str]: ...


def score(headlines: Sequence[Headline], label: Label) -> list[Scored]:
    """The headlines with the model's opinion of each."""
    return [Scored(h, tuple(map(float, p))) for h, p in zip(headlines, label([h.text for h in headlines]))]


def take_in(
    store: Store,
    stream: str,
    headlines: Sequence[Headline],
    topics: tuple[Topic, ...],
    label: Label,
    guess: Guess | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, int]]:
    """Score and keep what is new, a batch at a time; yields (done, of how many). Cut off anywhere, it can begin again.

    Then `guess` is asked about the headlines of the stream that no rule matches and that it has not seen.
    """
    new = store.missing(stream, headlines)
    yield 0, len(new)
    for first in range(0, len(new), BATCH):
        if cancelled():
            return
        batch = new[first : first + BATCH]
        store.add(stream, score(batch, label))
        yield first + len(batch), len(new)
    if guess is None:
        return
    unmatched = [text for text in store.unguessed(stream, guess.key) if not topics_of(topics, text)]
    for first in range(0, len(unmatched), BATCH):
        if cancelled():
            return
        batch = unmatched[first : first + BATCH]
        store.add_guesses(stream, guess.key, zip(batch, guess(batch)))
        yield len(new) + first + len(batch), len(new) + len(unmatched)


def by_topic(scored: Sequence[Scored], topics: tuple[Topic, ...]) -> dict[str, list[Scored]]:
    """The headlines about each topic that was spoken of: by rule, and by the model's guess where no rule matches."""
    about: dict[str, list[Scored]] = {topic.name: [] for topic in topics}
    for one in scored:
        for name in topics_of(topics, one.headline.text) or ([one.guess] if one.guess in about else []):
            about[name].append(one)
    return {name: found for name, found in about.items() if found}


@dataclass(frozen=True)
class View:
    """All that a stream shows at one moment."""

    length: dt.timedelta
    windows: dict[str, list[Window]]  # by topic
    alarms: list[Alarm]  # in the order of time
    guessed: dict[str, int] = field(default_factory=dict)  # by topic: headlines that are there by the model's guess
    tested: int = 0  # windows that hold enough headlines for an alarm


def view(
    scored: Sequence[Scored],
    topics: tuple[Topic, ...],
    length: dt.timedelta,
    until: dt.datetime | None = None,
    rule: Rule = RULE,
) -> View:
    """The windows and alarms of all topics, as if it were the moment `until`."""
    known = [s for s in scored if until is None or s.headline.moment <= until]
    about = by_topic(known, topics)
    counted = {topic: windows(found, length, until) for topic, found in about.items()}
    found = [a for topic, its in counted.items() for a in alarms(topic, about[topic], its, length, rule)]
    guessed = Counter(s.guess for s in known if s.guess in about and not topics_of(topics, s.headline.text))
    enough = sum(1 for its in counted.values() for _ in judged(its, length, rule))
    return View(length, counted, sorted(found, key=lambda alarm: (alarm.start, alarm.topic)), dict(guessed), enough)


def report(view: View) -> dict:
    """Windows and alarms as plain data, in the form of `monitor --json`."""
    return {
        "topics": [{"topic": topic, "windows": [_window(w) for w in listed]} for topic, listed in view.windows.items()],
        "alarms": [alarm_record(alarm) for alarm in view.alarms],
    }


def _window(window: Window) -> dict:
    low, high = band(window.negative, window.count)
    return {
        "start": window.start.isoformat(),
        "count": window.count,
        "negative_share": window.share,
        "low": low,
        "high": high,
    }


def alarm_record(alarm: Alarm) -> dict:
    """An alarm as plain data."""
    return {
        "topic": alarm.topic,
        "start": alarm.start.isoformat(),
        "count": alarm.count,
        "negative_share": alarm.negative_share,
        "baseline": alarm.baseline,
        "p_value": alarm.p_value,
        "headlines": list(alarm.headlines),
        "words": list(alarm.words),
    }
