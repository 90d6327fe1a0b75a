"""What a message means: which passage answers it, and how sure that is."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from gpt2demo.chat.knowledge import Hit, Knowledge, Passage
from gpt2demo.chat.manners import Manners
from gpt2demo.chat.topics import TopicModel, learn
from gpt2demo.chat.words import split, stems

CANDIDATES = 10
WAYS_EACH, MOST_LINES = 4, 5000
PLAIN = (-3.0, 4.0, 3.0)  # constant, likeness, cover: without a topic model
# Logistic regression on two fifths of the shop's ways to ask, each left out of its index, and 250 questions of CLINC150 that
# no shop can answer: constant, likeness, cover, the topic's score, its lead over the next topic.
WEIGHTS = (-1.1, 0.7, 2.4, 0.15, 2.8)
Intent = Callable[[str], tuple[str, float]]  # text -> (label, probability)


@dataclass(frozen=True)
class Understood:
    """The passages that may answer, best first, with the sureness of the first as a probability."""

    hits: tuple[Hit, ...]
    topic: str
    confidence: float
    intent: tuple[str, float] = ("", 0.0)

    @property
    def best(self) -> Passage | None:
        return self.hits[0].passage if self.hits else None

    def sentence(self) -> str:
        heard = f" The intent model says {self.intent[0]} ({self.intent[1]:.0%})." if self.intent[0] else ""
        if self.best is None:
            return f"No passage shares a word with the message.{heard}"
        return f"Topic {self.topic}; closest: “{self.best.title}”, {self.confidence:.0%} sure.{heard}"


@dataclass(frozen=True)
class Understanding:
    """Reads a message against a knowledge base, the fixed answers, and the intent model if there is one."""

    knowledge: Knowledge
    manners: Manners
    intent: Intent | None = None
    known: Callable[[str], bool] = lambda word: False

    def __call__(self, message: str) -> Understood:
        hits = self.everything.search(message, CANDIDATES, self.known)
        scores = self.model.scores(message) if self.model else {}
        heard = self.intent(message) if self.intent else ("", 0.0)
        ranked = sorted(hits, key=lambda hit: -(hit.score + scores.get(hit.passage.topic, -1.0)))
        topic = max(scores, key=scores.get) if scores else ranked[0].passage.topic if ranked else ""
        return Understood(tuple(ranked), topic, sureness(ranked, scores), heard)

    def shared_words(self, message: str, passage: Passage) -> tuple[str, ...]:
        """The words of a passage whose stems the message has too, as they stand there."""
        synonyms = self.knowledge.synonyms
        asked = set(stems(split(message), synonyms))
        return tuple(dict.fromkeys(word for word in split(passage.text) if asked & set(stems([word], synonyms))))

    @cached_property
    def everything(self) -> Knowledge:
        """The passages and the fixed answers, in one index so that they compete."""
        return replace(self.knowledge, passages=(*self.knowledge.passages, *self.manners.fixed))

    @cached_property
    def model(self) -> TopicModel | None:
        """What the topics are learnt from is the shop's many ways to ask; a FAQ with one question an answer has too few."""
        lines = [
            (line, passage.topic)
            for passage in self.everything.passages
            for line in (*passage.asked, *([passage.title] if passage.kind == "passage" else []))
        ]
        enough = WAYS_EACH * len(self.knowledge.passages) < len(lines) < MOST_LINES
        return learn(lines, self.knowledge.synonyms) if enough else None


def sureness(hits: list[Hit], scores: dict[str, float]) -> float:
    """The probability that the first hit answers the message, from three signs: its likeness, its cover, its topic's score."""
    if not hits:
        return 0.0
    first = hits[0]
    if not scores:
        return 1 / (1 + math.exp(-(PLAIN[0] + PLAIN[1] * first.likeness + PLAIN[2] * first.cover)))
    ranked = sorted(scores.values(), reverse=True)
    own = scores.get(first.passage.topic, -1.0)
    lead = own - (ranked[1] if own == ranked[0] else ranked[0])
    z = WEIGHTS[0] + WEIGHTS[1] * first.likeness + WEIGHTS[2] * first.cover + WEIGHTS[3] * own + WEIGHTS[4] * lead
    return 1 / (1 + math.exp(-z))
