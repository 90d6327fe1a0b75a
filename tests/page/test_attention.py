"""The Attention tab without a browser: what its parts are given to draw, and what happens at each click."""

import base64
import inspect
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.interpret import ablation, heads, patching
from gpt2demo.page import kept
from gpt2demo.page.attention import Attention
from gpt2demo.page.events import guarded
from gpt2demo.page.parts import effect_bars, part
from gpt2demo.page.parts.probability_bars import label
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.page.playground import Playground
from gpt2demo.services import Parcels, Services
from gpt2demo.settings import Settings

TEXT = "The fox looked at the heron, and the fox looked at the water."


class Visit:
    """One page load; `shown` holds what stands in each component of the tab, by its name."""

    def __init__(self, tab: Attention):
        self.tab, self.shown = tab, {"atlas": {"n": 0}}
        self.names = {
            component: name for name, component in vars(tab).items() if isinstance(component, gr.blocks.Block)
        }

    def press(self, handler: str, *inputs: object) -> list[dict]:
        outcome = guarded(getattr(self.tab, handler), self.tab.notice)(*inputs)
        updates = []
        for update in outcome if inspect.isgenerator(outcome) else [outcome]:
            updates.append({self.names[component]: value for component, value in update.items()})
            self.shown |= updates[-1]
        return updates

    def picks(self, layer: int, head: int, **changes: object) -> None:
        atlas = self.shown["atlas"]
        event = {
            "ids": atlas["ids"],
            "model": atlas["model"],
            "layer": layer,
            "head": head,
            "view": "raw",
            "words": False,
        }
        self.press("on_pick", SimpleNamespace(**event | changes), "")

    @property
    def said(self) -> str:
        return " ".join(self.shown["notice"]["sentences"])

    @property
    def weights(self) -> np.ndarray:
        """The numbers of the opened head, as its script unpacks them."""
        head = self.shown["head"]
        matrix = np.zeros((head["n"], head["n"]), np.float32)
        matrix[np.tril_indices(head["n"])] = np.frombuffer(base64.b64decode(head["weights"]), "<f4")
        return matrix


@pytest.fixture(scope="module")
def model(open_engine, tiny):
    return open_engine(tiny)


@pytest.fixture(scope="module")
def tab(model):
    services = Services(Settings(offline=True), load=lambda *_: model)
    with gr.Blocks():
        status = part("status", NO_STATUS, "status")
        with gr.Tabs() as tabs:
            with gr.Tab("Playground"):
                playground = Playground(services, status)
            with gr.Tab("Attention"):
                attention = Attention(services, status)
        attention.follow(playground, tabs)
    return attention


@pytest.fixture
def visit(tab):
    return Visit(tab)


@pytest.fixture
def looked(visit):
    visit.press("on_look", TEXT, "")
    return visit


def test_the_atlas_names_bytes_that_hold_every_map(looked, model):
    atlas = looked.shown["atlas"]
    data = looked.tab.services.parcels.get(atlas["key"])
    n = len(model.tokenizer.encode(TEXT))
    assert atlas["n"] == n
    assert len(data) == model.info.layers * model.info.heads * n * (n + 1) // 2


def test_the_atlas_scores_are_those_of_the_survey_head_by_head(looked, model):
    atlas, survey = looked.shown["atlas"], heads.survey(model, model.tokenizer.encode(TEXT))
    for metric, scores in zip(atlas["metrics"], atlas["scores"]):
        np.testing.assert_allclose(scores, survey.scores[metric["key"]].ravel(), atol=1e-5)
        assert metric["about"] == heads.METRICS[metric["key"]]


def test_a_text_that_repeats_itself_opens_its_strongest_induction_head(looked, model):
    survey = heads.survey(model, model.tokenizer.encode(TEXT))
    assert looked.shown["atlas"]["chosen"] == list(heads.find(survey.scores, "induction"))
    assert [looked.shown["head"]["layer"], looked.shown["head"]["head"]] == looked.shown["atlas"]["chosen"]


def test_one_token_is_enough_to_look_at(visit):
    visit.press("on_look", "x", "")
    assert visit.shown["atlas"]["n"] == 1
    assert visit.weights.tolist() == [[1.0]]


def test_a_long_text_says_what_is_shown_and_why(visit):
    visit.press("on_look", TEXT * 12, "")
    assert visit.shown["atlas"]["n"] == 128
    assert "first 128 of" in visit.shown["atlas"]["said"]
    assert "only looks back" in visit.shown["atlas"]["said"]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_no_text_is_answered_with_what_to_do(visit, text):
    visit.press("on_look", text, "")
    assert "Type a few words" in visit.said


def test_a_picked_head_arrives_with_its_exact_weights(looked, model):
    looked.picks(2, 3)
    expected = model.attention(model.tokenizer.encode(TEXT), [2])[0, 3]
    np.testing.assert_array_equal(looked.weights, expected)
    assert looked.shown["head"]["sentence"].startswith("Layer 2, head 3")


def test_a_view_without_the_first_token_has_nothing_there(looked):
    looked.picks(1, 1, view="hidden")
    assert not looked.weights[:, 0].any()
    assert "hidden" in looked.shown["head"]["sink"]


def test_words_join_their_tokens_and_the_rows_still_add_up_to_one(looked):
    looked.picks(1, 1, words=True)
    head = looked.shown["head"]
    assert "".join(head["pieces"]) == TEXT
    assert head["n"] < looked.shown["atlas"]["n"]
    np.testing.assert_allclose(looked.weights.sum(-1), 1, atol=1e-5)


def test_a_head_that_is_not_there_is_refused_in_a_sentence(looked):
    looked.picks(99, 0)
    assert "no layer 99" in looked.said


def test_a_picture_of_another_model_is_not_mixed_up_with_this_one(looked):
    looked.picks(0, 0, model="gpt2-xl")
    assert "gpt2-xl" in looked.said and "Press Look" in looked.said


@pytest.mark.parametrize("ids", [[], None, [-1], [10**9], ["x"], [0] * 9999])
def test_ids_that_no_page_of_ours_sends_are_refused(looked, ids):
    looked.picks(0, 0, ids=ids)
    assert "no text to look at" in looked.said


def test_opening_the_tab_again_leaves_what_is_there(looked):
    update = looked.press("on_open", looked.shown["atlas"], "")
    assert set(update[0]) == {"notice"}


def test_the_first_visit_opens_with_an_example(visit):
    visit.press("on_open", visit.shown["atlas"], "")
    assert visit.shown["atlas"]["n"] > 10 and visit.shown["head"]["n"] > 10
    assert visit.shown["text"]


def test_a_run_of_the_playground_comes_along_with_its_text(visit, model):
    ids = model.tokenizer.encode("The heron flew away.")
    visit.press("on_follow", SimpleNamespace(ids=ids), "")
    assert visit.shown["text"] == "The heron flew away."
    assert visit.shown["atlas"]["ids"] == ids
    assert visit.shown["tabs"].selected == "Attention"


def test_the_finder_has_a_row_for_every_head_and_a_button_for_every_kind(looked, model):
    finder = looked.shown["finder"]
    assert [row[:2] for row in finder["rows"]] == [[layer, head] for layer in range(3) for head in range(4)]
    for kind in finder["kinds"]:
        column = [row[2 + kind["column"]] for row in finder["rows"]]
        layer, head = kind["place"]
        assert column[layer * model.info.heads + head] == max(column)


def test_a_kind_that_the_text_cannot_show_says_why(visit):
    visit.press("on_look", "The fox", "")
    kinds = {kind["label"]: kind for kind in visit.shown["finder"]["kinds"]}
    assert kinds["an induction head"]["place"] is None
    assert "comes twice" in kinds["an induction head"]["why"]


def test_parcels_are_dropped_oldest_first_when_their_budget_is_full():
    parcels = Parcels(most_bytes=10)
    names = [parcels.put(bytes([i]) * 4) for i in range(3)]
    assert [parcels.get(name) for name in names] == [None, b"\1" * 4, b"\2" * 4]


def test_names_of_parcels_cannot_be_guessed_from_each_other():
    parcels = Parcels()
    names = {parcels.put(b"same") for _ in range(50)}
    assert len(names) == 50 and all(len(name) >= 20 for name in names)


@pytest.fixture
def routes():
    services, application = Services(Settings(offline=True)), FastAPI()
    kept.add(application, services)
    return services.parcels, TestClient(application)


def test_a_parcel_arrives_byte_for_byte_and_is_not_cached(routes):
    parcels, client = routes
    answer = client.get(f"/kept/{parcels.put(bytes(range(256)))}")
    assert answer.content == bytes(range(256))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "no-store"


def test_a_document_is_served_into_a_sandbox_without_any_host(routes):
    parcels, client = routes
    policy = client.get(f"/kept/{parcels.put(b'<p>hello')}.html").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "http" not in policy and "allow-same-origin" not in policy


def test_what_is_gone_is_a_404_with_a_sentence(routes):
    _, client = routes
    answer = client.get("/kept/never")
    assert answer.status_code == 404 and "no longer kept" in answer.text


def asks(visit, handler, component, **changes):
    """Press something below the atlas; gives all that `component` showed in turn."""
    atlas = visit.shown["atlas"]
    about = {"ids": atlas["ids"], "model": atlas["model"], "heads": [], "mlps": [], "position": None}
    request = [SimpleNamespace(session_hash="s")] if "request" in inspect.signature(handler).parameters else []
    outcome = guarded(handler, visit.tab.notice)(SimpleNamespace(**about | changes), "", *request)
    updates = list(outcome) if inspect.isgenerator(outcome) else [outcome]
    for update in updates:
        if visit.tab.notice in update:
            visit.shown["notice"] = update[visit.tab.notice]
    return [update[component] for update in updates if component in update]


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
    (shown,) = asks(looked, frame.on_wake, frame.frame, view=view, layer=2)
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
    ("first", "second", "says"), [("The fox", "The fox", "same"), ("The fox", "The", "tokens long")]
)
def test_two_texts_that_cannot_be_compared_say_why(looked, first, second, says):
    two = looked.tab.two_texts
    updates = list(guarded(two.on_compare, two.notice)(first, second, "", SimpleNamespace(session_hash="two")))
    assert says in " ".join(updates[-1][two.notice]["sentences"])


def test_an_engine_that_cannot_be_looked_into_says_so(tab):
    services = tab.services
    blind = FakeEngine([b"the", b" cat"], lambda ids: [1.0, 2.0, 0.0])
    part_of_tab = tab.matter
    part_of_tab.services = Services(Settings(offline=True), load=lambda *_: blind)
    try:
        event = SimpleNamespace(ids=[0, 1], model="fake", heads=[[0, 0]], mlps=[], position=None)
        said = guarded(part_of_tab.on_switch, tab.notice)(event, "")[tab.notice]["sentences"]
    finally:
        part_of_tab.services = services
    assert "PyTorch" in " ".join(said)
