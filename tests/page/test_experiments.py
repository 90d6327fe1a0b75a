"""What the Attention tab does to a text, without a browser: heads switched off, layers read, answers explained."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.interpret import ablation, patching
from gpt2demo.page import experiments
from gpt2demo.page.events import guarded
from gpt2demo.page.parts import effect_bars
from gpt2demo.page.parts.probability_bars import label
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.page.attention_visit import TEXT, Visit, asks, open_attention


@pytest.fixture(scope="module")
def model(tiny):
    """The engine that can be looked into."""
    torch.set_num_threads(1)  # for a model this small a second thread only waits for the first
    return TorchEngine(tiny, "tiny")


@pytest.fixture(scope="module")
def tab(model):
    return open_attention(model)


@pytest.fixture
def looked(tab):
    visit = Visit(tab)
    visit.press("on_look", TEXT, "")
    return visit


def test_a_head_switched_off_shows_what_the_model_says_without_it(looked, model):
    matter, ids = looked.tab.matter, looked.shown["atlas"]["ids"]
    (shown,) = asks(looked, matter.on_switch, matter.effect, heads=[[1, 2]])
    effect = ablation.ablate(model, ids, {(1, 2)})
    rows = {row["text"]: row for row in shown["rows"]}
    (target,) = [row for row in shown["rows"] if row["target"]]
    assert target["before"] == effect.before.max()
    assert target["after"] == effect.after[effect.target]
    assert len(rows) >= 6 and "layer 1, head 2" in shown["sentence"]


def test_a_whole_layer_is_its_heads_and_its_mlp(looked, model):
    matter, ids = looked.tab.matter, looked.shown["atlas"]["ids"]
    (shown,) = asks(looked, matter.on_switch, matter.effect, mlps=[0], position=4)
    effect = ablation.ablate(model, ids[:4], {(0, head) for head in range(4)}, ids[4], {0})
    (target,) = [row for row in shown["rows"] if row["target"]]
    assert shown["target"] == ids[4] and target["after"] == effect.after[ids[4]]


def test_with_everything_back_on_there_is_nothing_to_compare(looked):
    (shown,) = asks(looked, looked.tab.matter.on_switch, looked.tab.matter.effect)
    assert shown["rows"] == [] and shown["sentence"] == effect_bars.INVITATION


@pytest.mark.parametrize("position", [0, 10**6, -1])
def test_a_token_outside_the_text_cannot_be_looked_for(looked, position):
    assert asks(looked, looked.tab.matter.on_switch, looked.tab.matter.effect, heads=[[0, 0]], position=position) == []
    assert "Choose a later one" in looked.said


def test_the_ranking_fills_up_head_by_head_and_ends_with_all_of_them(looked, model):
    matter, ids = looked.tab.matter, looked.shown["atlas"]["ids"]
    shown = asks(looked, matter.on_rank, matter.ranking, position=5)
    done = [view["done"] for view in shown]
    assert done == sorted(done) and done[-1] == 1 and shown[-1]["finished"]
    for layer, head, change in shown[-1]["rows"][:3]:
        effect = ablation.ablate(model, ids[:5], {(layer, head)}, ids[5])
        assert change == pytest.approx(effect.change, abs=1e-4)


def test_of_many_steps_the_first_and_the_last_are_always_shown(monkeypatch):
    clock = iter([0.0, 0.0, 0.1, 0.2, 0.5, 0.5, 0.6])
    monkeypatch.setattr(experiments.time, "monotonic", lambda: next(clock))
    assert list(experiments.now_and_then("abcde")) == ["a", "d", "e"]
    assert list(experiments.now_and_then([])) == []


def test_a_ranking_that_is_stopped_says_after_how_many_heads(looked):
    matter, atlas = looked.tab.matter, looked.shown["atlas"]
    event = SimpleNamespace(ids=atlas["ids"], model=atlas["model"], position=None)
    request = SimpleNamespace(session_hash="stopper")
    stream = matter.on_rank(event, "", request)
    next(stream)
    matter.on_halt(request)
    last = list(stream)[-1][matter.ranking]
    assert last["finished"] and last["done"] < 1 and "Stopped after" in last["sentence"]


def test_the_lens_says_in_its_last_row_what_the_model_says(looked, model):
    layers, ids = looked.tab.layers, looked.shown["atlas"]["ids"]
    (shown,) = asks(looked, layers.on_wake, layers.grid)
    best = model.logits(ids, range(len(ids))).argmax(-1)
    assert shown["top"][-1] == [label(model, int(id)) for id in best]
    assert shown["rank"][-1] == [1] * len(ids)


def test_a_cell_of_the_lens_lists_ten_choices_and_the_climb_of_the_answer(looked):
    layers = looked.tab.layers
    (shown,) = asks(looked, layers.on_pick, layers.cell, layer=1, position=3, ranks=[9, 4, 2, 1])
    assert len(shown["rows"]) == 10 and shown["ranks"] == [9, 4, 2, 1]
    assert [p for _, p in shown["rows"]] == sorted((p for _, p in shown["rows"]), reverse=True)


def test_attribution_stands_beside_attention_and_says_they_differ(looked, model):
    reasons, ids = looked.tab.reasons, looked.shown["atlas"]["ids"]
    first, last = asks(looked, reasons.on_explain, reasons.strip, layer=2, head=1)
    assert not first["finished"] and last["finished"]
    gradients, left_out, attention = last["lines"]
    assert len(gradients["values"]) == len(left_out["values"]) == len(ids)
    np.testing.assert_allclose(attention["values"], model.attention(ids, [2])[0, 1, -1], atol=1e-5)
    assert "not the same thing" in last["about"]


@pytest.mark.parametrize("view", ["head", "model", "neuron"])
def test_bertviz_gets_a_document_and_says_how_much_it_shows(looked, view):
    frame = looked.tab.bertviz
    (shown,) = asks(looked, frame.on_wake, frame.frame, view=view, layer=2, head=1)
    document = looked.tab.services.parcels.get(shown["key"]).decode()
    assert document.startswith("<!doctype html>") and "<script src" not in document
    tokens = len(looked.shown["atlas"]["ids"])
    wanted = "the first 16 of" if view == "neuron" and tokens > 16 else f"{tokens} tokens"
    assert wanted in shown["sentence"]


def test_two_texts_end_in_a_map_of_every_patch_that_can_have_an_effect(looked, model):
    two, texts = looked.tab.two_texts, ("The fox looked", "The heron looked")
    ids, other = (model.tokenizer.encode(text) for text in texts)
    assert len(ids) == len(other)
    updates = list(two.on_compare(*texts, "", SimpleNamespace(session_hash="two")))
    shown = updates[-1][two.map]
    assert shown["finished"] and all(None not in row for row in shown["moved"])
    assert shown["possible"] == patching.possible(ids, other, model.info.layers).tolist()


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [("The fox", "The fox", "same"), ("", "", "no text"), ("The fox", "The", "tokens long")],
)
def test_two_texts_that_cannot_be_compared_say_why(looked, first, second, says):
    two = looked.tab.two_texts
    updates = list(guarded(two.on_compare, two.notice)(first, second, "", SimpleNamespace(session_hash="two")))
    assert says in " ".join(updates[-1][two.notice]["sentences"])


@pytest.fixture
def blind(tab):
    """The tab over an engine without a microscope."""
    parts = (tab.matter, tab.layers, tab.bertviz)
    before = tab.matter.services
    engine = FakeEngine([b"the", b" cat"], lambda ids: [1.0, 2.0, 0.0])
    for part_of_tab in parts:
        part_of_tab.services = Services(Settings(offline=True), load=lambda *_: engine)
    yield tab
    for part_of_tab in parts:
        part_of_tab.services = before


def test_an_engine_that_cannot_be_looked_into_says_so(blind):
    event = SimpleNamespace(ids=[0, 1], model="fake", heads=[[0, 0]], mlps=[], position=None)
    said = guarded(blind.matter.on_switch, blind.notice)(event, "")[blind.notice]["sentences"]
    assert "PyTorch" in " ".join(said)


def test_pictures_that_draw_themselves_say_in_their_place_that_they_cannot(blind):
    event = SimpleNamespace(ids=[0, 1], model="fake", view="neuron", layer=0, head=0)
    assert "PyTorch" in blind.layers.on_wake(event, "")[blind.layers.grid]["sentence"]
    assert "PyTorch" in blind.bertviz.on_wake(event, "")[blind.bertviz.frame]["sentence"]
