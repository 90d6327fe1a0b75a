"""Streams carried over from one text into another, against hooks in `transformers`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from gpt2demo.errors import BadInput
from gpt2demo.interpret.patching import patch, patch_map, possible
from tests.references.interpret import changed_logits


@pytest.fixture(scope="module")
def other(ids):
    """The same text but for the tokens 9 and 20."""
    return [id + 1 if i in (9, 20) else id for i, id in enumerate(ids)]


def test_a_patch_does_what_a_hook_in_transformers_does(torch_engine, reference, ids, other):
    found = patch(torch_engine, ids, other, 2, 12, target=17)
    vector = reference.look(other).hidden[2, 12]
    before = log_softmax(changed_logits(reference, ids).astype(np.float64))
    after = log_softmax(changed_logits(reference, ids, stream={(2, 12): vector}).astype(np.float64))
    np.testing.assert_allclose(found.before, np.exp(before), atol=1e-5)
    np.testing.assert_allclose(found.after, np.exp(after), atol=1e-5)
    assert found.change == pytest.approx(after[17] - before[17], abs=1e-4)


def test_patching_a_text_with_itself_changes_nothing(torch_engine, ids):
    for layer in range(3):
        assert patch(torch_engine, ids, ids, layer, 11).change == pytest.approx(0, abs=1e-5)
    assert not possible(ids, ids, 3).any()
    assert [(share, np.abs(cells).max()) for share, cells in patch_map(torch_engine, ids, ids)] == [(1.0, 0.0)]


def test_possible_are_the_differing_tokens_and_above_them_all_from_the_first_on(ids, other):
    cells = possible(ids, other, 3)
    assert np.flatnonzero(cells[0]).tolist() == [9, 20]
    assert (cells[1:] == (np.arange(30) >= 9)).all()


def test_exactly_the_possible_cells_have_an_effect(torch_engine, ids, other):
    cells = possible(ids, other, 3)
    sizes = np.abs([[patch(torch_engine, ids, other, layer, i).change for i in range(30)] for layer in range(3)])
    assert sizes[~cells].max() < 1e-5
    assert sizes[cells].min() > sizes[~cells].max()


def test_the_map_holds_the_effect_of_every_patch(torch_engine, ids, other):
    *_, (share, cells) = patch_map(torch_engine, ids, other, target=17)
    assert share == 1
    for layer, position in [(0, 9), (1, 20), (2, 29), (2, 9)]:
        expected = patch(torch_engine, ids, other, layer, position, target=17).change
        assert cells[layer, position] == pytest.approx(expected, abs=1e-4)


def test_the_map_fills_turn_by_turn_and_ends_when_cancelled(torch_engine, ids, other, monkeypatch):
    monkeypatch.setattr("gpt2demo.interpret.patching.TOKENS_AT_ONCE", 10 * len(ids))
    seen = []
    for share, cells in patch_map(torch_engine, ids, other, cancelled=lambda: len(seen) == 2):
        seen.append((share, int(np.isnan(cells).sum())))
    assert seen == [(10 / 44, 34), (20 / 44, 24)]


@given(clean=st.lists(st.integers(0, 2), min_size=1, max_size=12), data=st.data())
def test_before_the_first_difference_nothing_is_possible_whatever_the_texts(clean, data):
    other = data.draw(st.lists(st.integers(0, 2), min_size=len(clean), max_size=len(clean)))
    first = next((i for i, pair in enumerate(zip(clean, other)) if pair[0] != pair[1]), len(clean))
    cells = possible(clean, other, 3)
    assert not cells[:, :first].any()
    assert cells[1:, first:].all()


def test_texts_of_unequal_length_are_refused(torch_engine, ids):
    with pytest.raises(BadInput, match="30 and 29 tokens"):
        patch(torch_engine, ids, ids[:-1], 0, 0)


@pytest.mark.parametrize(("layer", "position"), [(3, 0), (-1, 0), (0, 30), (0, -1)])
def test_a_cell_that_is_not_there_is_refused(torch_engine, ids, other, layer, position):
    with pytest.raises(BadInput):
        patch(torch_engine, ids, other, layer, position)
