"""What the page says of how an alarm is decided, without a browser."""

from gpt2demo.monitor.alarm import needed
from gpt2demo.monitor.watch import RULE, View, view
from gpt2demo.monitor.windows import Window, length_of
from gpt2demo.page.parts.alarm_rule import EMPTY, rule_view, usual_month
from tests.monitor.newsroom import DAY, day, scored_sample, topics

VIEWS = {written: view(scored_sample(), topics(), length_of(written)) for written in ("6h", "1d", "1w")}


def test_each_length_is_listed_with_its_windows_tests_and_alarms():
    rows = rule_view(VIEWS, "1d", RULE)["lengths"]
    assert [row[:2] for row in rows] == [["6h", False], ["1d", True], ["1w", False]]
    for name, _, windows, tested, alarms in rows:
        assert windows == sum(map(len, VIEWS[name].windows.values())) and alarms == 2
        assert tested == VIEWS[name].tested


def test_the_rule_names_its_numbers():
    first, second = rule_view(VIEWS, "1w", RULE)["sentences"]
    assert "holds 6 headlines or more about the topic, and the 56 days before it 20 or more" in first
    assert f"Here {VIEWS['1w'].tested} of " in first and "windows of one week" in first
    assert "at most one of 1,000" in second and "more than 5 %" in second


def test_what_the_test_can_see_grows_with_the_window():
    power = rule_view(VIEWS, "1d", RULE)["power"]
    assert [row[0] for row in power] == [6, 10, 20, 40]
    assert [row[3] for row in power] == sorted(row[3] for row in power)
    assert [row[1] for row in power] == [needed(size, usual_month(VIEWS["1d"], RULE), RULE) for size, *_ in power]


def test_the_usual_month_is_the_mean_over_all_topics():
    listed = {"a": [Window(day(i), 1, 1, 0) for i in range(30)], "b": [Window(day(i), 0, 1, 1) for i in range(30)]}
    usual = usual_month(View(DAY, listed, []), RULE)
    assert (usual.count, usual.negative) == (60, 15)


def test_without_a_headline_there_is_nothing_to_explain():
    assert rule_view({"1d": View(DAY, {}, [])}, "1d", RULE) == EMPTY
