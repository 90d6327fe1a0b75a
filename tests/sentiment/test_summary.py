"""Figures about a scored file equal those of scikit-learn and of counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from gpt2demo.errors import BadInput
from gpt2demo.sentiment.summary import check, known_labels


def drawn(n: int, seed: int):
    rng = np.random.default_rng(seed)
    return rng.dirichlet((1, 1, 1), n), rng.integers(0, 3, n)


@given(st.integers(1, 60), st.integers(0, 10**6))
def test_accuracy_f1_and_confusion_are_those_of_scikit_learn(n, seed):
    p, truth = drawn(n, seed)
    found, said = check(p, truth), p.argmax(1)
    assert found.accuracy == pytest.approx(accuracy_score(truth, said))
    assert found.macro_f1 == pytest.approx(
        f1_score(truth, said, labels=np.unique(truth), average="macro", zero_division=0)
    )
    assert (found.confusion == confusion_matrix(truth, said, labels=[0, 1, 2])).all()


def test_texts_without_a_label_are_left_out():
    p, truth = drawn(30, 1)
    assert check(p, np.where(np.arange(30) < 10, -1, truth)).accuracy == check(p[10:], truth[10:]).accuracy


def test_a_model_that_is_right_as_often_as_it_says_has_no_calibration_error():
    p = np.tile([0.75, 0.25, 0.0], (400, 1))
    assert check(p, np.repeat([0, 0, 0, 1], 100)).calibration_error == pytest.approx(0.0)
    assert check(p, np.full(400, 1)).calibration_error == pytest.approx(0.75)


def test_risk_counts_the_wrong_ones_among_the_surest():
    p = np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0], [0.6, 0.4, 0.0], [0.5, 0.3, 0.2]])
    assert check(p, np.array([0, 1, 0, 2])).risk == [(0.25, 0.0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]


def test_labels_are_read_in_their_usual_spellings():
    assert list(known_labels(["Positive", "neg", "0", "?", " neutral "])) == [2, 0, 1, -1, 1]


def test_a_column_that_holds_no_labels_is_one_sentence():
    with pytest.raises(BadInput, match="label column"):
        known_labels(["apple", "pear", "pos"])
