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
# Logistic regression on 900 of the shop's lines (ways to ask, small talk, what is beyond it), each left out of the index and
# of the topic model: constant, likeness, cover, the topic's score, its lead over the next topic, the lead over the best hit of
# another topic.
WEIGHTS = (-1.25, 0.17, 1.3, -0.66, 0.4, 2.34)
Intent = Callable[[str], tuple[str, float]]  # text -> (label, probability)


@dataclass(frozen=True)
class Understood:
    """The passages that may answer, best first, with the sureness of the first as a probability."""

    hits: tuple[Hit, ...]
    topic: str
    confidence: float
    intent: tuple[str, float] = ("", 0.0)
    next_topic: str = ""  # what it would be about if not about `topic`

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
        ranked = sorted(hits, key=lambda hit: -worth(hit, scores))
        topic = max(scores, key=scores.get) if scores else ranked[0].passage.topic if ranked else ""
        others = (other for other in sorted(scores, key=scores.get, reverse=True) if other != ranked[0].passage.topic)
        return Understood(tuple(ranked), topic, sureness(ranked, scores), heard, next(others, "") if ranked else "")

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


def worth(hit: Hit, scores: dict[str, float]) -> float:
    """What hits are ranked by: the match of the words, and how much the message is about their topic."""
    return hit.score + scores.get(hit.passage.topic, -1.0)


def sureness(hits: list[Hit], scores: dict[str, float]) -> float:
    """The probability that the first of the ranked hits is on the right topic, by the signs that `WEIGHTS` names."""
    if not hits:
        return 0.0
    first = hits[0]
    if not scores:
        return 1 / (1 + math.exp(-(PLAIN[0] + PLAIN[1] * first.likeness + PLAIN[2] * first.cover)))
    topics = sorted(scores.values(), reverse=True)
    own = scores.get(first.passage.topic, -1.0)
    lead = own - (topics[1] if own == topics[0] else topics[0])
    others = (worth(hit, scores) for hit in hits if hit.passage.topic != first.passage.topic)
    ahead = worth(first, scores) - next(others, worth(first, scores) - 1.0)
    signs = (1.0, first.likeness, first.cover, own, lead, ahead)
    return 1 / (1 + math.exp(-sum(weight * sign for weight, sign in zip(WEIGHTS, signs))))
