"""What the Engine tab shows, without a browser."""

import numpy as np
import pytest

from gpt2demo.bench.side_by_side import Agreement, Pace, SideBySide, agree, compare
from gpt2demo.engine.contract import ModelInfo
from gpt2demo.engine.fake import FakeEngine
from gpt2demo.errors import BackendUnavailable
from gpt2demo.page.events import reported
from gpt2demo.page.parts import engines

TORCH = ModelInfo("gpt2-mini", 12, 12, 384, 512, 16384, 27_800_000, "torch", "cpu", "float32", "0" * 64, 1, 111.1)
INT8 = ModelInfo("gpt2-mini", 12, 12, 384, 512, 16384, 27_800_000, "onnx-int8", "cpu", "int8", "0" * 64, 8, 28.8)
FOUND = SideBySide(1.0, Agreement(64, 62, 0.431), (Pace(50.0, 80.0), Pace(20.0, 200.0)))


def test_before_anything_was_measured_it_says_what_the_model_is_and_shows_no_figure():
    shown = engines.facts(TORCH)
    assert shown["sentence"].startswith("gpt2-mini has 28 million parameters in 12 layers of 12 heads")
    assert shown["bars"] == [] and shown["doing"] == ""


def test_the_sentence_says_how_far_the_engines_agree():
    assert engines.agreement_sentence(FOUND.agreement) == (
        "Both put the same token first at 62 of 64 positions; the largest difference of two logits is 0.4."
    )
    assert "at all 64 positions" in engines.agreement_sentence(Agreement(64, 64, 2e-5))


def test_bars_share_the_scale_of_their_row_and_carry_their_figures():
    writing, first, weights = engines.view(TORCH, INT8, FOUND)["bars"]
    assert (writing["shown"], writing["unit"], writing["shares"]) == (["80", "200"], "tokens/s", [0.4, 1.0])
    assert (first["shown"], first["shares"]) == (["50", "20"], [1.0, 0.4])
    assert (weights["shown"], weights["unit"]) == (["111", "29"], "MB")


def test_the_columns_are_named_as_people_call_the_engines():
    assert engines.view(TORCH, INT8, FOUND)["columns"] == ["PyTorch", "ONNX Runtime, int8"]


def engine_after(shift: float) -> FakeEngine:
    return FakeEngine([b"a", b"b"], lambda ids: np.exp(np.array([len(ids) % 2, 0.5, 0.0]) + shift), positions=40)


def test_agreement_counts_positions_and_takes_the_largest_difference():
    same = agree(engine_after(0.0), engine_after(0.25), [0, 1, 0, 1])
    assert (same.positions, same.same_top) == (4, 4)
    assert same.largest_difference == pytest.approx(0.25)


def test_a_comparison_ends_with_all_of_it_done_even_where_the_context_is_nearly_full():
    steps = list(compare(engine_after(0.0), engine_after(0.0), [0] * 39))
    assert [step.done for step in steps] == [0.25, 0.5, 0.75, 1.0]
    assert steps[0].paces is None and steps[-1].paces[0].tokens_per_second > 0


def test_what_a_loading_engine_tells_comes_through_and_so_does_its_error():
    assert list(reported(lambda tell: tell(0.5, "half"))) == [(0.5, "half")]

    def fail(tell):
        raise BackendUnavailable("No room.")

    with pytest.raises(BackendUnavailable, match="No room"):
        list(reported(fail))
