"""Which tokens mattered: completeness, a linear case known by hand, and leave-one-out by brute force."""

import numpy as np
import pytest
from scipy.special import log_softmax

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.interpret.attribution import integrated_gradients, leave_one_out
from tests.references.interpret import embedding_gradient

DIRECTION = np.random.default_rng(8).standard_normal(32).astype(np.float32)


def number(reference, ids, goal) -> float:
    look = reference.look(ids)
    if isinstance(goal, np.ndarray):
        return float(look.hidden[-1, -1] @ goal)
    return float(log_softmax(look.logits[-1].astype(np.float64))[goal])


@pytest.mark.parametrize("goal", [17, DIRECTION], ids=["next token", "direction"])
def test_the_shares_add_up_to_the_way_from_baseline_to_text(torch_engine, reference, ids, goal):
    short = ids[:8]
    found = integrated_gradients(torch_engine, short, goal)
    assert found.end == pytest.approx(number(reference, short, goal), abs=1e-4)
    assert found.start == pytest.approx(number(reference, [torch_engine.tokenizer.end] * 8, goal), abs=1e-4)
    assert found.gap == pytest.approx(abs(found.values.sum() / (found.end - found.start) - 1), rel=1e-3)
    assert found.gap < 0.02 or found.steps == 512


def test_more_steps_come_closer(torch_engine, ids, monkeypatch):
    gaps = {}
    for steps in (16, 512):
        monkeypatch.setattr("gpt2demo.interpret.attribution.GAP", 0.0)
        found = integrated_gradients(torch_engine, ids[:8], 17, most=steps)
        gaps[found.steps] = found.gap
    assert gaps[512] < 0.02 and gaps[512] < gaps[16]


def test_the_shares_are_the_integral_in_plain_steps_over_transformers(torch_engine, reference, ids):
    short = ids[:6]
    text, end = (torch_engine.microscope.embeddings(part) for part in (short, [torch_engine.tokenizer.end]))
    points = [(end + (k + 0.5) / 200 * (text - end)).astype(np.float32) for k in range(200)]
    mean = np.mean([embedding_gradient(reference, point, 17)[1] for point in points], axis=0, dtype=np.float64)
    found = integrated_gradients(torch_engine, short, 17)
    np.testing.assert_allclose(found.values, (mean * (text - end)).sum(-1), atol=0.03 * np.abs(found.values).max())


def test_the_baseline_explains_itself_with_nothing(torch_engine):
    found = integrated_gradients(torch_engine, [torch_engine.tokenizer.end] * 3, 17)
    assert (found.values == 0).all() and found.gap == 0 and found.start == found.end


def test_what_was_compared_is_said(torch_engine, ids):
    found = integrated_gradients(torch_engine, ids[:8], 17)
    assert found.baseline == (
        "Compared with the same positions holding nothing but <|endoftext|>; the shares add up to the difference in "
        f"log-probability, to {100 * found.gap:.1f} % after {found.steps} steps."
    )
    assert "score" in integrated_gradients(torch_engine, ids[:8], DIRECTION).baseline


def test_a_cancelled_integration_ends_with_what_it_has(torch_engine, ids):
    assert integrated_gradients(torch_engine, ids, 17, cancelled=lambda: True).steps == 1


@pytest.mark.parametrize("goal", [17, DIRECTION], ids=["next token", "direction"])
def test_leaving_one_out_is_what_transformers_loses_without_it(torch_engine, reference, ids, goal):
    short, end = ids[:8], torch_engine.tokenizer.end
    expected = [
        number(reference, short, goal) - number(reference, [*short[:i], end, *short[i + 1 :]], goal) for i in range(8)
    ]
    np.testing.assert_allclose(leave_one_out(torch_engine, short, goal), expected, atol=1e-4)


def test_leaving_one_out_needs_no_microscope():
    engine = FakeEngine([b"a", b"b"], lambda ids: [0.8, 0.1, 0.1] if 0 in ids else [0.2, 0.7, 0.1])
    np.testing.assert_allclose(leave_one_out(engine, [1, 0, 1], 0), [0, np.log(4), 0], atol=1e-6)
    with pytest.raises(BackendUnavailable):
        integrated_gradients(engine, [1, 0, 1], 0)


def test_no_text_has_no_attribution(torch_engine):
    with pytest.raises(BadInput):
        integrated_gradients(torch_engine, [], 0)
    with pytest.raises(BadInput):
        leave_one_out(torch_engine, [], 0)
