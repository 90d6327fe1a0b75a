"""What the microscope sees and changes is what `transformers` sees and changes by hooks."""

import threading

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from gpt2demo.engine.contract import Change
from gpt2demo.engine.scheduler import Scheduler
from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.errors import ContextFull
from tests.references import interpret as by_hand
from tests.references.hugging_face import Reference

IDS = np.random.default_rng(5).integers(1, 290, 30).tolist()
OTHER = np.random.default_rng(6).standard_normal(32).astype(np.float32)


@pytest.fixture(scope="module")
def engine(tiny):
    torch.set_num_threads(1)  # for models this small a second thread only waits for the first
    return TorchEngine(tiny, "tiny")


@pytest.fixture(scope="module")
def microscope(engine):
    return engine.microscope


@pytest.fixture(scope="module")
def reference(tiny):
    return Reference(tiny)


@pytest.mark.parametrize("layer", range(3))
def test_values_equal_and_queries_and_keys_make_the_attention(microscope, reference, layer):
    queries, keys, values = microscope.queries_keys_values(IDS, layer)
    assert_close(values, by_hand.values(reference, IDS, layer))
    scores = np.where(np.tri(len(IDS)), queries @ keys.transpose(0, 2, 1) / np.sqrt(8), -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    expected = reference.look(IDS).attentions[layer]
    np.testing.assert_allclose(weights / weights.sum(-1, keepdims=True), expected, atol=1e-5)


def test_the_end_of_the_stream_unembedded_gives_the_logits(microscope, reference):
    assert_close(microscope.unembed(microscope.hidden_states(IDS)[-1]), reference.look(IDS).logits)


CHANGES = {
    "nothing": Change(),
    "a head": Change(heads=frozenset({(1, 2)})),
    "a head of the last layer": Change(heads=frozenset({(2, 0)})),
    "heads of several layers": Change(heads=frozenset({(0, 0), (0, 3), (2, 1)})),
    "an MLP": Change(mlps=frozenset({1})),
    "a whole layer": Change(heads=frozenset((1, head) for head in range(4)), mlps=frozenset({1})),
    "the stream in one place": Change(stream={(1, 4): OTHER}),
    "the stream at the very end": Change(stream={(2, len(IDS) - 1): OTHER}),
    "all of it": Change(frozenset({(0, 1)}), frozenset({2}), {(0, 3): OTHER, (2, 7): OTHER}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_does_what_hooks_in_transformers_do(microscope, reference, change):
    expected = by_hand.changed_logits(reference, IDS, change.heads, change.mlps, change.stream)
    assert_close(microscope.changed(IDS, [change])[0], expected)


def test_many_changes_at_once_give_what_each_gives_alone(microscope):
    together = microscope.changed(IDS, list(CHANGES.values()))
    assert_close(together, np.concatenate([microscope.changed(IDS, [change]) for change in CHANGES.values()]))


def test_of_a_whole_layer_switched_off_only_the_bias_of_its_attention_remains(engine, microscope):
    left = microscope.hidden_states(IDS)[1] + engine.model.h[1].attn.c_proj.bias.numpy()
    passed_by = Change(stream={(2, position): left[position] for position in range(len(IDS))})
    assert_close(*microscope.changed(IDS, [CHANGES["a whole layer"], passed_by]))


@pytest.mark.parametrize("goal", [17, OTHER], ids=["next token", "direction"])
def test_gradients_are_those_of_transformers_autograd(microscope, reference, goal):
    texts = np.stack([microscope.embeddings(ids) for ids in (IDS, IDS[::-1])])
    numbers, gradients = microscope.gradients(texts, goal)
    for text, number, gradient in zip(texts, numbers, gradients):
        expected_number, expected_gradient = by_hand.embedding_gradient(reference, text, goal)
        assert number == pytest.approx(expected_number, abs=1e-4)
        assert_close(gradient, expected_gradient, rtol=1e-4, atol=1e-5)


def test_gradients_leave_nothing_behind_in_the_model(engine, microscope):
    before = engine.start(IDS).logits
    microscope.gradients(microscope.embeddings(IDS)[None], 3)
    assert (engine.start(IDS).logits == before).all()
    assert all(p.grad is None and not p.requires_grad for p in engine.model.parameters())


def test_a_text_too_long_is_refused_everywhere(engine, microscope):
    ids = [1] * (engine.info.positions + 1)
    with pytest.raises(ContextFull):
        microscope.queries_keys_values(ids, 0)
    with pytest.raises(ContextFull):
        microscope.changed(ids, [Change()])
    with pytest.raises(ContextFull):
        microscope.gradients(microscope.embeddings(ids)[None], 0)


def test_through_the_scheduler_it_sees_the_same(engine, microscope):
    scheduled = Scheduler(engine).microscope
    texts = microscope.embeddings(IDS)[None]
    assert (scheduled.hidden_states(IDS) == microscope.hidden_states(IDS)).all()
    assert (scheduled.queries_keys_values(IDS, 1) == microscope.queries_keys_values(IDS, 1)).all()
    assert (scheduled.unembed(texts[0]) == microscope.unembed(texts[0])).all()
    assert (scheduled.changed(IDS, [Change()]) == microscope.changed(IDS, [Change()])).all()
    assert (scheduled.embeddings(IDS) == texts[0]).all()
    assert (scheduled.gradients(texts, 3)[1] == microscope.gradients(texts, 3)[1]).all()


def test_the_microscope_waits_for_its_turn(engine):
    scheduler, done = Scheduler(engine), threading.Event()
    reader = threading.Thread(target=lambda: (scheduler.microscope.hidden_states(IDS), done.set()))
    with scheduler._turn():
        reader.start()
        assert not done.wait(0.2)
    assert done.wait(10)
    reader.join()
