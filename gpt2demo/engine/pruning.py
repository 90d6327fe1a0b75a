"""Heads taken out of a model for good: the weights become smaller, and the rest computes as if the heads were switched off.

Which heads can go is a ranking by what each is worth, measured by `eval heads` and kept beside the very weights.
"""

import json
from pathlib import Path

import numpy as np

from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BadInput

RANKING = "importance.json"  # in a model's folder
Heads = frozenset[tuple[int, int]]  # (layer, head)


def least_important(folder: Path, fingerprint: str, config: Config, count: int) -> Heads:
    """The `count` heads without which the loss rises least; every layer keeps one.

    Raises `BadInput` for more heads than can go, or where nothing was measured on the weights of this SHA-256.
    """
    most = config.layers * (config.heads - 1)
    if not 0 <= count <= most:
        raise BadInput(f"{count} heads cannot be pruned.", f"This model can lose 0 to {most}; every layer keeps one.")
    if count == 0:
        return frozenset()
    rises = ranking(folder, fingerprint)
    if rises is None:
        way_out = f"Measure them: python -m gpt2demo eval heads --model {folder} --data DIR."
        raise BadInput(f"What each head of {folder.name} is worth was not measured on these weights.", way_out)
    return choose(rises, count)


def ranking(folder: Path, fingerprint: str) -> np.ndarray | None:
    """How much the loss rises without each head, (layers, heads) in nats a token; None if nobody measured these weights."""
    try:
        found = json.loads((folder / RANKING).read_text(encoding="utf-8"))
        return np.array(found["rises"]) if found["sha256"] == fingerprint else None
    except (OSError, ValueError, KeyError):
        return None


def choose(rises: np.ndarray, count: int) -> Heads:
    """The `count` heads of (layers, heads) with the smallest rise of the loss, the last head of a layer left in."""
    gone: set[tuple[int, int]] = set()
    for place in np.argsort(rises, axis=None, kind="stable"):
        layer, head = divmod(int(place), rises.shape[1])
        if len(gone) < count and sum(at == layer for at, _ in gone) < rises.shape[1] - 1:
            gone.add((layer, head))
    return frozenset(gone)


def kept(config: Config, pruned: Heads, layer: int) -> list[int]:
    """The heads that a layer still has."""
    return [head for head in range(config.heads) if (layer, head) not in pruned]


def without(config: Config, weights: dict[str, np.ndarray], pruned: Heads) -> dict[str, np.ndarray]:
    """The weights without these heads: fewer columns of queries, keys and values, fewer rows of what brings them back."""
    smaller, d = dict(weights), config.width // config.heads
    for layer in {layer for layer, _ in pruned}:
        stay, h = kept(config, pruned, layer), f"h.{layer}.attn"
        for name in (f"{h}.c_attn.weight", f"{h}.c_attn.bias"):
            parts = weights[name].reshape(*weights[name].shape[:-1], 3, config.heads, d)
            smaller[name] = parts[..., stay, :].reshape(*weights[name].shape[:-1], -1)
        rows = weights[f"{h}.c_proj.weight"].reshape(config.heads, d, config.width)
        smaller[f"{h}.c_proj.weight"] = rows[stay].reshape(-1, config.width)
    return smaller
