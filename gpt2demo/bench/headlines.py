"""How many headlines a second each engine labels in batches, the demo's own way: tokenized, sorted by length, 64 at a time."""

import time
from collections.abc import Mapping, Sequence
from statistics import median

from gpt2demo.bench import report
from gpt2demo.classify import Head, probabilities
from gpt2demo.engine.contract import Engine
from gpt2demo.monitor.sample import stream

BAR = 150  # headlines a second with the best engine, on two processor cores


def headlines() -> list[str]:
    """The sample stream's; in the median they have as many words as `words` says."""
    return [text for _, text in stream()]


def words(texts: Sequence[str]) -> int:
    """The median number of words."""
    return int(median(len(text.split()) for text in texts))


def measure(engines: Mapping[str, Engine], head: Head, texts: Sequence[str], rounds: int) -> list[dict]:
    """For each engine, texts a second in the median of interleaved rounds after one that does not count."""
    took: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds + 1):
        for name, engine in engines.items():
            began = time.perf_counter()
            probabilities(engine, head, texts)
            took[name].append(time.perf_counter() - began)
    return [
        {
            "engine": name,
            "per_second": len(texts) / median(times[1:]),
            "slowest": len(texts) / max(times[1:]),
            "fastest": len(texts) / min(times[1:]),
        }
        for name, times in took.items()
    ]


def publish(engines: Mapping[str, Engine], head: Head, rounds: int, as_json: bool) -> None:
    """Print the table, or one JSON object."""
    texts = headlines()
    rows = measure(engines, head, texts, rounds)
    told = report.conditions(headlines=len(texts), words=words(texts), rounds=rounds)
    found = {"conditions": told, "bar": BAR, "engines": rows}
    report.show(found, as_text(rows), as_json)


def as_text(rows: Sequence[dict]) -> str:
    """The report as a table."""
    lines = [[row["engine"], *(f"{row[name]:.0f}" for name in ("per_second", "slowest", "fastest"))] for row in rows]
    head = ["engine", "headlines a second", "slowest round", "fastest"]
    return report.table(head, lines) + f"\n\nThe bar for the best of them is {BAR} a second."
