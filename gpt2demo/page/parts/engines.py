"""Two engines side by side: whether they agree on the visitor's text, and bars of their speed and size."""

import numpy as np

from gpt2demo.bench.side_by_side import Agreement, SideBySide
from gpt2demo.engine.contract import ModelInfo
from gpt2demo.engine.loading import title

EMPTY = {"sentence": "", "doing": "", "done": 0.0, "columns": [], "bars": []}


def facts(info: ModelInfo) -> dict:
    """What stands here before anything was measured: which model it is, in one sentence."""
    sentence = (
        f"{info.name} has {info.parameters / 1e6:,.0f} million parameters in {info.layers} layers of {info.heads} heads,"
        f" knows {info.vocabulary:,} tokens and reads {info.positions:,} of them at once."
        f" {title(info.backend)} runs it on the {info.device.upper()}."
    )
    return EMPTY | {"sentence": sentence}


def working(doing: str, done: float) -> dict:
    """Under way: what is being done, and how far it is (0..1)."""
    return EMPTY | {"doing": doing, "done": done}


def view(one: ModelInfo, other: ModelInfo, found: SideBySide) -> dict:
    """What the script draws of a comparison."""
    columns = [title(info.backend) for info in (one, other)]
    return {
        "sentence": agreement_sentence(found.agreement),
        "doing": "" if found.done == 1 else "Both write on from your text, in turns",
        "done": found.done,
        "columns": columns,
        "bars": bars(one, other, found),
    }


def agreement_sentence(agreement: Agreement) -> str:
    """One sentence on how far the two engines agree."""
    same = f"at {agreement.same_top} of {agreement.positions} positions"
    if agreement.same_top == agreement.positions:
        same = f"at all {agreement.positions} positions" if agreement.positions > 1 else "at the only position"
    largest = np.format_float_positional(agreement.largest_difference, precision=1, fractional=False, trim="-")
    return f"Both put the same token first {same}; the largest difference of two logits is {largest}."


def bars(one: ModelInfo, other: ModelInfo, found: SideBySide) -> list[dict]:
    """Rows of a name, its unit, what is better, and the value of each engine."""
    rows = []
    if found.paces:
        rows.append(row("Writing", "tokens/s", "longer is better", [pace.tokens_per_second for pace in found.paces]))
        rows.append(row("First token", "ms", "shorter is better", [pace.first_token_ms for pace in found.paces]))
    rows.append(row("Weights", "MB", "shorter is better", [one.megabytes, other.megabytes]))
    return rows


def row(name: str, unit: str, better: str, values: list[float]) -> dict:
    most = max(values)
    shown = [f"{value:,.0f}" if value >= 10 else f"{value:.1f}" for value in values]
    return {
        "name": name,
        "unit": unit,
        "better": better,
        "values": [round(value, 2) for value in values],
        "shown": shown,
        "shares": [value / most if most else 0.0 for value in values],
    }
