"""Headlines are counted in windows without gaps, with a band that says how sure a share is."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.errors import BadInput
from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.windows import EPOCH, LABELS, Scored, band, length_of, start_of, windows
from tests.monitor.newsroom import DAY, day


def scored(number: int, label: str = "negative") -> Scored:
    return Scored(Headline(day(number), f"{number} {label}"), tuple(float(label == name) for name in LABELS))


def test_windows_run_from_the_first_headline_to_the_last_without_a_gap():
    found = windows([scored(0), scored(0, "neutral"), scored(3)], DAY)
    assert [(w.start, w.count, w.share) for w in found] == [
        (day(0), 2, 0.5),
        (day(1), 0, None),
        (day(2), 0, None),
        (day(3), 1, 1.0),
    ]


def test_no_headlines_make_no_windows():
    assert windows([], DAY) == []


def test_windows_reach_to_now():
    assert len(windows([scored(0)], DAY, until=day(4))) == 5


def test_a_hundred_years_of_hours_are_refused():
    with pytest.raises(BadInput, match="longer windows"):
        windows([scored(0), scored(36525)], dt.timedelta(hours=1))


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)), st.sampled_from(["1h", "6h", "1d", "2w"]))
def test_every_moment_lies_in_its_window(moment, written):
    length = length_of(written)
    start = start_of(moment, length)
    assert start <= moment < start + length and (start - EPOCH) % length == dt.timedelta(0)


def test_weeks_begin_on_mondays():
    assert start_of(dt.datetime(2026, 11, 25), length_of("1w")) == dt.datetime(2026, 11, 23)


@pytest.mark.parametrize("written", ["", "d", "0d", "-1d", "1 month", "1.5d", "9999h"])
def test_a_length_that_makes_no_sense_is_one_sentence(written):
    with pytest.raises(BadInput, match="length of a window"):
        length_of(written)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_band_holds_the_share_and_both_ends_solve_wilsons_equation(counted):
    k, n = counted
    low, high = band(k, n)
    assert 0 <= low <= k / n <= high <= 1
    for end in {low, high} - {0.0, 1.0}:
        assert (k / n - end) ** 2 == pytest.approx(1.959963984540054**2 * end * (1 - end) / n, rel=1e-6, abs=1e-12)


def test_nothing_counted_is_nothing_known():
    assert band(0, 0) == (0.0, 1.0)
