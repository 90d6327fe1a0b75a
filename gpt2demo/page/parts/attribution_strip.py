"""What made this token likely: two attributions and one head's attention over the same text, one below the other."""

from collections.abc import Sequence

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret.attribution import Attribution
from gpt2demo.page.parts.probability_bars import label, quoted

EMPTY: dict = {"ids": [], "lines": []}
NOT_THE_SAME = (
    "They are not the same thing: attention says where one head looks; an attribution says what moved the answer, through"
    " all heads, all layers and everything else in the model."
)


def view(
    engine: Engine,
    ids: Sequence[int],
    target: int,
    left_out: np.ndarray,
    attention: np.ndarray,
    place: tuple[int, int],
    gradients: Attribution | None,
) -> dict:
    """What the script draws: a line for each way to ask, `values` (n,) each; without `gradients` they are on their way."""
    layer, head = place
    lines = [
        line(
            "Leaving one out", "effect", left_out, "how far log p falls, in nats, when this token alone is taken away"
        ),
        line(f"The attention of layer {layer}, head {head}", "share", attention, "how much the last token looks there"),
    ]
    if gradients is not None:
        about = "each token's share of log p, in nats, by integrated gradients"
        lines.insert(0, line("Integrated gradients", "effect", gradients.values, about))
    return {
        "ids": list(ids),
        "texts": engine.tokenizer.texts(ids),
        "model": engine.info.name,
        "lines": lines,
        "finished": gradients is not None,
        "sentence": sentence(engine, ids, target, lines),
        "about": NOT_THE_SAME,
        "baseline": gradients.baseline if gradients else "Integrating the gradients …",
    }


def line(name: str, kind: str, values: np.ndarray, about: str) -> dict:
    """One way to ask, with a number for each token; `kind` is effect (up and down) or share (0 to 1)."""
    return {"name": name, "kind": kind, "about": about, "values": [round(float(x), 5) for x in values]}


def sentence(engine: Engine, ids: Sequence[int], target: int, lines: Sequence[dict]) -> str:
    """In words: where each way to ask points."""

    def named(id: int) -> str:
        return quoted(label(engine, id).strip(" ") or "space")

    points = [f"{way['name'].lower()}: {named(ids[int(np.argmax(way['values']))])}" for way in lines]
    return f"What made {named(target)} likely, most of all? By {'; by '.join(points)}."
