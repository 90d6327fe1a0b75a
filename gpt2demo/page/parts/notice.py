"""One sentence to the visitor, beside the control that it is about."""

import logging
import uuid

from gpt2demo.errors import DemoError

log = logging.getLogger("gpt2demo")

NONE = {"kind": "", "sentences": []}


def hints(*sentences: str) -> dict:
    """Something worth knowing; nothing went wrong."""
    return {"kind": "hint", "sentences": [s for s in sentences if s]}


def problem(error: Exception, *more: str) -> dict:
    """What went wrong, and what more there is to say: a bug is logged with its traceback and shown with a reference number."""
    if isinstance(error, DemoError):
        return {"kind": "problem", "sentences": [str(error), *more]}
    reference = uuid.uuid4().hex[:8]
    log.error("reference %s", reference, exc_info=error)
    return {
        "kind": "problem",
        "sentences": [f"Something went wrong in the demo (reference {reference}). Please try again.", *more],
    }
