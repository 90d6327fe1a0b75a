"""What the monitor's picture says and draws, without a browser."""

import json

import pytest

from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.watch import View, view
from gpt2demo.monitor.windows import Scored, Window, band, length_of
from gpt2demo.page.parts.opinion_lines import BY_THE_MODEL, LISTED, SMOOTHED_OVER, headline, lines, odds, smoothed
from tests.monitor.newsroom import DAY, day, scored_sample, topics

SEEN = view(scored_sample(), topics(), DAY)


def test_the_view_can_travel_as_json_within_the_limit_of_a_property():
    assert len(json.dumps(lines(SEEN, topics(), set()))) < 200_000


def test_every_headline_about_a_topic_stands_in_its_windows():
    drawn = {
        row["topic"]: sum(sum(counts) for _, *counts in row["windows"])
        for row in lines(SEEN, topics(), set())["topics"]
    }
    assert drawn == {topic: sum(w.count for w in windows) for topic, windows in SEEN.windows.items()}


def test_the_line_is_the_share_over_the_last_windows_together_with_its_band():
    windows = [Window(day(i), negative=i % 3, positive=1) for i in range(20)]
    line = lines(View(DAY, {"energy": windows}, []), topics(), set())["topics"][0]["line"]
    last = windows[12 - SMOOTHED_OVER.days + 1 : 13]
    negative, count = sum(w.negative for w in last), sum(w.count for w in last)
    assert line[12] == [negative / count, *band(negative, count)]


@pytest.mark.parametrize(
    ("length", "said"), [("6h", "6 hours"), ("1d", "one day"), ("1w", "one week"), ("2w", "336 hours")]
)
def test_a_column_is_as_long_as_a_window_and_the_line_as_a_week(length, said):
    drawn = lines(view(scored_sample(), topics(), length_of(length)), topics(), set())
    assert drawn["unit"] == said and drawn["smoothed"] == ("336 hours" if length == "2w" else "7 days")


def test_while_something_is_unread_what_is_said_holds_for_the_rest_alone():
    said = lines(view(scored_sample()[:100], topics(), DAY), topics(), set(), unread=True)["sentence"]
    assert said.startswith("So far 1") and said.endswith("no alarm; the rest is not read yet.")
    assert "Of what is read so far" in lines(View(DAY, {}, []), topics(), set(), unread=True)["sentence"]


def test_windows_without_a_headline_have_no_share():
    assert smoothed([Window(day(0))]) is None


def test_a_card_says_how_many_how_usual_and_how_likely_by_chance():
    card = lines(SEEN, topics(), set())["alarms"][-1]
    alarm = SEEN.alarms[-1]
    negative = round(alarm.negative_share * alarm.count)
    assert card["topic"] == alarm.topic == "technology"
    assert (
        f"{negative} of {alarm.count} headlines were negative ({alarm.negative_share:.0%})".replace("%", " %")
        in card["sentence"]
    )
    assert "Chance alone would do that in one of" in card["sentence"]


def test_an_alarm_that_was_seen_is_marked():
    _, second = SEEN.alarms
    drawn = lines(SEEN, topics(), {(second.topic, second.start)})["alarms"]
    assert [card["acknowledged"] for card in drawn] == [False, True]


def test_each_headline_is_listed_with_how_its_topic_is_known():
    listed = ("Oil rises", ""), ("Rain", "energy"), ("Rain", "")
    rows = [headline(Scored(Headline(day(0), text), (0.1, 0.2, 0.7), guess), topics()) for text, guess in listed]
    assert [row[2:] for row in rows] == [
        ["positive", 0.7, "energy", "by the words “Oil”"],
        ["positive", 0.7, "energy", BY_THE_MODEL],
        ["positive", 0.7, "", "no word matches, the model is not sure"],
    ]


def test_what_is_there_by_a_guess_is_said():
    drawn = lines(View(DAY, {"energy": [Window(day(0), 1)]}, [], {"energy": 1}), topics(), set())
    assert drawn["topics"][0]["guessed"] == 1
    assert drawn["sentence"].startswith("1 headline about 1 topic: no alarm. The topic of 1 is the model's guess.")


def test_the_latest_headlines_travel_within_the_limit_too():
    drawn = lines(SEEN, topics(), set(), "gpt2-mini", scored_sample())
    assert len(drawn["headlines"]) == LISTED and len(json.dumps(drawn)) < 200_000


def test_nothing_to_show_says_what_to_do():
    assert "load some" in lines(View(DAY, {}, []), topics(), set())["sentence"]


@pytest.mark.parametrize(
    ("p", "said"), [(0.001, "one of 1,000"), (1 / 482012, "one of 482,012"), (1e-12, "fewer than one of a billion")]
)
def test_odds_are_said_as_people_say_them(p, said):
    assert odds(p) == said
