"""A label is questioned word by word, with a classifier whose reasons are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.sentiment.question import bare, changed, dressed, flips, leave_one_out, likely_words, words
from tests.models import engine_by_chance

WEIGHTS = {"awful": -3.0, "bad": -1.5, "good": 2.0, "great": 3.0}


def score(texts) -> np.ndarray:
    """Negative, neutral, positive by counting known words."""
    sums = np.array([sum(WEIGHTS.get(bare(w).lower(), 0.0) for w in text.split()) for text in texts])
    logits = np.stack([-sums, np.full_like(sums, 0.5), sums], axis=1)
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


def none(before):
    return []


@given(st.text(max_size=60))
def test_words_join_to_the_text_again(text):
    assert "".join(words(text)) == text.rstrip() or not text.strip()


@pytest.mark.parametrize(
    ("at", "instead", "expected"),
    [
        ([1], [""], "A film, really."),
        ([1], ["good"], "A good film, really."),
        ([0], [""], "awful film, really."),
        ([0, 3], ["", ""], "awful film,"),
    ],
)
def test_words_are_left_out_or_replaced_with_the_rest_untouched(at, instead, expected):
    assert changed(words("A awful film, really."), at, instead) == expected


def test_the_word_that_carries_the_label_has_the_largest_effect():
    effects = leave_one_out("An awful film, though the music was good", score)
    assert effects.argmax() == 1 and effects.argmin() == 7 and effects[0] == 0


def test_the_smallest_change_is_one_word():
    text = "An awful film, though the music was good"
    found = flips(text, score, leave_one_out(text, score), none)
    assert found[0].at == (1,) and found[0].instead == ("",) and found[0].probabilities.argmax() == 2


def test_other_words_are_tried_in_the_place_of_those_that_matter_most():
    text = "A bad day"
    found = flips(text, score, leave_one_out(text, score), lambda before: ["bad", "great"])
    assert any(flip.instead == ("great",) and flip.at == (1,) for flip in found)


def test_where_no_single_word_turns_it_several_go_together():
    text = "awful awful film"
    found = flips(text, score, leave_one_out(text, score), none)
    assert [flip.at for flip in found] == [(0, 1)]


def test_every_flip_really_turns_the_label():
    text = "A bad film with a good end and awful songs"
    label = score([text])[0].argmax()
    found = flips(text, score, leave_one_out(text, score), lambda before: ["great", "good", "film"])
    assert found
    for flip in found:
        p = score([changed(words(text), flip.at, flip.instead)])[0]
        assert p.argmax() != label and np.allclose(p, flip.probabilities)


@pytest.mark.parametrize("text", ["good", "awful", "so"])
def test_a_text_of_one_word_is_not_emptied(text):
    assert flips(text, score, leave_one_out(text, score), none) == []


@pytest.mark.parametrize(
    ("piece", "word", "expected"), [(" Awful,", "good", "Good,"), (' "bad"', "good", '"good"'), (" --", "x", "x")]
)
def test_a_replacement_keeps_capital_and_punctuation(piece, word, expected):
    assert dressed(piece, word) == expected


def test_likely_words_are_whole_words_that_the_model_would_write_next():
    engine = engine_by_chance()
    found = likely_words(engine, "the cat")
    assert found and set(found) <= {"cat", "sat", "mat"} and len(set(found)) == len(found)
