"""What a model thinks of texts: negative, neutral or positive, with calibrated probabilities or no answer at all."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo import classify
from gpt2demo.classify import Head, never, zero_shot
from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BadInput, ModelBroken

LABELS = ("negative", "neutral", "positive")
MEASURED = "attribution.json"  # what `eval attribution --keep` leaves beside an adapter
TRAINED = "training.json"  # the record of an adapter's training, with the scores on the texts that were held out
BATCH = 64  # texts scored between two looks at whether to stop

ZERO_SHOT_ENDING = "\nAll in all, it was"
ZERO_SHOT_WORDS = {
    "negative": ("bad", "terrible", "awful", "poor"),
    "neutral": ("normal", "usual", "as", "unchanged"),
    "positive": ("good", "great", "wonderful", "excellent"),
}


@dataclass(frozen=True, eq=False)
class Reader:
    """A model that reads opinions: an engine with the sentiment adapter merged into it, and the adapter's head.

    Without an adapter (`head` None) it guesses: by the words that it would go on with, which is far less reliable.
    """

    engine: Engine
    head: Head | None
    measured: str = ""  # in words: how far its attribution can be trusted
    right: str = ""  # in words: how often its labels were right

    def __post_init__(self):
        if self.head and sorted(self.head.labels) != sorted(LABELS):
            raise ModelBroken(
                f"The sentiment adapter knows the labels {', '.join(self.head.labels)}.",
                "It has to know negative, neutral and positive: train it again.",
            )

    @property
    def about(self) -> str:
        """In words: who reads, and whether it was trained for it."""
        name = self.engine.info.name
        if self.head:
            return f"{name} with its sentiment adapter"
        return f"{name}, which has no sentiment adapter: every label is a guess by the words that it would go on with"

    @property
    def trust(self) -> str:
        """In words: how often it is wrong, as far as anybody has measured that."""
        if self.head:
            return self.right or f"Nobody has measured how often {self.engine.info.name} is right."
        return (
            f"{self.engine.info.name} was never trained to judge texts: every label is a guess, and nobody has measured how"
            " often it is right."
        )

    @property
    def fingerprint(self) -> str:
        """What changes with the weights of the model or of its adapter."""
        weights = self.head.weight.tobytes() if self.head else b""
        return hashlib.sha256(self.engine.info.sha256.encode() + weights).hexdigest()[:16]

    @property
    def threshold(self) -> float:
        """The largest probability has to reach this, or the model would rather not say; a guess always says."""
        return self.head.threshold if self.head else 0.0

    @property
    def order(self) -> list[int]:
        """Where each of LABELS stands among the head's labels."""
        return [self.head.labels.index(label) for label in LABELS]

    def probabilities(self, texts: Sequence[str], cancelled: Callable[[], bool] = never) -> np.ndarray:
        """The calibrated probabilities of LABELS, (len(texts), 3) float64; raises `Stopped` once it is `cancelled`."""
        if self.head is None:
            return zero_shot.probabilities(self.engine, texts, ZERO_SHOT_ENDING, ZERO_SHOT_WORDS, cancelled)
        return classify.probabilities(self.engine, self.head, texts, cancelled)[:, self.order]


@dataclass(frozen=True, eq=False)
class Opinion:
    """What the model thinks of one text."""

    text: str
    probabilities: np.ndarray  # of LABELS
    abstained: bool  # the largest lies below the threshold: the model would rather not say
    windows: int  # in how many pieces a text over the context was read

    @property
    def label(self) -> str:
        return LABELS[int(self.probabilities.argmax())]


def opinion(reader: Reader, text: str, cancelled: Callable[[], bool] = never) -> Opinion:
    """The opinion on one text; raises `BadInput` for a text without a word, `Stopped` once it is `cancelled`."""
    if not text.strip():
        raise BadInput("There is no text to judge.", "Write a sentence or two.")
    return opinions(reader, [text], cancelled)[0]


def opinions(reader: Reader, texts: Sequence[str], cancelled: Callable[[], bool] = never) -> list[Opinion]:
    """The opinion on each text; raises `Stopped` once it is `cancelled`."""
    found = reader.probabilities(texts, cancelled) if texts else np.zeros((0, 3))
    return [
        Opinion(text, p, bool(p.max() < reader.threshold), len(classify.windows(reader.engine, text)))
        for text, p in zip(texts, found)
    ]


def in_batches(reader: Reader, texts: Sequence[str], cancelled: Callable[[], bool] = never) -> Iterator[np.ndarray]:
    """Score many texts, yielding the probabilities (done, 3) so far after every batch; what is done when cancelled stays."""
    found = np.zeros((len(texts), 3))
    for first in range(0, len(texts), BATCH):
        if cancelled():
            return
        batch = texts[first : first + BATCH]
        found[first : first + len(batch)] = reader.probabilities(batch)
        yield found[: first + len(batch)]


def measured(found: dict) -> str:
    """The outcome of `eval attribution` in words."""
    first, other = found["first"], found["random"]
    return (
        f"Tried on {found['texts']:,} texts: without the word that integrated gradients rank first, the label's probability"
        f" fell in {first['falls']:.0%} of them (by {first['by']:.3f} on average), without a random other word in"
        f" {other['falls']:.0%} (by {other['by']:.3f})."
    ).replace("%", " %")


def held_out(trained: dict) -> str:
    """In words: how often a trained adapter was right on the texts that were held out, from its `training.json`."""
    scores = trained["held_out_scores"]
    said = (
        f"On {scores['texts']:,} texts held out from training it was right on {scores['accuracy']:.0%}. Where it was sure"
        f" enough to answer ({trained['coverage']:.0%} of them), on {1 - trained['risk']:.0%}."
    )
    return said.replace("%", " %")


def record(found: Opinion) -> dict:
    """One row of `sentiment --json`."""
    return {
        "text": found.text,
        "label": found.label,
        "abstained": found.abstained,
        "probabilities": dict(zip(LABELS, found.probabilities.tolist())),
    }
