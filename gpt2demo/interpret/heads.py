"""What every head looks at in a text: six numbers a head, all the maps in a byte each, and one head close up."""

import math
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
ATLAS_BYTES = 1_800_000  # of all maps together: of a model with more heads the maps are a little coarser
SHARES = {
    "first_token": "the first token",
    "previous_token": "the token before",
    "same_token": "earlier copies of the same token",
    "induction": "what followed the same token earlier on",
}
KINDS = {  # what a head is called that does it, and what it does, {share} being the share where it can be done
    "induction": ("an induction head", "where a token has come before, {share} of its look goes to what followed it"),
    "previous_token": ("a previous-token head", "{share} of its look goes to the token just before"),
    "same_token": ("a same-token head", "where a token has come before, {share} of its look goes back to it"),
}
RECOGNISED = 0.25  # of the look where it can be done, at FEWEST places, and so many times an even look's share there
TIMES_EVEN = 2
FEWEST = 3
MISSING = {
    "same_token": "No token comes twice in this text, so no head can look back at a copy.",
    "induction": "No token comes twice in this text, so no head can look at what followed it the first time.",
}


@dataclass(frozen=True, eq=False)
class Survey:
    """All heads on a text of `n` tokens: each metric's `scores` (layers, heads), and the maps as `triangles`.

    `triangles` holds round(255 a) of every map's lower triangle, one byte a weight: layer by layer, head by head, row
    by row, layers x heads x side (side + 1) / 2 bytes. `side` is n unless that would be more than `ATLAS_BYTES`; then
    a weight of the coarser map is the strongest of those that fall on it.
    """

    n: int
    scores: dict[str, np.ndarray]
    side: int
    triangles: bytes


@dataclass(frozen=True)
class Chance:
    """How often a text allows a kind of look: at how many of its tokens (`places`), these being a `share` of all, and
    what part of an even look would go there anyway (`even`)."""

    places: int
    share: float
    even: float


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
    n, side = len(ids), side_of_maps(engine.info.layers * engine.info.heads, len(ids))
    rows, columns = np.tril_indices(n)
    patterns = _patterns(np.asarray(ids), rows, columns)
    shown = np.ravel_multi_index(np.tril_indices(side), (side, side))
    scores, triangles = [], bytearray()
    for maps in _layers(engine, ids):
        triangles += np.rint(255 * _coarser(maps, side).reshape(len(maps), -1)[:, shown]).astype(np.uint8).tobytes()
        triangle = maps.reshape(len(maps), -1)[:, rows * n + columns].astype(np.float64)  # (heads, n (n + 1) / 2)
        logs = np.log2(triangle, out=np.zeros_like(triangle), where=triangle > 0)
        entropy = -(triangle * logs).sum(-1) / n
        scores.append(np.column_stack([triangle @ patterns / n, entropy]))
    by_metric = np.moveaxis(np.array(scores), -1, 0)  # (metrics, layers, heads)
    return Survey(n, dict(zip(METRICS, by_metric)), side, bytes(triangles))


def side_of_maps(heads: int, n: int) -> int:
    """The largest side, at most n, with which the lower triangles of so many maps fit `ATLAS_BYTES` together."""
    return max(1, min(n, int((math.sqrt(1 + 8 * ATLAS_BYTES / heads) - 1) / 2)))


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


def chances(ids: Ids) -> dict[str, Chance]:
    """How often a text allows each of the `KINDS`."""
    n = len(ids)
    rows, columns = np.tril_indices(n)
    patterns = dict(zip(METRICS, _patterns(np.asarray(ids), rows, columns).T))
    found = {}
    for kind in KINDS:
        even = np.bincount(rows, patterns[kind], n) / np.arange(1, n + 1)
        places = int((even > 0).sum())
        found[kind] = Chance(places, places / n, float(even.sum() / max(places, 1)))
    return found


def recognise(
    scores: dict[str, np.ndarray], chances: dict[str, Chance], layer: int, head: int
) -> tuple[str, float] | None:
    """Which of the `KINDS` a head is on a text, and the share of its look that goes there where it can; None for none.

    A head is of a kind if that share is at least `RECOGNISED` and `TIMES_EVEN` times that of an even look; of several
    kinds the one with the largest share counts.
    """
    shares = {}
    for kind, chance in chances.items():
        share = float(scores[kind][layer, head]) / max(chance.share, 1e-9)
        if chance.places >= FEWEST and share >= max(RECOGNISED, TIMES_EVEN * chance.even):
            shares[kind] = share
    return max(shares.items(), key=lambda found: found[1], default=None)


def sentence(scores: dict[str, np.ndarray], chances: dict[str, Chance], layer: int, head: int) -> str:
    """What a head does on this text, in a sentence: its kind, if it is of one that has a name, or where it looks."""
    name, known = f"Layer {layer}, head {head}", recognise(scores, chances, layer, head)
    if known:
        called, does = KINDS[known[0]]
        return f"{name} acts as {called} here: {does.format(share=_percent(known[1]))}."
    shares = sorted(((float(scores[kind][layer, head]), what) for kind, what in SHARES.items()), reverse=True)
    (first, what), (second, also) = shares[:2]
    if first < 0.2:
        return f"{name} {_spread(float(scores['entropy'][layer, head]), float(scores['distance'][layer, head]))}."
    more = f", and somewhat at {also} ({_percent(second)})" if second >= 0.1 else ""
    return f"{name} looks {'mostly' if first >= 0.5 else 'often'} at {what} ({_percent(first)}){more}."


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
        raise no_microscope(engine)
    return engine.microscope


def no_microscope(engine: Engine) -> BackendUnavailable:
    """What to tell who wants to look into an engine that shows only what comes out."""
    return BackendUnavailable(
        f"This looks inside the model, and the {engine.info.backend} engine shows only what comes out.",
        "Switch to the PyTorch engine.",
    )


def check_text(ids: Ids) -> None:
    """Raise `BadInput` if there is not a single token."""
    if not len(ids):
        raise BadInput("There is no text to look at.", "Type a few words.")


def _spread(entropy: float, distance: float) -> str:
    """In words: over how many tokens a look is spread, and how far back they are."""
    tokens = f"{distance:.0f} {'token' if round(distance) == 1 else 'tokens'} back"
    if round(2**entropy) > 1:
        return f"spreads its look over about {2**entropy:.0f} tokens, {tokens} on average"
    return (
        "looks mostly at the token itself" if distance < 0.5 else f"looks at one token at a time, {tokens} on average"
    )


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _coarser(maps: np.ndarray, side: int) -> np.ndarray:
    """Maps (heads, n, n) as (heads, side, side), each weight the strongest of those that fall on it."""
    n = maps.shape[-1]
    if side == n:
        return maps
    starts = np.ceil(np.arange(side) * n / side).astype(int)
    return np.maximum.reduceat(np.maximum.reduceat(maps, starts, axis=1), starts, axis=2)


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
        start = f"The first token, which holds {_percent(raw)} of this head, is hidden"
        return f"{start}; each row shows how the rest is shared."
    if view == "value":
        text = f"The first token holds {_percent(raw)} of the look, but brings {_percent(shown)} of what the head carries along"
        return text + ": a resting place, not meaning." if shown < raw / 2 else text.replace("but", "and") + "."
    if raw >= 0.3:
        return f"{_percent(raw)} of this head rests on the first token; that is a resting place, not meaning."
    return f"{_percent(raw)} of this head goes to the first token: little rests there."
