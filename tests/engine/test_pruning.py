"""Heads that are pruned are gone from the weights, and the rest computes as if they were switched off."""

import json

import numpy as np
import pytest

from gpt2demo.engine import numpy_gpt2
from gpt2demo.engine.checkpoint import read_config, read_weights, sha256
from gpt2demo.engine.contract import Change
from gpt2demo.engine.loading import load_engine
from gpt2demo.engine.onnx_engine import OnnxEngine
from gpt2demo.engine.onnx_export import export
from gpt2demo.engine.pruning import RANKING, choose, least_important, without
from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.evaluation.pruning import rises
from gpt2demo.settings import Settings
from tests.models import write_model

IDS = [3, 1, 4, 1, 5, 9, 2, 6]
GONE = {(0, 1), (0, 2), (2, 3)}


@pytest.fixture(scope="module")
def ranked(tmp_path_factory):
    """A model whose heads were ranked: those of GONE matter least."""
    folder = write_model(tmp_path_factory.mktemp("ranked"))
    worth = np.ones((3, 4))
    worth[tuple(zip(*GONE))] = 0.1
    fingerprint = sha256(folder / "model.safetensors")
    (folder / RANKING).write_text(json.dumps({"sha256": fingerprint, "rises": worth.tolist()}))
    return folder


@pytest.fixture(scope="module", params=["float32", "int8"])
def pruned(request, ranked, cache):
    return OnnxEngine(ranked, export(ranked, request.param, cache, prune=3), "ranked")


def test_without_heads_the_logits_are_those_with_the_heads_switched_off(pruned, ranked):
    (expected,) = TorchEngine(ranked, "ranked").microscope.changed(IDS, [Change(heads=frozenset(GONE))])
    found = pruned.start(IDS).logits
    tolerance = 1e-4 if pruned.info.dtype == "float32" else 0.15 * expected.std()
    assert np.sqrt(((found - expected) ** 2).mean()) <= tolerance


def test_pruned_heads_show_as_zeros_and_the_others_as_they_are(pruned, ranked):
    shown = pruned.attention(IDS, [0, 1, 2])
    for layer, head in GONE:
        assert not shown[layer, head].any()
    np.testing.assert_allclose(shown[1].sum(-1), 1, atol=1e-3)
    if pruned.info.dtype == "float32":
        expected = TorchEngine(ranked, "ranked").attention(IDS, [0])[0, 0]
        np.testing.assert_allclose(shown[0, 0], expected, atol=1e-5)


def test_a_pruned_model_writes_on_step_by_step_and_in_a_batch(pruned):
    whole = pruned.start([*IDS, 7, 8]).logits
    past = pruned.step(pruned.start(IDS).past, [7]).past
    one, other = pruned.steps([(past, [8]), (pruned.start(IDS[:3]).past, [8])])
    spread = 1e-4 if pruned.info.dtype == "float32" else 0.15
    np.testing.assert_allclose(one.logits, whole, atol=spread)
    np.testing.assert_allclose(other.logits, pruned.start([*IDS[:3], 8]).logits, atol=spread)


def test_a_pruned_model_is_another_model_and_a_smaller_one(pruned, ranked, cache):
    whole = OnnxEngine(ranked, export(ranked, pruned.info.dtype, cache), "ranked")
    assert pruned.info.name == "ranked without 3 heads"
    assert pruned.info.sha256 != whole.info.sha256 and pruned.info.parameters < whole.info.parameters


def test_the_numpy_judge_agrees_with_switched_off_heads(ranked):
    config = read_config(ranked)
    weights = without(config, read_weights(ranked, config), frozenset(GONE))
    logits, _, maps = numpy_gpt2.forward(config, weights, IDS)
    (expected,) = TorchEngine(ranked, "ranked").microscope.changed(IDS, [Change(heads=frozenset(GONE))])
    np.testing.assert_allclose(logits[-1], expected, atol=1e-4)
    assert [len(heads) for heads in maps] == [2, 4, 3]


def test_the_least_important_go_first_and_every_layer_keeps_a_head():
    worth = np.array([[1.0, 2.0, 3.0], [9.0, 8.0, 7.0]])
    assert choose(worth, 2) == {(0, 0), (0, 1)}
    assert choose(worth, 3) == {(0, 0), (0, 1), (1, 2)}


@pytest.mark.parametrize("count", [-1, 10])
def test_more_heads_than_can_go_are_refused(ranked, count):
    with pytest.raises(BadInput, match="can lose 0 to 9"):
        least_important(ranked, "any", read_config(ranked), count)


def test_a_ranking_of_other_weights_is_not_taken(ranked, tiny):
    for folder in (ranked, tiny):
        with pytest.raises(BadInput, match="eval heads"):
            least_important(folder, "other weights", read_config(folder), 2)


def test_the_rise_of_the_loss_is_that_of_the_head_switched_off(ranked):
    engine, texts = TorchEngine(ranked, "ranked"), [IDS, IDS[::-1]]
    for whole, found in rises(engine.model, texts):
        pass

    def surprise(heads) -> float:
        changes, nats = [Change(heads=frozenset(heads))], []
        for ids in texts:
            for i in range(1, len(ids)):
                logits = engine.microscope.changed(ids[:i], changes)[0].astype(np.float64)
                nats.append(np.log(np.exp(logits).sum()) - logits[ids[i]])
        return float(np.mean(nats))

    assert whole == pytest.approx(surprise(()), abs=1e-4)
    for place in ((0, 0), (2, 3)):
        assert found[place] == pytest.approx(surprise([place]) - surprise(()), abs=1e-4)


def test_pytorch_says_that_it_runs_a_model_whole(ranked):
    with pytest.raises(BackendUnavailable, match="PyTorch runs it whole"):
        load_engine(str(ranked), Settings(backend="torch", offline=True, prune_heads=3))


def test_auto_takes_onnx_for_a_pruned_model(ranked, cache):
    engine = load_engine(str(ranked), Settings(offline=True, cache=cache, prune_heads=3))
    assert (engine.info.backend, engine.info.name) == ("onnx", f"{ranked.name} without 3 heads")
    assert engine.microscope is None
