"""A reader says how far it can be trusted, with the figures of its own adapter."""

import json

import pytest

from gpt2demo.catalogue import ASSETS
from gpt2demo.sentiment.opinion import Reader, held_out
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.models import engine_by_chance

TRAINED = {"held_out_scores": {"texts": 2000, "accuracy": 0.594}, "coverage": 0.6, "risk": 0.31}


def test_how_often_it_was_right_is_read_from_the_record_of_its_training():
    assert held_out(TRAINED) == (
        "On 2,000 texts held out from training it was right on 59 %. Where it was sure enough to answer (60 % of them), on"
        " 69 %."
    )


def test_the_shipped_adapter_says_its_own_figures():
    services = Services(Settings(model="gpt2-mini", offline=True), load=lambda *given, **options: engine_by_chance())
    file = ASSETS / "models" / "gpt2-mini" / "adapters" / "sentiment" / "training.json"
    assert services.reader().trust == held_out(json.loads(file.read_text()))


@pytest.mark.parametrize("record", ["", "[]", "{}", "{", None])
def test_an_adapter_without_such_a_record_says_that_nobody_measured_it(record, tmp_path, monkeypatch):
    services = Services(Settings(), load=lambda *given, **options: engine_by_chance())
    monkeypatch.setattr("gpt2demo.services.adapter_of", lambda *given: tmp_path)
    if record is not None:
        (tmp_path / "training.json").write_text(record)
    assert services._right("") == ""


def test_a_model_without_an_adapter_is_said_to_guess():
    assert "never trained to judge texts" in Reader(engine_by_chance(), None).trust
