"""`next`: the likeliest next tokens, as a table or as data."""

import pytest

PROMPT = "The old man opened the"


def test_the_list_has_the_fields_of_the_house(command):
    told = command("next", PROMPT, "--json").json
    assert set(told) == {"prompt", "entropy", "tokens", "rest"}
    assert told["prompt"] == PROMPT and len(told["tokens"]) == 20
    for rank, token in enumerate(told["tokens"], start=1):
        assert set(token) == {"id", "text", "rank", "probability", "probability_tempered", "probability_cut"}
        assert token["rank"] == rank
    assert sum(token["probability"] for token in told["tokens"]) + told["rest"] == pytest.approx(1)


def test_the_likeliest_is_what_greedy_writing_takes(command):
    first = command("next", PROMPT, "--top", 1, "--json").json["tokens"][0]["id"]
    arguments = ("--temperature", 0, "--repetition-penalty", 1, "--max-new-tokens", 1, "--json")
    assert command("generate", PROMPT, *arguments).json["tokens"][0]["id"] == first


def test_settings_shape_the_later_stages_alone(command):
    plain, shaped = (command("next", PROMPT, *more, "--json").json for more in ((), ("--temperature", 2, "--top-k", 2)))
    assert [t["probability"] for t in plain["tokens"]] == [t["probability"] for t in shaped["tokens"]]
    assert sum(t["probability_cut"] > 0 for t in shaped["tokens"]) == 2


def test_the_table_has_a_line_for_each_token_and_one_for_the_others(command):
    lines = command("next", PROMPT, "--top", 3).out.splitlines()
    assert len(lines) == 5
    assert "entropy" in lines[0] and "all others" in lines[-1]


@pytest.mark.parametrize("top", [0, -3, 1001])
def test_a_number_that_makes_no_sense_is_one_sentence(top, refusal):
    assert "from 1 to 1,000" in refusal("next", PROMPT, "--top", top)
