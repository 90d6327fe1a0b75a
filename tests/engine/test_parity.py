"""The engines compute what `transformers` computes."""

import shutil

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.errors import BackendUnavailable
from tests.conftest import ENGINES
from tests.models import write_model
from tests.references.hugging_face import Reference

IDS = np.random.default_rng(1).integers(1, 290, 40).tolist()

# float32 against float32: the defaults of `assert_close`. bfloat16 keeps 8 bits, so a sum of a few hundred products
# is right to about two digits: the tiny model's logits (-12..12) may be off by 0.4, its hidden states by 0.15.
BFLOAT16 = {"rtol": 0.05, "atol": 0.4}
BFLOAT16_HERE = torch.ops.mkldnn._is_mkldnn_bf16_supported()

# int8 rounds every weight to 127 steps and every vector to 255, anew in each layer: its numbers miss by a few hundredths
# of their spread.
INT8 = 0.15

BACKENDS = (*ENGINES, "onnx-int8")


@pytest.fixture(scope="module", params=["plain", "n_inner set", "saved by transformers"])
def folder(request, tiny, tmp_path_factory):
    if request.param == "plain":
        return tiny
    made = tmp_path_factory.mktemp("variant")
    if request.param == "n_inner set":
        return write_model(made, layers=2, inner=48, seed=2)
    Reference(tiny).model.save_pretrained(made)  # writes the names with `transformer.` before them
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(tiny / file, made)
    return made


@pytest.fixture(scope="module")
def reference(folder):
    return Reference(folder)


@pytest.fixture(scope="module")
def model(open_engine, folder):
    return open_engine(folder)


def agree(model, found, expected):
    """Within the tolerance of the model's kind of number."""
    assert found.shape == expected.shape
    if model.info.dtype == "int8":
        assert np.sqrt(((found - expected) ** 2).mean()) < INT8 * expected.std()
    else:
        assert_close(found, expected)


def test_the_tiny_model_spreads_its_attention_unevenly(reference):
    last_rows = reference.look(IDS).attentions[:, :, -1]
    assert (last_rows.max(-1) > 4 / len(IDS)).all()


def test_logits_equal(model, reference):
    agree(model, model.logits(IDS, range(len(IDS))), reference.look(IDS).logits)


def test_logits_after_start_equal(model, reference):
    agree(model, model.start(IDS).logits, reference.look(IDS).logits[-1])


def test_attention_equals_in_every_layer_and_head(model, reference):
    layers = range(model.info.layers)
    agree(model, model.attention(IDS, layers), reference.look(IDS).attentions)


def test_attention_comes_in_the_order_in_which_layers_were_asked_for(model, reference):
    agree(model, model.attention(IDS, [1, 0]), reference.look(IDS).attentions[[1, 0]])


def test_hidden_states_equal_before_the_final_norm(folder, reference):
    hidden, expected = TorchEngine(folder, "tiny").microscope.hidden_states(IDS), reference.look(IDS).hidden
    assert_close(hidden[:-1], expected[:-1])
    assert_close(reference.ln_f(hidden[-1]), expected[-1])


def test_last_hidden_is_the_last_token_after_the_final_norm(model, reference):
    texts = [IDS, IDS[:7], IDS[3:20]]
    expected = np.stack([reference.look(ids).hidden[-1, -1] for ids in texts])
    agree(model, model.last_hidden(texts), expected)


def test_greedy_writing_gives_the_same_200_tokens(model, reference):
    step, ids = model.start(IDS), []
    while len(ids) < 200:
        ids.append(int(step.logits.argmax()))
        step = model.step(step.past, ids[-1:])
    if model.info.dtype == "int8":  # each token is the reference's first choice, or all but
        logits = reference.look(IDS + ids).logits[len(IDS) - 1 : -1]
        assert (logits.max(-1) - logits[range(200), ids] < 4 * INT8 * logits.std()).all()
    else:
        assert ids == reference.greedy(IDS, 200)


def test_greedy_writing_of_the_tiny_model_is_no_mere_repetition(reference):
    assert len(set(reference.greedy(IDS, 200))) > 10


def test_a_prefix_before_the_tensors_names_changes_nothing(open_engine, tiny, tmp_path):
    prefixed = write_model(tmp_path, prefix="transformer.")
    assert_close(open_engine(prefixed).start(IDS).logits, open_engine(tiny).start(IDS).logits, rtol=0, atol=0)


@pytest.mark.skipif(not BFLOAT16_HERE, reason="this processor has no instructions for bfloat16")
def test_bfloat16_stays_within_its_stated_tolerance(tiny):
    rough, reference = TorchEngine(tiny, "tiny", dtype="bfloat16"), Reference(tiny)
    assert_close(rough.start(IDS).logits, reference.look(IDS).logits[-1], **BFLOAT16)
    assert rough.info.backend == "torch-bfloat16"


@pytest.mark.skipif(BFLOAT16_HERE, reason="this processor has instructions for bfloat16")
def test_bfloat16_is_refused_where_the_processor_cannot_do_it(tiny):
    with pytest.raises(BackendUnavailable, match="no instructions for bfloat16"):
        TorchEngine(tiny, "tiny", dtype="bfloat16")


def test_the_shipped_model_agrees_on_a_sentence(open_engine, backend, mini):
    model = open_engine(mini)
    ids = model.tokenizer.encode("The old lighthouse keeper opened the door and saw")
    logits, expected = model.logits(ids, range(len(ids))), Reference(mini).look(ids).logits
    if backend == "onnx-int8":
        agree(model, logits, expected)
        return
    # twelve layers of sums over up to 1,536 products: the last two of float32's seven digits may differ
    assert_close(torch.from_numpy(logits), torch.from_numpy(expected), rtol=1e-4, atol=1e-4)
    assert (logits.argmax(-1) == expected.argmax(-1)).all()
