"""Headlines in, windows and alarms out."""

from dataclasses import replace

from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.store import Store
from gpt2demo.monitor.topics import parse
from gpt2demo.monitor.watch import by_topic, report, score, take_in, view
from tests.monitor.newsroom import DAY, as_meant, day, headlines, scored_sample, topics

WATCHED = parse("energy: oil\nshops: shop")


NEWS = [Headline(day(0), "Oil rises"), Headline(day(0), "Rain"), Headline(day(1), "Oil for the shop")]


class Guessing:
    """Always the same topic."""

    def __init__(self, topic: str, key: str = "one"):
        self.topic, self.key, self.asked = topic, key, []

    def __call__(self, texts):
        self.asked += texts
        return [self.topic] * len(texts)


def labelled(texts):
    return [[0.7, 0.2, 0.1]] * len(texts)


def texts_by_topic(scored) -> dict[str, list[str]]:
    return {name: [s.headline.text for s in found] for name, found in by_topic(scored, WATCHED).items()}


def test_the_model_is_asked_for_a_topic_only_where_no_rule_finds_one():
    store, guess = Store(":memory:"), Guessing("shops")
    list(take_in(store, "s", NEWS, WATCHED, labelled, guess))
    assert guess.asked == ["Rain"]
    assert texts_by_topic(store.scored("s", guess.key)) == {
        "energy": ["Oil rises", "Oil for the shop"],
        "shops": ["Rain", "Oil for the shop"],
    }


def test_a_guess_is_asked_for_once_and_by_another_guesser_again():
    store, guess, other = Store(":memory:"), Guessing("shops"), Guessing("", key="other")
    for guesser in (guess, guess, other):
        list(take_in(store, "s", NEWS, WATCHED, labelled, guesser))
    assert guess.asked == other.asked == ["Rain"]
    assert "Rain" not in texts_by_topic(store.scored("s", "other"))["shops"]


def test_the_view_counts_what_is_there_by_a_guess():
    store, guess = Store(":memory:"), Guessing("shops")
    list(take_in(store, "s", NEWS, WATCHED, labelled, guess))
    assert view(store.scored("s", guess.key), WATCHED, DAY).guessed == {"shops": 1}


def test_a_guess_that_the_watch_list_no_longer_knows_counts_nowhere():
    scored = [replace(one, guess="shops") for one in score([Headline(day(0), "Rain")], labelled)]
    assert by_topic(scored, parse("energy: oil")) == {}


def test_a_view_of_an_earlier_moment_knows_nothing_of_what_came_later():
    until = headlines()[300].moment
    earlier = [h for h in headlines() if h.moment <= until]
    expected = view(score(earlier, as_meant), topics(), DAY, until)
    assert view(scored_sample(), topics(), DAY, until) == expected


def test_the_report_has_the_shape_that_is_promised():
    said = report(view(scored_sample(), topics(), DAY))
    assert set(said) == {"topics", "alarms"}
    assert set(said["topics"][0]["windows"][0]) == {"start", "count", "negative_share", "low", "high"}
    assert set(said["alarms"][0]) == {
        "topic",
        "start",
        "count",
        "negative_share",
        "baseline",
        "p_value",
        "headlines",
        "words",
    }
    assert sum(w["count"] for t in said["topics"] for w in t["windows"]) >= len(headlines())
