"""A headline belongs to the topics whose words stand in it."""

import pytest

from gpt2demo.errors import BadInput
from gpt2demo.monitor.topics import parse, shipped, topics_of, written
from tests.monitor.newsroom import headlines, meant, topics

WATCHED = parse("energy: oil, power plant\nshops: [shop, retail*]")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("OIL prices rise", ["energy"]),
        ("A power  plant for a shop", ["energy", "shops"]),
        ("Retailers and their shops", ["shops"]),
        ("Turmoil in the power station, said the bishop", []),
    ],
)
def test_keywords_count_as_whole_words_and_stars_as_beginnings(text, found):
    assert topics_of(WATCHED, text) == found


def test_every_headline_of_the_sample_is_found_under_its_topic():
    assert not [h.text for h in headlines() if meant(h.text)[0] not in topics_of(topics(), h.text)]


def test_a_watch_list_reads_back_what_was_written():
    assert parse(written(shipped())) == shipped()


@pytest.mark.parametrize(
    "text", ["", "energy", "a:", "a: *", "- x", "a: [b", "!!python/object:os.system x", "x" * 60 + ": a"]
)
def test_a_watch_list_that_makes_no_sense_is_one_sentence(text):
    with pytest.raises(BadInput):
        parse(text)


def test_a_keyword_is_no_pattern():
    assert topics_of(parse("odd: '(a+)+$, c++'"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!") == []
