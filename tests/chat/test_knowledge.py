"""The shop's passages, and finding the right one."""

import pytest

from gpt2demo.chat import manners
from gpt2demo.chat.check import unsupported
from gpt2demo.chat.knowledge import TOPICS, Knowledge, Passage, parse_passage, shipped
from gpt2demo.chat.slots import Slots
from gpt2demo.errors import BadInput
from gpt2demo.evaluation.chat import DEVELOPMENT, QUESTIONS


def test_the_shop_has_passages_on_every_topic():
    passages = shipped().passages
    assert len(passages) >= 60
    assert len({passage.id for passage in passages}) == len(passages)
    assert {passage.topic for passage in passages} == set(TOPICS)


def test_every_figure_of_a_template_stands_in_its_passage():
    shop = shipped()
    slots = Slots(order="10432", email="ada@example.com", product="lamp", date="today")
    for template in manners.shipped().templates.values():
        source = f"{shop[template.passage].text} {shop[template.passage].title} 10432"
        for text in (template.fill(slots), template.fill(Slots())):
            assert unsupported(text, source) == [], (template.intent, text)


def test_each_template_belongs_to_the_passage_of_its_intent():
    shop = shipped()
    for intent, template in manners.shipped().templates.items():
        assert shop[template.passage].intent == intent


def test_no_question_of_the_test_set_is_a_known_way_to_ask():
    import json

    asked = {" ".join(line.lower().split()) for passage in shipped().passages for line in passage.asked}
    rows = map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines())
    copies = [row["id"] for row in rows if any(" ".join(m.lower().split()) in asked for m in row["messages"])]
    assert copies == []


def test_what_is_tuned_on_is_labelled_with_the_shops_topics_and_shares_no_message_with_the_blind_set():
    import json

    blind, own = (
        [json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in (QUESTIONS, DEVELOPMENT)
    )
    assert len(own) >= 200 and all(set(row["topics"]) <= set(TOPICS) for row in own)
    assert {id for row in own for id in row.get("passages", ())} <= {passage.id for passage in shipped().passages}
    said = {message.lower() for row in own if row["kind"] != "small_talk" for message in row["messages"]}
    both = [row["id"] for row in blind if said & {message.lower() for message in row["messages"]}]
    assert both == []


def test_the_closest_way_to_ask_wins(little_shop):
    hits = little_shop.understanding.knowledge.search("could I rent a boat tomorrow")
    assert hits[0].passage.id == "boats-hire"


def test_a_slip_of_the_pen_is_understood(little_shop):
    assert little_shop.understanding.knowledge.search("what do parots eat")[0].passage.id == "parrots-food"


def test_a_known_word_is_no_slip(little_shop):
    search = little_shop.understanding.knowledge.search
    assert search("boot", known=lambda word: True) == []
    assert search("boaat")[0].passage.id == "boats-hire"


def test_nothing_in_common_finds_nothing(little_shop):
    assert little_shop.understanding.knowledge.search("zxqv wvut") == []
    assert little_shop.understanding.knowledge.search("") == []


def test_a_match_in_the_text_alone_is_found_too():
    knowledge = Knowledge(
        (Passage("a", "t", "A", "Walnuts are cracked by hand."), Passage("b", "t", "B", "Boats float."))
    )
    assert knowledge.search("who has cracked the walnuts")[0].passage.id == "a"


@pytest.mark.parametrize(
    "text",
    ["no front matter", "---\nid: a\n---\ntext", "---\nid: [\n---\ntext", "---\nid: a\ntopic: t\ntitle: T\n---\n"],
)
def test_a_broken_passage_is_refused_by_name(text):
    with pytest.raises(BadInput, match=r"kites\.md"):
        parse_passage(text, "kites.md")
