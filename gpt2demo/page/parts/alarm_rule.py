"""How an alarm is decided: which windows are tested, what other lengths would show, and what the test cannot see."""

import datetime as dt
from collections.abc import Mapping
from statistics import median

from gpt2demo.monitor.alarm import Rule, needed, noticed
from gpt2demo.monitor.watch import View
from gpt2demo.monitor.windows import Window
from gpt2demo.page.parts.opinion_lines import span
from gpt2demo.wording import counted

EMPTY = {"sentences": [], "lengths": [], "power": []}
SIZES = (6, 10, 20, 40)  # headlines in a window
SURGES = (2 / 3, 0.9)  # negative ones among them


def rule_view(views: Mapping[str, View], chosen: str, rule: Rule) -> dict:
    """What the script draws: the rule in words, `views` of the same headlines in windows of each length, and the power."""
    seen = views[chosen]
    if not seen.windows:
        return EMPTY
    usual = usual_month(seen, rule)
    return {
        "sentences": [which(seen, rule), when(seen, rule)],
        "lengths": [length_row(name, view, name == chosen) for name, view in views.items()],
        "power": [
            [size, needed(size, usual, rule), *(noticed(size, usual, surge, rule) for surge in SURGES)]
            for size in SIZES
        ],
        "usual": f"{usual.share:.0%} of {counted(usual.count, 'headline')} in the {rule.usual.days} days before".replace(
            "%", " %"
        ),
    }


def which(seen: View, rule: Rule) -> str:
    """In words: which windows can raise an alarm, and how many did qualify."""
    counts = [window.count for listed in seen.windows.values() for window in listed]
    return (
        f"A topic's window is tested once it holds {rule.least} headlines or more about the topic, and the"
        f" {past(seen.length, rule)} before it {rule.least_before} or more. Here {seen.tested:,} of"
        f" {counted(len(counts), 'window')} of {span(seen.length)} do; half of all windows hold {median(counts):g} or fewer."
    )


def past(length: dt.timedelta, rule: Rule) -> str:
    """How long a time tells what is usual, in words."""
    return f"{(rule.baseline(length) * length).days} days"


def when(seen: View, rule: Rule) -> str:
    """In words: what raises an alarm, what ends it, and how many false ones to expect."""
    return (
        f"An alarm goes off where chance alone would put so many negative headlines into a tested window in at most one of"
        f" {1 / rule.false_alarms:,.0f} (Fisher's exact test, one-sided): with {seen.tested:,} tested, expect"
        f" {rule.false_alarms * seen.tested:.2g} false alarms or fewer. It is over with the first tested window that chance"
        f" would bring in more than {rule.release:.0%}. A window that has not ended yet is tested as it stands."
    ).replace("%", " %")


def length_row(name: str, view: View, chosen: bool) -> list:
    """[length, is it the chosen one, windows, tested ones, alarms]."""
    return [name, chosen, sum(map(len, view.windows.values())), view.tested, len(view.alarms)]


def usual_month(seen: View, rule: Rule) -> Window:
    """What the time before a window usually holds: the mean over the topics, scaled to the time that tells what is usual."""
    everything = [window for listed in seen.windows.values() for window in listed]
    share = rule.baseline(seen.length) / len(everything)
    negative, count = (share * sum(values) for values in zip(*((w.negative, w.count) for w in everything)))
    return Window(everything[0].start, round(negative), max(1, round(count)) - round(negative))
