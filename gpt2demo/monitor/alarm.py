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
    `false_alarms` of all windows; it has to hold `least` headlines, and the time before it that counts as usual,
    windows under an alarm left out, `least_before`. The alarm stays on until a window would be seen by chance in more
    than `release`. What is usual is counted in time, so that windows of any length are held against the same past.
    """

    false_alarms: float = 0.001
    release: float = 0.05
    least: int = 6
    usual: dt.timedelta = dt.timedelta(days=30)
    least_usual: int = 8  # windows, however long they are
    least_before: int = 20

    def baseline(self, length: dt.timedelta) -> int:
        """How many windows before one tell what is usual."""
        return max(self.least_usual, -(-self.usual // length))


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


@dataclass(frozen=True)
class Judged:
    """A window that held enough headlines: what it was compared with, and whether an alarm went off in it."""

    window: Window
    before: list[Window]
    p_value: float
    surged: bool


def judged(windows: Sequence[Window], length: dt.timedelta, rule: Rule) -> Iterator[Judged]:
    """The windows that hold enough headlines to say anything, and have enough before them."""
    usual: list[Window] = []  # windows without an alarm; what is not usual must not become the measure
    alarmed, many = False, rule.baseline(length)
    for window in windows:
        before = usual[-many:]
        if window.count >= rule.least and sum(w.count for w in before) >= rule.least_before:
            p = p_value(window, before)
            surged = p <= rule.false_alarms and not alarmed
            alarmed = surged or (alarmed and p <= rule.release)
            yield Judged(window, before, p, surged)
        if not alarmed:
            usual.append(window)


def needed(count: int, usual: Window, rule: Rule) -> int | None:
    """From how many negative ones of `count` headlines on an alarm goes off; None where not even all of them would do."""
    enough = (k for k in range(count + 1) if p_value(Window(usual.start, k, count - k), [usual]) <= rule.false_alarms)
    return next(enough, None)


def noticed(count: int, usual: Window, share: float, rule: Rule) -> float:
    """The test's power: how often it raises an alarm when each of `count` headlines is negative with this probability."""
    least = needed(count, usual, rule)
    if least is None:
        return 0.0
    return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(least, count + 1))


def alarms(
    topic: str, about: Sequence[Scored], windows: Sequence[Window], length: dt.timedelta, rule: Rule
) -> list[Alarm]:
    """The alarms of one topic, each with the headlines and words that caused it."""
    found = []
    for window, before, p in ((t.window, t.before, t.p_value) for t in judged(windows, length, rule) if t.surged):
        inside = [s for s in about if start_of(s.headline.moment, length) == window.start]
        bad = sorted((s for s in inside if s.counted == "negative"), key=lambda s: -s.negative)
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
