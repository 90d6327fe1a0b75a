"""From a message to a reply, step by step, on a shop of three passages."""

from dataclasses import replace

import pytest

from gpt2demo.chat.dialogue import restored
from gpt2demo.chat.pipeline import LONGEST_MESSAGE, answer
from gpt2demo.errors import BadInput


def writes(*growing: str):
    """A writer that is known beforehand."""
    return lambda passage, history, question, cancelled: iter(growing)


def test_a_passage_without_a_template_is_quoted_with_its_source(little_shop, talk):
    (turn,) = talk(little_shop, "what do your parrots eat?")
    assert (turn.mode, turn.reply) == ("retrieved", "Our parrots eat 3 walnuts a day.")
    assert [source.id for source in turn.sources] == ["parrots-food"]
    assert turn.confidence >= 0.5
    assert [step for step, _ in turn.why] == ["understood", "looked up", "wrote", "checked"]


def test_own_words_that_pass_the_check_are_said(little_shop, talk):
    parts = replace(little_shop, writer=writes("They", "They eat 3 walnuts every day."))
    (turn,) = talk(parts, "what do your parrots eat?")
    assert (turn.mode, turn.reply) == ("generated", "They eat 3 walnuts every day.")


@pytest.mark.parametrize(
    "invented",
    ["They eat 4 walnuts a day.", "They eat walnuts in Paris, always.", "Ask a@b.example for walnuts, please.", "They"],
)
def test_own_words_that_the_passage_does_not_back_are_never_said(invented, little_shop, talk):
    (turn,) = talk(replace(little_shop, writer=writes(invented)), "what do your parrots eat?")
    assert (turn.mode, turn.reply) == ("retrieved", "Our parrots eat 3 walnuts a day.")
    assert any("quoted instead" in found for _, found in turn.why)


def test_a_reply_grows_by_checked_sentences_only(little_shop):
    writer = writes(
        "They eat 3 walnuts. And", "They eat 3 walnuts. And 9 figs. Then", "They eat 3 walnuts. And 9 figs."
    )
    *growing, last = answer(replace(little_shop, writer=writer), [], "what do your parrots eat?")
    assert [turn.reply for turn in growing] == ["They eat 3 walnuts."]
    assert not growing[0].done and last.done and last.mode == "retrieved"


def test_two_questions_in_one_message_are_both_answered(little_shop, talk):
    (turn,) = talk(little_shop, "What do your parrots eat? And can I hire a boat?")
    assert {source.topic for source in turn.sources} == {"parrots", "boats"}
    assert "€20" in turn.reply and "walnuts" in turn.reply


def test_after_two_misses_a_person_is_offered_and_yes_hands_over(little_shop, talk):
    turns = talk(little_shop, "zxqv wvut", "qqqq zzzz", "yes")
    assert [turn.mode for turn in turns] == ["rephrase", "handover", "handover"]
    assert [turn.memory.state for turn in turns] == ["bot", "bot", "waiting"]


def test_an_understood_message_forgets_the_misses(little_shop, talk):
    turns = talk(little_shop, "zxqv wvut", "what do parrots eat", "qqqq zzzz")
    assert [turn.mode for turn in turns] == ["rephrase", "retrieved", "rephrase"]


def test_who_asks_for_a_person_gets_one_or_is_told_that_there_is_none(little_shop, talk):
    assert talk(little_shop, "I want to talk to a human")[0].memory.state == "waiting"
    (turn,) = talk(replace(little_shop, people=False), "I want to talk to a human")
    assert turn.mode == "handover" and turn.memory.state == "bot" and "Nobody" in turn.reply


def test_a_half_understood_message_is_asked_back_and_yes_no_and_other_are_understood(little_shop, talk, monkeypatch):
    monkeypatch.setattr("gpt2demo.chat.pipeline.SURE", 1.1)
    monkeypatch.setattr("gpt2demo.chat.pipeline.UNSURE", 0.0)
    first = talk(little_shop, "boat or kite")[0]
    assert first.mode == "confirm" and first.options[-1] == "None of these"
    names = list(first.memory.pending)
    assert talk(little_shop, "boat or kite", "yes")[1].sources[0].id == names[0]
    assert talk(little_shop, "boat or kite", "no, the other one")[1].sources[0].id == names[1]
    assert talk(little_shop, "boat or kite", first.options[1])[1].sources[0].id == names[1]
    assert talk(little_shop, "boat or kite", "no")[1].mode == "rephrase"


@pytest.mark.parametrize("message", ["", "  \n"])
def test_an_empty_message_is_refused(message, little_shop):
    with pytest.raises(BadInput):
        list(answer(little_shop, [], message))


def test_a_message_of_20000_characters_is_refused_in_one_sentence(little_shop):
    with pytest.raises(BadInput, match=f"20,000 characters; a message may have {LONGEST_MESSAGE:,}"):
        list(answer(little_shop, [], "x" * 20_000))


def test_the_same_message_gets_the_same_turn(little_shop, talk):
    assert talk(little_shop, "rent a boat") == talk(little_shop, "rent a boat")


def test_a_turn_survives_as_plain_data(little_shop, talk):
    import json

    turn = talk(little_shop, "my order 12345, what do parrots eat?")[0]
    assert restored(json.loads(json.dumps(turn.stored()))) == turn
