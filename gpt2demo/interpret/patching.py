"""Causal patching between two texts: carry one token's stream over from the other text, and see how the answer moves.

Where the change moves the answer towards the other text's, the stream at that layer and position carries what tells the
two texts apart. Meng et al. (2022), "Locating and Editing Factual Associations in GPT", call it causal tracing.
"""

from collections.abc import Callable, Iterator

import numpy as np

from gpt2demo.engine.contract import Change, Engine, Ids
from gpt2demo.errors import BadInput
from gpt2demo.interpret.ablation import TOKENS_AT_ONCE, Effect, effect, log_probabilities
from gpt2demo.interpret.heads import check_text, microscope


def possible(clean_ids: Ids, other_ids: Ids, layers: int) -> np.ndarray:
    """The cells (layers, n) bool in which the two texts' streams can differ, so that a patch can have an effect.

    Before layer 0 only the tokens that differ; above it every position from the first of them on, since no token sees a
    later one. Raises `BadInput` if the texts are not equally long.
    """
    check_text(clean_ids)
    if len(clean_ids) != len(other_ids):
        raise BadInput(
            f"The two texts are {len(clean_ids)} and {len(other_ids)} tokens long.",
            "Patching needs the same number of tokens in both: change a word for another of equal length.",
        )
    differs = np.asarray(clean_ids) != np.asarray(other_ids)
    cells = np.tile(np.logical_or.accumulate(differs), (layers, 1))
    cells[0] = differs
    return cells


def patch(
    engine: Engine, clean_ids: Ids, other_ids: Ids, layer: int, position: int, target: int | None = None
) -> Effect:
    """Run `clean_ids`, with the stream that enters `layer` at `position` taken from a run of `other_ids`.

    Without a `target` it is the likeliest next token of the clean text. Raises `BadInput` for unequal lengths or a cell
    that is not there, `BackendUnavailable` without a microscope.
    """
    cells = possible(clean_ids, other_ids, engine.info.layers)
    if not (0 <= layer < cells.shape[0] and 0 <= position < cells.shape[1]):
        raise BadInput(
            f"There is no layer {layer}, position {position}.",
            f"Layers go from 0 to {cells.shape[0] - 1}, positions from 0 to {cells.shape[1] - 1}.",
        )
    look = microscope(engine)
    vector = look.hidden_states(other_ids)[layer, position]
    return effect(*look.changed(clean_ids, [Change(), Change(stream={(layer, position): vector})]), target)


def patch_map(
    engine: Engine,
    clean_ids: Ids,
    other_ids: Ids,
    target: int | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[float, np.ndarray]]:
    """The change of log p of `target` for a patch in every possible cell: (share done, map (layers, n)), again and again.

    Cells that are not possible stay 0, those not yet done NaN. Ends early when `cancelled`.
    """
    cells = possible(clean_ids, other_ids, engine.info.layers)
    look = microscope(engine)
    clean, stream = look.changed(clean_ids, [Change()])[0], look.hidden_states(other_ids)
    before = log_probabilities(clean)
    target = int(before.argmax()) if target is None else target
    moved = np.where(cells, np.nan, 0.0)
    todo = np.argwhere(cells).tolist()  # layer by layer, so that those run together leave the common path together
    at_once = max(1, TOKENS_AT_ONCE // len(clean_ids))
    for first in range(0, len(todo), at_once):
        if cancelled():
            return
        places = [(layer, position) for layer, position in todo[first : first + at_once]]
        after = look.changed(clean_ids, [Change(stream={place: stream[place]}) for place in places])
        moved[tuple(zip(*places))] = log_probabilities(after)[:, target] - before[target]
        yield (first + len(places)) / len(todo), moved.copy()
    if not todo:
        yield 1.0, moved
