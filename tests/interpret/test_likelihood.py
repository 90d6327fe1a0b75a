"""How well a model foresees a text, against the definition, by hand and with `transformers`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.interpret.likelihood import surprises, tallies, windows
from tests.references.hugging_face import Reference

IDS = np.random.default_rng(5).integers(1, 200, 75).tolist()


def last(rows):
    *_, final = rows
    return final


@given(st.integers(0, 300), st.integers(2, 40), st.integers(1, 40))
def test_every_token_but_the_first_is_scored_once_and_sees_as_much_as_fits(count, length, stride):
    stride = min(stride, length)
    read = list(windows(count, length, stride))
    scored = [target for _, end, score_from in read for target in range(score_from, end + 1)]
    assert scored == list(range(1, count))
    assert all(end - first <= length for first, end, _ in read)
    assert all(score_from - first > length - stride for first, _, score_from in read[1:])


def test_without_the_tail_only_full_windows_are_scored():
    assert list(windows(26, 10, 5, tail=False)) == [(0, 10, 1), (5, 15, 11), (10, 20, 16), (15, 25, 21)]
    assert list(windows(25, 10, 5, tail=False)) == [(0, 10, 1), (5, 15, 11), (10, 20, 16)]
    assert list(windows(7, 10, 5, tail=False)) == [(0, 6, 1)]  # a short text has no full window, and no rest


def test_a_model_that_knows_nothing_needs_the_logarithm_of_its_vocabulary_for_each_token():
    engine = FakeEngine([b"ab", b"c", b"def"], lambda ids: np.ones(4))
    tally = last(tallies(engine, [0, 1, 2, 3, 0, 1], length=4, stride=2))
    assert tally.perplexity == pytest.approx(4)
    assert tally.tokens == 5 and tally.bytes == 1 + 3 + 0 + 2 + 1
    assert tally.bits_per_byte == pytest.approx(5 * 2 / 7)


def test_the_sum_over_windows_is_that_of_the_same_windows_in_transformers(engine, tiny):
    reference, nats = Reference(tiny), 0.0
    for first in range(0, len(IDS) - 1, 16):
        window = IDS[first : first + 33]
        logits = reference.look(window[:-1]).logits.astype(np.float64)
        losses = np.log(np.exp(logits).sum(-1)) - logits[np.arange(len(logits)), window[1:]]
        nats += losses[0 if first == 0 else 16 :].sum()
    tally = last(tallies(engine, IDS, length=32, stride=16))
    assert tally.nats == pytest.approx(nats, rel=1e-6) and tally.tokens == len(IDS) - 1


def test_a_surprise_is_finite_for_logits_of_any_size():
    assert surprises(np.array([[1e4, -1e4]], np.float32), [1])[0] == pytest.approx(2e4)
    assert surprises(np.array([[0, 0]], np.float32), [0])[0] == pytest.approx(math.log(2))
