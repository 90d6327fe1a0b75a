"""`eval robustness` spoils texts as it says, the same every time, and counts what that costs."""

import json
import random
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.__main__ import main
from gpt2demo.evaluation import robustness
from tests.training.corpora import write_intent, write_sentiment

QUICK = ["--offline", "--layers", "1", "--rank", "2", "--epochs", "1"]
TEXT = "the waiter never brought the soup that everybody else was eating"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_intent(write_sentiment(tmp_path_factory.mktemp("data")))


@pytest.mark.parametrize("noise", robustness.NOISES)
def test_the_same_seed_gives_the_same_noise_whatever_stands_beside_it(noise):
    assert robustness.spoilt([TEXT], noise, 3)[0] == robustness.spoilt(["another", TEXT], noise, 3)[1]


def test_another_seed_gives_other_typing_errors():
    assert robustness.spoilt([TEXT], "typos", 0) != robustness.spoilt([TEXT], "typos", 1)


@given(st.text(), st.integers())
def test_a_typing_error_is_one_letter_of_a_longer_word(text, seed):
    before, after = text.split(" "), robustness.typos(text, random.Random(seed)).split(" ")
    assert len(before) == len(after)
    for word, changed in zip(before, after):
        assert abs(len(word) - len(changed)) <= 1
        assert word[:1] == changed[:1]
        assert len(word) >= robustness.TYPO_LETTERS or word == changed


def test_one_longer_word_in_five_has_a_typing_error():
    words = [f"abcdefgh{i}" for i in range(10, 99)] * 50
    after = robustness.typos(" ".join(words), random.Random(1)).split(" ")
    assert np.mean([a != b for a, b in zip(words, after)]) == pytest.approx(robustness.TYPO_SHARE, abs=0.03)


@given(st.integers(0, 60), st.integers())
def test_no_word_is_lost_or_moves_further_than_it_may(count, seed):
    words = [str(i) for i in range(count)]
    after = robustness.moved(" ".join(words), random.Random(seed)).split()
    assert sorted(after, key=int) == words
    assert all(abs(int(word) - place) <= robustness.REACH for place, word in enumerate(after))


def test_the_drop_is_what_lies_between_the_clean_and_the_spoilt_texts():
    def shy_of_capitals(texts):
        return np.array([[0.0, 1.0] if text.isupper() else [1.0, 0.0] for text in texts])

    rows = [("fine", "a"), ("good", "a"), ("nice", "a"), ("poor", "b")]
    found = {f["noise"]: f for f in robustness.measures("x", rows, ("a", "b"), {"shy": shy_of_capitals}, 0)}
    assert found["none"]["accuracy_drop"] == found["lower case"]["accuracy_drop"] == 0
    assert (found["upper case"]["accuracy"], found["upper case"]["accuracy_drop"]) == (0.25, 0.5)
    assert found["upper case"]["macro_f1_drop"] == pytest.approx(6 / 7 / 2 - 2 / 5 / 2)


@pytest.mark.parametrize("task, sets", [("sentiment", 6), ("intent", 1)])
def test_the_command_sets_the_adapter_beside_tf_idf(tiny, tmp_path, data, task, sets, capsys):
    model = shutil.copytree(tiny, tmp_path / "model")
    assert main(["train", task, "--data", str(data), "--model", str(model), *QUICK]) == 0
    asked = ["eval", "robustness", "--task", task, "--data", str(data), "--model", str(model), "--offline"]
    capsys.readouterr()
    assert main([*asked, "--texts", "6", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["scores"]
    assert len(found) == sets * len(robustness.NOISES) * 2
    assert {f["predictor"] for f in found} == {"gpt2demo", "tf-idf"}
    assert all(f["accuracy_drop"] == 0 for f in found if f["noise"] == "none")
    cased = [f for f in found if f["noise"].endswith("case") and f["predictor"] == "tf-idf"]
    assert all(f["accuracy_drop"] == f["macro_f1_drop"] == 0 for f in cased)  # it reads lower case only
    assert main([*asked, "--texts", "6"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(found)


def test_bad_input_is_named_in_a_sentence(tiny, data, capsys):
    asked = ["eval", "robustness", "--model", str(tiny), "--offline"]
    assert main([*asked, "--data", str(data), "--texts", "0"]) == 2
    assert "--texts is 0" in capsys.readouterr().err
    assert main([*asked, "--data", str(data)]) == 2
    assert "train sentiment --model" in capsys.readouterr().err
