"""The endpoint `/chat`, as programs call it."""

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError


@pytest.fixture(scope="module")
def client(server):
    return Client(server.url, verbose=False)


def test_each_message_gets_a_turn_with_its_sources(client):
    turns = client.predict(["hello", "how do I return a lamp?"], api_name="/chat")["turns"]
    assert [turn["message"] for turn in turns] == ["hello", "how do I return a lamp?"]
    assert set(turns[1]) == {"message", "reply", "mode", "intent", "confidence", "sources", "state"}
    assert turns[1]["sources"][0]["topic"] == "returns"


@pytest.mark.parametrize("messages", [[], ["x" * 20_000], ["hello"] * 51])
def test_what_cannot_be_answered_is_one_sentence(messages, client):
    with pytest.raises(AppError, match=r"1 to 50 messages|20,000 characters"):
        client.predict(messages, api_name="/chat")
