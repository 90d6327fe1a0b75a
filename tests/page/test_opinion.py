"""What the sentiment parts say and draw, without a browser."""

import json

import numpy as np
import pytest

from gpt2demo.classify import Head
from gpt2demo.page.parts import opinion as parts
from gpt2demo.page.parts import scored
from gpt2demo.sentiment.opinion import LABELS, Opinion, Reader
from gpt2demo.sentiment.question import Flip
from gpt2demo.sentiment.summary import check
from tests.page.conftest import random_engine

TEXT = "A <b>dull</b>, slow film"
JUDGED = Opinion(TEXT, np.array([0.7, 0.2, 0.1]), abstained=False, windows=1)
READER = Reader(random_engine(), Head(LABELS, np.zeros((3, 1)), threshold=0.5))
EFFECTS = np.array([0.0, 0.4, -0.1, 0.05])


def test_the_view_can_travel_as_json_and_holds_the_text_untouched():
    seen = json.loads(json.dumps(parts.view(JUDGED, READER, EFFECTS, [])))
    assert "".join(piece for piece, _ in seen["words"]) == TEXT
    assert [effect for _, effect in seen["words"]] == EFFECTS.tolist()


def test_words_beyond_those_that_were_questioned_have_no_tint():
    assert [effect for _, effect in parts.view(JUDGED, READER, EFFECTS[:2])["words"]] == [0.0, 0.4, None, None]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (JUDGED, "GPT-2 thinks this is negative, 70 % sure."),
        (Opinion(TEXT, np.array([0.4, 0.35, 0.25]), True, 1), "would rather not say: negative is likeliest with 40 %"),
        (Opinion(TEXT, np.array([0.1, 0.1, 0.8]), False, 3), "read in 3 parts"),
    ],
)
def test_the_sentence_says_the_label_or_that_the_model_would_rather_not(found, says):
    assert says in parts.sentence(found, READER)


def test_a_model_without_an_adapter_is_said_to_guess():
    assert parts.sentence(JUDGED, Reader(random_engine(), None)).startswith("A guess: fake was never trained for this")


def test_the_reason_names_the_words_at_both_ends():
    said = parts.view(JUDGED, READER, EFFECTS)["because"]
    assert said == "“<b>dull</b>” speaks most for negative, “slow” most against it."


def test_a_flip_shows_what_changed_and_what_it_was_before():
    flip = Flip((1,), ("bright,",), np.array([0.2, 0.1, 0.7]))
    seen = parts.view(JUDGED, READER, EFFECTS, [flip])["flips"][0]
    assert [new for _, new in seen["pieces"]] == ["A", "bright,", "slow", "film"]
    assert (seen["label"], seen["probability"], seen["was"]) == ("positive", 0.7, 0.1)


P = np.array([[0.9, 0.05, 0.05], [0.1, 0.1, 0.8], [0.4, 0.35, 0.25], [0.2, 0.7, 0.1]])
TEXTS = ["a", "b", "c", "d"]


def shown(only="all", order="as in the file", **changes) -> dict:
    return scored.view(
        **(
            {"texts": TEXTS, "p": P, "threshold": 0.5, "only": only, "order": order, "check": None, "total": 4}
            | changes
        )
    )


def test_labels_are_counted_with_the_unsure_apart():
    assert shown()["counts"] == [1, 1, 1, 1]
    assert shown()["sentence"] == "4 texts: 1 negative (25 %), 1 neutral (25 %), 1 positive (25 %), 1 unsure (25 %)."


@pytest.mark.parametrize(
    ("only", "order", "rows"),
    [
        ("all", "as in the file", "abcd"),
        ("all", "most negative first", "acdb"),
        ("all", "most positive first", "bcda"),
        ("all", "least sure first", "cdba"),
        ("unsure", "as in the file", "c"),
        ("negative", "least sure first", "a"),
    ],
)
def test_rows_are_filtered_and_ordered(only, order, rows):
    assert "".join(row[1] for row in shown(only, order)["rows"]) == rows


def test_a_long_file_sends_its_first_rows_only_and_says_how_many_there_are():
    many = shown(texts=["x"] * 5000, p=np.tile(P[:1], (5000, 1)), total=9000)
    assert len(many["rows"]) == scored.MOST_SHOWN and many["matching"] == 5000
    assert many["sentence"].startswith("5,000 of 9,000 texts")


def test_the_figures_against_known_labels_stand_in_a_sentence():
    seen = shown(check=check(P, np.array([0, 2, 1, 1])))["check"]
    assert "On 4 texts with a known label the model is right in 75.0 %" in seen["sentence"]
    assert seen["confusion"] == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_nothing_scored_yet_is_no_error():
    assert shown(texts=[], p=np.zeros((0, 3)), total=0)["sentence"] == "Nothing scored yet."
