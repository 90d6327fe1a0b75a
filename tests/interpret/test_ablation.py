"""Heads switched off: the effect against `transformers`, and the ranking against ablations one by one."""

import numpy as np
import pytest
from scipy.special import log_softmax

from gpt2demo.errors import BadInput, ContextFull
from gpt2demo.interpret.ablation import ablate, rank_heads
from tests.references.interpret import changed_logits


def test_the_effect_is_that_of_zeroing_the_heads_slice_in_transformers(torch_engine, reference, ids):
    heads, target = {(0, 1), (2, 3)}, 17
    found = ablate(torch_engine, ids, heads, target)
    before = log_softmax(changed_logits(reference, ids).astype(np.float64))
    after = log_softmax(changed_logits(reference, ids, heads).astype(np.float64))
    np.testing.assert_allclose(found.before, np.exp(before), atol=1e-5)
    np.testing.assert_allclose(found.after, np.exp(after), atol=1e-5)
    assert found.change == pytest.approx(after[target] - before[target], abs=1e-4)


def test_a_whole_layer_is_its_heads_and_its_mlp(torch_engine, reference, ids):
    heads = {(1, head) for head in range(4)}
    found = ablate(torch_engine, ids, heads, mlps={1})
    after = log_softmax(changed_logits(reference, ids, heads, mlps={1}).astype(np.float64))
    np.testing.assert_allclose(found.after, np.exp(after), atol=1e-5)


def test_nothing_switched_off_changes_nothing(torch_engine, ids):
    found = ablate(torch_engine, ids, set())
    assert found.change == 0
    assert (found.before == found.after).all()


def test_without_a_target_it_is_what_was_likeliest(torch_engine, ids):
    found = ablate(torch_engine, ids, {(0, 0)})
    assert found.target == torch_engine.start(ids).logits.argmax()
    assert found.before.sum() == pytest.approx(1) and found.after.sum() == pytest.approx(1)


def test_the_ranking_holds_every_head_with_its_own_effect_the_largest_first(torch_engine, ids):
    *_, ranking = rank_heads(torch_engine, ids, 17)
    assert {row[:2] for row in ranking} == {(layer, head) for layer in range(3) for head in range(4)}
    for layer, head, change in ranking:
        assert change == pytest.approx(ablate(torch_engine, ids, {(layer, head)}, 17).change, abs=1e-4)
    sizes = [abs(change) for _, _, change in ranking]
    assert sizes == sorted(sizes, reverse=True)


def test_the_ranking_grows_turn_by_turn(torch_engine, ids, monkeypatch):
    monkeypatch.setattr("gpt2demo.interpret.ablation.TOKENS_AT_ONCE", 3 * len(ids))
    assert [len(ranking) for ranking in rank_heads(torch_engine, ids, 17)] == [3, 4, 7, 8, 11, 12]


def test_a_cancelled_ranking_ends(torch_engine, ids):
    rankings = []
    for ranking in rank_heads(torch_engine, ids, 17, cancelled=lambda: len(rankings) == 2):
        rankings.append(ranking)
    assert len(rankings) == 2


def test_one_token_has_a_ranking(torch_engine):
    *_, ranking = rank_heads(torch_engine, [5], 17)
    assert len(ranking) == 12


@pytest.mark.parametrize(("heads", "mlps"), [({(3, 0)}, ()), ({(0, 4)}, ()), ({(-1, 0)}, ()), ((), {3})])
def test_what_is_not_there_cannot_be_switched_off(torch_engine, ids, heads, mlps):
    with pytest.raises(BadInput, match="tiny has no layer"):
        ablate(torch_engine, ids, heads, mlps=mlps)


def test_a_text_too_long_is_refused(torch_engine):
    with pytest.raises(ContextFull):
        ablate(torch_engine, [1] * 257, {(0, 0)})
