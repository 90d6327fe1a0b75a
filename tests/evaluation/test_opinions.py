"""What is measured about opinions, with readers whose reasons are known."""

import numpy as np
import pytest

from gpt2demo.classify import Head
from gpt2demo.evaluation import attribution, sentiment, topics
from gpt2demo.monitor.topics import shipped, topics_of
from gpt2demo.sentiment.opinion import LABELS, Reader, measured


class Counting:
    """A reader for whom `bad` makes a text negative and nothing else matters."""

    def __init__(self, monkeypatch, ranked_first: str):
        self.probabilities = lambda texts: np.array([self.judge(text) for text in texts])
        monkeypatch.setattr(attribution, "opinion", lambda reader, text: type("Opinion", (), {"label": "negative"}))
        ranking = lambda reader, text, label: (np.array([float(w == ranked_first) for w in text.split()]), None)  # noqa: E731
        monkeypatch.setattr(attribution, "gradients", ranking)

    @staticmethod
    def judge(text: str) -> list[float]:
        negative = 0.8 if "bad" in text.split() else 0.3
        return [negative, (1 - negative) / 2, (1 - negative) / 2]


TEXTS = ["it is bad", "a bad day today", "so bad"]


def test_an_attribution_that_names_the_word_that_matters_beats_a_random_word(monkeypatch):
    *_, found = attribution.against_random(Counting(monkeypatch, "bad"), TEXTS)
    assert found == {"texts": 3, "first": {"falls": 1.0, "by": pytest.approx(0.5)}, "random": {"falls": 0.0, "by": 0.0}}


def test_an_attribution_that_names_another_word_does_not(monkeypatch):
    *_, found = attribution.against_random(Counting(monkeypatch, "it"), TEXTS[:1])
    assert found["first"]["falls"] == 0.0


def test_what_was_measured_is_said_in_words():
    found = {"texts": 200, "first": {"falls": 0.9, "by": 0.2}, "random": {"falls": 0.5, "by": 0.01}}
    assert "Tried on 200 texts" in measured(found) and "fell in 90 % of them (by 0.200 on average)" in measured(found)


def test_a_figure_belongs_to_the_weights_that_it_was_measured_on():
    engine = type("Engine", (), {"info": type("Info", (), {"sha256": "a"})})
    one, other = (Reader(engine, Head(LABELS, np.full((3, 2), x))).fingerprint for x in (0.0, 1.0))
    assert one != other


def test_a_guess_counts_as_right_only_at_a_headline_of_its_topic():
    p = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.55, 0.45]])
    low, high, none = topics.measures(p, [0, 1, 1, -1], (0.5, 0.65, 0.95))
    assert (low["guessed"], low["right"]) == (4, 0.5)
    assert (high["guessed"], high["right"]) == (2, 1.0)
    assert (none["guessed"], none["right"]) == (0, None)


def test_no_rule_matches_the_headlines_that_were_written_for_the_guesses():
    rows, watched = topics.written(shipped()), shipped()
    assert len(rows) > 90 and not [text for text, _ in rows if topics_of(watched, text)]
    assert {topic for _, topic in rows} == {"", *(topic.name for topic in watched)}


def test_the_topics_of_the_sample_are_those_of_its_patterns():
    rows = topics.sample()
    assert len(rows) > 400 and {topic for _, topic in rows} == {topic.name for topic in shipped()}


def test_the_card_has_a_line_for_each_set_and_says_where_the_adapter_is_ahead():
    row = {"texts": 10, "accuracy": 0.5, "macro_f1": 0.5, "recall": (0.5, float("nan"), 0.5), "calibration_error": 0.1}
    worse = row | {"macro_f1": 0.4}
    found = [
        (row if who == "gpt2demo" else worse) | {"set": one.name, "predictor": who}
        for one in sentiment.SETS
        for who in ("gpt2demo", "vader", "tf-idf", "majority")
    ]
    section = sentiment.card_section(found, 27_598, None)
    assert "ahead of all three on 6 of 6\nsets." in section and section.count("0.500 / 0.400") == 18
    assert "| SST-2 test | 10 | 0.500 / 0.500 |" in section and "0.500, –, 0.500" in section
