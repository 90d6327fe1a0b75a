"""What is worth saying about a run when it has ended, in a sentence each."""

import unicodedata

from gpt2demo.engine.contract import Engine
from gpt2demo.generation.run import Branch, ids_of, loop

FOREIGN_SHARE = 0.3  # of a prompt's letters, from which on the hint appears


def remarks(engine: Engine, branch: Branch, prompt: str) -> list[str]:
    """The sentences for a finished run; most runs need none."""
    said = []
    if not prompt.strip():
        said.append(
            "The prompt was empty, so the model began from its end-of-text token, as at the start of a document."
        )
    if "\N{REPLACEMENT CHARACTER}" in prompt:
        said.append("Characters that are not valid Unicode were replaced by \N{REPLACEMENT CHARACTER}.")
    if foreign_share(prompt) > FOREIGN_SHARE:
        said.append(
            f"{engine.info.name} reads English: it knows other scripts only as bytes and will not write well in them."
        )
    if loop(ids_of(branch.leaf)):
        said.append(
            "The text has begun to repeat itself: what stands there makes its own repetition likely, and a small model has"
            " little to set against it. A higher temperature or repetition penalty helps."
        )
    if branch.stopped_by == "context":
        said.append(f"The text fills all {engine.info.positions:,} tokens that {engine.info.name} can read at once.")
    if branch.stopped_by == "end":
        said.append("The model chose to end the text here. Continue lets it begin a new one.")
    return said


def foreign_share(text: str) -> float:
    """The share of a text's letters that are not Latin."""
    letters = [c for c in text if c.isalpha()]
    foreign = sum(not unicodedata.name(c, "").startswith(("LATIN", "FEMININE", "MASCULINE")) for c in letters)
    return foreign / len(letters) if letters else 0.0
