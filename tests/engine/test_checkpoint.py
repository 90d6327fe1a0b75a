"""A model folder that cannot be used is one sentence that says what is wrong with it."""

import json
import pickle

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.errors import BackendUnavailable, ModelBroken
from tests.models import write_model


@pytest.fixture
def folder(tmp_path):
    return write_model(tmp_path, layers=1, width=8, heads=2, positions=16)


def refused(folder) -> str:
    """The sentence with which a folder is refused: one line, and none of Python's own words."""
    with pytest.raises(ModelBroken) as caught:
        TorchEngine(folder, "x")
    said = str(caught.value)
    assert "\n" not in said and "Traceback" not in said and len(said) < 600
    return said


def changed(folder, **values):
    path = folder / "config.json"
    known = json.loads(path.read_text()) | values
    path.write_text(json.dumps({name: value for name, value in known.items() if value is not None}))


def test_the_folder_as_it_is_made_opens(folder):
    assert TorchEngine(folder, "x").info.layers == 1


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "vocab.json", "merges.txt"])
def test_a_missing_file_is_named(file, folder):
    (folder / file).unlink()
    assert f"has no {file}" in refused(folder)


@pytest.mark.parametrize("keep", [0, 7, 100, -1, -4000])
def test_truncated_weights_are_called_cut_short(keep, folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert "cut short or damaged" in refused(folder)


def test_weights_of_another_kind_are_damaged(folder):
    (folder / "model.safetensors").write_bytes(b"<html>Not found</html>" * 100)
    assert "cut short or damaged" in refused(folder)


class Bomb:
    def __reduce__(self):
        return print, ("a pickle was loaded",)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.pkl"])
def test_a_pickle_is_never_opened(name, folder, capsys):
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Bomb()))
    said = refused(folder)
    assert name in said and "can run code" in said and "Save the model as safetensors" in said
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "7", '"gpt2"', "{}", '{"vocab_size": "many"}', "[" * 5000], ids=repr
)
def test_a_config_that_is_none_is_said_so(content, folder):
    (folder / "config.json").write_text(content)
    assert "is not a GPT-2 configuration" in refused(folder)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"model_type": "llama"}, "holds a llama model"),
        ({"n_head": 3}, "8 dimensions do not divide into 3 heads"),
        ({"n_layer": 0}, "a size that no GPT-2 has"),
        ({"n_layer": -1}, "a size that no GPT-2 has"),
        ({"n_embd": 2**40}, "a size that no GPT-2 has"),
        ({"vocab_size": None}, "is not a GPT-2 configuration"),
        ({"n_embd": [8]}, "is not a GPT-2 configuration"),
        ({"n_positions": float("inf")}, "is not a GPT-2 configuration"),
        ({"activation_function": "relu"}, "a variant of GPT-2"),
        ({"scale_attn_by_inverse_layer_idx": True}, "a variant of GPT-2"),
        ({"tie_word_embeddings": False}, "a variant of GPT-2"),
        ({"n_embd": 16}, "has the shape"),
        ({"n_inner": 20}, "has the shape"),
        ({"n_layer": 2}, "lacks 12 tensors, the first is h.1."),
        ({"vocab_size": 100}, "the tokenizer has"),
    ],
    ids=str,
)
def test_an_odd_config_is_refused_for_its_reason(values, said, folder):
    changed(folder, **values)
    assert said in refused(folder)


def test_a_foreign_models_tensors_are_missed_by_name(folder):
    save_file({"layers.0.weight": np.zeros((2, 2), np.float32)}, folder / "model.safetensors")
    assert "lacks 16 tensors, the first is wte.weight" in refused(folder)


def test_half_precision_weights_are_read_as_float32(folder):
    tensors = load_file(folder / "model.safetensors")
    save_file({name: tensor.astype(np.float16) for name, tensor in tensors.items()}, folder / "model.safetensors")
    half = TorchEngine(folder, "x").start([1, 2]).logits
    save_file(
        {name: tensor.astype(np.float16).astype(np.float32) for name, tensor in tensors.items()},
        folder / "model.safetensors",
    )
    np.testing.assert_array_equal(half, TorchEngine(folder, "x").start([1, 2]).logits)


def test_a_device_or_precision_that_is_not_there_is_said_so(folder):
    with pytest.raises(BackendUnavailable, match="float16 needs a GPU"):
        TorchEngine(folder, "x", dtype="float16")
    if not torch.cuda.is_available():
        with pytest.raises(BackendUnavailable, match="no CUDA device"):
            TorchEngine(folder, "x", device="cuda")
