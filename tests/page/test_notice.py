"""Errors as a visitor meets them: one calm sentence, never a traceback."""

import inspect
import logging
import re

import pytest

from gpt2demo.errors import BackendUnavailable, BadInput, Busy, ContextFull, HubUnreachable, ModelBroken, ModelNotFound
from gpt2demo.page.events import guarded
from gpt2demo.page.parts import notice

KINDS = [BadInput, ModelNotFound, ModelBroken, HubUnreachable, BackendUnavailable, ContextFull, Busy]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_that_a_visitor_can_understand_is_shown_as_it_stands(kind):
    assert notice.problem(kind("What it is.", "What to do.")) == {
        "kind": "problem",
        "sentences": ["What it is. What to do."],
    }


def test_a_bug_is_a_reference_number_to_the_visitor_and_a_traceback_in_the_log(caplog):
    with caplog.at_level(logging.ERROR, logger="gpt2demo"):
        said = notice.problem(ZeroDivisionError("the secret of /home/somebody"))["sentences"][0]
    reference = re.search(r"\(reference ([0-9a-f]{8})\)", said)[1]
    assert "secret" not in said and "ZeroDivisionError" not in said
    assert reference in caplog.text and "the secret of /home/somebody" in caplog.text


def test_hints_leave_out_what_is_empty():
    assert notice.hints("One.", "", "Two.") == {"kind": "hint", "sentences": ["One.", "Two."]}
    assert notice.hints()["sentences"] == notice.NONE["sentences"] == []


def fails():
    raise BadInput("That cannot be.", "Try this.")


def breaks():
    raise KeyError("an inner name")


def breaks_midway():
    yield {}
    raise KeyError("an inner name")


def fails_midway():
    yield {}
    raise BadInput("That cannot be.", "Try this.")


def test_a_guarded_handler_shows_the_sentence_and_leaves_the_rest_as_it_is(playground):
    update = guarded(fails, playground.notice)()
    assert update == {playground.notice: {"kind": "problem", "sentences": ["That cannot be. Try this."]}}
    assert list(guarded(fails_midway, playground.notice)())[-1] == update


@pytest.mark.parametrize("handler", [breaks, breaks_midway])
def test_a_guarded_handler_never_shows_what_a_bug_said(handler, playground):
    outcome = guarded(handler, playground.notice)()
    last = outcome if isinstance(outcome, dict) else list(outcome)[-1]
    assert set(last) == {playground.notice}
    said = last[playground.notice]["sentences"]
    assert len(said) == 1 and "reference" in said[0] and "inner name" not in said[0]


def test_a_guarded_handler_keeps_the_signature_by_which_gradio_hands_it_the_request(playground):
    assert next(iter(inspect.signature(guarded(playground.on_generate, playground.notice)).parameters)) == "request"
