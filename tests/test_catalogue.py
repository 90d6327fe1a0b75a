"""Where models come from, and the sentence for each that cannot be had."""

import time

import httpx
import pytest

from gpt2demo import catalogue
from gpt2demo.errors import HubUnreachable, ModelNotFound


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    """A machine that never fetched a model."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("asked another host")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)


def test_the_shipped_model_needs_no_network(no_network):
    for name in ("gpt2-mini",):
        assert (catalogue.locate(name, offline=True) / "model.safetensors").is_file()


@pytest.mark.parametrize(
    "name", ["gpt3", "", "openai-community/gpt3", "../../nothing", "~nobody-at-all/x", "a\0b", "x" * 5000]
)
@pytest.mark.parametrize("public", [False, True])
def test_an_unknown_model_is_a_sentence_with_the_known_ones(name, public, no_network):
    with pytest.raises(
        ModelNotFound, match=r"There is no model .*Choose one of gpt2-mini, distilgpt2, gpt2,"
    ) as caught:
        catalogue.locate(name, offline=False, public=public)
    assert str(caught.value).endswith("or a folder.") is not public


def test_a_folder_is_taken_at_home_and_never_on_a_public_host(tiny):
    assert catalogue.locate(str(tiny), offline=True) == tiny
    with pytest.raises(ModelNotFound):
        catalogue.locate(str(tiny), offline=True, public=True)


@pytest.mark.parametrize("name", ["gpt2", "distilgpt2", "openai-community/gpt2-xl"])
def test_offline_a_model_of_the_hub_is_a_sentence_with_the_way_out(name, no_network):
    with pytest.raises(HubUnreachable, match=r"the demo runs offline\. Choose gpt2-mini, which is built in"):
        catalogue.locate(name, offline=True)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
def test_a_hub_that_does_not_answer_is_a_sentence_with_the_way_out(endpoint, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
    with pytest.raises(HubUnreachable, match=r"The hub does not answer, so gpt2 cannot be fetched\. Choose gpt2-mini"):
        catalogue.locate("gpt2", offline=False)


def test_a_hub_that_hangs_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(catalogue, "HUB_ANSWERS_WITHIN", 0.1)

    def hang(*arguments, **named):
        time.sleep(0.5)
        raise httpx.ConnectTimeout("too late for anybody")

    monkeypatch.setattr("httpx.head", hang)
    assert not catalogue.hub_answers("openai-community/gpt2")


def test_three_seconds_are_enough_to_know():
    assert catalogue.HUB_ANSWERS_WITHIN < 3


@pytest.mark.parametrize(
    ("cuda", "offline", "answers", "name"),
    [
        (True, False, True, "gpt2-medium"),
        (True, False, False, "gpt2-mini"),
        (True, True, True, "gpt2-mini"),
        (False, False, True, "gpt2-mini"),
    ],
)
def test_auto_takes_the_larger_model_only_with_a_gpu_and_a_hub(cuda, offline, answers, name, monkeypatch):
    monkeypatch.setattr(catalogue, "hub_answers", lambda repository: answers)
    assert catalogue.resolve("auto", cuda, offline) == name
    assert catalogue.resolve("gpt2", cuda, offline) == "gpt2"


def test_a_model_is_known_by_its_short_name_and_by_the_hubs():
    assert catalogue.entry("gpt2") is catalogue.entry("openai-community/gpt2")
    assert catalogue.entry("gpt2-mini").repository is None
    assert catalogue.entry("gpt4") is None
