"""Opinion over time: a row a topic, its headlines as columns by label, a calm line for the share of bad news."""

from collections.abc import Sequence

from gpt2demo.monitor.alarm import Alarm, Rule
from gpt2demo.monitor.watch import View, alarm_record
from gpt2demo.monitor.windows import Window, band

SMOOTHED_OVER = 7  # windows; single ones hold too few headlines for a line

EMPTY = {"topics": [], "alarms": [], "sentence": "", "unit": "day"}
UNITS = {3600: "hour", 86400: "day", 7 * 86400: "week"}


def lines(view: View, acknowledged: set, rule: Rule) -> dict:
    """What the script draws for a view."""
    starts = [window.start for listed in view.windows.values() for window in listed]
    if not starts:
        return EMPTY | {"sentence": "No headline about a watched topic yet: load some, or widen the watch list."}
    seconds = view.length.total_seconds()
    return {
        "first": min(starts).isoformat(),
        "last": max(starts).isoformat(),
        "seconds": seconds,
        "unit": UNITS.get(seconds, f"{seconds / 3600:g} hours"),
        "smoothed": SMOOTHED_OVER,
        "topics": [topic(name, listed) for name, listed in view.windows.items()],
        "alarms": [alarm(a, (a.topic, a.start) in acknowledged) for a in view.alarms],
        "sentence": sentence(view, rule),
    }


def topic(name: str, windows: Sequence[Window]) -> dict:
    """A row: its windows as [start, negative, neutral, positive], and the smoothed share with its band."""
    return {
        "topic": name,
        "windows": [[w.start.isoformat(), w.negative, w.neutral, w.positive] for w in windows],
        "line": [smoothed(windows[max(0, i + 1 - SMOOTHED_OVER) : i + 1]) for i in range(len(windows))],
    }


def smoothed(windows: Sequence[Window]) -> list[float] | None:
    """[share, low, high] of the negative headlines of some windows together; None where they hold none."""
    negative, count = sum(w.negative for w in windows), sum(w.count for w in windows)
    return [negative / count, *band(negative, count)] if count else None


def alarm(found: Alarm, acknowledged: bool) -> dict:
    """A card: the numbers in a sentence, and what stood in the window."""
    negative = round(found.negative_share * found.count)
    what = (
        f"{negative} of {found.count} headlines were negative ({found.negative_share:.0%}); usual are {found.baseline:.0%}."
        f" Chance alone would do that in {odds(found.p_value)} windows."
    )
    return alarm_record(found) | {"sentence": what, "acknowledged": acknowledged}


def odds(p: float) -> str:
    """A p-value as people say it."""
    return f"one of {1 / p:,.0f}" if p > 1e-9 else "fewer than one of a billion"


def sentence(view: View, rule: Rule) -> str:
    """In words: how much there is, and whether anything is wrong."""
    headlines = sum(window.count for listed in view.windows.values() for window in listed)
    many = len(view.alarms)
    alarms = {0: "no alarm", 1: "one alarm"}.get(many, f"{many} alarms")
    return (
        f"{headlines:,} headlines about {len(view.windows)} topics: {alarms}. A window raises one if so many negative headlines"
        f" would come by chance in at most one of {1 / rule.false_alarms:,.0f} windows."
    )
