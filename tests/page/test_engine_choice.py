"""Choosing what runs: the choices, what becomes of the page, and what does not become of it when a choice fails."""

from types import SimpleNamespace

import gradio as gr
import pytest

from gpt2demo.engine import loading
from gpt2demo.errors import BackendUnavailable
from gpt2demo.page.engine import EngineTab
from gpt2demo.page.parts import engine_choice, part
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.page.parts.status import status
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.models import engine_by_chance


def load(name, settings, progress):
    progress(0.5, "Half way")
    if settings.backend == "onnx":
        raise BackendUnavailable("The ONNX files cannot be written to /cache: No space left on device.")
    return engine_by_chance()


@pytest.fixture
def tab():
    with gr.Blocks(), gr.Tab("Engine"):
        line = part("status", NO_STATUS, "status")
        services = Services(Settings(model="gpt2-mini", backend="torch", offline=True), load=load)
        tab = EngineTab(services, line)
        tab.follow(Playground(services, line))
        return tab


def uses(tab, backend: str, model: str = "gpt2-mini") -> list[dict]:
    return list(tab.on_use(SimpleNamespace(model=model, backend=backend), "gpt2-mini"))


def test_a_choice_tells_how_far_it_is_and_then_the_page_runs_on_it(tab):
    *working, last = uses(tab, "onnx-int8")
    assert ("Half way", 0.5) in [(step[tab.choosing]["doing"], step[tab.choosing]["done"]) for step in working]
    assert all(step[tab.choosing]["busy"] for step in working)
    assert last[tab.model] == "gpt2-mini on onnx-int8" and last[tab.names] == "gpt2-mini"
    assert (last[tab.choosing]["backend"], last[tab.choosing]["busy"]) == ("onnx-int8", False)
    assert last[tab.status]["inside"] is False
    assert "greyed" in last[tab.chosen]["sentences"][0]


def test_a_choice_that_fails_is_one_sentence_and_the_page_goes_on_with_the_engine_it_had(tab):
    *_, last = uses(tab, "onnx")
    assert tab.model not in last and tab.status not in last
    assert last[tab.choosing]["backend"] == "torch" and not last[tab.choosing]["busy"]
    assert last[tab.chosen]["sentences"][0].startswith("The ONNX files cannot be written")
    assert last[tab.chosen]["sentences"][1].startswith("fake goes on")


def test_an_export_that_was_made_anew_is_told(tab, monkeypatch):
    def mended(name, settings, progress):
        progress(1.0, loading.DAMAGED)
        return engine_by_chance()

    monkeypatch.setattr(tab.services, "_load", mended)
    assert uses(tab, "onnx-int8")[-1][tab.chosen]["sentences"][0] == loading.DAMAGED


def test_every_choice_says_what_it_means_and_what_cannot_work_says_why(monkeypatch):
    monkeypatch.setattr(loading, "find_spec", lambda package: None if package == "onnx" else object())
    shown = engine_choice.view("gpt2-mini", "gpt2-mini", "torch")
    assert all(one["sentence"] for kind in ("models", "backends") for one in shown[kind])
    why = {one["name"]: one["why"] for one in shown["backends"]}
    assert why["onnx-int8"] == "the package onnx is not installed" and why["torch"] == ""
    assert shown["models"][0]["name"] == "gpt2-mini"


def test_a_folder_that_the_demo_was_started_with_can_be_chosen_again():
    names = [one["name"] for one in engine_choice.view("/models/mine", "gpt2", "auto")["models"]]
    assert "/models/mine" in names and names.count("gpt2") == 1


def test_the_status_line_says_whether_the_engine_can_be_looked_into():
    assert status(engine_by_chance(), None)["inside"] is False
