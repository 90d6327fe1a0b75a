"""How fast and how large each engine is: bars of a table that ships with the demo, until a visitor measures his own."""

from collections.abc import Sequence

from gpt2demo.bench.side_by_side import NEW, POSITIONS, ROUNDS, Pace
from gpt2demo.engine.contract import ModelInfo
from gpt2demo.engine.loading import title

EMPTY: dict = {"title": "", "sentence": "", "where": "", "rows": [], "own": False, "doing": "", "done": 0.0}
COLUMNS = (
    ("Writing", "tokens/s", "longer is better", 1),
    ("First token", "ms", "shorter is better", 0),
    ("Weights", "MB", "shorter is better", 0),
)


def shipped(report: dict, model: str) -> dict:
    """The picture of what `bench` measured: of this model's shape or, if it was not measured, of the first one that was."""
    measured = {one["model"]: one for one in report.get("models", [])}
    if not measured:
        return EMPTY | {"sentence": "Nothing has been measured yet.", "columns": columns()}
    found = measured.get(model) or next(iter(measured.values()))
    lines, told = found["candidates"], found["conditions"]
    figures = [(line["tokens_per_second"], line["first_token_ms"], line["file_mb"]) for line in lines]
    names = [title(line["backend"]) if line["backend"] else f"{line['name']}" for line in lines]
    return EMPTY | {
        "title": f"The shape of {found['model']} in each engine, and in other programs",
        "sentence": fastest(names, figures),
        "where": (
            f"Not measured here but once, by this project: {told['cpu']}, {told['threads']} threads, random weights, after"
            f" {told['prompt_tokens']} tokens {told['new_tokens']} new ones, medians of {told['rounds']} rounds in turns."
        ),
        "columns": columns(),
        "rows": rows(names, [bool(line["backend"]) for line in lines], figures),
    }


def own(infos: Sequence[ModelInfo], paces: Sequence[Pace]) -> dict:
    """The picture of what was measured here and now."""
    names = [title(info.backend) for info in infos]
    figures = [(p.tokens_per_second, p.first_token_ms, info.megabytes) for info, p in zip(infos, paces)]
    return EMPTY | {
        "title": f"{infos[0].name} on this machine",
        "sentence": fastest(names, figures),
        "where": (
            f"Measured here, just now: after at most {POSITIONS} tokens of your text {NEW} new ones, the middle of {ROUNDS}"
            " rounds in turns, with whatever else the machine was doing."
        ),
        "columns": columns(),
        "rows": rows(names, [True] * len(names), figures),
        "own": True,
    }


def working(shown: dict, doing: str, done: float) -> dict:
    """The same picture while another is measured: what is being done, and how far it is (0..1)."""
    return shown | {"doing": doing, "done": done}


def columns() -> list[dict]:
    return [{"name": name, "unit": unit, "better": better} for name, unit, better, _ in COLUMNS]


def rows(names: Sequence[str], ours: Sequence[bool], figures: Sequence[tuple[float, ...]]) -> list[dict]:
    """A row for each engine: its figures, how they are written, and their share of the column's largest."""
    most = [max(column) or 1.0 for column in zip(*figures)]
    return [
        {
            "name": name,
            "ours": one_of_ours,
            "values": [round(value, 2) for value in values],
            "shown": [f"{value:,.{digits if value < 100 else 0}f}" for value, (*_, digits) in zip(values, COLUMNS)],
            "shares": [value / largest for value, largest in zip(values, most)],
        }
        for name, one_of_ours, values in zip(names, ours, figures)
    ]


def fastest(names: Sequence[str], figures: Sequence[tuple[float, ...]]) -> str:
    """One sentence: who writes fastest, and how much faster than the slowest; who is smallest."""
    order = sorted(range(len(names)), key=lambda i: figures[i][0])
    quick, slow = order[-1], order[0]
    small, large = (pick(range(len(names)), key=lambda i: figures[i][2]) for pick in (min, max))
    if quick == slow:
        return f"{names[quick]} writes {figures[quick][0]:,.0f} tokens a second."
    times, share = figures[quick][0] / figures[slow][0], figures[small][2] / (figures[large][2] or 1.0)
    return (
        f"{names[quick]} writes fastest, {times:.1f} times as fast as {names[slow]}; the weights of {names[small]} are the"
        f" smallest, {100 * share:.0f} % of the largest."
    )
