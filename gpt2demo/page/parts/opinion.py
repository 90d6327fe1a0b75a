"""One text and what the model thinks of it: three shares, each word's part in the label, and what would turn it."""

from collections.abc import Sequence

import numpy as np

from gpt2demo.sentiment.opinion import LABELS, Opinion, Reader
from gpt2demo.sentiment.question import Flip, bare, words

EMPTY = {"words": [], "sentence": "", "probabilities": [], "flips": []}


def view(
    found: Opinion,
    reader: Reader,
    effects: np.ndarray | None = None,
    flips: Sequence[Flip] | None = None,
    how: str = "",
) -> dict:
    """What the script draws; `effects` (words,) may cover the first words only, None leaves the words untinted."""
    pieces = words(found.text)
    told = [] if effects is None else [float(effect) for effect in effects]
    return {
        "words": [[piece, told[i] if i < len(told) else None] for i, piece in enumerate(pieces)],
        "probabilities": found.probabilities.tolist(),
        "model": reader.engine.info.name,
        "by": f"Read by {reader.about}. {reader.measured}".strip(),
        "label": found.label,
        "abstained": found.abstained,
        "threshold": reader.threshold,
        "sentence": sentence(found, reader),
        "how": how,
        "because": because(pieces, told, found.label),
        "flips": None if flips is None else [flip_view(pieces, flip, found) for flip in flips],
    }


def sentence(found: Opinion, reader: Reader) -> str:
    """In words: the label, how sure the model is, or that it would rather not say."""
    sure = found.probabilities.max()
    if reader.head is None:
        said = (
            f"A guess: {reader.engine.info.name} was never trained for this; going by the words it would go on with,"
            f" {found.label} gets {sure:.0%}."
        )
    elif found.abstained:
        said = (
            f"GPT-2 would rather not say: {found.label} is likeliest with {sure:.0%},"
            f" and below {reader.threshold:.0%} it is wrong too often."
        )
    else:
        said = f"GPT-2 thinks this is {found.label}, {sure:.0%} sure."
    if found.windows > 1:
        how = f"it was read in {found.windows} parts and averaged" if reader.head else "only its end was read"
        said += f" The text is longer than the model reads at once, so {how}."
    return said.replace("%", " %")


def because(pieces: Sequence[str], effects: Sequence[float], label: str) -> str:
    """In words: the word that speaks most for the label, and the one that speaks most against it."""
    if not effects:
        return ""
    best, worst = int(np.argmax(effects)), int(np.argmin(effects))
    said = []
    if effects[best] > 0:
        said.append(f"“{bare(pieces[best]) or pieces[best].strip()}” speaks most for {label}")
    if effects[worst] < 0:
        said.append(f"“{bare(pieces[worst]) or pieces[worst].strip()}” most against it")
    return (", ".join(said) + ".") if said else "No single word changes much."


def flip_view(pieces: Sequence[str], flip: Flip, found: Opinion) -> dict:
    """A changed text: its pieces as [before, after] pairs, equal where nothing changed, and its new label."""
    new = dict(zip(flip.at, flip.instead))
    return {
        "pieces": [[piece, new.get(i, piece.strip())] for i, piece in enumerate(pieces)],
        "label": LABELS[int(flip.probabilities.argmax())],
        "probability": float(flip.probabilities.max()),
        "was": float(found.probabilities[flip.probabilities.argmax()]),
    }
