"""The picture of how fast each engine is: what ships is marked as such, what is measured here replaces it."""

from types import SimpleNamespace

import gradio as gr
import pytest

from gpt2demo.bench.side_by_side import Pace, race
from gpt2demo.engine.contract import ModelInfo
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.page import engine as module
from gpt2demo.page.engine import EngineTab
from gpt2demo.page.parts import engine_bench, part
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.models import engine_by_chance

TORCH = ModelInfo("gpt2-mini", 12, 12, 384, 512, 16384, 27_800_000, "torch", "cpu", "float32", "0" * 64, 1, 111.1)
INT8 = ModelInfo("gpt2-mini", 12, 12, 384, 512, 16384, 27_800_000, "onnx-int8", "cpu", "int8", "0" * 64, 8, 28.8)


def line(name: str, backend: str, speed: float) -> dict:
    return {"name": name, "backend": backend, "tokens_per_second": speed, "first_token_ms": 50.0, "file_mb": 100.0}


TOLD = {"cpu": "A slow processor", "threads": 2, "prompt_tokens": 64, "new_tokens": 128, "rounds": 5}
REPORT = {
    "models": [
        {
            "model": name,
            "conditions": TOLD,
            "candidates": [line("transformers generate", "", 10), line("x", "onnx", 20)],
        }
        for name in ("gpt2", "gpt2-mini")
    ]
}


def test_what_ships_names_its_machine_and_is_not_called_own():
    shown = engine_bench.shipped(REPORT, "gpt2-mini")
    assert "A slow processor" in shown["where"] and "Not measured here" in shown["where"] and not shown["own"]
    assert [row["name"] for row in shown["rows"]] == ["transformers generate", "ONNX Runtime"]
    assert shown["sentence"].startswith("ONNX Runtime writes fastest, 2.0 times as fast as transformers generate")


def test_a_model_that_was_not_measured_gets_the_picture_of_one_that_was_under_its_name():
    assert "gpt2 " in engine_bench.shipped(REPORT, "my own")["title"]


def test_without_a_measurement_there_is_no_figure():
    assert engine_bench.shipped({}, "gpt2")["rows"] == []


def test_bars_share_the_scale_of_their_column():
    shown = engine_bench.own([TORCH, INT8], [Pace(50.0, 80.0), Pace(20.0, 200.0)])
    assert [row["shares"][0] for row in shown["rows"]] == [0.4, 1.0]
    assert [row["shown"] for row in shown["rows"]] == [["80.0", "50", "111"], ["200", "20", "29"]]
    assert "just now" in shown["where"] and shown["own"]


def test_every_engine_has_as_many_turns_and_a_cancelled_race_ends_at_once():
    engines = [engine_by_chance(), engine_by_chance()]
    steps = list(race(engines, [0, 1], lambda: False))
    assert steps[-1][0] == 1 and len(steps[-1][1]) == 2 and len(steps) == 8
    assert list(race(engines, [0, 1], lambda: True)) == []


@pytest.fixture
def tab(monkeypatch):
    monkeypatch.setattr(module, "why_not", lambda backend: "no" if backend == "torch-bfloat16" else "")

    def load(name, settings, progress):
        if settings.backend == "onnx":
            raise BackendUnavailable("The cache is read-only.")
        return engine_by_chance()

    with gr.Blocks(), gr.Tab("Engine"):
        status = part("status", NO_STATUS, "status")
        services = Services(Settings(model="gpt2-mini", backend="torch", offline=True), load=load)
        tab = EngineTab(services, status)
        tab.follow(Playground(services, status))
        return tab


def races(tab, text: str = "the cat sat") -> list[dict]:
    return list(tab.on_race(engine_bench.EMPTY, text, "", SimpleNamespace(session_hash="one")))


def test_the_engines_that_work_are_measured_and_the_others_named(tab):
    last = races(tab)[-1]
    assert len(last[tab.bench]["rows"]) == 2 and last[tab.bench]["doing"] == ""
    assert last[tab.chosen]["sentences"] == ["The cache is read-only."]


def test_a_cancelled_measuring_leaves_the_picture_that_was_there(tab):
    steps = tab.on_race(engine_bench.EMPTY | {"title": "before"}, "the cat", "", SimpleNamespace(session_hash="one"))
    next(steps)
    tab.on_halt(SimpleNamespace(session_hash="one"))
    assert list(steps)[-1][tab.bench] == engine_bench.EMPTY | {"title": "before"}


def test_an_empty_text_is_refused_before_anything_is_measured(tab):
    with pytest.raises(BadInput):
        races(tab, "")
