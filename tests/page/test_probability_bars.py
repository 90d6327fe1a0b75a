"""The panel: every bar counted for, and each number in words that anybody can read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2demo.generation.run import from_prompt
from gpt2demo.generation.sampling import Decoding, distribution, rank
from gpt2demo.page.parts import probability_bars
from gpt2demo.page.parts.probability_bars import effect, label, ordinal, panel, percent, quoted, sentence
from tests.page.conftest import BYTES, engine_that_writes, random_engine

ENGINE = random_engine()
SIZE = ENGINE.info.vocabulary
OFF = Decoding(1.0, 0, 1.0, 1.0)

decodings = st.builds(
    Decoding,
    temperature=st.one_of(st.just(0.0), st.floats(0.05, 5)),
    top_k=st.integers(0, 300),
    top_p=st.floats(0, 1),
    repetition_penalty=st.floats(0.1, 10),
    presence_penalty=st.floats(-10, 10),
    frequency_penalty=st.floats(-10, 10),
)
logits_of_any_kind = st.builds(
    lambda seed, width: np.random.default_rng(seed).normal(0, width, SIZE).astype(np.float32),
    st.integers(0, 2**32),
    st.floats(0, 30),
)


def opened(logits, decoding, prompt="abcabc"):
    branch = from_prompt(ENGINE, prompt, decoding, "")
    return panel(ENGINE, branch, len(prompt) - 1, logits, decoding, place=3)


def stages_for(logits, decoding=OFF):
    return distribution(np.asarray(logits, dtype=np.float32), [], decoding)


# the bars -------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(logits_of_any_kind, decodings)
def test_at_every_stage_the_bars_add_up_to_one(logits, decoding):
    drawn = opened(logits, decoding)
    for stage in range(3):
        total = sum(row["stages"][stage] for row in drawn["rows"]) + drawn["rest"]["stages"][stage]
        assert total == pytest.approx(1, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(logits_of_any_kind, decodings)
def test_the_twenty_likeliest_and_the_chosen_one_are_listed(logits, decoding):
    drawn = opened(logits, decoding)
    ranks = [row["rank"] for row in drawn["rows"]]
    assert ranks[:20] == list(range(1, 21))
    assert [row["id"] for row in drawn["rows"] if row["chosen"]] == [ord("c")]
    assert len(ranks) == (20 if rank_of(logits, ord("c")) <= 20 else 21)
    assert len(ranks) + drawn["rest"]["count"] == SIZE


def rank_of(logits, id):
    return rank(stages_for(logits).raw, id)


def test_the_panel_can_be_taken_up_again_from_what_it_shows():
    drawn = opened(np.zeros(SIZE), OFF)
    assert drawn["ids"] == [ord(c) for c in "abcabc"]
    assert (drawn["place"], drawn["index"], drawn["prompt_length"]) == (3, 5, 6)


def test_the_context_is_the_end_of_what_stood_before():
    assert opened(np.zeros(SIZE), OFF, prompt="x" * 200 + "yz")["context"] == "x" * 59 + "y"


def test_a_panel_is_plain_data_and_small():
    import json

    assert len(json.dumps(opened(np.zeros(SIZE), OFF))) < 20_000


# the sentences --------------------------------------------------------------------------------------------------------


def test_the_sentence_names_token_probability_rank_and_what_was_cut():
    logits = np.full(SIZE, -30.0)
    logits[[ord("a"), ord("b"), ord("c")]] = np.log([0.5, 0.3, 0.2])
    said = sentence(ENGINE, ord("b"), stages_for(logits, Decoding(1.0, 2, 1.0, 1.0)), "sampler")
    assert said == f"“b” had 30 %, second choice; the sampler cut {SIZE - 2} of {SIZE} tokens."


def test_the_sentence_says_whose_choice_it_was():
    stages = stages_for(np.zeros(SIZE))
    assert sentence(ENGINE, 1, stages, "visitor").startswith("Your choice: ")
    assert sentence(ENGINE, 1, stages, "prompt").startswith("In your prompt, ")
    assert sentence(ENGINE, 1, stages, "sampler").endswith("; the sampler cut nothing.")


def test_the_sentence_says_when_there_was_no_choice_and_when_the_token_would_have_been_cut():
    logits = np.zeros(SIZE)
    logits[ord("a")] = 5
    greedy = stages_for(logits, Decoding(temperature=0))
    assert "left no other choice" in sentence(ENGINE, ord("a"), greedy, "sampler")
    assert "would have cut it" in sentence(ENGINE, ord("b"), greedy, "prompt")


def test_the_sentence_and_the_row_agree_on_the_rank_where_tokens_tie():
    drawn = opened(np.zeros(SIZE), OFF, prompt="\x03\x02")
    chosen = next(row for row in drawn["rows"] if row["chosen"])
    assert chosen["rank"] == 3
    assert "third choice" in drawn["sentence"]


@settings(max_examples=60, deadline=None)
@given(logits_of_any_kind, decodings, st.sampled_from(["prompt", "visitor", "sampler"]))
def test_both_sentences_are_one_sentence_for_any_distribution(logits, decoding, chosen_by):
    stages = stages_for(logits, decoding)
    for said in (sentence(ENGINE, ord("q"), stages, chosen_by), effect(stages, decoding)):
        assert said.endswith(".") and "\n" not in said
        assert not any(odd in said for odd in ("nan", "inf", "None", "e-", "e+"))


def test_the_effect_says_in_which_direction_the_first_choice_moved():
    logits = np.linspace(0, 5, SIZE)
    assert "likelier" in effect(stages_for(logits, Decoding(0.5, 0, 1.0, 1.0)), Decoding(0.5, 0, 1.0, 1.0))
    assert "less likely" in effect(stages_for(logits, Decoding(2.0, 0, 1.0, 1.0)), Decoding(2.0, 0, 1.0, 1.0))
    assert "as it was" in effect(stages_for(logits), OFF)
    assert "nothing to draw" in effect(stages_for(logits, Decoding(0)), Decoding(0))


@settings(max_examples=60, deadline=None)
@given(logits_of_any_kind, st.integers(1, SIZE))
def test_the_effect_counts_what_is_left_to_draw_from(logits, k):
    decoding = Decoding(1.0, k, 1.0, 1.0)
    left = int((stages_for(logits, decoding).cut > 0).sum())
    assert effect(stages_for(logits, decoding), decoding).endswith(f"the draw is among {left} tokens.")


# tokens and numbers as text -------------------------------------------------------------------------------------------


def test_a_token_is_labelled_by_its_text_its_bytes_or_its_name():
    engine = engine_that_writes(" é".encode())
    assert label(engine, len(BYTES)) == " é"
    assert label(engine, 0xE2) == "bytes E2"
    assert label(engine, engine.tokenizer.end) == "<|endoftext|>"


def test_a_quoted_token_stays_on_one_line():
    assert quoted("\n\n") == "“↵↵”"


@pytest.mark.parametrize(
    ("rank", "word"),
    [(1, "first"), (2, "second"), (3, "third"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st")]
    + [(22, "22nd"), (23, "23rd"), (101, "101st"), (111, "111th"), (1002, "1,002nd"), (16310, "16,310th")],
)
def test_an_ordinal_reads_as_english(rank, word):
    assert ordinal(rank) == word


@given(st.integers(1, 10**9))
def test_every_ordinal_but_the_first_three_is_its_number_and_two_letters(rank):
    if rank > 3:
        assert ordinal(rank)[:-2] == f"{rank:,}"
        assert ordinal(rank)[-2:] in ("st", "nd", "rd", "th")


@given(st.floats(0, 1))
def test_a_percentage_is_short_plain_and_close(p):
    said = percent(p)
    assert said.endswith(" %") and "e" not in said.removeprefix("under")
    assert (said == "0 %") == (p == 0)
    if p >= 1e-4:
        assert float(said[:-2].removeprefix("over ")) == pytest.approx(100 * p, rel=0.006)
        assert (said == "100 %") == (p == 1)


def test_percentages_read_well():
    assert [percent(p) for p in (1, 0.99996, 0.9996, 0.5, 0.1234, 0.01, 0.00123, 0.00004, 1e-9, 0)] == [
        "100 %", "over 99.99 %", "99.96 %", "50 %", "12.3 %", "1 %", "0.123 %", "0.004 %", "under 0.0001 %", "0 %",
    ]  # fmt: skip


def test_the_empty_panel_says_what_it_is_for():
    assert probability_bars.EMPTY["rows"] == []
    assert "Click a word" in probability_bars.EMPTY["sentence"]
