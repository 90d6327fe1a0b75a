"""`train shop`: the linear models that tell a customer's topic and the passage meant.

They learn from the passages' known ways to ask, the lines of small talk and of what is beyond the shop, and from
`customers.jsonl`: this project's own messages, by nine writers who knew the ten topics and no passage, as customers do. On
two writers left out, the topic is right in 93 %. A LoRA adapter of gpt2-mini that was taught the same lines got 79 % right,
and did not help the linear model when their scores were added; so GPT-2 does not decide here.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gpt2demo.chat import classifier, knowledge, manners
from gpt2demo.chat.classifier import Classifier, LinearModel
from gpt2demo.chat.knowledge import Knowledge

CUSTOMERS = "customers.jsonl"
HEAVIER = 3.0  # what a customer's line weighs beside one from a passage's list
COST = 1.0  # of a wrong line, in the support vector machine
SMOOTHING = 0.1  # of the counts, in naive Bayes
SEEN_IN = {"topic": 1, "passage": 2}  # lines, at least: what is rarer is left out

Line = tuple[str, str]  # text, label


def customers(folder: Path) -> list[Line]:
    """The customers' messages of `folder` with their topics."""
    rows = map(json.loads, (folder / CUSTOMERS).read_text(encoding="utf-8").splitlines())
    return [(row["message"], row["topic"]) for row in rows]


def everything() -> Knowledge:
    """The shop's passages and the fixed answers, which compete with them."""
    shipped = knowledge.shipped()
    return replace(shipped, passages=(*shipped.passages, *manners.shipped().fixed))


def digest(everything: Knowledge, heard: Sequence[Line]) -> str:
    """What the lines are known by: a model learnt from other lines is out of date."""
    lines = [[passage.id, passage.topic, passage.title, *passage.asked] for passage in everything.passages]
    return hashlib.sha256(json.dumps([lines, list(heard)]).encode()).hexdigest()[:16]


def learn(everything: Knowledge, heard: Sequence[Line]) -> Classifier:
    """Both models, from all passages and fixed answers, and what customers were heard to say."""
    asked = [
        (line, passage)
        for passage in everything.passages
        for line in (*passage.asked, *([passage.title] if passage.kind == "passage" else []))
    ]
    topics = [(line, passage.topic) for line, passage in asked] + list(heard)
    weights = [1.0] * len(asked) + [HEAVIER] * len(heard)
    topic = fit(topics, weights, SEEN_IN["topic"])
    passages = [(line, passage.id) for line, passage in asked]
    passage = fit(passages, [1.0] * len(asked), SEEN_IN["passage"])
    return Classifier(topic, passage, digest(everything, heard))


def fit(lines: Sequence[Line], weights: Sequence[float], seen_in: int) -> LinearModel:
    """One label against all others, by the mean of a linear support vector machine and complement naive Bayes (Rennie et al.,
    2003), which err on different lines; at least three labels."""
    from scipy.sparse import csr_matrix
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    counted = [classifier.features(text) for text, _ in lines]
    columns, rarity = classifier.known_features(counted, seen_in)
    rows = [classifier.vector(counts, columns, rarity) for counts in counted]
    starts = np.cumsum([0, *(len(places) for places, _ in rows)])
    places, values = (np.concatenate(parts) for parts in zip(*rows))
    x = csr_matrix((values, places, starts), shape=(len(lines), len(columns)))
    labels = [label for _, label in lines]
    machine = LinearSVC(C=COST, random_state=0).fit(x, labels, sample_weight=weights)
    counting = ComplementNB(alpha=SMOOTHING).fit(x, labels, sample_weight=weights)
    likelihood = counting.feature_log_prob_.T - counting.feature_log_prob_.T.mean(1, keepdims=True)
    scale = machine.decision_function(x).std() / (x @ likelihood).std()
    both = (machine.coef_.T + scale * likelihood) / 2
    return LinearModel(
        tuple(machine.classes_), columns, rarity, both.astype(np.float32), (machine.intercept_ / 2).astype(np.float32)
    )
