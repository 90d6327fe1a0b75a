"""The figures that are published: counted right, and no less than half of their bars."""

import json

import pytest

from gpt2demo.bench import report
from gpt2demo.bench.candidates import REFERENCE, Candidate, open_torch
from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.bench.writing_speed import SPEED_BARS, Run, as_text, measure, summary
from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BackendUnavailable

TORCH = Candidate("gpt2demo torch", "float32", open_torch("float32"), exact=True)
SMALL = Config(vocabulary=300, positions=256, width=24, layers=2, heads=2, inner=48)


def written(*seconds: float) -> Run:
    return Run([1] * len(seconds), list(seconds))


def test_tokens_per_second_count_the_prompt_and_first_token_is_in_milliseconds():
    run = written(0.5, 0.75, 2.0)
    assert run.tokens_per_second == 1.5
    assert run.first_token_ms == 500


def test_a_ratio_compares_the_runs_of_the_same_round():
    ours, theirs = [written(1.0, 2.0), written(4.0, 8.0)], [written(1.0, 4.0), written(4.0, 16.0)]
    line = summary("gpt2-mini", TORCH, ours, theirs)
    assert (line["speed_ratio"], line["first_token_ratio"]) == (2.0, 1.0)
    assert line["bars_hold"]


def test_a_slow_first_token_misses_the_bar():
    line = summary("gpt2-mini", TORCH, [written(1.2, 1.3)], [written(1.0, 4.0)])
    assert not line["bars_hold"]


def test_what_cannot_run_here_is_named_with_the_reason(tmp_path):
    def refuse(folder, threads):
        raise BackendUnavailable("It is not here.")

    runs, missing = measure(
        write_random(tmp_path / "small", SMALL),
        SMALL,
        [TORCH, Candidate("absent", "int8", refuse)],
        rounds=2,
        new=3,
        threads=1,
    )
    assert [len(run.ids) for run in runs["gpt2demo torch"]] == [3, 3]
    assert missing == {"absent": "It is not here."}


def test_the_table_and_the_json_carry_the_conditions():
    line = summary("gpt2", TORCH, [written(1.0, 2.0)], [written(1.0, 2.0)])
    found = {
        "conditions": report.conditions(threads=2),
        "models": [{"model": "gpt2", "candidates": [line], "not_measured": {"ctranslate2": "No module."}}],
    }
    assert "ctranslate2: not measured. No module." in as_text(found)
    assert "threads 2" in report.sentence(found["conditions"])
    assert json.loads(json.dumps(found)) == found


def test_both_write_the_same_tokens_and_ours_at_no_less_than_half_its_bar(tmp_path):
    shape = SHAPES["gpt2-mini"]
    runs, _ = measure(
        write_random(tmp_path / "gpt2-mini", shape), shape, [REFERENCE, TORCH], rounds=5, new=16, threads=1
    )
    line = summary("gpt2-mini", TORCH, runs["gpt2demo torch"], runs[REFERENCE.name])
    assert line["same_tokens_as_reference"]
    assert line["speed_ratio"] >= SPEED_BARS["gpt2-mini", "gpt2demo torch"] / 2
    assert line["first_token_ratio"] <= 2.2


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_shape_divides_into_its_heads(shape):
    assert shape.width % shape.heads == 0 and shape.inner == 4 * shape.width
