"""What a headline is about that no word of the watch list gives away: the model's guess, where it is sure enough."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo import classify
from gpt2demo.classify import Head, zero_shot
from gpt2demo.engine.contract import Engine
from gpt2demo.monitor.topics import Topic, shipped

ENDING = " - a story about"  # the best of five endings for gpt2-mini on the sample stream
SURE = 0.7  # what `eval topics` finds right below this, at headlines written blind, is too little to show


@dataclass(frozen=True, eq=False)
class Guesser:
    """Guesses among topics: by an adapter from `train classify`, else by how likely each topic's name would come next."""

    engine: Engine
    head: Head | None
    topics: tuple[Topic, ...]

    @property
    def names(self) -> list[str]:
        return [topic.name for topic in self.topics]

    @property
    def key(self) -> str:
        """What changes whenever its guesses may; the order and the keywords of the topics do not matter."""
        by = self.head.weight.tobytes() if self.head else f"{ENDING} {SURE}".encode()
        return hashlib.sha256("\n".join(sorted(self.names)).encode() + by).hexdigest()[:16]

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """How likely each topic is, (len(texts), topics) float64; an adapter's labels that are no topic take their share."""
        if self.head is None:  # the shipped topics stand beside them, so that a list of one does not draw everything
            named = {name.lower(): [name] for name in [*self.names, *(topic.name for topic in shipped())]}
            return zero_shot.probabilities(self.engine, texts, ENDING, named)[:, : len(self.names)]
        found = classify.probabilities(self.engine, self.head, texts)
        labels = [label.lower() for label in self.head.labels]
        columns = [labels.index(name.lower()) if name.lower() in labels else None for name in self.names]
        return np.stack([np.zeros(len(texts)) if i is None else found[:, i] for i in columns], axis=1)

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """A topic's name for each text, or "" where the model is not sure enough."""
        sure = self.head.threshold if self.head else SURE
        return [self.names[p.argmax()] if p.max() >= sure else "" for p in self.probabilities(texts)]
