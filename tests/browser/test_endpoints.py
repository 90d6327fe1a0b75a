"""The named endpoints, through `gradio_client`."""

import itertools
import json
import socket
import struct
import subprocess
import sys
import urllib.request

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.browser.conftest import ROOT

PROMPT = "The old man opened the door and"
FIELDS = {
    "model", "backend", "device", "prompt", "text", "tokens", "settings", "stopped_by", "first_token_ms", "tokens_per_second"
}  # fmt: skip


@pytest.fixture(scope="module")
def client(server):
    return Client(server.url, verbose=False)


def command_line(*arguments):
    """What `python -m gpt2demo ... --json` prints."""
    command = [sys.executable, "-m", "gpt2demo", *arguments, "--json", "--offline"]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def by_hand(server, endpoint, body):
    """An endpoint's last answer to a body sent by plain HTTP."""
    call = f"{server.url}/gradio_api/call/{endpoint}"
    request = urllib.request.Request(call, body, {"Content-Type": "application/json"})
    event = json.load(urllib.request.urlopen(request))["event_id"]
    lines = urllib.request.urlopen(f"{call}/{event}").read().decode().splitlines()
    return json.loads([line for line in lines if line.startswith("data: ")][-1].removeprefix("data: "))[0]


def refusal(client, *arguments, **named):
    with pytest.raises(AppError) as caught:
        client.predict(*arguments, **named)
    return str(caught.value)


def breaks_off(server, endpoint, body):
    """Send a body by plain HTTP, read the answer's first bytes, and tear the connection down."""
    call = f"{server.url}/gradio_api/call/{endpoint}"
    request = urllib.request.Request(call, json.dumps({"data": body}).encode(), {"Content-Type": "application/json"})
    event, (host, port) = (
        json.load(urllib.request.urlopen(request))["event_id"],
        server.url.rpartition("//")[2].split(":"),
    )
    with socket.create_connection((host, int(port))) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset instead of a goodbye
        line.sendall(f"GET /gradio_api/call/{endpoint}/{event} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        while b"data: " not in line.recv(4096):
            pass


def test_a_connection_killed_in_the_middle_harms_nobody(server, client):
    before = len(server.told())
    alone = client.predict(PROMPT, 4, seed=3, api_name="/generate")["text"]
    for _ in range(3):
        breaks_off(server, "generate", [PROMPT, 300, 0, 0, 1, 1, 0, -2, 0, []])
    assert client.predict(PROMPT, 4, seed=3, api_name="/generate")["text"] == alone
    assert "Traceback" not in server.told()[before:]


def test_only_the_named_endpoints_are_public(client):
    known = {"/generate", "/next_token", "/attention", "/sentiment", "/sentiment_batch", "/monitor", "/chat"}
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == known
    assert client.view_api(return_format="dict")["unnamed_endpoints"] == {}


def test_generate_streams_records_and_the_last_is_complete(client):
    job = client.submit(PROMPT, 60, temperature=0, frequency_penalty=-2.0, api_name="/generate")
    records = list(job)
    assert len(records) > 2
    texts = [record["text"] for record in records]
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
    assert [record["stopped_by"] for record in records[:-1]] == [None] * (len(records) - 1)
    assert records[-1]["stopped_by"] == "length" and len(records[-1]["tokens"]) == 60
    assert set(records[-1]) == FIELDS


def test_generate_writes_what_the_command_line_writes_with_the_same_seed(client):
    told = client.predict(PROMPT, 20, seed=5, temperature=1.0, stop=["zzz"], api_name="/generate")
    printed = command_line(
        "generate", PROMPT, "--max-new-tokens", "20", "--seed", "5", "--temperature", "1", "--stop", "zzz"
    )
    for field in FIELDS - {"first_token_ms", "tokens_per_second", "tokens"}:
        assert told[field] == printed[field]
    assert [t["id"] for t in told["tokens"]] == [t["id"] for t in printed["tokens"]]


def test_next_token_lists_what_the_command_line_lists(client):
    told = client.predict(PROMPT, 5, api_name="/next_token")
    printed = command_line("next", PROMPT, "--top", "5")
    assert [t["text"] for t in told["tokens"]] == [t["text"] for t in printed["tokens"]]
    assert [t["rank"] for t in told["tokens"]] == [1, 2, 3, 4, 5]
    assert sum(t["probability"] for t in told["tokens"]) + told["rest"] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"temperature": -1}, "The temperature must be a number from"),
        ({"top_p": 7}, "The top p must be"),
        ({"seed": -1}, "The seed must be a whole number"),
        ({"max_new_tokens": 100_000}, "The max new tokens must be"),
        ({"max_new_tokens": 2000}, "writes at most 1,024 tokens"),
        ({"temperature": "warm"}, "is not a number"),
        ({"stop": ["x" * 500]}, "stop texts"),
    ],
    ids=str,
)
def test_a_bad_value_comes_back_as_its_sentence(named, words, client):
    assert words in refusal(client, PROMPT, **named, api_name="/generate")


def test_a_prompt_that_is_too_long_comes_back_as_its_sentence(client):
    assert "too many" in refusal(client, "word " * 600, api_name="/generate")
    assert "characters" in refusal(client, "x" * 1_000_000, api_name="/next_token")


@pytest.mark.parametrize("top", [0, -1, 5000])
def test_next_token_lists_a_sensible_number(top, client):
    assert "from 1 to 1,000" in refusal(client, PROMPT, top, api_name="/next_token")


@pytest.mark.parametrize(
    ("endpoint", "named"),
    [
        ("/next_token", {"top": "many"}),
        ("/next_token", {"top": 2.5}),
        ("/next_token", {"top": None}),
        ("/generate", {"stop": "abc"}),
        ("/generate", {"stop": [1]}),
        ("/generate", {"prompt": None}),
        ("/generate", {"prompt": 7}),
    ],
    ids=str,
)
def test_a_value_of_another_kind_is_a_sentence_too(endpoint, named, client):
    said = refusal(client, **{"prompt": PROMPT, **named}, api_name=endpoint)
    assert "verbose error" not in said and "show_error" not in said


@pytest.mark.parametrize("prompt", ["", "nul \x00", "🦊" * 5], ids=ascii)
@pytest.mark.parametrize("endpoint", ["/generate", "/next_token"])
def test_odd_prompts_are_answered(endpoint, prompt, client):
    answer = client.predict(prompt, 2, api_name=endpoint)
    assert len(answer["tokens"]) == 2


@pytest.mark.parametrize(("endpoint", "more"), [("generate", ", 0, []"), ("next_token", "")])
def test_half_a_surrogate_pair_is_answered(endpoint, more, server):
    body = f'{{"data": ["half \\ud83d here", 2, 0.8, 40, 0.95, 1.1, 0, 0{more}]}}'  # `gradio_client` could not send it
    answer = by_hand(server, endpoint, body.encode())
    assert len(answer["tokens"]) == 2
    assert "\ufffd" in answer["prompt"]


def test_a_cancelled_job_frees_the_engine(client):
    for _ in range(5):
        job = client.submit(PROMPT, 400, temperature=0, frequency_penalty=-2.0, api_name="/generate")
        next(iter(job))
        job.cancel()
    assert client.predict(PROMPT, 3, api_name="/generate")["stopped_by"] in ("length", "end")


def test_attention_scores_every_head_as_the_command_line_does(client):
    text = "The dog saw the cat, and the dog saw the bird."
    found = client.predict(text, api_name="/attention")
    assert found == command_line("inspect", text)
    assert len(found["heads"]) == 144 and "".join(found["tokens"]) == text
