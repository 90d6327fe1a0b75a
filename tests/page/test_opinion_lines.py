"""What the monitor's picture says and draws, without a browser."""

import json

import pytest

from gpt2demo.monitor.watch import RULE, View, view
from gpt2demo.monitor.windows import Window, band
from gpt2demo.page.parts.opinion_lines import SMOOTHED_OVER, lines, odds, smoothed
from tests.monitor.newsroom import DAY, day, scored_sample, topics

SEEN = view(scored_sample(), topics(), DAY)


def test_the_view_can_travel_as_json_within_the_limit_of_a_property():
    assert len(json.dumps(lines(SEEN, set(), RULE))) < 200_000


def test_every_headline_about_a_topic_stands_in_its_windows():
    drawn = {
        row["topic"]: sum(sum(counts) for _, *counts in row["windows"]) for row in lines(SEEN, set(), RULE)["topics"]
    }
    assert drawn == {topic: sum(w.count for w in windows) for topic, windows in SEEN.windows.items()}


def test_the_line_is_the_share_over_the_last_windows_together_with_its_band():
    windows = [Window(day(i), negative=i % 3, positive=1) for i in range(20)]
    line = lines(View(DAY, {"energy": windows}, []), set(), RULE)["topics"][0]["line"]
    last = windows[12 - SMOOTHED_OVER + 1 : 13]
    negative, count = sum(w.negative for w in last), sum(w.count for w in last)
    assert line[12] == [negative / count, *band(negative, count)]


def test_windows_without_a_headline_have_no_share():
    assert smoothed([Window(day(0))]) is None


def test_a_card_says_how_many_how_usual_and_how_likely_by_chance():
    card = lines(SEEN, set(), RULE)["alarms"][-1]
    alarm = SEEN.alarms[-1]
    negative = round(alarm.negative_share * alarm.count)
    assert card["topic"] == alarm.topic == "technology"
    assert f"{negative} of {alarm.count} headlines were negative ({alarm.negative_share:.0%})" in card["sentence"]
    assert "Chance alone would do that in one of" in card["sentence"]


def test_an_alarm_that_was_seen_is_marked():
    _, second = SEEN.alarms
    drawn = lines(SEEN, {(second.topic, second.start)}, RULE)["alarms"]
    assert [card["acknowledged"] for card in drawn] == [False, True]


def test_nothing_to_show_says_what_to_do():
    assert "load some" in lines(View(DAY, {}, []), set(), RULE)["sentence"]


@pytest.mark.parametrize(
    ("p", "said"), [(0.001, "one of 1,000"), (1 / 482012, "one of 482,012"), (1e-12, "fewer than one of a billion")]
)
def test_odds_are_said_as_people_say_them(p, said):
    assert odds(p) == said
