"""`eval sentiment` and `eval intent` judge on the right texts, beside baselines that can be reckoned by hand."""

import json
import shutil

import numpy as np
import pytest

from gpt2demo.__main__ import main
from gpt2demo.classify.labelled import OUT_OF_SCOPE, SENTIMENT
from gpt2demo.evaluation import hint3, intent, sentiment
from gpt2demo.evaluation.baselines import bag_of_words, majority, vader
from tests.training.corpora import opinions, write_hint3, write_intent, write_sentiment

QUICK = ["--offline", "--layers", "1", "--rank", "2", "--epochs", "1"]


def always(label):
    return lambda texts: np.tile(np.eye(3)[SENTIMENT.index(label)], (len(texts), 1))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_intent(write_sentiment(tmp_path_factory.mktemp("data")))


def test_every_set_is_judged_by_every_predictor_and_the_majority(data):
    found = list(sentiment.measures(data, {"glad": always("positive")}))
    assert len(found) == 2 * len(sentiment.SETS)
    (phrases,) = (f for f in found if (f["set"], f["predictor"]) == ("PhraseBank, all", "glad"))
    assert phrases["recall"] == (0, 0, 1)
    assert phrases["texts"] == len(opinions()) + 1  # `mixed` is left out


def test_all_agree_are_the_rows_of_full_agreement(data):
    (agreed,) = (one for one in sentiment.SETS if one.where[0])
    assert len(sentiment.rows(data, agreed)) == len(opinions()) // 2


def test_of_two_classes_the_likelier_counts_even_under_a_neutral_majority():
    probabilities = np.array([[0.3, 0.5, 0.2], [0.0, 1.0, 0.0]])
    assert sentiment.of_two(probabilities) == pytest.approx(np.array([[0.6, 0, 0.4], [0.5, 0, 0.5]]))


def test_out_of_scope_recall_is_taken_on_the_foreign_questions(data):
    labels = ("cancel_order", OUT_OF_SCOPE)
    held_out = [("cancel my order", "cancel_order"), ("how old is the sea", OUT_OF_SCOPE)]
    doubter = {"doubter": lambda texts: np.tile([0.2, 0.8], (len(texts), 1))}
    scope, foreign = (f for f in intent.measures(data, held_out, labels, doubter) if f["predictor"] == "doubter")
    assert (scope["texts"], scope["accuracy"]) == (1, 0)
    assert (foreign["texts"], foreign["accuracy"]) == (2, 1)


def test_vader_knows_good_and_bad_and_its_authors_neutral_zone():
    said = vader()(["This is great, I love it!", "This is horrible.", "The train leaves at nine."]).argmax(1)
    assert [SENTIMENT[i] for i in said] == ["positive", "negative", "neutral"]


def test_a_bag_of_words_learns_which_word_goes_with_which_label():
    predict = bag_of_words(opinions(), SENTIMENT)
    said = predict(["so grim a day", "a kind one", "the north door"])
    assert [SENTIMENT[i] for i in said.argmax(1)] == ["negative", "positive", "neutral"]
    assert said.sum(1) == pytest.approx(1)


def test_the_majority_is_that_of_the_judged_texts():
    assert majority(np.array([2, 2, 0]), 3)(["a"]).tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("task, sets", [("sentiment", 6), ("intent", 2)])
def test_the_command_judges_the_adapter_beside_the_model(tiny, tmp_path, data, task, sets, capsys):
    model = shutil.copytree(tiny, tmp_path / "model")
    assert main(["train", task, "--data", str(data), "--model", str(model), *QUICK]) == 0
    capsys.readouterr()
    assert main(["eval", task, "--data", str(data), "--model", str(model), "--offline", "--texts", "9", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["scores"]
    assert len({f["set"] for f in found}) == sets
    assert {f["predictor"] for f in found} >= {"gpt2demo", "tf-idf", "majority"}
    assert all(0 <= f["accuracy"] <= 1 and f["texts"] <= 9 for f in found)
    assert main(["eval", task, "--data", str(data), "--model", str(model), "--offline", "--texts", "9"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(found)


def test_without_an_adapter_it_says_how_to_train_one(tiny, data, capsys):
    assert main(["eval", "sentiment", "--data", str(data), "--model", str(tiny), "--offline"]) == 2
    assert "train sentiment --model" in capsys.readouterr().err


def test_live_questions_out_of_scope_are_recognised_by_not_being_answered():
    asked = [("a", "x"), ("b", "x"), ("c", "y"), ("d", hint3.UNKNOWN), ("e", hint3.UNKNOWN)]
    sure = np.array([[0.9, 0.1], [0.6, 0.4], [0.9, 0.1], [0.55, 0.45], [0.9, 0.1]])
    found = hint3.measures(asked, ("x", "y"), lambda texts: sure, threshold=0.7)
    assert (found["in_scope"], found["out_of_scope"]) == (3, 2)
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["accuracy_above_threshold"] == pytest.approx(1 / 3)
    assert found["out_of_scope_recall"] == pytest.approx(1 / 2)


def test_hint3_teaches_a_classifier_for_each_shop(tiny, tmp_path, capsys):
    data = write_hint3(tmp_path)
    assert (
        main(["eval", "hint3", "--data", str(data), "--model", str(tiny), "--offline", "--epochs", "1", "--json"]) == 0
    )
    found = json.loads(capsys.readouterr().out)["scores"]
    assert [(f["shop"], f["predictor"]) for f in found] == [
        (shop, predictor) for shop in hint3.SHOPS for predictor in ("gpt2demo", "tf-idf")
    ]
