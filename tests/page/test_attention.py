"""The Attention tab without a browser: what its parts are given to draw, and what happens at each click."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.interpret import heads
from gpt2demo.page import kept
from gpt2demo.page.parts import atlas, head_finder
from gpt2demo.services import Parcels, Services
from gpt2demo.settings import Settings
from tests.models import KNOWN_HEADS, write_known_model, write_model
from tests.page.attention_visit import TEXT, Visit, open_attention


@pytest.fixture(scope="module")
def model(open_engine, tiny):
    return open_engine(tiny)


@pytest.fixture(scope="module")
def tab(model):
    return open_attention(model)


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
    update = looked.press("on_open", looked.shown["atlas"], "", "another text")
    assert set(update[0]) == {"notice"}


def test_the_first_visit_opens_with_an_example(visit):
    visit.press("on_open", visit.shown["atlas"], "", " ")
    assert visit.shown["atlas"]["n"] > 10 and visit.shown["head"]["n"] > 10
    assert visit.shown["text"]


def test_after_a_reload_the_tab_opens_with_the_text_that_was_there(visit, model):
    visit.press("on_open", visit.shown["atlas"], "", "The heron flew away.")
    assert visit.shown["text"] == "The heron flew away."
    assert visit.shown["atlas"]["ids"] == model.tokenizer.encode("The heron flew away.")


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
        column = [row[3 + kind["column"]] for row in finder["rows"]]
        layer, head = kind["place"]
        assert column[layer * model.info.heads + head] == max(column)


def test_a_kind_that_the_text_cannot_show_says_why(visit):
    visit.press("on_look", "The fox", "")
    kinds = {kind["label"]: kind for kind in visit.shown["finder"]["kinds"]}
    assert kinds["an induction head"]["place"] is None
    assert "comes twice" in kinds["an induction head"]["why"]


def test_the_finder_shows_the_scores_of_the_sample_and_goes_back(looked, model):
    ids = looked.shown["atlas"]["ids"]
    asked = {"ids": ids, "model": model.info.name}
    looked.press("on_score", SimpleNamespace(**asked, of="sample"), "")
    sample, scores = looked.tab.services.sample(model)
    shown = looked.shown["finder"]
    assert shown["of"] == "sample" and shown["ids"] == ids != sample
    assert [row[6] for row in shown["rows"]] == [round(float(x), 5) for x in scores["induction"].ravel()]
    looked.press("on_score", SimpleNamespace(**asked, of="text"), "")
    assert looked.shown["finder"] == head_finder.view(model, ids, looked.tab.scores(model, ids))


def test_the_finder_names_the_kinds_of_the_heads_and_counts_them(tmp_path):
    known = TorchEngine(write_known_model(tmp_path), "known")
    song = [3, 9, 4, 12, 7, 1, 5, 14] * 3
    finder = head_finder.view(known, song, heads.survey(known, song).scores)
    kinds = {tuple(row[:2]): row[2].replace("-", "_") for row in finder["rows"]}
    assert {place: kind for kind, place in KNOWN_HEADS.items()} | {(0, 0): "resting"} == kinds
    assert "4 of 4 heads act in a way that has a name" in finder["said"] and "1 as induction head" in finder["said"]


def test_a_text_that_shows_no_kind_of_head_says_so(visit):
    visit.press("on_look", "x", "")
    assert "resting" in visit.shown["finder"]["said"]  # a single token can but look at itself, the first one
    visit.press("on_look", TEXT, "")
    assert "none of 12 heads is of a kind" in visit.shown["finder"]["said"]


def test_the_atlas_and_the_finder_of_the_largest_gpt2_stay_small(tmp_path):
    model = TorchEngine(write_model(tmp_path, layers=48, heads=25, width=25, inner=4, positions=128), "xl-shape")
    ids = np.random.default_rng(0).integers(1, 290, 128).tolist()
    survey, texts = heads.survey(model, ids), model.tokenizer.texts(ids)
    shown = atlas.view(model, ids, texts, survey, "key", (0, 0), 400)
    assert len(survey.triangles) == 1200 * shown["side"] * (shown["side"] + 1) // 2 <= 1_800_000
    assert f"drawn {shown['side']} points wide" in shown["said"]
    assert max(len(json.dumps(part)) for part in (shown, head_finder.view(model, ids, survey.scores))) < 200_000


def test_scores_of_the_sample_come_from_the_file_beside_the_very_weights(mini, monkeypatch):
    model = TorchEngine(mini, "gpt2-mini")
    services = Services(Settings(offline=True), load=lambda *_: model)
    monkeypatch.setattr(heads, "survey", lambda *_: pytest.fail("computed, though it is kept"))
    ids, scores = services.sample(model)
    assert len(ids) > 100 and scores["induction"].shape == (12, 12)


def test_scores_of_the_sample_are_computed_for_weights_without_a_file(model):
    ids, scores = Services(Settings(offline=True)).sample(model)
    np.testing.assert_array_equal(scores["entropy"], heads.survey(model, ids).scores["entropy"])


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
