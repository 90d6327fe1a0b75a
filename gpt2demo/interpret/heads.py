"""What every head looks at in a text: six numbers a head, all the maps in a byte each, and one head close up."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Engine, Ids, Microscope
from gpt2demo.errors import BackendUnavailable, BadInput

BYTES_AT_ONCE = 64 * 2**20  # of attention weights: so many layers are asked for together as fit in here

METRICS: dict[str, str] = {
    "first_token": "The share of the look that rests on the first token.",
    "previous_token": "The share that goes to the token just before.",
    "same_token": "The share that goes to earlier copies of the same token.",
    "induction": "The share that goes to what followed earlier copies of the same token.",
    "distance": "How many tokens back the head looks on average.",
    "entropy": "How widely the look is spread, in bits: 0 is a single token, 3 is like 8 tokens in equal parts.",
}
SHARES = {
    "first_token": "the first token",
    "previous_token": "the token before",
    "same_token": "earlier copies of the same token",
    "induction": "what followed the same token earlier on",
}
MISSING = {
    "same_token": "No token comes twice in this text, so no head can look back at a copy.",
    "induction": "No token comes twice in this text, so no head can look at what followed it the first time.",
}


@dataclass(frozen=True, eq=False)
class Survey:
    """All heads on a text of `n` tokens: each metric's `scores` (layers, heads), and the maps as `triangles`.

    `triangles` holds round(255 a) of every map's lower triangle, one byte a weight: layer by layer, head by head, row
    by row, layers x heads x n (n + 1) / 2 bytes.
    """

    n: int
    scores: dict[str, np.ndarray]
    triangles: bytes


@dataclass(frozen=True, eq=False)
class Head:
    """One head's `weights` (n, n) as a view shows them; `sink_share` is what rests on the first token in the raw map."""

    weights: np.ndarray
    view: str
    sink_share: float
    sentence: str


def survey(engine: Engine, ids: Ids) -> Survey:
    """Score every head on a text; a few layers' maps exist at a time. Raises `BadInput` for a text without tokens."""
    check_text(ids)
    n = len(ids)
    rows, columns = np.tril_indices(n)
    patterns = _patterns(np.asarray(ids), rows, columns)
    scores, triangles = [], bytearray()
    for maps in _layers(engine, ids):
        triangle = maps.reshape(len(maps), -1)[:, rows * n + columns]  # (heads, n (n + 1) / 2)
        triangles += np.rint(255 * triangle).astype(np.uint8).tobytes()
        triangle = triangle.astype(np.float64)
        logs = np.log2(triangle, out=np.zeros_like(triangle), where=triangle > 0)
        entropy = -(triangle * logs).sum(-1) / n
        scores.append(np.column_stack([triangle @ patterns / n, entropy]))
    by_metric = np.moveaxis(np.array(scores), -1, 0)  # (metrics, layers, heads)
    return Survey(n, dict(zip(METRICS, by_metric)), bytes(triangles))


def record(engine: Engine, ids: Ids) -> dict:
    """The scores of a text as plain values: its tokens, and one entry a head with every metric."""
    scores = survey(engine, ids).scores
    places = np.ndindex(engine.info.layers, engine.info.heads)
    heads = [
        {"layer": layer, "head": head} | {metric: float(scores[metric][layer, head]) for metric in METRICS}
        for layer, head in places
    ]
    return {"tokens": engine.tokenizer.texts(ids), "heads": heads}


def find(scores: dict[str, np.ndarray], kind: str) -> tuple[int, int]:
    """The layer and head with the most of a metric; raises `BadInput` where the text gives no head any of it."""
    table = scores[kind]
    if not table.max() > 0:
        raise BadInput(MISSING.get(kind, "The text is too short for that."), "Try one in which a phrase comes twice.")
    layer, head = np.unravel_index(table.argmax(), table.shape)
    return int(layer), int(head)


def sentence(scores: dict[str, np.ndarray], layer: int, head: int) -> str:
    """What a head does on this text, in a sentence."""
    shares = sorted(((float(scores[kind][layer, head]), what) for kind, what in SHARES.items()), reverse=True)
    (first, what), (second, also) = shares[:2]
    name = f"Layer {layer}, head {head}"
    if first < 0.2:
        spread, back = 2 ** scores["entropy"][layer, head], scores["distance"][layer, head]
        return f"{name} spreads its look over about {spread:.0f} tokens, {back:.0f} back on average."
    more = f", and somewhat at {also} ({second:.0%})" if second >= 0.1 else ""
    return f"{name} looks {'mostly' if first >= 0.5 else 'often'} at {what} ({first:.0%}){more}.".replace("%", " %")


def one_head(engine: Engine, ids: Ids, layer: int, head: int, view: str = "raw") -> Head:
    """One head's map: `raw`, `hidden` (without the first token, rows rescaled) or `value` (a_ij |value_j|, rescaled).

    Raises `BadInput` for a head or a view that is not there, `BackendUnavailable` for `value` without a microscope.
    """
    check_text(ids)
    info = engine.info
    if not (0 <= layer < info.layers and 0 <= head < info.heads):
        raise BadInput(
            f"{info.name} has no layer {layer}, head {head}.",
            f"Its layers are 0 to {info.layers - 1}, its heads 0 to {info.heads - 1}.",
        )
    if view not in ("raw", "hidden", "value"):
        raise BadInput(f"There is no view {view!r} of a head.", "Choose raw, hidden or value.")
    raw = engine.attention(ids, [layer])[0, head]
    weights = raw
    if view == "hidden":
        weights = _rescaled(np.where(np.arange(len(ids)) > 0, raw, 0))
    if view == "value":
        values = microscope(engine).queries_keys_values(ids, layer)[2, head]
        weights = _rescaled(raw * np.linalg.norm(values, axis=-1))
    sink = float(raw[:, 0].mean())
    return Head(weights, view, sink, _about_the_sink(view, sink, float(weights[:, 0].mean())))


def microscope(engine: Engine) -> Microscope:
    """The engine's microscope; raises `BackendUnavailable` if it has none."""
    if engine.microscope is None:
        raise BackendUnavailable(
            f"This looks inside the model, and the {engine.info.backend} engine shows only what comes out.",
            "Switch to the PyTorch engine.",
        )
    return engine.microscope


def check_text(ids: Ids) -> None:
    """Raise `BadInput` if there is not a single token."""
    if not len(ids):
        raise BadInput("There is no text to look at.", "Type a few words.")


def _layers(engine: Engine, ids: Ids) -> Iterator[np.ndarray]:
    """Each layer's maps (heads, n, n); as many layers in a pass as fit the byte budget."""
    layers = range(engine.info.layers)
    at_once = max(1, BYTES_AT_ONCE // (4 * engine.info.heads * len(ids) ** 2))
    for first in layers[::at_once]:
        yield from engine.attention(ids, layers[first : first + at_once])


def _patterns(ids: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """What each metric but entropy multiplies a weight of the triangle with: (n (n + 1) / 2, metrics - 1) float64."""
    earlier = columns < rows
    followed = (columns > 0) & (ids[columns - 1] == ids[rows])  # column j + 1 where token j is the looking token's copy
    patterns = (columns == 0, columns == rows - 1, earlier & (ids[columns] == ids[rows]), followed, rows - columns)
    return np.column_stack(patterns).astype(np.float64)


def _rescaled(weights: np.ndarray) -> np.ndarray:
    """Each row divided by its sum; a row of nothing stays so."""
    sums = weights.sum(-1, keepdims=True)
    return np.divide(weights, sums, out=np.zeros_like(weights), where=sums > 0)


def _about_the_sink(view: str, raw: float, shown: float) -> str:
    """What to think of the first token's share in a view."""
    if view == "hidden":
        text = f"The first token, which holds {raw:.0%} of this head, is hidden; each row shows how the rest is shared."
    elif view == "value":
        text = f"The first token holds {raw:.0%} of the look, but brings {shown:.0%} of what the head carries along"
        text = text + ": a resting place, not meaning." if shown < raw / 2 else text.replace("but", "and") + "."
    elif raw >= 0.3:
        text = f"{raw:.0%} of this head rests on the first token; that is a resting place, not meaning."
    else:
        text = f"{raw:.0%} of this head goes to the first token: little rests there."
    return text.replace("%", " %")
