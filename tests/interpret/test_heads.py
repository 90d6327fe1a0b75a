"""What the heads look at: metrics, maps and the views of one head, against their definitions and `transformers`."""

import numpy as np
import pytest

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.errors import BackendUnavailable, BadInput, ContextFull
from gpt2demo.interpret.heads import (
    ATLAS_BYTES,
    METRICS,
    Chance,
    chances,
    find,
    one_head,
    sentence,
    side_of_maps,
    survey,
)
from tests.references.hugging_face import Reference
from tests.references.interpret import head_metrics, lower_triangles, values

IDS = np.random.default_rng(3).integers(1, 40, 48).tolist()  # many tokens come twice


@pytest.fixture(scope="module")
def reference(tiny):
    return Reference(tiny)


@pytest.fixture(scope="module")
def found(engine):
    return survey(engine, IDS)


def test_every_metric_equals_its_definition_on_the_maps_of_transformers(found, reference):
    expected = head_metrics(reference.look(IDS).attentions, IDS)
    assert set(found.scores) == set(expected) == set(METRICS)
    for metric, table in expected.items():
        np.testing.assert_allclose(found.scores[metric], table, atol=1e-5, err_msg=metric)


def test_the_triangles_are_the_maps_of_transformers_in_bytes(found, reference):
    expected = 255 * lower_triangles(reference.look(IDS).attentions)
    assert len(found.triangles) == len(expected) == 3 * 4 * 48 * 49 // 2
    np.testing.assert_allclose(np.frombuffer(found.triangles, np.uint8), expected, atol=0.5 + 1e-3)


def test_a_text_surveyed_a_layer_at_a_time_gives_the_same(engine, found, monkeypatch):
    monkeypatch.setattr("gpt2demo.interpret.heads.BYTES_AT_ONCE", 1)
    again = survey(engine, IDS)
    steps = np.frombuffer(again.triangles, np.uint8).astype(int) - np.frombuffer(found.triangles, np.uint8)
    assert np.abs(steps).max() <= 1
    assert all(np.allclose(again.scores[metric], found.scores[metric], atol=1e-5) for metric in METRICS)


def test_one_token_is_a_text(engine):
    alone = survey(engine, IDS[:1])
    assert alone.triangles == bytes([255] * 12)
    assert (alone.scores["first_token"] == 1).all()
    assert all((alone.scores[metric] == 0).all() for metric in METRICS if metric != "first_token")


def test_a_full_context_is_a_text_and_one_token_more_is_not(engine):
    full = np.random.default_rng(0).integers(1, 290, engine.info.positions).tolist()
    assert len(survey(engine, full).triangles) == 12 * 256 * 257 // 2
    with pytest.raises(ContextFull):
        survey(engine, [*full, 1])


def test_no_text_is_refused(engine):
    with pytest.raises(BadInput, match="no text"):
        survey(engine, [])


def test_the_strongest_head_of_a_kind_is_the_largest_in_its_table(found):
    for metric, table in found.scores.items():
        layer, head = find(found.scores, metric)
        assert table[layer, head] == table.max()


def test_without_a_repetition_no_head_is_named_for_it(engine):
    scores = survey(engine, [1, 2, 3, 4]).scores
    for kind in ("induction", "same_token"):
        with pytest.raises(BadInput, match="No token comes twice"):
            find(scores, kind)


def scores_of_one_head(**scores: float) -> dict[str, np.ndarray]:
    return {metric: np.array([[scores.get(metric, 0.0)]]) for metric in METRICS}


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (
            {"previous_token": 0.62, "first_token": 0.3},
            "Layer 0, head 0 acts as a previous-token head here: 62 % of its look goes to the token just before.",
        ),
        (
            {"first_token": 0.41, "induction": 0.2},
            "Layer 0, head 0 acts as an induction head here: "
            "where a token has come before, 40 % of its look goes to what followed it.",
        ),
        (
            {"same_token": 0.3, "induction": 0.2},
            "Layer 0, head 0 acts as a same-token head here: "
            "where a token has come before, 60 % of its look goes back to it.",
        ),
        ({"first_token": 0.62}, "Layer 0, head 0 looks mostly at the first token (62 %)."),
        (
            {"first_token": 0.41, "induction": 0.12},
            "Layer 0, head 0 looks often at the first token (41 %), "
            "and somewhat at what followed the same token earlier on (12 %).",
        ),
        (
            {"first_token": 0.1, "entropy": 3.0, "distance": 7.2},
            "Layer 0, head 0 spreads its look over about 8 tokens, 7 tokens back on average.",
        ),
        ({"entropy": 0.2, "distance": 0.8}, "Layer 0, head 0 looks at one token at a time, 1 token back on average."),
        ({"entropy": 0.2, "distance": 0.1}, "Layer 0, head 0 looks mostly at the token itself."),
    ],
)
def test_a_head_is_described_by_its_kind_or_else_by_what_it_looks_at_most(scores, expected):
    """Half of the tokens have come before, as they do where a text is told twice."""
    half = Chance(places=20, share=0.5, even=0.05)
    allowed = {"induction": half, "same_token": half, "previous_token": Chance(40, 1.0, 0.1)}
    assert sentence(scores_of_one_head(**scores), allowed, 0, 0) == expected


@pytest.mark.parametrize(
    "chance",
    [
        pytest.param(Chance(places=2, share=0.5, even=0.05), id="seen twice is seen by chance"),
        pytest.param(Chance(places=20, share=0.5, even=0.3), id="an even look would give as much"),
    ],
)
def test_a_head_is_not_named_for_what_chance_would_give(chance):
    assert "induction head" not in sentence(scores_of_one_head(induction=0.25), {"induction": chance}, 0, 0)


def test_the_chances_of_a_text_are_counted_token_by_token():
    found = chances([5, 6, 5, 6, 7])
    assert (found["induction"].places, found["induction"].share) == (2, 0.4)
    assert found["induction"].even == pytest.approx((1 / 3 + 1 / 4) / 2)
    assert found["same_token"] == found["induction"]
    assert found["previous_token"].places == 4
    assert found["previous_token"].even == pytest.approx((1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4)


@pytest.mark.parametrize(("layers", "heads"), [(12, 12), (24, 16), (36, 20), (48, 25)])
def test_the_maps_of_every_gpt2_fit_the_budget_and_use_it(layers, heads):
    def size(side: int) -> int:
        return layers * heads * side * (side + 1) // 2

    side = side_of_maps(layers * heads, 128)
    assert size(side) <= ATLAS_BYTES
    assert side == 128 or size(side + 1) > ATLAS_BYTES
    assert side_of_maps(layers * heads, 1) == 1


def test_coarser_maps_keep_the_strongest_of_the_weights_that_fall_on_a_point(engine, reference, monkeypatch):
    monkeypatch.setattr("gpt2demo.interpret.heads.ATLAS_BYTES", 12 * 10 * 11 // 2)
    found, a = survey(engine, IDS), reference.look(IDS).attentions
    assert found.side == 10
    expected = []
    for layer, head in np.ndindex(3, 4):
        for p in range(10):
            for q in range(p + 1):
                fall = [
                    a[layer, head, i, j] for i in range(48) for j in range(48) if (i * 10 // 48, j * 10 // 48) == (p, q)
                ]
                expected.append(max(fall))
    np.testing.assert_allclose(np.frombuffer(found.triangles, np.uint8), 255 * np.array(expected), atol=0.5 + 1e-3)


def test_the_raw_view_is_the_map_of_transformers(engine, reference):
    head = one_head(engine, IDS, 2, 3, "raw")
    np.testing.assert_allclose(head.weights, reference.look(IDS).attentions[2, 3], atol=1e-5)
    assert head.sink_share == pytest.approx(reference.look(IDS).attentions[2, 3, :, 0].mean(), abs=1e-5)


def test_the_hidden_view_shares_out_what_does_not_rest_on_the_first_token(engine, reference):
    weights = one_head(engine, IDS, 1, 0, "hidden").weights
    rest = reference.look(IDS).attentions[1, 0, :, 1:]
    assert (weights[:, 0] == 0).all() and (weights[0] == 0).all()
    np.testing.assert_allclose(weights[1:, 1:], rest[1:] / rest[1:].sum(-1, keepdims=True), atol=1e-5)


def test_the_value_view_weighs_each_token_by_the_length_of_what_it_gives(torch_engine, reference):
    carried = reference.look(IDS).attentions[1, 2] * np.linalg.norm(values(reference, IDS, 1)[2], axis=-1)
    expected = carried / carried.sum(-1, keepdims=True)
    np.testing.assert_allclose(one_head(torch_engine, IDS, 1, 2, "value").weights, expected, atol=1e-5)


@pytest.mark.parametrize("view", ["raw", "hidden", "value"])
def test_every_view_of_one_token_has_a_sentence(torch_engine, view):
    assert one_head(torch_engine, IDS[:1], 0, 0, view).sentence.endswith(".")


def test_a_head_that_rests_on_the_first_token_is_called_so(engine):
    assert one_head(engine, IDS[:1], 0, 0).sentence == (
        "100 % of this head rests on the first token; that is a resting place, not meaning."
    )


@pytest.mark.parametrize(("layer", "head", "view"), [(3, 0, "raw"), (0, 4, "raw"), (-1, 0, "raw"), (0, 0, "round")])
def test_what_is_not_there_is_refused_in_a_sentence(engine, layer, head, view):
    with pytest.raises(BadInput):
        one_head(engine, IDS, layer, head, view)


def test_an_engine_without_a_microscope_says_so():
    with pytest.raises(BackendUnavailable, match="PyTorch"):
        one_head(FakeEngine([b"a"], lambda ids: [1.0, 0.0]), [0, 0], 0, 0, "value")
