"""Labelled texts: reading them, dropping repeats, setting a part aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.classify.labelled import distinct, key, labels_of, read_csv, split, without
from gpt2demo.errors import BadInput


def write(path, content, encoding="utf-8"):
    path.write_text(content, encoding=encoding)
    return path


def test_rows_are_read_by_the_columns_that_one_names(tmp_path):
    path = write(tmp_path / "a.csv", 'id,what,kind\n1,"good, really",yes\n2,,no\n3, bad ,no\n')
    assert read_csv(path, "what", "kind") == [("good, really", "yes"), ("bad", "no")]


@pytest.mark.parametrize(
    "content, encoding, sentence",
    [
        ("text,label\ncafé,yes\n", "latin-1", "is not UTF-8"),
        ("text,labl\na,b\n", "utf-8", "has no column 'label'.*text, labl"),
        ("", "utf-8", "has no column 'text'.*the file is empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, content, encoding, sentence):
    with pytest.raises(BadInput, match=sentence):
        read_csv(write(tmp_path / "a.csv", content, encoding))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_csv(tmp_path / "none.csv")


@pytest.mark.parametrize("rows", [[], [("a", "x"), ("b", "x")]])
def test_one_label_only_is_refused(rows):
    with pytest.raises(BadInput, match="at least two labels"):
        labels_of(rows)


def test_repeats_leave_and_so_do_texts_under_two_labels():
    rows = [("Good.", "x"), ("good", "x"), ("Bad", "x"), ("bad!", "y"), ("??", "x"), ("!!", "y")]
    assert distinct(rows) == [("Good.", "x"), ("??", "x"), ("!!", "y")]


def test_texts_that_are_judged_on_leave_whatever_their_case_and_punctuation():
    assert without([("A b!", "x"), ("c", "x")], ["a  B"]) == [("c", "x")]


rows_of_two_labels = st.lists(st.tuples(st.text("abc ", min_size=1, max_size=4), st.sampled_from("xy")), min_size=1)


@given(rows_of_two_labels, st.integers(0, 99), st.floats(0.1, 0.5))
def test_a_split_keeps_every_row_and_no_group_on_both_sides(rows, seed, share):
    rows = distinct(rows)
    try:
        train, held_out = split(rows, share, seed, group=lambda text: text.strip()[:1])
    except BadInput:
        return
    assert sorted(train + held_out) == sorted(rows)
    assert not {text.strip()[:1] for text, _ in train} & {text.strip()[:1] for text, _ in held_out}
    assert {label for _, label in train} == {label for _, label in held_out} == {label for _, label in rows}


def test_a_split_is_the_same_for_the_same_seed_and_takes_the_share_of_each_label():
    rows = [(f"text {i}", "xy"[i % 4 == 0]) for i in range(200)]
    train, held_out = split(rows, 0.1, seed=1)
    assert (train, held_out) == split(rows, 0.1, seed=1) != split(rows, 0.1, seed=2)
    assert [sum(label == one for _, label in held_out) for one in "xy"] == [15, 5]


def test_a_label_with_one_text_cannot_stand_on_both_sides():
    with pytest.raises(BadInput, match="'rare' has too few texts"):
        split([("a", "x"), ("b", "x"), ("c", "rare")], 0.3, seed=0)


def test_the_key_of_a_text_without_letters_is_the_text():
    assert key("¿?") == "¿?" and key("A-b 1!") == "ab1"
