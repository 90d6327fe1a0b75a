"""An ONNX export is right, whole and where it belongs, or it is not there at all."""

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gpt2demo.engine import numpy_gpt2, onnx_export, onnx_graph
from gpt2demo.engine.checkpoint import read_config, read_weights, sha256
from gpt2demo.engine.onnx_engine import OnnxEngine
from gpt2demo.engine.onnx_export import export
from gpt2demo.errors import BackendUnavailable, ModelBroken
from tests.models import write_model
from tests.references.hugging_face import Reference

IDS = np.random.default_rng(1).integers(1, 290, 40).tolist()


@pytest.fixture
def made(tiny, tmp_path):
    return export(tiny, "float32", tmp_path)


def test_the_judge_of_exports_computes_what_transformers_computes(tiny):
    config = read_config(tiny)
    logits, hidden, attention = numpy_gpt2.forward(config, read_weights(tiny, config), IDS)
    expected = Reference(tiny).look(IDS)
    np.testing.assert_allclose(logits, expected.logits, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(hidden, expected.hidden[-1], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(attention, expected.attentions, rtol=1e-5, atol=1e-5)


def test_a_second_export_finds_the_first(made, tiny, tmp_path):
    before = (made.folder / "model.onnx").stat().st_mtime_ns
    assert export(tiny, "float32", tmp_path) == made
    assert (made.folder / "model.onnx").stat().st_mtime_ns == before


def test_other_weights_and_another_precision_have_places_of_their_own(made, tiny, tmp_path):
    (tmp_path / "other").mkdir()
    other = write_model(tmp_path / "other", seed=5)
    places = {made.folder, export(tiny, "int8", tmp_path).folder, export(other, "float32", tmp_path).folder}
    assert len(places) == 3


def test_int8_takes_a_quarter_of_the_space_and_holds_the_embedding_once(mini, cache):
    exact, rough = (export(mini, precision, cache).megabytes for precision in ("float32", "int8"))
    assert rough < 0.27 * exact


def test_a_graph_that_computes_something_else_is_refused(tiny, tmp_path, monkeypatch):
    def forgetful(graph, x, name, weight):
        return onnx_graph.float_linear(graph, x, name, weight * 1.001)

    wrong = onnx_graph.Arithmetic(forgetful, onnx_graph.float_embed, onnx_graph.float_unembed)
    monkeypatch.setattr(onnx_graph, "FLOAT32", wrong)
    with pytest.raises(ModelBroken, match="does not compute what the model computes"):
        export(tiny, "float32", tmp_path)
    assert list((tmp_path / "onnx").iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from gpt2demo.engine import onnx_export
onnx_export.check = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
onnx_export.export(Path(sys.argv[1]), "float32", Path(sys.argv[2]))
"""


def test_an_export_that_was_killed_half_way_is_never_picked_up(tiny, tmp_path):
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tiny), str(tmp_path)], cwd=Path(__file__).parents[2])
    left = list((tmp_path / "onnx").iterdir())
    assert killed.returncode != 0 and [path.name.startswith(".making-") for path in left] == [True]
    assert not export(tiny, "float32", tmp_path).folder.name.startswith(".making-")


def test_what_a_killed_export_left_is_cleared_away_a_day_later(tiny, tmp_path, monkeypatch):
    (tmp_path / "onnx" / ".making-old").mkdir(parents=True)
    monkeypatch.setattr(onnx_export, "ABANDONED_AFTER", -1)
    made = export(tiny, "float32", tmp_path)
    assert list((tmp_path / "onnx").iterdir()) == [made.folder]


@pytest.mark.parametrize("number, words", [(errno.ENOSPC, "No space left"), (errno.EROFS, "Read-only file system")])
def test_a_full_or_read_only_cache_is_one_sentence_with_a_way_out(tiny, tmp_path, monkeypatch, number, words):
    def refuse(*_, **__):
        raise OSError(number, words)

    monkeypatch.setattr(onnx_export, "_store", refuse)
    with pytest.raises(BackendUnavailable, match=f"cannot be written.*{words}.*GPT2DEMO_CACHE"):
        export(tiny, "float32", tmp_path)
    assert list((tmp_path / "onnx").iterdir()) == []


def test_a_cache_that_is_a_file_is_one_sentence(tiny, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BackendUnavailable, match="cannot be written"):
        export(tiny, "float32", tmp_path / "file")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def foreign(path: Path) -> None:
    from onnx import TensorProto, helper

    places = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "abs", places[:1], places[1:])
    opset = [helper.make_opsetid("", 18)]
    path.write_bytes(helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString())


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01  # one bit of it
    path.write_bytes(content)


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


DAMAGES = [(file, how) for file in ("model.onnx", "export.json") for how in (cut_short, garbage, Path.unlink)]


@pytest.mark.parametrize(
    "file, damage", [*DAMAGES, *(("weights.bin", how) for how in (cut_short, flipped, Path.unlink))]
)
def test_a_damaged_export_is_one_sentence_that_says_how_to_mend_it(made, tiny, tmp_path, file, damage):
    damage(made.folder / file)
    with pytest.raises(ModelBroken, match=r"Delete .*"):
        OnnxEngine(tiny, export(tiny, "float32", tmp_path), "tiny")
    assert OnnxEngine(tiny, export(tiny, "float32", tmp_path, again=True), "tiny").start(IDS).logits.any()


def test_a_foreign_graph_is_told_from_our_own(made, tiny, tmp_path):
    foreign(made.folder / "model.onnx")
    facts = json.loads((made.folder / "export.json").read_text())
    facts["files"]["model.onnx"] = (made.folder / "model.onnx").stat().st_size
    facts["digests"]["model.onnx"] = sha256(made.folder / "model.onnx")
    (made.folder / "export.json").write_text(json.dumps(facts))
    with pytest.raises(ModelBroken, match="not a model that this demo exported"):
        OnnxEngine(tiny, export(tiny, "float32", tmp_path), "tiny")


def test_weights_that_do_not_fit_are_refused_before_anything_is_written(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "model")
    config = json.loads((tiny / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps(config | {"n_layer": 4}))
    with pytest.raises(ModelBroken, match=r"lacks 12 tensors, the first is h\.3\."):
        export(tmp_path / "model", "float32", tmp_path)
