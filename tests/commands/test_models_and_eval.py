"""`models` and `eval`: what can be chosen, and numbers about it."""

import subprocess
import sys
from pathlib import Path

import pytest

from gpt2demo.catalogue import CATALOGUE
from tests.models import engine_by_chance, engine_writing

ROOT = Path(__file__).resolve().parents[2]


def test_models_lists_the_catalogue(command):
    told = command("models", "--json").json
    assert [row["name"] for row in told["models"]] == [entry.name for entry in CATALOGUE]
    assert all(set(row) >= {"name", "megabytes", "about"} for row in told["models"])
    assert command("models").out.count("\n") >= len(CATALOGUE)


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_complaint():
    command = [sys.executable, "-m", "gpt2demo", "models"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_an_evaluation_without_data_says_what_it_needs(refusal, tmp_path):
    assert "Name it with --data or in GPT2DEMO_DATA" in refusal("eval", "loops")
    assert "There is no data folder" in refusal("eval", "loops", "--data", tmp_path / "nowhere")
    assert "no held-out texts" in refusal("eval", "loops", "--data", tmp_path)


@pytest.fixture
def texts(tmp_path):
    """A data folder with held-out documents from two sources."""
    zstandard = pytest.importorskip("zstandard")
    folder = tmp_path / "text" / "val"
    folder.mkdir(parents=True)
    for name in ("stories", "news"):
        documents = [f"{name} {number} " + "and so on " * 20 for number in range(30)]
        data = "<|endoftext|>".join(documents).encode()
        (folder / f"{name}.txt.zst").write_bytes(zstandard.ZstdCompressor().compress(data))
    return tmp_path


def test_loops_counts_the_texts_that_end_in_one(texts, monkeypatch):
    from gpt2demo.evaluation import loops

    monkeypatch.setattr(loops, "prompts", lambda data, count: [">"] * count)
    for engine, share in ((engine_writing([b"a", b"b", b"c", b"d"] * 30), 1.0), (engine_by_chance(), 0.0)):
        if share == 0:
            monkeypatch.setattr(loops, "prompts", lambda data, count: ["the cat"] * count)
        tally = list(loops.measure(engine, texts, 3))[-1]
        assert (tally["continuations"], tally["share"]) == (3, share)
        assert len(tally["texts"]) == tally["loops"]


def test_prompts_come_evenly_from_every_source(texts):
    from gpt2demo.evaluation.loops import PROMPT_WORDS, prompts

    found = prompts(texts, 10)
    assert len(found) == 10
    assert sum(prompt.startswith("news") for prompt in found) == 5
    assert all(len(prompt.split()) == PROMPT_WORDS for prompt in found)


def test_loops_prints_one_object(texts, command):
    told = command("eval", "loops", "--count", 1, "--data", texts, "--json").json
    assert set(told) >= {"continuations", "loops", "share"}
    assert told["continuations"] == 1
