"""Which heads matter most for a token: every head switched off alone, and what that did."""

from collections.abc import Sequence

from gpt2demo.engine.contract import Engine
from gpt2demo.page.parts.probability_bars import label, quoted

EMPTY: dict = {"ids": [], "rows": [], "done": 0.0}


def view(engine: Engine, ids: Sequence[int], position: int, target: int, rows: Sequence, finished: bool) -> dict:
    """What the script draws; `rows` are (layer, head, change of log p in nats), the largest effect first."""
    heads = engine.info.layers * engine.info.heads
    return {
        "ids": list(ids),
        "position": position,
        "layers": engine.info.layers,
        "heads": engine.info.heads,
        "rows": [[layer, head, round(change, 5)] for layer, head, change in rows],
        "done": len(rows) / heads,
        "finished": finished,
        "sentence": sentence(quoted(label(engine, target).strip(" ")), rows, heads, finished),
    }


def sentence(token: str, rows: Sequence, heads: int, finished: bool) -> str:
    """In words: how far it is, and which head matters most so far."""
    if not rows:
        return f"Switching off each of {heads:,} heads in turn …"
    layer, head, change = rows[0]
    does = "carries it most: without it" if change < 0 else "holds it back most: without it"
    moved = f"{abs(change):.2f} nats {'less' if change < 0 else 'more'} log-probability"
    if len(rows) < heads:
        start = f"{'Stopped after' if finished else 'After'} {len(rows):,} of {heads:,} heads: for"
    else:
        start = f"Of all {heads:,} heads, for"
    return f"{start} {token}, layer {layer}, head {head} {does}, {moved}."
