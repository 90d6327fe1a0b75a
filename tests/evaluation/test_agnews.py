"""`eval agnews` teaches a classifier the training rows of a news set and judges it on the test, beside baselines."""

import json

import pytest

from gpt2demo.__main__ import main
from tests.training.corpora import opinions, write_csv


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    folder = data / "topics" / "ag_news"
    write_csv(folder / "test.csv", ("text", "label", "title"), [(*row, "") for row in opinions(prefix="test ")])
    write_csv(folder / "train_subset.csv", ("text", "label"), [*opinions(), *opinions(prefix="test ")[:5]])
    return data


def asked(tiny, data, *more):
    return ["eval", "agnews", "--data", str(data), "--model", str(tiny), "--offline", "--epochs", "1", *more]


def test_all_predictors_judge_the_same_texts(tiny, data, capsys):
    assert main(asked(tiny, data, "--texts", "9", "--json")) == 0
    found = json.loads(capsys.readouterr().out)["scores"]
    assert [f["predictor"] for f in found] == ["gpt2demo", "tf-idf", "majority"]
    assert {f["texts"] for f in found} == {9}


def test_no_text_of_the_test_is_learned_from(tiny, data, capsys):
    assert main(asked(tiny, data, "--json")) == 0
    taught = {f["taught"] for f in json.loads(capsys.readouterr().out)["scores"]}
    assert max(taught) < len(opinions())  # a part of them is held out, and the five of the test are not there


def test_bad_input_is_named_in_a_sentence(tiny, data, tmp_path, capsys):
    for flag in ("--texts", "--epochs"):
        assert main(asked(tiny, data, flag, "0")) == 2
        assert f"{flag} is 0" in capsys.readouterr().err
    assert main(asked(tiny, tmp_path)) == 2
    assert "test.csv" in capsys.readouterr().err
