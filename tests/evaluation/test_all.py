"""`eval all` prints one section after the other, and names what it must leave out without stopping there."""

import argparse
import json

import pytest

from gpt2demo.__main__ import main, parser
from gpt2demo.commands.evaluate_all import SECTIONS


def asked(tiny, data, *more):
    return ["eval", "all", "--data", str(data), "--model", str(tiny), "--offline", *more]


def names_of_measures():
    """The sub-commands of `eval` as the command line knows them."""
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    inner = action.choices["eval"]._actions
    return set(next(a for a in inner if isinstance(a, argparse._SubParsersAction)).choices)


def test_every_measure_has_a_section():
    assert {words[0] for words in SECTIONS.values()} == names_of_measures() - {"all"}


def test_what_lacks_its_data_is_named_and_the_next_goes_on(tiny, tmp_path, capsys):
    assert main(asked(tiny, tmp_path, "--only", "loops", "--only", "robustness", "--only", "agnews")) == 0
    said = capsys.readouterr().out
    titles = [line for line in said.splitlines() if line.startswith("## ")]
    assert titles == ["## loops", "## robustness of sentiment", "## robustness of intent", "## agnews"]
    assert said.count("left out: ") == 4
    assert "train sentiment --model" in said and "train intent --model" in said and "test.csv" in said


def test_what_has_its_data_is_measured_after_one_that_has_not(tiny, tmp_path, capsys):
    assert main(asked(tiny, tmp_path, "--only", "agnews", "--only", "topics", "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"agnews", "topics"}
    assert set(found["agnews"]) == {"left_out"}
    assert found["topics"]["minutes"] >= 0 and set(found["topics"]["found"]) == {"written", "sample"}


@pytest.mark.parametrize("more, sentence", [(["--only", "taste"], "no measure 'taste'"), ([], "no data folder")])
def test_bad_input_is_one_sentence(tiny, tmp_path, capsys, more, sentence):
    data = tmp_path if more else tmp_path / "nowhere"
    assert main(asked(tiny, data, *more)) == 2
    assert sentence in capsys.readouterr().err
