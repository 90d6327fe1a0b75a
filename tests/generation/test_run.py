"""The tree of what was written: nothing that was taken is lost, and going back gives what was there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.errors import BadInput
from gpt2demo.generation.run import (
    LOOP_COPIES,
    LOOP_NGRAM,
    LOOP_SPAN,
    Node,
    Shelf,
    branch_off,
    from_ids,
    from_prompt,
    ids_of,
    loop,
    path,
    score_prompt,
    undo,
)
from gpt2demo.generation.sampling import Decoding, distribution, score
from tests.models import engine_by_chance, write_out

DECODING = Decoding(temperature=1.5, top_k=0, top_p=1, seed=3, max_new_tokens=6)


@pytest.fixture
def engine():
    return engine_by_chance()


@pytest.fixture
def written(engine):
    """A prompt of two tokens and two stretches of six."""
    first = write_out(engine, from_prompt(engine, "the cat", DECODING, ""), DECODING)
    return first, write_out(engine, first, DECODING)


def test_a_prompt_is_a_branch_that_holds_its_tokens(engine):
    branch = from_prompt(engine, "the cat sat", DECODING, "name")
    assert engine.tokenizer.decode(ids_of(branch.leaf)) == "the cat sat"
    assert (branch.prompt_length, branch.label) == (3, "name")
    assert {node.chosen_by for node in path(branch.leaf)} == {"prompt"}


@pytest.mark.parametrize("prompt", ["", " ", "\n\t "])
def test_a_blank_prompt_begins_at_the_end_of_text(prompt, engine):
    assert ids_of(from_prompt(engine, prompt, DECODING, "").leaf) == [engine.tokenizer.end]


@pytest.mark.parametrize(("tokens", "over"), [(8, 1), (50, 43)])
def test_a_prompt_without_room_for_one_more_token_says_by_how_many(tokens, over):
    engine = engine_by_chance(positions=8)
    with pytest.raises(BadInput, match=f"{tokens} tokens long, {over} too many: fake reads 8 at once"):
        from_prompt(engine, "the" * tokens, DECODING, "")
    assert from_prompt(engine, "the" * 7, DECODING, "").prompt_length == 7


# going back -----------------------------------------------------------------------------------------------------------


def test_undo_takes_back_a_stretch_at_a_time_and_no_more_than_was_written(written):
    first, second = written
    once = undo(second)
    assert ids_of(once.leaf) == ids_of(first.leaf)
    twice = undo(once)
    assert len(ids_of(twice.leaf)) == twice.prompt_length == 2
    with pytest.raises(BadInput, match="nothing to undo"):
        undo(twice)


def test_undo_leaves_the_branch_itself_as_it_was(written):
    before = ids_of(written[1].leaf)
    undo(written[1])
    assert ids_of(written[1].leaf) == before


def test_what_was_undone_is_written_again_word_for_word(engine, written):
    assert ids_of(write_out(engine, undo(written[1]), DECODING).leaf) == ids_of(written[1].leaf)


# another way ----------------------------------------------------------------------------------------------------------


def test_a_branch_shares_its_beginning_and_takes_its_own_token(engine, written):
    nodes = path(written[1].leaf)
    other = branch_off(engine, written[1], 5, 0, np.zeros(engine.info.vocabulary), "")
    assert path(other.leaf)[:5] == nodes[:5]
    assert (other.leaf.id, other.leaf.chosen_by) == (0, "visitor")
    assert ids_of(written[1].leaf) == [node.id for node in nodes]


def test_undo_of_a_branch_takes_back_the_writing_then_the_choice_then_what_was_before(engine, written):
    other = branch_off(engine, written[1], 10, 0, np.zeros(engine.info.vocabulary), "")
    lengths = [len(ids_of(write_out(engine, other, DECODING).leaf))]
    branch = write_out(engine, other, DECODING)
    while True:
        try:
            branch = undo(branch)
        except BadInput:
            break
        lengths.append(len(ids_of(branch.leaf)))
    assert lengths == [17, 11, 10, 8, 2]


def test_a_branch_inside_the_prompt_leaves_the_rest_of_the_prompt_behind(engine, written):
    other = branch_off(engine, written[1], 1, 5, np.zeros(engine.info.vocabulary), "")
    assert other.prompt_length == 1 and len(ids_of(other.leaf)) == 2


def test_the_score_of_the_visitors_choice_is_the_models_own(engine, written):
    logits = engine.logits(ids_of(written[1].leaf), [4])[0]
    other = branch_off(engine, written[1], 5, 2, logits, "")
    assert other.leaf.score == score(distribution(logits, [], Decoding()).raw, 2)


def test_a_run_taken_up_from_its_ids_goes_on_as_the_one_it_was(engine, written):
    first, second = written
    again = from_ids(ids_of(first.leaf), first.prompt_length, DECODING, "")
    assert ids_of(write_out(engine, again, DECODING).leaf) == ids_of(second.leaf)


def test_the_prompts_tokens_are_scored_by_what_stood_before_them(engine):
    branch = score_prompt(engine, from_prompt(engine, "the cat sat", DECODING, ""))
    ids = ids_of(branch.leaf)
    expected = [
        None,
        *(score(distribution(engine.logits(ids, [i])[0], [], DECODING).raw, ids[i + 1]) for i in range(2)),
    ]
    assert list(branch.prompt_scores) == expected


# loops ----------------------------------------------------------------------------------------------------------------


@given(st.integers(1, LOOP_NGRAM), st.integers(0, 40), st.integers(1, 15))
def test_a_text_loops_when_it_ends_in_enough_copies(n, before, copies):
    text = [1000 + i for i in range(before)] + list(range(n)) * copies
    enough = copies >= LOOP_COPIES and n * copies >= LOOP_SPAN
    assert bool(loop(text)) == enough


@given(st.lists(st.integers(0, 1), max_size=70))
def test_a_loop_is_what_its_definition_says(ids):
    found = [n for n in range(4, 21) if len(ids) >= 3 * n and ids[-n:] == ids[-2 * n : -n] == ids[-3 * n : -2 * n]]
    assert loop(ids) == (found[0] if found else 0)


def test_a_loop_that_the_text_has_left_is_none():
    assert loop([1, 2, 3, 4] * 10 + [9]) == 0


# the shelf ------------------------------------------------------------------------------------------------------------


def nodes(count):
    made = [Node(None, 0, "prompt")]
    for id in range(count):
        made.append(Node(made[-1], id % 6, "sampler"))
    return made[1:]


def test_the_shelf_keeps_the_newest_within_its_bytes(engine):
    shelf, row = Shelf(3 * 28), np.zeros(7, np.float32)
    kept = nodes(5)
    for node in kept:
        shelf.put(node, row)
    for node in kept[2:]:
        assert shelf.logits(engine, node) is row
    assert engine.reads == []


def test_logits_that_left_are_computed_again(engine):
    shelf, some = Shelf(1), nodes(4)
    expected = engine.logits(ids_of(some[0].parent), [0])[0]
    for node in some:
        shelf.put(node, np.zeros(7, np.float32))
    np.testing.assert_array_equal(shelf.logits(engine, some[0]), expected)


def test_putting_twice_counts_once(engine):
    shelf, (one, two) = Shelf(2 * 28), nodes(2)
    for node in (one, one, one, two):
        shelf.put(node, np.full(7, node.id, np.float32))
    assert shelf.logits(engine, one)[0] == 0 and shelf.logits(engine, two)[0] == 1
    assert engine.reads == []


def test_a_copy_of_a_shelf_grows_by_itself(engine):
    shelf, (one, two) = Shelf(28), nodes(2)
    shelf.put(one, np.zeros(7, np.float32))
    shelf.copy().put(two, np.ones(7, np.float32))
    assert shelf.logits(engine, one)[0] == 0 and engine.reads == []


def test_nothing_stands_before_the_first_token(engine):
    with pytest.raises(BadInput, match="nothing stands before the first token"):
        Shelf(100).logits(engine, Node(None, 0, "prompt"))
