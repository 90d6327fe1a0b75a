"""A GPT-2 set by hand, whose heads are known by construction, is understood by every tool."""

import numpy as np
import pytest
import torch

from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.interpret.ablation import rank_heads
from gpt2demo.interpret.heads import chances, find, one_head, recognise, sentence, survey
from gpt2demo.interpret.lens import lens
from gpt2demo.interpret.patching import patch_map
from tests.models import KNOWN_HEADS, write_known_model
from tests.references.hugging_face import Reference

SONG = [3, 9, 4, 12, 7, 1, 5, 14] * 3  # 24 tokens, the same eight three times
NEXT = SONG[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_known_model(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def known(folder):
    torch.set_num_threads(1)
    return TorchEngine(folder, "known")


@pytest.mark.parametrize(("kind", "head"), KNOWN_HEADS.items())
def test_the_finder_names_the_head_that_was_built_for_it(known, kind, head):
    assert find(survey(known, SONG).scores, kind) == head


def test_transformers_sees_the_same_heads(folder):
    a = Reference(folder).look(SONG).attentions
    assert (a[KNOWN_HEADS["first_token"]][:, 0] > 0.99).all()
    assert (np.diagonal(a[KNOWN_HEADS["previous_token"]], -1) > 0.99).all()
    later = np.arange(8, 24)
    assert (a[KNOWN_HEADS["induction"]][later, later - 7] > 0.3).all()  # two copies share from the third time on
    assert (a[KNOWN_HEADS["same_token"]][later, later - 8] > 0.3).all()


def test_a_head_is_described_as_what_it_was_built_to_be(known):
    scores, allowed = survey(known, SONG).scores, chances(SONG)
    said = {kind: sentence(scores, allowed, *place) for kind, place in KNOWN_HEADS.items()}
    assert "acts as a previous-token head here" in said["previous_token"]
    assert "acts as an induction head here" in said["induction"]
    assert "acts as a same-token head here" in said["same_token"]
    assert "looks mostly at the first token (100 %)" in said["first_token"]
    for kind in ("previous_token", "induction", "same_token"):
        known_as, share = recognise(scores, allowed, *KNOWN_HEADS[kind])
        assert known_as == kind and share > 0.9


def test_the_sink_is_named_and_carries_nothing(known):
    raw, value = (one_head(known, SONG, *KNOWN_HEADS["first_token"], view) for view in ("raw", "value"))
    assert raw.sentence == "100 % of this head rests on the first token; that is a resting place, not meaning."
    assert (value.weights == 0).all()  # its values are all zero


def test_what_came_next_before_comes_next_again(known):
    assert known.start(SONG).logits[: len(set(SONG))].argmax() == NEXT


def test_the_next_token_hangs_on_the_induction_head_and_on_the_head_that_feeds_it(known):
    *_, ranking = rank_heads(known, SONG, NEXT)
    assert {row[:2] for row in ranking[:2]} == {KNOWN_HEADS["induction"], KNOWN_HEADS["previous_token"]}
    assert all(change < -0.5 for _, _, change in ranking[:2])
    assert all(abs(change) < 1e-3 for _, _, change in ranking[2:])


def test_the_lens_shows_that_the_last_layer_finds_the_answer(known):
    rank = lens(known, SONG).rank[:, -1]
    assert rank[-1] == 1 and (rank[:-1] > 1).all()


def test_patching_finds_where_the_answer_is_read(known):
    other = [*SONG[:8], 10, *SONG[9:16], 11, *SONG[17:]]  # what followed the last token's copies is another
    *_, (_, cells) = patch_map(known, SONG, other, target=NEXT)
    assert set(zip(*np.nonzero(np.abs(cells) > 0.1))) == {(0, 8), (0, 16), (1, 8), (1, 16)}
