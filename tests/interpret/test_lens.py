"""The logit lens against `transformers`, each layer with its own normalisation and the last one normalised once."""

import numpy as np
import pytest
from scipy.special import softmax

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.interpret.lens import cell, lens


@pytest.fixture(scope="module")
def expected(reference, ids):
    """Probabilities (layers + 1, n, vocabulary): `ln_f` and the unembedding over every layer but the last's `ln_f`."""
    hidden = reference.look(ids).hidden  # the last one has been through `ln_f` already
    normed = np.concatenate([reference.ln_f(hidden[:-1]), hidden[-1:]])
    return softmax(normed @ reference.model.lm_head.weight.detach().numpy().T.astype(np.float64), axis=-1)


@pytest.fixture(scope="module")
def found(torch_engine, ids):
    return lens(torch_engine, ids)


def test_top_and_probability_are_those_of_transformers(found, expected):
    assert (found.top == expected.argmax(-1)).all()
    np.testing.assert_allclose(found.probability, expected.max(-1), atol=1e-5)


def test_the_last_row_is_the_models_output(found, reference, ids):
    output = softmax(reference.look(ids).logits.astype(np.float64), axis=-1)
    assert (found.top[-1] == output.argmax(-1)).all()
    np.testing.assert_allclose(found.probability[-1], output.max(-1), atol=1e-5)


def test_the_rank_is_that_of_the_finally_predicted_token(found, expected):
    for (layer, position), rank in np.ndenumerate(found.rank):
        likelier = expected[layer, position] > expected[layer, position, expected[-1, position].argmax()]
        assert rank == 1 + likelier.sum()
    assert (found.rank[-1] == 1).all()


def test_a_cell_lists_the_likeliest_tokens(torch_engine, ids, expected):
    row = expected[2, 11]
    listed = cell(torch_engine, ids, 2, 11, top=5)
    assert [id for id, _ in listed] == np.argsort(-row)[:5].tolist()
    np.testing.assert_allclose([p for _, p in listed], np.sort(row)[::-1][:5], atol=1e-5)


def test_one_token_and_the_full_context_have_a_lens(torch_engine):
    assert lens(torch_engine, [7]).top.shape == (4, 1)
    full = lens(torch_engine, [7] * torch_engine.info.positions)
    assert full.rank.shape == (4, torch_engine.info.positions)


@pytest.mark.parametrize(("layer", "position"), [(4, 0), (-1, 0), (0, 30)])
def test_a_cell_outside_is_refused(torch_engine, ids, layer, position):
    with pytest.raises(BadInput):
        cell(torch_engine, ids, layer, position)


def test_an_engine_without_a_microscope_says_so():
    with pytest.raises(BackendUnavailable):
        lens(FakeEngine([b"a"], lambda ids: [1.0, 0.0]), [0, 0])
