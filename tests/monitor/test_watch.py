"""Headlines in, windows and alarms out."""

from gpt2demo.monitor.headlines import Headline
from gpt2demo.monitor.topics import parse
from gpt2demo.monitor.watch import by_topic, report, score, view
from tests.monitor.newsroom import DAY, as_meant, day, headlines, scored_sample, topics

WATCHED = parse("energy: oil\nshops: shop")


def labelled(texts):
    return [[0.7, 0.2, 0.1]] * len(texts)


def test_the_model_is_asked_for_a_topic_only_where_no_rule_finds_one():
    asked = []
    news = [Headline(day(0), "Oil rises"), Headline(day(0), "Rain"), Headline(day(1), "Oil for the shop")]
    scored = score(news, WATCHED, labelled, lambda text: asked.append(text) or "shops")
    assert asked == ["Rain"]
    assert {name: [s.headline.text for s in found] for name, found in by_topic(scored, WATCHED).items()} == {
        "energy": ["Oil rises", "Oil for the shop"],
        "shops": ["Rain", "Oil for the shop"],
    }


def test_a_guess_that_the_watch_list_no_longer_knows_counts_nowhere():
    scored = score([Headline(day(0), "Rain")], WATCHED, labelled, lambda text: "shops")
    assert by_topic(scored, parse("energy: oil")) == {}


def test_a_view_of_an_earlier_moment_knows_nothing_of_what_came_later():
    until = headlines()[300].moment
    earlier = [h for h in headlines() if h.moment <= until]
    expected = view(score(earlier, topics(), as_meant, None), topics(), DAY, until)
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
