"""The command `inspect`."""

import json

import pytest

from gpt2demo.__main__ import main
from gpt2demo.interpret.heads import METRICS, survey

TEXT = "The fox saw the fox\n狐"


@pytest.fixture
def inspect(tiny, capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["inspect", *arguments, "--model", str(tiny)])
        return code, *capsys.readouterr()

    return run


def test_as_json_it_prints_one_object_with_every_score(inspect, torch_engine):
    code, printed, _ = inspect(TEXT, "--json")
    found = json.loads(printed)
    ids = torch_engine.tokenizer.encode(TEXT)
    scores = survey(torch_engine, ids).scores
    assert code == 0
    assert found["tokens"] == torch_engine.tokenizer.texts(ids) and "".join(found["tokens"]) == TEXT
    assert [(row["layer"], row["head"]) for row in found["heads"]] == [(i, j) for i in range(3) for j in range(4)]
    for row in found["heads"]:
        assert set(row) == {"layer", "head", *METRICS}
        assert all(row[metric] == pytest.approx(scores[metric][row["layer"], row["head"]]) for metric in METRICS)


def test_without_json_it_prints_a_line_a_head_and_what_the_columns_mean(inspect):
    lines = inspect(TEXT)[1].splitlines()
    assert len(lines) == len(METRICS) + 2 + 12
    assert all(meaning in line for meaning, line in zip(METRICS.values(), lines))


@pytest.mark.parametrize(("text", "sentence"), [("", "There is no text"), ("fox " * 300, "too many")])
def test_what_cannot_be_inspected_is_refused_in_a_sentence(inspect, text, sentence):
    code, printed, error = inspect(text, "--json")
    assert code == 2 and printed == "" and sentence in error
