"""Headlines arrive with dates as people write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.errors import BadInput
from gpt2demo.monitor.headlines import parse, read_file

THIRD_OF_APRIL = dt.datetime(2026, 4, 3)


@pytest.mark.parametrize(
    "written",
    ["2026-04-03", "2026-04-03T00:00:00Z", "3.4.2026", "04/03/2026", "3 April 2026", "Fri, 03 Apr 2026 02:00:00 +0200"],
)
def test_a_date_is_read_in_the_usual_ways(written):
    assert parse(written) == THIRD_OF_APRIL


@pytest.mark.parametrize("written", ["", "yesterday", "12", "April", "10:30", "2026", "31.2.2026", "x" * 100, "\x00"])
def test_what_is_no_whole_date_is_not_guessed_at(written):
    assert parse(written) is None


@given(st.text(max_size=40))
def test_no_text_breaks_it(text):
    assert parse(text) is None or isinstance(parse(text), dt.datetime)


def test_unreadable_dates_are_listed_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text("date,headline\n2026-01-02,b\nsoon,c\n2026-01-01,a\n")
    reading = read_file(path)
    assert [h.text for h in reading.headlines] == ["a", "b"]
    assert reading.unreadable == ["soon"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no rows"),
        ("date,headline\n", "no rows"),
        ("when,what\n2026-01-01,a\n", "no column for the date"),
        ("date,what\n2026-01-01,a\n", "no column for the headline"),
        ("date,headline\nsoon,a\n", "no headline with a date"),
        ("date,headline\n\x00\x01,\x02\n", "not a text file"),
    ],
)
def test_a_file_without_dated_headlines_is_one_sentence(content, says, tmp_path):
    path = tmp_path / "news.csv"
    path.write_text(content)
    with pytest.raises(BadInput, match=says):
        read_file(path)


def test_other_columns_do_not_matter(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text("id;Published;label;Title\n1;2026-01-01;bad;Oil, gas and more\n")
    assert [h.text for h in read_file(path).headlines] == ["Oil, gas and more"]
