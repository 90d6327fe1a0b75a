"""When bad news surges: a window's share of negative headlines against what was usual before it."""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gpt2demo.monitor.windows import Scored, Window, start_of

SHOWN_HEADLINES, SHOWN_WORDS = 5, 6
STOP_WORDS = frozenset(
    """a about after amid an and are as at be been before but by can could down for from had has have he her his how in
    into is it its may more new no not of off on or our out over said says she should than that the their they this to up
    was we were what when which who will with would""".split()  # noqa: SIM905 (a list of fifty lines)
)


@dataclass(frozen=True)
class Rule:
    """When an alarm goes off, and when it is over.

    A window raises an alarm if a share of negative headlines as large as its own would be seen by chance in at most
    `false_alarms` of all windows; it has to hold `least` headlines, and the `baseline` windows before it, those under an
    alarm left out, `least_before`. The alarm stays on until a window would be seen by chance in more than `release`.
    """

    false_alarms: float = 0.001
    release: float = 0.05
    least: int = 6
    baseline: int = 30
    least_before: int = 20


@dataclass(frozen=True)
class Alarm:
    """A topic whose news turned bad: the window, what was usual, and what stood in it."""

    topic: str
    start: dt.datetime
    count: int
    negative_share: float
    baseline: float
    p_value: float
    headlines: tuple[str, ...]
    words: tuple[str, ...]


def p_value(window: Window, before: Sequence[Window]) -> float:
    """How often chance alone would put so many of the negative headlines, or more, into this window.

    Fisher's exact test, one-sided: if when a headline is negative had nothing to do with the window, the number of
    negative ones in it follows the hypergeometric distribution.
    """
    n, k = window.count, window.negative
    everything = n + sum(w.count for w in before)
    negatives = k + sum(w.negative for w in before)
    ways = sum(
        math.comb(negatives, i) * math.comb(everything - negatives, n - i) for i in range(k, min(n, negatives) + 1)
    )
    return ways / math.comb(everything, n)


def surges(windows: Sequence[Window], rule: Rule) -> Iterator[tuple[Window, list[Window], float]]:
    """The windows in which an alarm goes off: (window, the windows it was compared with, p value)."""
    usual: list[Window] = []  # windows without an alarm; what is not usual must not become the measure
    alarmed = False
    for window in windows:
        before = usual[-rule.baseline :]
        enough = window.count >= rule.least and sum(w.count for w in before) >= rule.least_before
        p = p_value(window, before) if enough else None
        if p is not None and p <= rule.false_alarms and not alarmed:
            alarmed = True
            yield window, before, p
        elif p is not None and p > rule.release:
            alarmed = False
        if not alarmed:
            usual.append(window)


def alarms(
    topic: str, about: Sequence[Scored], windows: Sequence[Window], length: dt.timedelta, rule: Rule
) -> list[Alarm]:
    """The alarms of one topic, each with the headlines and words that caused it."""
    found = []
    for window, before, p in surges(windows, rule):
        inside = [s for s in about if start_of(s.headline.moment, length) == window.start]
        bad = sorted((s for s in inside if s.label == "negative"), key=lambda s: -s.negative)
        earlier = [s for s in about if s.headline.moment < window.start]
        usual = sum(w.negative for w in before) / sum(w.count for w in before)
        headlines = tuple(s.headline.text for s in bad[:SHOWN_HEADLINES])
        telling = words(bad, earlier)
        found.append(Alarm(topic, window.start, window.count, window.share, usual, p, headlines, telling))
    return found


def words(inside: Iterable[Scored], earlier: Iterable[Scored]) -> tuple[str, ...]:
    """The words that set the bad headlines of a window apart from what was said before.

    Log-odds with a prior of one half for each word, by their z-value (Monroe et al., 2008, "Fightin' Words").
    """
    here, there = _counts(inside), _counts(earlier)
    total_here, total_there = sum(here.values()) or 1, sum(there.values()) or 1

    def z(word: str) -> float:
        a, b = here[word] + 0.5, there[word] + 0.5
        odds = math.log(a / (total_here - a + 1)) - math.log(b / (total_there - b + 1))
        return odds / math.sqrt(1 / a + 1 / b)

    telling = [word for word in here if here[word] > 1 and z(word) > 1]
    return tuple(sorted(telling, key=lambda word: (-z(word), word))[:SHOWN_WORDS])


def _counts(scored: Iterable[Scored]) -> Counter:
    found = (re.findall(r"[^\W\d_][\w'’-]+", s.headline.text.lower()) for s in scored)
    return Counter(word for listed in found for word in set(listed) if word not in STOP_WORDS)
