"""One head in detail: its weights over the text, a sentence on what it does, one on where it rests."""

import base64
from collections.abc import Sequence

import numpy as np

EMPTY: dict = {"n": 0}


def view(
    ids: Sequence[int],
    model: str,
    layer: int,
    head: int,
    shown_as: str,
    pieces: Sequence[str],
    weights: np.ndarray,
    words: bool,
    sentence: str,
    sink: str,
) -> dict:
    """What the script draws; `weights` (n, n) of `pieces` travel as the float32 numbers on and below the diagonal."""
    n = len(pieces)
    return {
        "n": n,
        "ids": list(ids),
        "model": model,
        "layer": layer,
        "head": head,
        "view": shown_as,
        "words": words,
        "pieces": list(pieces),
        "weights": base64.b64encode(weights[np.tril_indices(n)].astype("<f4").tobytes()).decode(),
        "sentence": sentence,
        "sink": sink,
    }
