"""The command `inspect`."""

import json

import numpy as np
import pytest

from gpt2demo.__main__ import main
from gpt2demo.interpret import sample
from gpt2demo.interpret.heads import METRICS, survey
from gpt2demo.services import examples

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


def test_kept_scores_are_good_for_the_same_weights_and_text_and_no_others(inspect, torch_engine, tmp_path):
    file = tmp_path / sample.FILE
    assert inspect(TEXT, "--out", str(file))[0] == 0
    scores = survey(torch_engine, torch_engine.tokenizer.encode(TEXT)).scores
    kept = sample.read(file, torch_engine, TEXT)
    for metric in METRICS:
        np.testing.assert_allclose(kept[metric], scores[metric], atol=1e-5)
    assert sample.read(file, torch_engine, TEXT + ".") is None
    file.write_text(file.read_text().replace(torch_engine.info.sha256, "0" * 64))
    assert sample.read(file, torch_engine, TEXT) is None
    assert sample.read(tmp_path / "none.json", torch_engine, TEXT) is None


def test_a_file_that_cannot_be_written_is_named(inspect, tmp_path):
    code, _, error = inspect(TEXT, "--out", str(tmp_path))
    assert code == 2 and str(tmp_path) in error


def test_what_ships_with_the_model_is_what_the_command_writes_now(mini, tmp_path):
    """Fails after the model was trained on: write it anew as the card says."""
    again = tmp_path / sample.FILE
    assert main(["inspect", "--model", "gpt2-mini", "--out", str(again)]) == 0
    kept, made = (json.loads(path.read_text(encoding="utf-8")) for path in (mini / sample.FILE, again))
    assert [kept[name] for name in ("model", "sha256", "text", "tokens")] == [
        made[name] for name in ("model", "sha256", "text", "tokens")
    ]
    assert kept["text"] == examples("sample")[0]["text"]
    for old, new in zip(kept["heads"], made["heads"], strict=True):
        assert old == pytest.approx(new, abs=1e-4)
