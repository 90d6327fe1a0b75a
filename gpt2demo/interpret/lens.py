"""The logit lens: what each layer would say next at each position, if the model ended there.

The stream after each layer goes through the model's own end (`ln_f` with that stream's own mean and variance, then the
unembedding), so the last row is the model's output itself. nostalgebraist (2020), "interpreting GPT: the logit lens".
"""

from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Engine, Ids
from gpt2demo.errors import BadInput
from gpt2demo.interpret.heads import check_text, microscope

ROWS_AT_ONCE = 64  # whose logits are computed together, one turn of the model: 64 x 50,257 float32 are 13 MB


@dataclass(frozen=True, eq=False)
class Lens:
    """What stands after the embeddings (row 0) and after each layer, for each of n tokens, (layers + 1, n) each.

    `top` is the likeliest next token's id, `probability` its probability, and `rank` (from 1) the place that the token
    which the whole model finally predicts at that position has so far.
    """

    top: np.ndarray
    probability: np.ndarray
    rank: np.ndarray


def lens(engine: Engine, ids: Ids) -> Lens:
    """Look at a text through the logit lens. Raises `BackendUnavailable` without a microscope, `BadInput` without text."""
    check_text(ids)
    look = microscope(engine)
    stream = look.hidden_states(ids)
    layers, n, width = stream.shape
    final = np.concatenate([look.unembed(part).argmax(-1) for part in _parts(stream[-1])])
    goals = np.tile(final, layers)
    columns, done = [], 0
    for part in _parts(stream.reshape(-1, width)):
        columns.append(_read(look.unembed(part), goals[done : done + len(part)]))
        done += len(part)
    top, probability, rank = (np.concatenate(column).reshape(layers, n) for column in zip(*columns))
    return Lens(top, probability, rank)


def cell(engine: Engine, ids: Ids, layer: int, position: int, top: int = 10) -> list[tuple[int, float]]:
    """The likeliest next tokens, ids with probabilities, in one cell of the lens: row `layer`, column `position`."""
    if not (0 <= layer <= engine.info.layers and 0 <= position < len(ids)):
        raise BadInput(
            f"The lens has no row {layer}, column {position}.",
            f"Its rows are 0 to {engine.info.layers}, its columns 0 to {len(ids) - 1}.",
        )
    look = microscope(engine)
    logits = look.unembed(look.hidden_states(ids)[layer, position][None])[0].astype(np.float64)
    probabilities = np.exp(logits - logits.max())
    probabilities /= probabilities.sum()
    best = np.argsort(-probabilities, kind="stable")[:top]
    return [(int(id), float(probabilities[id])) for id in best]


def _parts(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[first : first + ROWS_AT_ONCE] for first in range(0, len(rows), ROWS_AT_ONCE)]


def _read(logits: np.ndarray, goals: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The likeliest token, its probability and the goal's rank in each row of logits; ties go to the lower id."""
    top = logits.argmax(-1)
    best = np.take_along_axis(logits, top[:, None], -1)
    probability = 1 / np.exp(logits - best).sum(-1)
    goal = np.take_along_axis(logits, goals[:, None], -1)
    tied_before = (logits == goal) & (np.arange(logits.shape[-1]) < goals[:, None])
    return top, probability, 1 + (logits > goal).sum(-1) + tied_before.sum(-1)
