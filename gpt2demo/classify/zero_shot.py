"""A label without any training for it: how much likelier a text makes the words that stand for each label."""

from collections.abc import Mapping, Sequence

import numpy as np

from gpt2demo.classify.label import windows
from gpt2demo.engine.contract import Engine

NEUTRAL = "N/A"  # a text that speaks for no label


def probabilities(engine: Engine, texts: Sequence[str], ending: str, words: Mapping[str, Sequence[str]]) -> np.ndarray:
    """The share of each label (len(texts), labels), float64, in the order of `words`.

    After the text and `ending`, a label is as likely as its words' first tokens are together, divided by what the same
    words get after a text that says nothing, because a model likes some words whatever was said (Zhao et al., 2021,
    "Calibrate Before Use"). A text longer than the context is read from its end.
    """
    first = [[engine.tokenizer.encode(" " + word)[0] for word in listed] for listed in words.values()]
    usual = _log_shares(engine, NEUTRAL, ending, first)
    scores = np.array([_log_shares(engine, text, ending, first) - usual for text in texts]).reshape(
        len(texts), len(first)
    )
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _log_shares(engine: Engine, text: str, ending: str, first: list[list[int]]) -> np.ndarray:
    ids = windows(engine, text + ending)[-1]
    logits = engine.logits(ids, [len(ids) - 1])[0].astype(np.float64)
    return np.array([np.logaddexp.reduce(logits[sorted(set(tokens))]) for tokens in first])
