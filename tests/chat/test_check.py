"""What a reply may say: only what its source says."""

import pytest

from gpt2demo.chat.check import strays, unsupported

SOURCE = "You can return items to Ida Sorrel within 30 days for €3.90, see https://a.example/x or mail b@c.example."


@pytest.mark.parametrize(
    "reply",
    [
        "Return it within 30 days.",
        "It costs €3.90. Write to b@c.example.",
        "Ida is nice. She helps.",
        "",
        "See https://a.example/x.",
    ],
)
def test_what_the_source_says_passes(reply):
    assert unsupported(reply, SOURCE) == []


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("Return it within 31 days.", "31"),
        ("It costs €3.", "3"),
        ("Within two weeks.", "two"),
        ("Write to b@d.example.", "b@d.example"),
        ("See https://a.example/y.", "https://a.example/y"),
        ("Please ask Greta for it.", "Greta"),
        ("It comes on Monday.", "monday"),
        ("That is free.", "free"),
    ],
)
def test_what_it_does_not_say_is_named(reply, wrong):
    assert wrong in unsupported(reply, SOURCE)


def test_a_number_in_words_is_backed_by_its_digit():
    assert unsupported("It takes three days.", "It takes 3 days.") == []


def test_a_reply_about_something_else_strays():
    assert strays("Your destination will be on the left.", SOURCE)
    assert not strays("You can return items within 30 days.", SOURCE)
