"""Measures agree with scikit-learn, and abstaining and calibration do what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import accuracy_score, f1_score, recall_score

from gpt2demo.classify import measure


def softmax(logits):
    return np.exp(measure.log_softmax(logits))


def drawn(seed, texts=400, labels=3, skill=1.5):
    """Scores of a classifier that is right more often than not, and the truth."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, labels, texts)
    return generator.normal(size=(texts, labels)) + skill * np.eye(labels)[truth], truth


@given(st.integers(0, 10**6), st.integers(2, 5))
def test_accuracy_f1_and_recall_are_those_of_scikit_learn(seed, labels):
    logits, truth = drawn(seed, 60, labels)
    said, found = logits.argmax(1), measure.scores(softmax(logits), truth)
    there = np.unique(truth)
    assert found.accuracy == pytest.approx(accuracy_score(truth, said))
    assert found.macro_f1 == pytest.approx(f1_score(truth, said, labels=there, average="macro", zero_division=0))
    assert_allclose(np.array(found.recall)[there], recall_score(truth, said, labels=there, average=None))


def test_probabilities_that_come_true_have_no_calibration_error():
    probabilities = np.array([[0.75, 0.25]] * 400)
    assert measure.calibration_error(probabilities, np.array([0, 0, 0, 1] * 100)) == pytest.approx(0)
    assert measure.calibration_error(probabilities, np.zeros(400, int)) == pytest.approx(0.25)


def test_the_best_temperature_undoes_scores_that_were_blown_up():
    logits, truth = drawn(1, texts=4000)
    honest = measure.best_temperature(logits, truth)
    assert measure.best_temperature(logits * 3, truth) == pytest.approx(3 * honest, rel=0.03)
    assert measure.calibration_error(softmax(logits / honest), truth) < 0.03


def test_the_surest_texts_come_first_and_all_are_covered_at_the_end():
    logits, truth = drawn(2)
    confidence, coverage, risk = measure.risk_coverage(softmax(logits), truth)
    assert (np.diff(confidence) <= 0).all() and coverage[-1] == 1
    assert risk[-1] == pytest.approx((logits.argmax(1) != truth).mean())


@pytest.mark.parametrize("skill", [0.3, 1.5, 4.0])
def test_the_threshold_halves_the_errors_or_answers_six_in_ten(skill):
    logits, truth = drawn(3, skill=skill)
    probabilities = softmax(logits)
    threshold, coverage, risk = measure.abstain_threshold(probabilities, truth)
    answered = probabilities.max(1) >= threshold
    wrong = probabilities.argmax(1) != truth
    assert answered.mean() == pytest.approx(coverage, abs=0.01)
    assert wrong[answered].mean() == pytest.approx(risk, abs=0.01)
    assert risk <= wrong.mean() / 2 or coverage == pytest.approx(0.6, abs=0.01)
