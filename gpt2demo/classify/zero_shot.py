"""A label without any training for it: how much likelier a text makes the words that stand for each label."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gpt2demo.classify.label import last_hidden, never, windows
from gpt2demo.engine.contract import Engine

NEUTRAL = "N/A"  # a text that speaks for no label


def probabilities(
    engine: Engine,
    texts: Sequence[str],
    ending: str,
    words: Mapping[str, Sequence[str]],
    cancelled: Callable[[], bool] = never,
) -> np.ndarray:
    """The share of each label (len(texts), labels), float64, in the order of `words`.

    After the text and `ending`, a label is as likely as its words' first tokens are together, divided by what the same
    words get after a text that says nothing, because a model likes some words whatever was said (Zhao et al., 2021,
    "Calibrate Before Use"). A text longer than the context is read from its end.
    Raises `Stopped` between two batches once it is `cancelled`.
    """
    first = [[engine.tokenizer.encode(" " + word)[0] for word in listed] for listed in words.values()]
    found = _log_shares(engine, [NEUTRAL, *texts], ending, first, cancelled)
    scores = found[1:] - found[0]
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _log_shares(
    engine: Engine, texts: Sequence[str], ending: str, first: list[list[int]], cancelled: Callable[[], bool]
) -> np.ndarray:
    """How likely each label's words are to come next, (len(texts), labels), but for a summand that all labels share."""
    pieces, tokens = [windows(engine, text + ending)[-1] for text in texts], sorted({id for ids in first for id in ids})
    if engine.microscope:  # GPT-2's logits are the last hidden state times the embedding of each token
        logits = last_hidden(engine, pieces, cancelled).astype(np.float64) @ engine.microscope.embeddings(tokens).T
    else:
        logits = np.array([engine.logits(ids, [len(ids) - 1])[0][tokens] for ids in pieces], dtype=np.float64)
    columns = [[tokens.index(id) for id in sorted(set(ids))] for ids in first]
    return np.stack([np.logaddexp.reduce(logits[:, places], axis=1) for places in columns], axis=1)
