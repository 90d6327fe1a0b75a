"""Opinion over time: a row a topic, its headlines as columns by label, a calm line for the share of bad news."""

import datetime as dt
from collections.abc import Sequence

from gpt2demo.monitor.alarm import Alarm
from gpt2demo.monitor.topics import Topic
from gpt2demo.monitor.watch import View, alarm_record
from gpt2demo.monitor.windows import Scored, Window, band
from gpt2demo.sentiment.opinion import LABELS
from gpt2demo.wording import counted

NOTHING_YET = "Of what is read so far, no headline is about a watched topic."
NOTHING = "No headline about a watched topic yet: load some, or widen the watch list."
SMOOTHED_OVER = dt.timedelta(days=7)  # short windows hold too few headlines for a line

LISTED = 200  # headlines, the latest
BY_THE_MODEL = "by the model, uncertain"

EMPTY = {"topics": [], "alarms": [], "headlines": [], "sentence": "", "unit": "one day"}
SPANS = {3600: "one hour", 86400: "one day", 7 * 86400: "one week"}


def span(length: dt.timedelta) -> str:
    """A window's length in words: `one day`, `6 hours`."""
    seconds = length.total_seconds()
    return SPANS.get(seconds, f"{seconds / 3600:g} hours")


def lines(
    view: View,
    topics: tuple[Topic, ...],
    acknowledged: set,
    by: str = "",
    scored: Sequence[Scored] = (),
    unread: bool = False,
) -> dict:
    """What the script draws for a view; `by` says which model read, the latest of `scored` are listed one by one.

    While headlines of the stream are `unread`, what is said holds for those that are read.
    """
    starts = [window.start for listed in view.windows.values() for window in listed]
    if not starts:
        listed = [headline(s, topics) for s in reversed(scored[-LISTED:])]
        return EMPTY | {"headlines": listed, "sentence": NOTHING_YET if unread else NOTHING}
    seconds = view.length.total_seconds()
    return {
        "first": min(starts).isoformat(),
        "last": max(starts).isoformat(),
        "seconds": seconds,
        "unit": span(view.length),
        "smoothed": f"{SMOOTHED_OVER.days} days" if view.length <= SMOOTHED_OVER else span(view.length),
        "topics": [
            topic(name, listed, view.length) | {"guessed": view.guessed.get(name, 0)}
            for name, listed in view.windows.items()
        ],
        "alarms": [alarm(a, (a.topic, a.start) in acknowledged, topics) for a in view.alarms],
        "headlines": [headline(s, topics) for s in reversed(scored[-LISTED:])],
        "by": f"Read by {by}" if by else "",
        "sentence": sentence(view, unread),
    }


def topic(name: str, windows: Sequence[Window], length: dt.timedelta) -> dict:
    """A row: its windows as [start, negative, neutral, positive], and the smoothed share with its band."""
    many = max(1, SMOOTHED_OVER // length)
    return {
        "topic": name,
        "windows": [[w.start.isoformat(), w.negative, w.neutral, w.positive] for w in windows],
        "line": [smoothed(windows[max(0, i + 1 - many) : i + 1]) for i in range(len(windows))],
    }


def smoothed(windows: Sequence[Window]) -> list[float] | None:
    """[share, low, high] of the negative headlines of some windows together; None where they hold none."""
    negative, count = sum(w.negative for w in windows), sum(w.count for w in windows)
    return [negative / count, *band(negative, count)] if count else None


def headline(scored: Scored, topics: tuple[Topic, ...]) -> list:
    """A row of the list: [moment, text, label or "unclear", the probability of the likeliest, topics, how each is known]."""
    names, known = sources(scored, topics)
    p = scored.probabilities[LABELS.index(scored.label)]
    return [
        scored.headline.moment.isoformat(),
        scored.headline.text,
        scored.label if scored.clear else "unclear",
        round(p, 3),
        ", ".join(names),
        known,
    ]


def sources(scored: Scored, topics: tuple[Topic, ...]) -> tuple[list[str], str]:
    """The topics of a headline, and in words how they are known: by which words of the watch list, or by the model."""
    found = {topic.name: topic.pattern.search(scored.headline.text) for topic in topics}
    words = {name: match.group() for name, match in found.items() if match}
    if words:
        return list(words), "by the words " + ", ".join(f"“{word}”" for word in words.values())
    if scored.guess in found:
        return [scored.guess], BY_THE_MODEL
    return [], "no word matches, the model is not sure"


def alarm(found: Alarm, acknowledged: bool, topics: tuple[Topic, ...]) -> dict:
    """A card: the numbers in a sentence, what stood in the window, and which headlines are there by the model's guess."""
    negative = round(found.negative_share * found.count)
    what = (
        f"{negative} of {counted(found.count, 'headline')} were negative ({found.negative_share:.0%}); usual are"
        f" {found.baseline:.0%}. Chance alone would do that in {odds(found.p_value)} windows."
    ).replace("%", " %")
    rule = next((topic.pattern for topic in topics if topic.name == found.topic), None)
    guessed = [not (rule and rule.search(text)) for text in found.headlines]
    return alarm_record(found) | {"sentence": what, "acknowledged": acknowledged, "guessed": guessed}


def odds(p: float) -> str:
    """A p-value as people say it."""
    return f"one of {1 / p:,.0f}" if p > 1e-9 else "fewer than one of a billion"


def sentence(view: View, unread: bool = False) -> str:
    """In words: how much there is, and whether anything is wrong, as far as is known."""
    headlines = sum(window.count for listed in view.windows.values() for window in listed)
    many, guessed = len(view.alarms), sum(view.guessed.values())
    alarms = {0: "no alarm", 1: "one alarm"}.get(many, f"{many} alarms")
    about = f"{counted(headlines, 'headline')} about {counted(len(view.windows), 'topic')}: {alarms}"
    return (f"So far {about}; the rest is not read yet." if unread else f"{about}.") + (
        f" The topic of {guessed:,} is the model's guess." if guessed else ""
    )
