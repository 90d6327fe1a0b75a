"""`generate`: the text as it comes, or its record."""

import pytest

PROMPT = "The old man opened the door and"
FIELDS = {
    "model", "backend", "device", "prompt", "text", "tokens", "settings", "stopped_by", "first_token_ms", "tokens_per_second"
}  # fmt: skip
SETTINGS = {
    "temperature", "top_k", "top_p", "repetition_penalty", "presence_penalty", "frequency_penalty", "seed", "max_new_tokens",
    "stop",
}  # fmt: skip


def generate(command, *arguments):
    return command("generate", PROMPT, "--max-new-tokens", 12, *arguments)


def test_the_record_has_the_fields_of_the_house(command, tiny):
    told = generate(command, "--json").json
    assert set(told) == FIELDS and set(told["settings"]) == SETTINGS
    assert (told["model"], told["prompt"], told["stopped_by"]) == (tiny.name, PROMPT, "length")
    assert len(told["tokens"]) == 12
    assert "".join(token["text"] for token in told["tokens"]) == told["text"]
    assert told["tokens_per_second"] > 0 and told["first_token_ms"] > 0
    for token in told["tokens"]:
        assert set(token) == {"id", "text", "probability", "rank", "entropy"}
        assert 0 < token["probability"] <= 1 and token["rank"] >= 1 and token["entropy"] >= 0


def test_the_defaults_are_those_of_the_house(command):
    told = command("generate", PROMPT, "--json").json["settings"]
    assert told == {
        "temperature": 0.8,
        "top_k": 40,
        "top_p": 0.95,
        "repetition_penalty": 1.1,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "seed": 0,
        "max_new_tokens": 80,
        "stop": [],
    }


def test_without_a_gpu_auto_is_the_shipped_model(command):
    assert generate(command, "--model", "auto", "--max-new-tokens", 1, "--json").json["model"] == "gpt2-mini"


def test_the_text_on_its_own_is_that_of_the_record(command):
    assert generate(command).out == generate(command, "--json").json["text"] + "\n"


def test_the_same_seed_writes_the_same_text(command):
    texts = [generate(command, "--seed", seed, "--temperature", 1.5, "--json").json["text"] for seed in (4, 4, 5)]
    assert texts[0] == texts[1] != texts[2]


def test_a_stop_text_ends_it_and_is_not_shown(command):
    whole = generate(command, "--json").json["text"]
    stop = whole[10:14]
    told = generate(command, "--stop", "nowhere at all", "--stop", stop, "--json").json
    assert told["stopped_by"] == "stop" and told["text"] == whole.partition(stop)[0]
    assert told["settings"]["stop"] == ["nowhere at all", stop]


@pytest.mark.parametrize("prompt", ["", "  ", "nul \x00", "half \udce9", "🦊", "<|endoftext|>"], ids=ascii)
def test_odd_prompts_are_answered(prompt, command):
    told = command("generate", prompt, "--max-new-tokens", 2, "--json").json
    assert len(told["tokens"]) == 2
    told["prompt"].encode()
    assert command("generate", prompt, "--max-new-tokens", 2).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--temperature", "nan"), "The temperature must be a number"),
        (("--temperature", "-1"), "The temperature must be a number"),
        (("--top-p", "1.5"), "The top p must be"),
        (("--top-k", "2.5"), "The top k must be a whole number"),
        (("--seed", "-1"), "The seed must be a whole number"),
        (("--seed", "many"), "The seed 'many' is not a number"),
        (("--max-new-tokens", "0"), "The max new tokens must be"),
        (("--repetition-penalty", "inf"), "The repetition penalty must be"),
        (("--stop", "x" * 300), "stop texts"),
        (("--model", "gpt3"), "There is no model 'gpt3'. Choose one of gpt2-mini"),
        (("--model", "gpt2"), "the demo runs offline. Choose gpt2-mini"),
        (("--model", "/"), "has no config.json"),
    ],
    ids=str,
)
def test_bad_input_is_one_sentence(arguments, said, refusal):
    assert said in refusal("generate", PROMPT, *arguments)


def test_a_prompt_over_the_context_says_how_many_tokens_too_many(refusal):
    assert "too many: " in refusal("generate", "word " * 600)


@pytest.mark.parametrize(
    "arguments", [(), ("generate",), ("sing", "x"), ("generate", "x", "--loud"), ("next", "x", "--top", "y")]
)
def test_what_is_no_command_ends_with_two_and_says_how_to_use_it(arguments, command):
    told = command(*arguments)
    assert told.code == 2 and told.out == ""
    assert told.err.startswith("usage: python -m gpt2demo")
