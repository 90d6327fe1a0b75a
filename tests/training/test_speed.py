"""The variants of a training step: all of them compute the same loss and the same gradients."""

import pytest
import torch

from gpt2demo.engine.checkpoint import Config
from gpt2demo.training.base import loss_of
from gpt2demo.training.speed import VARIANTS, measure, model_and_step

SMALL = Config(vocabulary=64, positions=512, width=16, layers=2, heads=2, inner=64)
EAGER = [v for v in VARIANTS if not v.compiled and v.weights == torch.float32]


@pytest.mark.parametrize("variant", EAGER, ids=lambda variant: variant.name)
def test_a_variant_changes_the_cost_and_not_the_gradients(variant):
    model, step = model_and_step(variant, SMALL)
    ids = torch.randint(0, 64, (2, variant.length + 1), generator=torch.manual_seed(0))
    gradients = []
    for loss in (step, lambda x, y: loss_of(model, x, y)):
        model.zero_grad()
        loss(ids[:, :-1], ids[:, 1:]).backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
    for ours, theirs in zip(*gradients):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_each_variant_asked_for_is_measured():
    rows = list(measure(2, EAGER[:2], SMALL))
    assert [row["variant"] for row in rows] == [variant.name for variant in EAGER[:2]]
    assert all(0 < row["low"] <= row["seconds"] <= row["high"] for row in rows)
