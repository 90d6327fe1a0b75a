"""Questioning a label: which words it hangs on, and the smallest change of the text that turns it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.classify import Stopped, never
from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BackendUnavailable
from gpt2demo.generation.sampling import likeliest, softmax
from gpt2demo.interpret.attribution import Attribution, integrated_gradients
from gpt2demo.sentiment.opinion import Reader

MOST_WORDS = 60  # a longer text is questioned about its first words
MOST_REMOVED = 4
STEPS = 32  # of the integral, at most; how far the shares miss is said beside them
TRIED_WORDS = 6  # those that matter most are the ones for which others are tried
TRIED_INSTEAD = 12
SHOWN = 6

Scorer = Callable[[Sequence[str]], np.ndarray]  # texts -> probabilities (len(texts), labels)


@dataclass(frozen=True, eq=False)
class Flip:
    """A change that gives the text another label: the words `at` these places become `instead` ("" where they go)."""

    at: tuple[int, ...]
    instead: tuple[str, ...]
    probabilities: np.ndarray  # (labels,)


def words(text: str) -> list[str]:
    """The words of a text with the space before each, so that they join to the text again but for space at its end."""
    return re.findall(r"\s*\S+", text)


def changed(pieces: Sequence[str], at: Sequence[int], instead: Sequence[str]) -> str:
    """The text with the words at some places replaced, or left out where the replacement is empty."""
    new = dict(zip(at, instead))
    kept = []
    for i, piece in enumerate(pieces):
        word = piece.lstrip()
        space = piece[: len(piece) - len(word)]
        kept.append(piece if i not in new else space + new[i] if new[i] else "")
    return "".join(kept).strip()


def gradients(
    reader: Reader, text: str, label: int, cancelled: Callable[[], bool] = never
) -> tuple[np.ndarray, Attribution]:
    """Each word's share (words,) of what makes a label's score larger than the mean of the others, by integrated gradients.

    A word's tokens count together; of a text longer than the context, the words that fit are explained.
    Raises `BackendUnavailable` for a model without an adapter or a microscope, `Stopped` once it is `cancelled`.
    """
    if reader.head is None:
        raise BackendUnavailable(
            f"{reader.engine.info.name} has no sentiment adapter, so there is no score to explain.",
            "Leave words out instead.",
        )
    ids = reader.engine.tokenizer.encode(text.rstrip())[: reader.engine.info.positions]
    weight = reader.head.weight[reader.order]
    direction = weight[label] - np.delete(weight, label, axis=0).mean(0)
    found = integrated_gradients(reader.engine, ids, direction, cancelled, STEPS)
    if cancelled():
        raise Stopped
    ends = np.cumsum([len(piece) for piece in words(text)])
    at = np.cumsum([len(token) for token in reader.engine.tokenizer.texts(ids)])
    owners = np.minimum(np.searchsorted(ends, at), len(ends) - 1)  # a token belongs to the word in which it ends
    return np.bincount(owners, found.values), found


def leave_one_out(text: str, score: Scorer, label: int | None = None) -> np.ndarray:
    """How much each of the first words adds to the probability of a label: p with it minus p without it, (words,).

    The label is the text's own unless another is given.
    """
    pieces = words(text)
    p = score([text, *(changed(pieces, [i], [""]) for i in range(min(len(pieces), MOST_WORDS)))])
    label = int(p[0].argmax()) if label is None else label
    return p[0, label] - p[1:, label]


def beginning(text: str) -> str:
    """The part of a long text that is questioned word by word."""
    return "".join(words(text)[:MOST_WORDS])


def flips(text: str, score: Scorer, effects: np.ndarray, alternatives: Callable[[str], Sequence[str]]) -> list[Flip]:
    """The smallest changes that give the text another label, fewest words first, then the surest.

    Tried are: each word left out; the words that matter most (by `effects`, as from `leave_one_out`) replaced by what
    `alternatives` gives for the text before them; and, where no single word turns the label, several left out together.
    """
    pieces = words(text)
    label = score([text])[0].argmax()
    order = [int(i) for i in np.argsort(-effects)]
    tries = [((i,), ("",)) for i in order]
    for i in order[:TRIED_WORDS]:
        word = bare(pieces[i])
        others = [w for w in alternatives("".join(pieces[:i])) if w.lower() != word.lower()]
        tries += [((i,), (dressed(pieces[i], other),)) for other in others[:TRIED_INSTEAD]]
    tries += [(tuple(sorted(order[:n])), ("",) * n) for n in range(2, min(MOST_REMOVED, len(order) - 1) + 1)]
    found = _turning(pieces, tries, score, int(label))
    fewest = [flip for flip in found if len(flip.at) == 1] or found[:1]
    return sorted(fewest, key=lambda flip: (len(flip.at), flip.probabilities[label]))[:SHOWN]


def _turning(pieces: list[str], tries: list, score: Scorer, label: int) -> list[Flip]:
    texts = [changed(pieces, at, instead) for at, instead in tries]
    sensible = [(one, text) for one, text in zip(tries, texts) if text]
    if not sensible:
        return []
    p = score([text for _, text in sensible])
    return [Flip(at, instead, row) for ((at, instead), _), row in zip(sensible, p) if row.argmax() != label]


def bare(piece: str) -> str:
    """A word without the space and the punctuation around it."""
    return piece.strip().strip(".,;:!?\"'()[]“”‘’")


def dressed(piece: str, word: str) -> str:
    """Another word in the place of this one, with the punctuation and the capital that it had."""
    old = bare(piece)
    word = word.capitalize() if old[:1].isupper() and not old.isupper() else word
    return piece.strip().replace(old, word, 1) if old else word


def likely_words(engine: Engine, before: str) -> list[str]:
    """Whole words that GPT-2 itself would write after a text, likeliest first."""
    ids = engine.tokenizer.encode(before)[-engine.info.positions + 1 :] or [engine.tokenizer.end]
    p = softmax(engine.start(ids).logits.astype(np.float64))
    texts = (engine.tokenizer.decode([int(id)]) for id in likeliest(p, 200))
    found = (text.strip() for text in texts if not before or text.startswith(" "))
    return list(dict.fromkeys(word for word in found if len(word) > 2 and word.isalpha()))
