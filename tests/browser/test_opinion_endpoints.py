"""The endpoints about opinions: any model by its name, and a sentence for what makes no sense."""

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.models import write_model

TEXT = "The river was wide, and the heron was happy."
NEWS = [["2026-01-01", "Oil spill poisons a river"], ["2026-01-02", "Gas prices fall"]]


@pytest.fixture(scope="module")
def client(server):
    return Client(server.url, verbose=False)


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """The folder of another model, one without an adapter."""
    folder = tmp_path_factory.mktemp("models") / "another"
    folder.mkdir()
    return write_model(folder)


def test_each_endpoint_asks_the_model_that_is_named(client, other):
    expected = Services(Settings(offline=True)).reader(str(other)).probabilities([TEXT])[0]
    one = client.predict(TEXT, model=str(other), api_name="/sentiment")
    many = client.predict([TEXT, ""], model=str(other), api_name="/sentiment_batch")
    assert one["model"] == many["model"] == "another"
    assert list(one["probabilities"].values()) == pytest.approx(expected.tolist(), abs=1e-4)
    assert list(many["rows"][0]["probabilities"].values()) == pytest.approx(expected.tolist(), abs=1e-4)
    found = client.predict(NEWS, model=str(other), api_name="/monitor")
    assert sum(w["count"] for topic in found["topics"] for w in topic["windows"]) == 2


def test_without_a_name_the_model_of_the_demo_answers(client):
    assert client.predict(TEXT, api_name="/sentiment")["model"] == "gpt2-mini"
    assert client.predict(TEXT, "gpt2-mini", api_name="/sentiment") == client.predict(TEXT, api_name="/sentiment")


@pytest.mark.parametrize(
    ("endpoint", "asked", "words"),
    [
        ("/sentiment", {"text": TEXT, "model": "gpt5"}, "There is no model 'gpt5'"),
        ("/sentiment_batch", {"texts": [TEXT], "model": "gpt5"}, "There is no model 'gpt5'"),
        ("/monitor", {"headlines": NEWS, "model": "gpt5"}, "There is no model 'gpt5'"),
        ("/sentiment", {"text": TEXT, "model": 5}, "must be a name"),
        ("/sentiment", {"text": " "}, "no text to judge"),
        ("/sentiment", {"text": 7}, "must be a text"),
        ("/sentiment_batch", {"texts": "I loved it."}, "list of texts"),
        ("/sentiment_batch", {"texts": ["x"] * 2001}, "more than the 2,000"),
        ("/monitor", {"headlines": [["2026-01-01"]]}, "list of pairs"),
        ("/monitor", {"headlines": [["soon", "Oil falls"]]}, "no headline with a date"),
        ("/monitor", {"headlines": NEWS, "window": "3 moons"}, "no length of a window"),
        ("/monitor", {"headlines": NEWS, "watch_list": "oil"}, "watch list is empty"),
    ],
    ids=str,
)
def test_what_makes_no_sense_comes_back_as_its_sentence(endpoint, asked, words, client):
    with pytest.raises(AppError, match=words):
        client.predict(**asked, api_name=endpoint)
