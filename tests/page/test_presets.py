"""The presets, and the status line."""

from dataclasses import replace

import pytest

from gpt2demo.generation.run import Pace
from gpt2demo.generation.sampling import Decoding
from gpt2demo.page.parts.status import status
from gpt2demo.page.presets import PRESETS, explained, preset_of
from tests.page.conftest import random_engine


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_recognised_by_its_values_whatever_the_seed(name):
    decoding = Decoding(**PRESETS[name][0], seed=99, max_new_tokens=5, stop=("x",))
    assert preset_of(decoding) == name
    assert preset_of(replace(decoding, presence_penalty=0.5)) is None
    assert preset_of(replace(decoding, top_k=decoding.top_k + 1)) is None


def test_the_defaults_are_a_preset():
    assert preset_of(Decoding()) == "Balanced"


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_explains_itself_in_one_line(name):
    assert f"**{name}**: {PRESETS[name][1]}" in explained()
    assert "\n" not in explained()


def test_the_status_line_names_model_backend_device_and_pace():
    assert status(random_engine(), None)["facts"] == ["fake", "0 M parameters", "fake", "NONE"]
    assert status(random_engine(), Pace(12.4, 1234.5))["facts"][-2:] == ["1,234 tokens/s", "first token 12 ms"]
