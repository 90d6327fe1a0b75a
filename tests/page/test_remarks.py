"""What is said about a run when it has ended, and what is not."""

from dataclasses import replace

import pytest

from gpt2demo.generation.run import from_ids, from_prompt
from gpt2demo.generation.sampling import Decoding
from gpt2demo.page.remarks import foreign_share, remarks
from tests.page.conftest import random_engine

ENGINE = random_engine()


def said_of(prompt, **changes):
    branch = replace(from_prompt(ENGINE, prompt, Decoding(), ""), **changes)
    return " ".join(remarks(ENGINE, branch, prompt))


@pytest.mark.parametrize("prompt", ["A plain English prompt.", "Café, naïve, Ærø, Łódź", "1 + 1 = 2", "🦊 a fox"])
def test_most_runs_need_no_remark(prompt):
    assert said_of(prompt) == ""


@pytest.mark.parametrize("prompt", ["", " ", "\n\t  \n"])
def test_a_blank_prompt_says_where_the_model_began(prompt):
    assert "end-of-text token" in said_of(prompt)


@pytest.mark.parametrize("prompt", ["Жили-были старик со старухой", "Είναι", "مرحبا بالعالم", "昔々あるところに", "शेर"])
def test_another_script_gets_the_hint_that_the_model_reads_english(prompt):
    assert "fake reads English" in said_of(prompt)


def test_one_foreign_name_gets_no_hint():
    assert said_of("The writer Чехов was born in Taganrog") == ""
    assert 0 < foreign_share("The writer Чехов was born in Taganrog") < 0.3


def test_letters_without_a_name_or_text_without_letters_count_as_nothing_or_foreign_but_never_fail():
    assert foreign_share("") == foreign_share("123 !? 🦊") == 0
    assert foreign_share("\U0003134a") == 1


def test_replaced_characters_are_named():
    assert "not valid Unicode" in said_of("a \N{REPLACEMENT CHARACTER} b")


def test_a_loop_is_explained_with_a_way_out():
    words = ENGINE.tokenizer.encode(" one two three four") * 3
    said = " ".join(remarks(ENGINE, from_ids([65, 66, *words], 2, Decoding(), ""), "AB"))
    assert "repeat itself" in said and "higher temperature" in said


def test_a_text_that_repeats_only_twice_is_no_loop():
    words = ENGINE.tokenizer.encode(" one two three four") * 2
    assert remarks(ENGINE, from_ids([65, 66, *words], 2, Decoding(), ""), "AB") == []


def test_a_full_context_and_an_end_that_the_model_chose_are_told():
    assert "all 512 tokens" in said_of("x", stopped_by="context")
    assert "Continue lets it begin a new one" in said_of("x", stopped_by="end")


def test_every_remark_is_a_sentence():
    branch = replace(from_prompt(ENGINE, "", Decoding(), ""), stopped_by="context")
    for said in remarks(ENGINE, branch, "\N{REPLACEMENT CHARACTER}Жили"):
        assert said[0].isupper() or said.startswith("fake")
        assert said.endswith(".")
