"""Two texts: which layer and position carries what tells them apart, as a map of patches."""

from collections.abc import Sequence

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret import patching
from gpt2demo.page.parts.probability_bars import label, quoted

EMPTY: dict = {"ids": []}


def view(
    engine: Engine,
    ids: Sequence[int],
    other: Sequence[int],
    target: int,
    done: float,
    moved: np.ndarray,
    finished: bool,
) -> dict:
    """What the script draws; `moved` (layers, n) is the change of log p of `target`, NaN where it is not yet known."""
    texts, others = engine.tokenizer.texts(ids), engine.tokenizer.texts(other)
    return {
        "ids": list(ids),
        "other": list(other),
        "model": engine.info.name,
        "columns": [a if a == b else f"{a.strip()} ← {b.strip()}" for a, b in zip(texts, others)],
        "moved": [[None if np.isnan(x) else round(float(x), 4) for x in row] for row in moved],
        "possible": patching.possible(ids, other, engine.info.layers).tolist(),
        "done": done,
        "finished": finished,
        "sentence": sentence(engine, target, done, moved, texts),
    }


def sentence(engine: Engine, target: int, done: float, moved: np.ndarray, texts: Sequence[str]) -> str:
    """In words: which patch moves the answer most."""
    known, token = np.nan_to_num(moved), quoted(label(engine, target).strip(" "))
    layer, position = np.unravel_index(np.abs(known).argmax(), known.shape)
    if not known[layer, position]:
        return f"Carrying over one token's stream at a time; the answer is {token} …"
    change = known[layer, position]
    start = "So far" if done < 1 else "In the end"
    return (
        f"{start}, what enters layer {layer} at {quoted(texts[position].strip())} moves {token} most:"
        f" {abs(change):.2f} nats {'less' if change < 0 else 'more'} log-probability."
    )
