"""From logits to a token: each step by its definition, in the right order, and a draw that can be repeated."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import RepetitionPenaltyLogitsProcessor

from gpt2demo.errors import BadInput
from gpt2demo.generation.sampling import (
    RANGES,
    Decoding,
    choices,
    cut,
    distribution,
    draw,
    entropy,
    likeliest,
    penalties,
    rank,
    score,
)
from tests.references import sampling as reference

OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "repetition_penalty": 1.0}
FEW = st.lists(st.integers(0, 6), min_size=1, max_size=12).filter(any).map(lambda n: np.array(n) / sum(n))  # many ties


def random_settings(number: int) -> tuple[np.ndarray, list[int], Decoding]:
    """Logits over 700 tokens, a text that repeats itself, and settings all over their ranges."""
    rng = np.random.default_rng(number)
    logits = rng.normal(0, rng.uniform(0.5, 8), 700).astype(np.float32)
    seen = rng.integers(0, 60, rng.integers(1, 90)).tolist()
    return (
        logits,
        seen,
        Decoding(
            temperature=float(rng.choice([0.0, 0.05, 0.5, 1.0, 1.7, 5.0])),
            top_k=int(rng.choice([0, 1, 5, 40, 700, 10_000])),
            top_p=float(rng.choice([0.0, 0.1, 0.5, 0.95, 0.999, 1.0])),
            repetition_penalty=float(rng.uniform(0.5, 3)),
            presence_penalty=float(rng.uniform(-3, 3)),
            frequency_penalty=float(rng.uniform(-0.5, 0.5)),
        ),
    )


@pytest.mark.parametrize("number", range(50))
def test_the_shown_probabilities_are_an_independent_softmax_within_a_millionth(number):
    logits, seen, settings = random_settings(number)
    found = distribution(logits, seen, settings)
    expected = reference.stages(logits.astype(float).tolist(), seen, settings)
    for stage, by_hand in zip((found.raw, found.tempered, found.cut), expected):
        np.testing.assert_allclose(stage, by_hand, rtol=0, atol=1e-6)
        assert stage.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_array_equal(found.cut > 0, np.array(expected[2]) > 0)


# the order of the steps -----------------------------------------------------------------------------------------------


def test_penalties_come_before_temperature():
    logits = np.log(np.array([0.6, 0.4]))
    found = distribution(logits, [0], Decoding(**OFF | {"temperature": 0.5}, presence_penalty=1.0))
    ratio = (0.6 * math.exp(-1) / 0.4) ** 2  # the penalised odds, squared by the temperature
    assert found.tempered[0] / found.tempered[1] == pytest.approx(ratio)


def test_temperature_comes_before_top_p():
    p = np.array([0.5, 0.3, 0.2])
    sharp = distribution(np.log(p), [], Decoding(**OFF | {"temperature": 0.25, "top_p": 0.85}))
    plain = distribution(np.log(p), [], Decoding(**OFF | {"top_p": 0.85}))
    assert ((sharp.cut > 0).sum(), (plain.cut > 0).sum()) == (1, 3)


def test_top_p_takes_its_share_of_what_top_k_left():
    p = np.array([0.3, 0.2, 0.2, 0.15, 0.15])
    kept = cut(p, 2, 0.55)  # of all, the two hold 0.5; of themselves, the first holds 0.6
    np.testing.assert_array_equal(kept > 0, [True, False, False, False, False])


def test_raw_probabilities_know_nothing_of_the_settings():
    logits, seen, settings = random_settings(7)
    np.testing.assert_array_equal(distribution(logits, seen, settings).raw, distribution(logits, [], Decoding()).raw)


# cutting --------------------------------------------------------------------------------------------------------------


@given(FEW, st.integers(1, 15))
def test_exactly_k_survive_even_where_tokens_tie(p, k):
    kept = np.flatnonzero(likely(p, k))
    assert len(kept) == min(k, len(p))
    lost = np.setdiff1d(np.arange(len(p)), kept)
    assert all((p[a], -a) > (p[b], -b) for a in kept for b in lost)


def likely(p, k):
    """Which tokens top-k keeps, those of probability 0 too."""
    marked = np.zeros(len(p), bool)
    marked[likeliest(p, k)] = True
    return marked


def test_ties_at_the_threshold_go_to_the_lower_ids():
    np.testing.assert_array_equal(np.flatnonzero(cut(np.full(10, 0.1), 3, 1.0)), [0, 1, 2])


@given(FEW, st.integers(0, 100).map(lambda n: n / 100))
def test_top_p_keeps_the_smallest_set_that_reaches_its_share(p, top_p):
    kept = np.flatnonzero(cut(p, 0, top_p))
    if top_p == 1:
        np.testing.assert_array_equal(kept, np.flatnonzero(p))
        return
    assert p[kept].sum() >= top_p - 1e-9
    sizes = range(1, len(p) + 1)
    sets = (itertools.combinations(p, size) for size in sizes)
    smallest = next(size for size, some in zip(sizes, sets) if max(map(sum, some)) >= top_p - 1e-12)
    assert len(kept) == smallest


def test_top_p_looks_beyond_its_first_look_where_the_model_is_very_unsure():
    p = np.full(5000, 1 / 5000)
    assert (cut(p, 0, 0.9) > 0).sum() == 4500


def test_what_is_cut_shares_out_what_is_left_in_proportion():
    np.testing.assert_allclose(cut(np.array([0.4, 0.4, 0.1, 0.1]), 3, 1.0), [4 / 9, 4 / 9, 1 / 9, 0])


def test_temperature_zero_takes_the_first_of_the_likeliest():
    found = distribution(np.array([1.0, 3.0, 3.0]), [], Decoding(temperature=0))
    np.testing.assert_array_equal(found.cut, [0, 1, 0])


@pytest.mark.parametrize("logits", [[1e4, -1e4, 0], [-1e9] * 3, [88.0, 89.0, 1e5]])
@pytest.mark.parametrize("temperature", [0.01, 1.0, 5.0])
def test_extreme_logits_neither_overflow_nor_vanish(logits, temperature):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = distribution(np.array(logits, np.float32), [0], Decoding(temperature=temperature))
    assert np.isfinite(found.cut).all() and found.cut.sum() == pytest.approx(1)


# penalties ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("penalty", [0.5, 1.0, 1.3, 4.0])
def test_the_repetition_penalty_is_that_of_transformers(penalty):
    logits, seen, _ = random_settings(3)
    scores = torch.from_numpy(logits.astype(np.float64))[None]
    expected = RepetitionPenaltyLogitsProcessor(penalty)(torch.tensor([seen]), scores.clone())[0].numpy()
    found = penalties(logits.astype(np.float64), seen, Decoding(repetition_penalty=penalty))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_presence_counts_once_and_frequency_every_time():
    found = penalties(np.zeros(4), [1, 2, 2, 2], Decoding(**OFF, presence_penalty=0.5, frequency_penalty=0.25))
    np.testing.assert_allclose(found, [0, -0.75, -1.25, 0])


def test_with_all_penalties_off_and_with_no_text_nothing_moves():
    logits = np.array([1.0, -2.0])
    assert penalties(logits, [0, 1], Decoding(**OFF)) is logits
    assert penalties(logits, [], Decoding(repetition_penalty=2)) is logits


def test_the_models_own_logits_are_left_as_they_were():
    logits, seen, settings = random_settings(5)
    before = logits.copy()
    distribution(logits, seen, settings)
    np.testing.assert_array_equal(logits, before)


# drawing --------------------------------------------------------------------------------------------------------------


def test_a_draw_depends_on_seed_and_position_alone():
    p = np.random.default_rng(0).dirichlet(np.ones(1000))
    once = [draw(p, 5, position) for position in range(50)]
    for position in reversed(range(50)):
        draw(p, 9, position)
        assert draw(p, 5, position) == once[position]
    assert once != [draw(p, 6, position) for position in range(50)]
    assert len(set(once)) > 40


def test_draws_follow_the_probabilities():
    p = np.array([0.5, 0.0, 0.3, 0.2])
    counts = np.bincount([draw(p, seed, 3) for seed in range(4000)], minlength=4)
    assert counts[1] == 0
    np.testing.assert_allclose(counts / 4000, p, atol=0.03)  # four standard deviations


@given(FEW, st.integers(0, 2**53), st.integers(0, 2000))
def test_what_is_impossible_is_never_drawn(p, seed, position):
    assert p[draw(p, seed, position)] > 0


def test_a_seed_as_large_as_any_is_taken():
    assert draw(np.array([1.0]), 2**53, 10**6) == 0


# scores ---------------------------------------------------------------------------------------------------------------


@given(FEW)
def test_ranks_number_the_tokens_through(p):
    assert sorted(rank(p, id) for id in range(len(p))) == list(range(1, len(p) + 1))
    assert [rank(p, id) for id in likeliest(p, len(p))] == list(range(1, len(p) + 1))


@pytest.mark.parametrize(("p", "bits"), [([1, 0], 0), ([0.5, 0.5], 1), ([0.25] * 4, 2), ([0.5, 0.25, 0.25], 1.5)])
def test_entropy_is_in_bits(p, bits):
    assert entropy(np.array(p)) == pytest.approx(bits)
    assert score(np.array(p, float), 0).entropy == pytest.approx(bits)


def test_the_chosen_token_is_listed_wherever_it_ranks():
    p = np.array([0.1, 0.2, 0.3, 0.4])
    stages = distribution(np.log(p), [], Decoding(**OFF))
    assert [(c.id, c.rank) for c in choices(stages, 2, chosen=0)] == [(3, 1), (2, 2), (0, 4)]
    assert [(c.id, c.rank) for c in choices(stages, 2, chosen=3)] == [(3, 1), (2, 2)]


# settings that make no sense ------------------------------------------------------------------------------------------

WHOLE = ("top_k", "seed", "max_new_tokens")


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), "many", [], {}, 10**400, "1e400"], ids=repr
)
def test_what_is_no_number_in_range_is_one_sentence(name, value):
    with pytest.raises(BadInput, match=name.replace("_", " ")) as caught:
        Decoding(**{name: value})
    assert str(caught.value).count("\n") == 0 and len(str(caught.value)) < 300


@pytest.mark.parametrize("name", RANGES)
def test_the_ends_of_a_range_are_in_and_what_lies_beyond_is_out(name):
    low, high, _ = RANGES[name]
    for value in (low, high, str(low)):
        assert getattr(Decoding(**{name: value}), name) == float(value)
    for value in (low - 0.001, 2 * high + 1):
        with pytest.raises(BadInput):
            Decoding(**{name: value})


@pytest.mark.parametrize("name", WHOLE)
def test_a_count_must_be_whole(name):
    with pytest.raises(BadInput, match="a whole number"):
        Decoding(**{name: 2.5})
    assert isinstance(getattr(Decoding(**{name: 3.0}), name), int)


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_field_is_called_empty(value):
    with pytest.raises(BadInput, match="The seed is empty"):
        Decoding(seed=value)


@pytest.mark.parametrize("stop", ["abc", 7, [1], ["x" * 201], [str(n) for n in range(9)]], ids=repr)
def test_stop_texts_must_be_a_few_short_texts(stop):
    with pytest.raises(BadInput, match="stop texts"):
        Decoding(stop=stop)


def test_stop_texts_are_taken_once_and_empty_ones_not_at_all():
    assert Decoding(stop=["a", "", "b", "a"]).stop == ("a", "b")
