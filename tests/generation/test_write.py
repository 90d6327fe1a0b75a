"""The loop that writes: stop texts never shown half, seeds that repeat, and stretches that join without a seam."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2demo.generation.generate import begun_stop, first_stop, record, write
from gpt2demo.generation.run import Shelf, from_prompt, ids_of, path, shares, shown_length
from gpt2demo.generation.sampling import Decoding, distribution, score
from tests.models import engine_by_chance, engine_writing, write_out, written_text

GREEDY = {"temperature": 0, "repetition_penalty": 1}
CHANCE = {"temperature": 1.5, "top_k": 0, "top_p": 1}


def glimpses(engine, decoding, prompt=">"):
    """What a reader sees after each token, and the finished branch."""
    seen = []
    for branch in write(engine, from_prompt(engine, prompt, decoding, ""), decoding, Shelf(10**6)):
        texts = shares(engine, branch)
        seen.append("".join(texts[branch.prompt_length : shown_length(engine, branch, texts)]))
    return seen, branch


# how it ends ----------------------------------------------------------------------------------------------------------


def test_it_ends_at_its_length():
    _, branch = glimpses(engine_by_chance(), Decoding(**CHANCE, max_new_tokens=5), "the")
    assert branch.stopped_by == "length" and len(ids_of(branch.leaf)) == 6


def test_it_ends_where_the_model_ends_the_text():
    engine = engine_writing([b"a", b"b"])
    seen, branch = glimpses(engine, Decoding(**GREEDY))
    assert branch.stopped_by == "end" and seen[-1] == "ab"
    assert branch.leaf.id == engine.tokenizer.end


def test_it_ends_where_the_context_is_full():
    engine = engine_by_chance(positions=7)
    _, branch = glimpses(engine, Decoding(**CHANCE, max_new_tokens=50), "the")
    assert branch.stopped_by == "context" and len(ids_of(branch.leaf)) == 7
    again = write_out(engine, branch, Decoding(**CHANCE))
    assert again.stopped_by == "context" and ids_of(again.leaf) == ids_of(branch.leaf)


def test_one_forward_pass_for_the_prompt_and_one_for_each_token_but_the_last():
    engine = engine_by_chance()
    write_out(engine, from_prompt(engine, "the cat", Decoding(), ""), Decoding(**CHANCE, max_new_tokens=9))
    assert engine.reads == [2] + [1] * 8


def test_going_on_reads_the_last_token_alone():
    engine, decoding = engine_by_chance(), Decoding(**CHANCE, max_new_tokens=4)
    branch = write_out(engine, from_prompt(engine, "the cat", decoding, ""), decoding)
    engine.reads.clear()
    write_out(engine, branch, decoding)
    assert engine.reads == [1] * 4


@pytest.mark.parametrize("when", [1, 2, 7])
def test_stop_frees_the_engine_within_one_token(when):
    engine, decoding, written = engine_by_chance(), Decoding(**CHANCE, max_new_tokens=100), []
    branch = from_prompt(engine, "the cat", decoding, "")
    for branch in write(engine, branch, decoding, Shelf(10**6), cancelled=lambda: len(written) + 1 >= when):
        written.append(branch)
    assert branch.stopped_by == "visitor" and len(written) == when
    assert len(engine.reads) == when  # the prompt, and one step for each token but the last


def test_a_writing_that_nobody_waits_for_reads_no_further():
    engine, decoding = engine_by_chance(), Decoding(**CHANCE, max_new_tokens=100)
    run = write(engine, from_prompt(engine, "the", decoding, ""), decoding, Shelf(10**6))
    next(run)
    run.close()
    assert len(engine.reads) == 1


# stop texts -----------------------------------------------------------------------------------------------------------

LETTERS = st.text("abc", min_size=1, max_size=4)
CHUNKS = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=12)


@settings(max_examples=300)
@given(CHUNKS, st.lists(LETTERS, min_size=1, max_size=3, unique=True))
def test_a_stop_text_is_never_shown_not_even_its_beginning(chunks, stops):
    whole = "".join(chunks)
    decoding = Decoding(**GREEDY, stop=tuple(stops))
    seen, branch = glimpses(engine_writing([chunk.encode() for chunk in chunks]), decoding)
    if branch.stopped_by == "stop":
        assert any(whole.startswith(stop, len(seen[-1])) for stop in stops)
    else:
        assert seen[-1] == whole
    for text in seen:
        assert whole.startswith(text)
        assert not any(stop in text for stop in stops)
    assert seen == sorted(seen, key=len)  # what was shown stays


@given(CHUNKS, LETTERS)
def test_the_text_ends_right_before_the_first_stop_text(chunks, stop):
    whole = "".join(chunks)
    seen, branch = glimpses(engine_writing([c.encode() for c in chunks]), Decoding(**GREEDY, stop=(stop,)))
    assert seen[-1] == whole.partition(stop)[0]
    assert (branch.stopped_by == "stop") == (stop in whole)


def test_a_stop_text_across_a_split_glyph():
    fox = "🦊".encode()
    seen, branch = glimpses(engine_writing([b"a", fox[:2], fox[2:], b"b"]), Decoding(**GREEDY, stop=("🦊",)))
    assert seen == ["a", "a", "a"] and branch.stopped_by == "stop"


def test_a_stop_text_is_found_where_two_stretches_meet():
    engine = engine_writing([b"one", b" st", b"op two"])
    first = write_out(engine, from_prompt(engine, ">", Decoding(), ""), Decoding(**GREEDY, max_new_tokens=2))
    assert written_text(engine, first) == "one st"
    second = write_out(engine, first, Decoding(**GREEDY, stop=("stop",)))
    assert (written_text(engine, second), second.stopped_by) == ("one ", "stop")


def test_a_stop_text_in_the_prompt_stops_nothing():
    engine = engine_writing([b"a", b"b"])
    _, branch = glimpses(engine, Decoding(**GREEDY, stop=(">",)))
    assert branch.stopped_by == "end"


def test_going_on_after_a_stop_goes_past_it():
    engine, decoding = engine_writing([b"a", b"#", b"b", b"#", b"c"]), Decoding(**GREEDY, stop=("#",))
    first = write_out(engine, from_prompt(engine, ">", decoding, ""), decoding)
    second = write_out(engine, first, decoding)
    assert (written_text(engine, first), written_text(engine, second)) == ("a", "a#b")


@pytest.mark.parametrize(
    ("text", "stops", "before", "at"),
    [("abcab", ["ab"], 0, 0), ("abcab", ["ab"], 2, 3), ("abcab", ["cab", "ab"], 2, 2), ("abc", ["d"], 0, None)],
)
def test_the_first_stop_text_that_ends_after_what_was_there(text, stops, before, at):
    assert first_stop(text, stops, before) == at


@pytest.mark.parametrize(("text", "held"), [("x#", 1), ("x##", 2), ("x", 0), ("#x", 0), ("a-", 1)])
def test_what_may_become_a_stop_text_is_held_back(text, held):
    assert begun_stop(text, ["###", "-end"]) == held


# seeds and seams ------------------------------------------------------------------------------------------------------


def ids(engine, seed, prompt="the cat", tokens=30, **changes):
    decoding = Decoding(**CHANCE | changes, seed=seed, max_new_tokens=tokens)
    return ids_of(write_out(engine, from_prompt(engine, prompt, decoding, ""), decoding).leaf)


def test_the_same_seed_writes_the_same_text_and_another_seed_another(tiny, open_engine):
    for engine, prompt in ((engine_by_chance(), "the cat"), (open_engine(tiny), "The fox")):
        assert ids(engine, 5, prompt) == ids(engine, 5, prompt) != ids(engine, 6, prompt)


@given(st.integers(0, 1000), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_stretches_join_to_the_text_that_one_would_have_been(seed, lengths):
    engine = engine_by_chance()
    branch = from_prompt(engine, "the cat", Decoding(), "")
    for length in lengths:
        branch = write_out(engine, branch, Decoding(**CHANCE, seed=seed, max_new_tokens=length))
    assert ids_of(branch.leaf) == ids(engine, seed, tokens=sum(lengths))


def test_stretches_of_the_torch_engine_join_too(tiny, open_engine):
    engine = open_engine(tiny)
    decoding = Decoding(**CHANCE, seed=8, max_new_tokens=10)
    branch = from_prompt(engine, "The fox", decoding, "")
    for _ in range(3):
        branch = write_out(engine, branch, decoding)
    assert ids_of(branch.leaf) == ids(engine, 8, "The fox")


def test_a_longer_text_begins_with_the_shorter():
    engine = engine_by_chance()
    assert ids(engine, 2, tokens=40)[:20] == ids(engine, 2, tokens=18)


# what is told ---------------------------------------------------------------------------------------------------------


def test_the_record_scores_every_token_by_the_raw_distribution():
    engine, decoding = engine_by_chance(), Decoding(**CHANCE, seed=1, max_new_tokens=8)
    branch = write_out(engine, from_prompt(engine, "the cat", decoding, ""), decoding)
    told = record(engine, branch, "the cat")
    whole = ids_of(branch.leaf)
    for i, token in enumerate(told["tokens"], start=2):
        expected = score(distribution(engine.logits(whole, [i - 1])[0], whole[:i], decoding).raw, whole[i])
        assert (token["probability"], token["rank"], token["entropy"]) == pytest.approx(
            (expected.probability, expected.rank, expected.entropy)
        )
    assert "".join(token["text"] for token in told["tokens"]) == told["text"]
    assert told["stopped_by"] == "length" and told["settings"]["seed"] == 1
    assert [node.chosen_by for node in path(branch.leaf)] == ["prompt"] * 2 + ["sampler"] * 8


def test_bytes_of_one_glyph_stand_with_the_token_that_completes_it():
    fox = "🦊".encode()
    engine, decoding = engine_writing([fox[:1], fox[1:3], fox[3:], b"."]), Decoding(**GREEDY)
    branch = write_out(engine, from_prompt(engine, ">", decoding, ""), decoding)
    assert [token["text"] for token in record(engine, branch, ">")["tokens"]] == ["", "", "🦊", ".", ""]


def test_a_token_inside_a_stop_text_is_not_in_the_record():
    engine, decoding = engine_writing([b"a", b"EN", b"D"]), Decoding(**GREEDY, stop=("END",))
    branch = write_out(engine, from_prompt(engine, ">", decoding, ""), decoding)
    told = record(engine, branch, ">")
    assert told["text"] == "a" and [token["text"] for token in told["tokens"]] == ["a"]
