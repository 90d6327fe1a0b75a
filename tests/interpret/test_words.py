"""Words instead of sub-words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.engine.tokenizer import Tokenizer
from gpt2demo.interpret.words import merge, words


@pytest.fixture(scope="module")
def tokenizer(tiny):
    return Tokenizer(tiny)  # 300 tokens: almost every word is split


def as_texts(tokenizer: Tokenizer, text: str) -> list[str]:
    ids = tokenizer.encode(text)
    return [tokenizer.decode(ids[word.start : word.stop]) for word in words(tokenizer, ids)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unbelievable lighthouses", ["Unbelievable", " lighthouses"]),
        ("I don't know, Zoë!", ["I", " don't", " know", ",", " Zoë", "!"]),
        ("'quoted' 1984", ["'", "quoted", "'", " 1984"]),
        ("привет мир", ["привет", " мир"]),
        ("日本語", ["日", "本", "語"]),
        ("a \U0001f98a b", ["a", " \U0001f98a", " b"]),
        ("", []),
    ],
)
def test_a_text_falls_into_the_words_that_a_reader_sees(tokenizer, text, expected):
    assert as_texts(tokenizer, text) == expected


def test_the_end_of_text_stands_alone(tokenizer):
    a, b = tokenizer.encode("a"), tokenizer.encode("b")
    assert words(tokenizer, [*a, tokenizer.end, *b]) == [range(0, 1), range(1, 2), range(2, 3)]


@given(ids=st.lists(st.integers(0, 303), max_size=40))
def test_words_follow_each_other_without_gaps(tokenizer, ids):
    assert [i for word in words(tokenizer, ids) for i in word] == list(range(len(ids)))
    assert all(len(word) for word in words(tokenizer, ids))


def test_attention_between_words_sums_what_is_looked_at_and_averages_who_looks():
    weights = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.1, 0.3, 0.6]])
    np.testing.assert_allclose(merge(weights, [range(0, 1), range(1, 3)]), [[1, 0], [0.3, 0.7]])


def test_rows_of_words_still_add_up_to_one():
    weights = np.tril(np.random.default_rng(0).random((9, 9)))
    weights /= weights.sum(-1, keepdims=True)
    merged = merge(weights, [range(0, 2), range(2, 3), range(3, 9)])
    np.testing.assert_allclose(merged.sum(-1), 1)
