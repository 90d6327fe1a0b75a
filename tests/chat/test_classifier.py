"""What tells a message's topic and passage: learnt beforehand from the lines beside the passages, and read from a file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpt2demo.chat import classifier, knowledge
from gpt2demo.chat.classifier import features, read
from gpt2demo.chat.knowledge import TOPICS, Knowledge, Passage
from gpt2demo.errors import ModelBroken
from gpt2demo.evaluation.chat import QUESTIONS
from gpt2demo.training import shop

PASSAGES = Knowledge(
    (
        Passage("boats-hire", "boats", "Hiring a boat", "", ("can I hire a boat", "rent a boat", "hire of a boat")),
        Passage("kites-repair", "kites", "Mending a kite", "", ("my kite is torn", "mend my kite", "a torn kite")),
        Passage("parrots-food", "parrots", "What parrots eat", "", ("what do parrots eat", "food for a parrot")),
    )
)
HEARD = [("what do you take for a rowing boat", "boats"), ("the wind broke the kite", "kites")]


@pytest.fixture(scope="module")
def learnt():
    return shop.learn(PASSAGES, HEARD)


@pytest.fixture(scope="module")
def shipped():
    return read(knowledge.FOLDER)


def test_a_message_is_on_the_topic_whose_lines_it_is_like(learnt):
    scores = learnt.topics("could we rent one of your boats")
    assert max(scores, key=scores.get) == "boats" and scores["boats"] > 0 > max(scores["kites"], scores["parrots"])


def test_it_sees_through_slips_of_the_pen(learnt):
    scores = learnt.topics("my kitte is trn")
    assert max(scores, key=scores.get) == "kites"


def test_what_is_read_says_the_same_as_what_was_saved(learnt, tmp_path):
    classifier.save(learnt, tmp_path)
    again = read(tmp_path)
    for message in ("rent a boat", "torn", "", "kite"):
        assert again.topics(message) == pytest.approx(learnt.topics(message), abs=0.05)
        assert again.passages(message) == pytest.approx(learnt.passages(message), abs=0.05)
    assert again.digest == learnt.digest


@given(st.text(max_size=300))
def test_any_text_has_a_finite_score_for_every_topic(shipped, text):
    scores = shipped.topics(text)
    assert set(TOPICS) <= set(scores) and all(abs(score) < 100 for score in scores.values())


def test_word_order_and_little_words_count():
    assert features("is it") != features("it is") and "not" in features("it is not")


@pytest.mark.parametrize("damage", ["missing", "cut", "foreign"])
def test_a_damaged_file_is_named_with_the_way_out(damage, learnt, tmp_path):
    classifier.save(learnt, tmp_path)
    file = tmp_path / classifier.FILE
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:1000] if damage == "cut" else b"nothing of the kind")
    with pytest.raises(ModelBroken, match=r"classifier\.npz.*train shop"):
        read(tmp_path)


def test_the_shipped_one_was_learnt_from_the_lines_beside_it(shipped):
    assert shipped.digest == shop.digest(shop.everything(), shop.customers(knowledge.FOLDER)), "run `train shop`"


def test_no_line_that_it_learnt_from_is_a_question_of_the_test_set():
    heard = {" ".join(line.lower().split()) for line, _ in shop.customers(knowledge.FOLDER)}
    rows = map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines())
    assert [row["id"] for row in rows if any(" ".join(m.lower().split()) in heard for m in row["messages"])] == []
