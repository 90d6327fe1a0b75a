"""Which engine is loaded for which name, what `auto` means, and how a damaged export is mended."""

import json

import numpy as np
import pytest

from gpt2demo.engine import loading
from gpt2demo.engine.loading import choice, fastest, load_engine, parts_of
from gpt2demo.interpret.ablation import ablate
from gpt2demo.settings import Settings


def table(folder, **speeds):
    lines = [{"backend": name, "tokens_per_second": speed} for name, speed in speeds.items()]
    path = folder / "bench.json"
    path.write_text(json.dumps({"models": [{"model": "tiny", "candidates": lines}]}))
    return path


def test_a_model_and_a_backend_are_one_name_and_come_apart_again():
    assert parts_of(choice("gpt2", "onnx-int8")) == ("gpt2", "onnx-int8")
    assert parts_of("gpt2") == ("gpt2", "")
    assert parts_of("/my/cat on mat") == ("/my/cat on mat", "")


def test_auto_takes_the_fastest_that_chooses_the_same_words(tmp_path):
    assert fastest("tiny", table(tmp_path, torch=10, onnx=20)) == "onnx"
    assert fastest("tiny", table(tmp_path, torch=20, onnx=10)) == "torch"
    assert fastest("tiny", table(tmp_path, **{"torch": 20, "onnx": 30, "onnx-int8": 90})) == "onnx"


def test_auto_takes_only_what_is_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda package: None if package == "onnxruntime" else object())
    assert fastest("tiny", table(tmp_path, torch=10, onnx=20)) == "torch"


@pytest.mark.parametrize("content", [None, "", "{}", '{"models": [{"model": "other"}]}'])
def test_a_model_that_was_not_measured_runs_on_pytorch(tmp_path, content):
    if content is not None:
        (tmp_path / "bench.json").write_text(content)
    assert fastest("tiny", tmp_path / "bench.json") == "torch"


@pytest.fixture
def auto(tiny, cache, monkeypatch):
    """The tiny model as `auto` opens it where ONNX was measured to be faster."""
    monkeypatch.setattr(loading, "fastest", lambda name: "onnx")
    return load_engine(str(tiny), Settings(offline=True, cache=cache))


def test_auto_writes_with_the_fastest_and_looks_inside_with_pytorch(auto, tiny):
    assert auto.info.backend == "onnx"
    pytorch = load_engine(str(tiny), Settings(backend="torch", offline=True))
    for one, other in zip(
        vars(ablate(auto, [1, 2, 3], {(1, 0)}, 4)).values(), vars(ablate(pytorch, [1, 2, 3], {(1, 0)}, 4)).values()
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_auto_reads_with_pytorch_for_a_task(monkeypatch):
    monkeypatch.setattr(loading, "fastest", lambda name: "onnx")
    monkeypatch.setattr(loading, "_load_torch", lambda *_: "torch")
    assert load_engine("gpt2-mini", Settings(offline=True), task="sentiment") == "torch"


def test_who_asks_for_onnx_gets_no_microscope(tiny, cache):
    assert load_engine(str(tiny), Settings(backend="onnx", offline=True, cache=cache)).microscope is None


@pytest.mark.parametrize("file", ["model.onnx", "weights.bin", "attention.onnx"])
def test_a_damaged_export_is_told_and_made_anew(tiny, tmp_path, file):
    settings, said = Settings(backend="onnx", offline=True, cache=tmp_path), []
    expected = load_engine(str(tiny), settings).start([1, 2, 3]).logits
    (path,) = tmp_path.glob(f"onnx/*/{file}")
    flipped = bytearray(path.read_bytes())
    flipped[len(flipped) // 2] ^= 0xFF
    path.write_bytes(flipped)
    again = load_engine(str(tiny), settings, lambda share, what: said.append(what))
    assert loading.DAMAGED in said
    np.testing.assert_array_equal(again.start([1, 2, 3]).logits, expected)
