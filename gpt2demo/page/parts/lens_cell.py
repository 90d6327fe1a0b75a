"""One cell of the logit lens: what the model would say there, and how the final answer climbs through the layers."""

from collections.abc import Sequence

from gpt2demo.engine.contract import Engine
from gpt2demo.page.parts.lens_grid import row_names
from gpt2demo.page.parts.probability_bars import label, quoted

EMPTY: dict = {"rows": []}


def view(
    engine: Engine, ids: Sequence[int], layer: int, position: int, listed: Sequence[tuple[int, float]], ranks: list[int]
) -> dict:
    """What the script draws: `listed` are ids with chances, `ranks` the final answer's rank in each row of the lens."""
    names, text = row_names(engine), engine.tokenizer.texts(ids)[position]
    return {
        "sentence": f"{names[layer].capitalize()}, after {quoted(text)}: what the model would say if it ended here.",
        "rows": [[label(engine, id), chance] for id, chance in listed],
        "climbs": climbs(names, ranks),
        "names": names,
        "ranks": ranks,
        "layer": layer,
    }


def climbs(names: Sequence[str], ranks: Sequence[int]) -> str:
    """In words: where the model's final answer begins, and from where on it stands first."""
    settled = len(ranks) - 1
    while settled and ranks[settled - 1] == 1:
        settled -= 1
    return f"The model's final answer is number {ranks[0]:,} at the start, and number 1 from {names[settled]} on."
