"""The monitor: headlines in, topics and labels on them, windows and alarms out."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from gpt2demo.monitor.alarm import Alarm, Rule, alarms
from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.store import Store
from gpt2demo.monitor.topics import Topic, topics_of
from gpt2demo.monitor.windows import LABELS, Scored, Window, band, windows

RULE = Rule()
BATCH = 64  # headlines scored, and written, at once

Label = Callable[[Sequence[str]], Sequence[Sequence[float]]]  # texts -> the probabilities of LABELS, for each
Guess = Callable[[str], str | None]  # a headline that no rule matches -> a topic's name, or None


def score(headlines: Sequence[Headline], topics: tuple[Topic, ...], label: Label, guess: Guess | None) -> list[Scored]:
    """The headlines with a label and topics each: by rule, else by the model's guess where there is one."""
    scored = []
    for headline, p in zip(headlines, label([h.text for h in headlines])):
        found, source = tuple(topics_of(topics, headline.text)), "rule"
        if not found:
            guessed = guess(headline.text) if guess else None
            found, source = ((guessed,), "model") if guessed else ((), "")
        best = max(range(len(LABELS)), key=lambda i: p[i])
        scored.append(Scored(headline, LABELS[best], float(p[0]), found, source))
    return scored


def take_in(
    store: Store,
    stream: str,
    headlines: Sequence[Headline],
    topics: tuple[Topic, ...],
    label: Label,
    guess: Guess | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, int]]:
    """Score and keep what is new, a batch at a time; yields (done, of how many). Cut off anywhere, it can begin again."""
    new = store.missing(stream, headlines)
    yield 0, len(new)
    for first in range(0, len(new), BATCH):
        if cancelled():
            return
        batch = new[first : first + BATCH]
        store.add(stream, score(batch, topics, label, guess))
        yield first + len(batch), len(new)


def by_topic(
    scored: Sequence[Scored], topics: Sequence[Topic], length: dt.timedelta, until: dt.datetime | None = None
) -> dict[str, list[Window]]:
    """The windows of each topic that was spoken of."""
    found = {topic.name: windows(scored, topic.name, length, until) for topic in topics}
    return {name: listed for name, listed in found.items() if listed}


def all_alarms(
    scored: Sequence[Scored], found: dict[str, list[Window]], length: dt.timedelta, rule: Rule = RULE
) -> list[Alarm]:
    """The alarms of all topics in the order of time."""
    listed = (alarms(scored, topic, its, length, rule) for topic, its in found.items())
    return sorted((alarm for some in listed for alarm in some), key=lambda alarm: (alarm.start, alarm.topic))


def report(found: dict[str, list[Window]], alarms: Sequence[Alarm]) -> dict:
    """Windows and alarms as plain data, in the form of `monitor --json`."""
    return {
        "topics": [{"topic": topic, "windows": [_window(w) for w in listed]} for topic, listed in found.items()],
        "alarms": [_alarm(alarm) for alarm in alarms],
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


def _alarm(alarm: Alarm) -> dict:
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
