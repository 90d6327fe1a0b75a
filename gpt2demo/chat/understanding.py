"""What a message means: which passage answers it, and how sure that is."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gpt2demo.chat.classifier import Classifier
from gpt2demo.chat.knowledge import Hit, Knowledge, Passage
from gpt2demo.chat.manners import Manners, Rule
from gpt2demo.chat.words import split, stems

CANDIDATES = 12
OF_TOPIC = 3.0  # what the topic's score weighs in the ranking, beside the passage's own and the search's
LIKELY = 4  # passages that the classifier adds to those that the search found
# Scores of "rule": of 2,271 messages, all to which a doubtful rule's pattern was rightly applied are above the first; above the
# second are 160 of the 165 that ask for what is forbidden, and 16 of the others, most of which look an order up.
HARMLESS, SUSPICIOUS = -0.3, 0.0
PLAIN = (-3.0, 4.0, 3.0)  # constant, likeness, cover: without a classifier
# Logistic regression on lines that neither the classifier nor the index knew: constant, likeness, cover, the topic's score,
# its lead over the next topic, the passage's score, the lead over the best passage of another topic.
WEIGHTS = (-0.24, -0.45, 1.94, -0.12, 3.7, -0.09, 0.18)
Scores = dict[str, float]


@dataclass(frozen=True)
class Understood:
    """The passages that may answer, best first, with the sureness of the first as a probability."""

    hits: tuple[Hit, ...]
    topics: tuple[str, ...]  # likeliest first
    confidence: float

    @property
    def topic(self) -> str:
        return self.topics[0] if self.topics else ""

    @property
    def next_topic(self) -> str:
        """What it would be about if not about the first passage's topic."""
        return next((topic for topic in self.topics if self.best and topic != self.best.topic), "")

    @property
    def best(self) -> Passage | None:
        return self.hits[0].passage if self.hits else None

    def sentence(self) -> str:
        if self.best is None:
            return "No passage shares a word with the message."
        return f"Topic {self.topic}; closest: “{self.best.title}”, {self.confidence:.0%} sure."


@dataclass(frozen=True)
class Understanding:
    """Reads a message against a knowledge base and the fixed answers; with the classifier that was learnt from them."""

    knowledge: Knowledge
    manners: Manners
    classifier: Classifier | None = None
    known: Callable[[str], bool] = lambda word: False

    def __call__(self, message: str) -> Understood:
        hits = self.everything.search(message, CANDIDATES, self.known)
        topics, passages = self.heard(message)
        found = {hit.passage.id for hit in hits}
        likely = sorted(passages, key=passages.get, reverse=True)[:LIKELY]
        hits += [Hit(self.everything[id], 0.0, 0.0) for id in likely if id not in found]
        ranked = sorted(hits, key=lambda hit: -worth(hit, topics, passages))
        likeliest = sorted(topics, key=topics.get, reverse=True) or [hit.passage.topic for hit in ranked]
        sure = sureness(signs(ranked, topics, passages))
        return Understood(tuple(ranked), tuple(dict.fromkeys(likeliest)), sure)

    def heard(self, message: str) -> tuple[Scores, Scores]:
        """What the classifier makes of it, by topic and by passage."""
        if self.classifier is None:
            return {}, {}
        return self.classifier.topics(message), self.classifier.passages(message)

    def about(self, message: str, topic: str) -> bool:
        """Whether a message may be on a topic: it is among its two likeliest, as far as the classifier tells."""
        topics = self.heard(message)[0]
        return topic in sorted(topics, key=topics.get, reverse=True)[:2] or not topics

    def harmless(self, rule: Rule, message: str) -> bool:
        """Whether a doubtful rule's pattern was met by chance: the classifier hears no request of the kind."""
        return rule.doubtful and self.heard(message)[0].get("rule", HARMLESS) < HARMLESS

    def forbidden(self, message: str) -> Passage | None:
        """The rule that a message falls under by what it sounds like, whatever its words."""
        topics, passages = self.heard(message)
        if topics.get("rule", SUSPICIOUS) <= SUSPICIOUS:
            return None
        rules = (passage for passage in self.manners.fixed if passage.kind == "rule")
        return max(rules, key=lambda rule: passages[rule.id])

    def shared_words(self, message: str, passage: Passage) -> tuple[str, ...]:
        """The words of a passage whose stems the message has too, as they stand there."""
        synonyms = self.knowledge.synonyms
        asked = set(stems(split(message), synonyms))
        return tuple(dict.fromkeys(word for word in split(passage.text) if asked & set(stems([word], synonyms))))

    @cached_property
    def everything(self) -> Knowledge:
        """The passages and the fixed answers, in one index so that they compete."""
        return replace(self.knowledge, passages=(*self.knowledge.passages, *self.manners.fixed))


def worth(hit: Hit, topics: Scores, passages: Scores) -> float:
    """What hits are ranked by: the match of the words, and how much the message looks like their topic's and their own."""
    return hit.score + OF_TOPIC * topics.get(hit.passage.topic, -1.0) + passages.get(hit.passage.id, -1.0)


def signs(hits: Sequence[Hit], topics: Scores, passages: Scores) -> tuple[float, ...]:
    """What tells whether the first of the ranked hits is right, as `WEIGHTS` or, without a classifier, `PLAIN` names them."""
    if not hits:
        return ()
    first = hits[0]
    if not topics:
        return (1.0, first.likeness, first.cover)
    best = sorted(topics.values(), reverse=True)
    own = topics.get(first.passage.topic, -1.0)
    lead = own - (best[1] if own == best[0] else best[0])
    mine = worth(first, topics, passages)
    others = (worth(hit, topics, passages) for hit in hits if hit.passage.topic != first.passage.topic)
    ahead = mine - next(others, mine - 1.0)
    return (1.0, first.likeness, first.cover, own, lead, passages.get(first.passage.id, -1.0), ahead)


def sureness(found: Sequence[float]) -> float:
    """The probability that the first hit is on the right topic; 0 without a hit."""
    weights = WEIGHTS if len(found) > len(PLAIN) else PLAIN
    return 1 / (1 + math.exp(-sum(weight * sign for weight, sign in zip(weights, found)))) if found else 0.0
