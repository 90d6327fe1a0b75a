"""What a demo was told: a flag wins over the environment, the environment over the defaults."""

from pathlib import Path

import pytest

from gpt2demo.errors import BadInput
from gpt2demo.settings import Settings, combine, read


def test_the_defaults_are_private_and_local():
    told = read([], {})
    assert (told.model, told.backend, told.offline, told.public) == ("auto", "auto", False, False)
    assert (told.host, told.port) == ("127.0.0.1", 7860)


def test_a_flag_wins_over_the_environment_and_that_over_the_default():
    environment = {"GPT2DEMO_MODEL": "gpt2", "GPT2DEMO_PORT": "8001", "GPT2DEMO_STATE": "/some/where"}
    told = read(["--port", "9000", "--offline"], environment)
    assert (told.model, told.port, told.offline, told.host) == ("gpt2", 9000, True, "127.0.0.1")
    assert told.state == Path("/some/where")


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("yes", True), ("0", False), ("False", False), ("off", False)]
)
def test_switches_in_the_environment(text, value):
    assert combine({}, {"GPT2DEMO_OFFLINE": text}).offline is value


def test_an_empty_variable_says_nothing():
    assert combine({}, {"GPT2DEMO_MODEL": "", "GPT2DEMO_PORT": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "many", "not a whole number"),
        ("PORT", "-1", "not a whole number"),
        ("BACKEND", "jax", "It can be auto"),
    ],
)
def test_an_environment_value_that_makes_no_sense_is_a_sentence(name, value, said):
    with pytest.raises(BadInput, match=f"GPT2DEMO_{name} is '{value}'.*{said}"):
        combine({}, {f"GPT2DEMO_{name}": value})


def test_on_a_space_the_demo_is_public_and_open_to_every_network():
    told = combine({}, {"SPACE_ID": "somebody/gpt2demo"})
    assert told.public and told.host == "0.0.0.0"
    assert combine({"host": "127.0.0.1"}, {"SPACE_ID": "x"}).host == "127.0.0.1"


def test_strangers_get_less_at_a_time():
    mine, public = Settings(), Settings(public=True)
    assert public.most_new_tokens < mine.most_new_tokens
    assert public.most_prompt_characters < mine.most_prompt_characters


@pytest.mark.parametrize("flags", [["--port", "x"], ["--backend", "jax"], ["--nonsense"]], ids=" ".join)
def test_a_flag_that_makes_no_sense_ends_with_two(flags, capsys):
    with pytest.raises(SystemExit) as caught:
        read(flags, {})
    assert caught.value.code == 2
    assert "error:" in capsys.readouterr().err
