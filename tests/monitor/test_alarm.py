"""An alarm goes off when bad news surges, and not when there is merely much of it."""

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from gpt2demo.monitor import sample
from gpt2demo.monitor.alarm import Rule, judged, needed, noticed, p_value, words
from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.watch import view
from gpt2demo.monitor.windows import Scored, Window, length_of
from tests.monitor.newsroom import DAY, day, scored_sample, topics

USUAL = [Window(day(i), negative=1, neutral=2, positive=1) for i in range(20)]


def windows_then(*last: Window) -> list[Window]:
    return [*USUAL, *(Window(day(20 + i), w.negative, w.neutral, w.positive) for i, w in enumerate(last))]


def alarmed(windows: list[Window]) -> list[int]:
    return [(t.window.start - day(0)).days for t in judged(windows, DAY, Rule()) if t.surged]


BAD, MANY, CALM = Window(day(0), 12, 1, 0), Window(day(0), 10, 20, 10), Window(day(0), 2, 6, 3)


def test_a_surge_of_bad_news_raises_an_alarm_in_its_own_window():
    assert alarmed(windows_then(BAD)) == [20]


def test_many_headlines_with_the_usual_mix_raise_none():
    assert alarmed(windows_then(MANY)) == []


def test_a_surge_that_goes_on_is_one_alarm():
    assert alarmed(windows_then(BAD, BAD, BAD)) == [20]


def test_after_a_calm_window_the_next_surge_is_another_alarm():
    assert alarmed(windows_then(BAD, CALM, BAD)) == [20, 22]


def test_an_empty_window_neither_ends_an_alarm_nor_begins_one():
    assert alarmed(windows_then(BAD, Window(day(0)), BAD)) == [20]


def test_what_happened_under_an_alarm_does_not_become_the_measure():
    last = list(judged(windows_then(BAD, BAD, CALM, BAD), DAY, Rule()))[-1]
    assert last.window.start == day(23) and all(window.negative < 12 for window in last.before)


def test_too_few_headlines_say_nothing():
    assert alarmed(windows_then(Window(day(0), 5, 0, 0))) == []
    assert alarmed([*USUAL[:3], BAD]) == []


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 30), st.integers(0, 30))
def test_the_p_value_is_the_share_of_all_ways_to_deal_the_negatives(k, others, before_negative, before_others):
    window, before = Window(day(0), k, others, 0), [Window(day(1), before_negative, before_others, 0)]
    everything, negatives = k + others + before_negative + before_others, k + before_negative
    expected = hypergeom.sf(k - 1, everything, negatives, k + others) if everything else 1.0
    assert p_value(window, before) == pytest.approx(expected, abs=1e-12)


def test_on_the_sample_both_planted_surges_raise_an_alarm_and_the_busy_day_does_not():
    scored = scored_sample()
    found = view(scored, topics(), DAY).alarms
    surging = {
        (topic, sample.FIRST_DAY + dt.timedelta(days=on)) for topic, on, _, mix in sample.PLANTED if mix[0] > 0.5
    }
    assert {(alarm.topic, alarm.start.date()) for alarm in found} == surging


@pytest.mark.parametrize("length", ["6h", "3d", "1w"])
def test_windows_of_any_length_find_the_planted_surges_and_nothing_else(length):
    assert [alarm.topic for alarm in view(scored_sample(), topics(), length_of(length)).alarms] == [
        "energy",
        "technology",
    ]


@pytest.mark.parametrize("length", ["1d", "1w"])
def test_shuffled_headlines_raise_no_more_false_alarms_than_stated(length):
    scored, false, tests = scored_sample(), 0, 0
    for seed in range(20):
        dealt = random.Random(seed).sample(scored, len(scored))
        shuffled = [Scored(a.headline, b.probabilities) for a, b in zip(scored, dealt)]
        seen = view(shuffled, topics(), length_of(length))
        false += len(seen.alarms)
        tests += seen.tested
    assert tests > 0 and false <= Rule().false_alarms * tests


def test_what_is_usual_is_counted_in_time_and_in_no_fewer_than_eight_windows():
    lengths = [length_of(written) for written in ("6h", "1d", "1w")]
    assert [Rule().baseline(length) for length in lengths] == [120, 30, 8]


EVEN = Window(day(0), negative=10, neutral=20, positive=10)


@pytest.mark.parametrize("count", [6, 12, 30])
def test_an_alarm_needs_the_first_number_of_negatives_that_chance_would_hardly_bring(count):
    least = needed(count, EVEN, Rule())
    p = [p_value(Window(day(1), k, count - k), [EVEN]) for k in (least - 1, least)]
    assert p[1] <= Rule().false_alarms < p[0]


def test_where_bad_news_is_usual_no_number_of_it_is_an_alarm():
    assert needed(6, Window(day(0), 39, 1), Rule()) is None
    assert noticed(6, Window(day(0), 39, 1), 1.0, Rule()) == 0.0


def test_the_power_is_how_often_simulated_windows_raise_an_alarm():
    rng, least = random.Random(0), needed(12, EVEN, Rule())
    found = [sum(rng.random() < 0.7 for _ in range(12)) >= least for _ in range(4000)]
    assert noticed(12, EVEN, 0.7, Rule()) == pytest.approx(sum(found) / 4000, abs=0.03)


def test_an_alarm_names_its_worst_headlines_and_the_words_that_set_them_apart():
    scored = scored_sample()
    alarm = next(a for a in view(scored, topics(), DAY).alarms if a.topic == "technology")
    assert len(alarm.headlines) == 5
    assert set(alarm.words) & {"hackers", "data", "cyber", "breach", "leaked", "passwords"}
    assert 0 <= alarm.p_value <= Rule().false_alarms and alarm.baseline < 0.5 < alarm.negative_share


def test_words_that_stand_in_every_headline_tell_nothing():
    texts = ["oil spill news"] * 4 + ["oil flat news"] * 9
    said = [Scored(Headline(day(i), text), (1.0, 0.0, 0.0)) for i, text in enumerate(texts)]
    assert words(said[:4], said[4:]) == ("spill",)
