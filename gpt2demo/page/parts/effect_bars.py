"""Does it matter? The next token's chances before and after something was changed inside the model."""

from collections.abc import Collection, Sequence

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret.ablation import Effect
from gpt2demo.page.parts.probability_bars import label, percent, quoted

EMPTY: dict = {"ids": [], "heads": [], "mlps": [], "rows": []}
SHOWN = 6  # of the likeliest tokens before, and of those after

INVITATION = "Does a head matter? Switch one off and see what the model would say without it."


def invitation(ids: Sequence[int], texts: Sequence[str], model: str) -> dict:
    """The part before anything is switched off."""
    return EMPTY | {
        "ids": list(ids),
        "texts": list(texts),
        "model": model,
        "position": len(ids),
        "sentence": INVITATION,
    }


def view(
    engine: Engine,
    ids: Sequence[int],
    position: int,
    heads: Collection[tuple[int, int]],
    mlps: Collection[int],
    effect: Effect,
) -> dict:
    """What the script draws for the token at `position` of a text, which `len(ids)` leaves to the model."""
    return {
        "ids": list(ids),
        "texts": engine.tokenizer.texts(ids),
        "model": engine.info.name,
        "position": position,
        "heads": [list(place) for place in heads],
        "mlps": list(mlps),
        "target": effect.target,
        "rows": rows(engine, effect),
        "sentence": sentence(engine, effect, f"With {what_is_off(heads, mlps)} switched off, "),
    }


def rows(engine: Engine, effect: Effect) -> list[dict]:
    """The likeliest tokens before and after, and the one in question, by their chance before."""
    listed = {effect.target, *np.argsort(-effect.before)[:SHOWN].tolist(), *np.argsort(-effect.after)[:SHOWN].tolist()}
    return [
        {
            "text": label(engine, id),
            "before": float(effect.before[id]),
            "after": float(effect.after[id]),
            "target": id == effect.target,
        }
        for id in sorted(listed, key=lambda id: -effect.before[id])
    ]


def sentence(engine: Engine, effect: Effect, start: str) -> str:
    """In words: what became of the token in question."""
    before, after = (float(stage[effect.target]) for stage in (effect.before, effect.after))
    token = quoted(label(engine, effect.target).strip(" "))
    nats = f"{effect.change:+{'.2f' if abs(effect.change) >= 0.005 else '.4f'}} nats".replace("-", "−", 1)
    if percent(before) == percent(after):
        return f"{start}{token} keeps its {percent(before)}: here it makes no difference."
    moves = "falls" if effect.change < 0 else "rises"
    first = int(effect.after.argmax())
    other = (
        ""
        if first == int(effect.before.argmax())
        else f" The first choice is now {quoted(label(engine, first).strip(' '))}."
    )
    return f"{start}{token} {moves} from {percent(before)} to {percent(after)} ({nats} of log-probability).{other}"


def what_is_off(heads: Collection[tuple[int, int]], mlps: Collection[int]) -> str:
    """In words: the heads and layers that are switched off."""
    single = sorted(place for place in heads if place[0] not in mlps)
    parts = [f"layer {layer}" for layer in sorted(mlps)]
    parts += [f"layer {layer}, head {head}" for layer, head in single]
    if len(parts) > 3:
        parts = [*parts[:2], f"{len(parts) - 2} more"]
    return " and ".join(filter(None, ["; ".join(parts[:-1]), *parts[-1:]]))
