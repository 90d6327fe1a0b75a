"""How fast text is written, one at a time: our engines and their peers on the same random weights, in one process.

The candidates take turns, one text each a round, and a candidate's figure is the median of the rounds' ratios to
`transformers` in the same round: a machine that is busy for a while slows both.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from gpt2demo.bench import report
from gpt2demo.bench.candidates import CANDIDATES, REFERENCE, Candidate, Write
from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BackendUnavailable

THREADS, PROMPT, NEW = 2, 64, 128
FIRST_TOKEN_BAR = 1.1  # times that of the reference, at most
SPEED_BARS = {  # times the reference's tokens/s, at least
    ("gpt2", "gpt2demo torch"): 1.10,
    ("gpt2-mini", "gpt2demo torch"): 1.6,
    ("gpt2", "gpt2demo torch-bfloat16"): 1.6,
    ("gpt2-mini", "gpt2demo torch-bfloat16"): 1.6,
}


@dataclass(frozen=True)
class Run:
    """One text written: seconds from the call to each token."""

    ids: list[int]
    seconds: list[float]

    @property
    def tokens_per_second(self) -> float:
        """Over the whole call, reading the prompt included."""
        return len(self.seconds) / self.seconds[-1]

    @property
    def first_token_ms(self) -> float:
        return 1000 * self.seconds[0]


def timed(write: Write, prompt: list[int], count: int) -> Run:
    """Write once with the clock running."""
    began, stamps = time.perf_counter(), []
    ids = write(prompt, count, lambda: stamps.append(time.perf_counter() - began))
    return Run(ids, stamps)


def measure(
    folder: Path, shape: Config, candidates: Sequence[Candidate], rounds: int, new: int = NEW, threads: int = THREADS
) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """The runs of each candidate by name, and why the others could not run here."""
    writers, missing = {}, {}
    for candidate in candidates:
        report.progress(f"{folder.name}: loading {candidate.name}")
        try:
            writers[candidate.name] = candidate.open(folder, threads)
        except (BackendUnavailable, ImportError) as error:
            missing[candidate.name] = str(error)
    prompt = np.random.default_rng(1).integers(shape.vocabulary, size=PROMPT).tolist()
    for write in writers.values():
        timed(write, prompt, 8)  # the first call also makes kernels and buffers
    runs: dict[str, list[Run]] = {name: [] for name in writers}
    for turn in range(rounds):
        for name, write in writers.items():
            report.progress(f"{folder.name}: round {turn + 1} of {rounds}, {name}")
            runs[name].append(timed(write, prompt, new))
    report.progress("")
    return runs, missing


def summary(model: str, candidate: Candidate, runs: list[Run], reference: list[Run]) -> dict:
    """One line of the report."""
    speed = median(a.tokens_per_second / b.tokens_per_second for a, b in zip(runs, reference))
    first = median(a.first_token_ms / b.first_token_ms for a, b in zip(runs, reference))
    bar = SPEED_BARS.get((model, candidate.name))
    return {
        "name": candidate.name,
        "dtype": candidate.dtype,
        "tokens_per_second": round(median(run.tokens_per_second for run in runs), 1),
        "first_token_ms": round(median(run.first_token_ms for run in runs), 1),
        "speed_ratio": round(speed, 2),
        "first_token_ratio": round(first, 2),
        "speed_bar": bar,
        "bars_hold": None if bar is None else speed >= bar and first <= FIRST_TOKEN_BAR,
        "same_tokens_as_reference": all(run.ids == reference[0].ids for run in runs),
    }


def measure_all(models: Sequence[str], rounds: int) -> dict:
    """The whole report as plain data."""
    candidates, measured = (REFERENCE, *CANDIDATES), []
    with tempfile.TemporaryDirectory() as scratch:
        for model in models:
            shape = SHAPES[model]
            runs, missing = measure(write_random(Path(scratch) / model, shape), shape, candidates, rounds)
            lines = [
                summary(model, candidate, runs[candidate.name], runs[REFERENCE.name])
                for candidate in candidates
                if candidate.name in runs
            ]
            measured.append({"model": model, "candidates": lines, "not_measured": missing})
    told = report.conditions(threads=THREADS, rounds=rounds, prompt_tokens=PROMPT, new_tokens=NEW, weights="random")
    return {"conditions": told, "models": measured}


def as_text(found: dict) -> str:
    """The report as a table, and below it what could not be measured."""
    head = ["shape", "", "weights", "tokens/s", "ratio", "first token", "ratio", "bars"]
    rows, notes = [], []
    for model in found["models"]:
        for line in model["candidates"]:
            holds = {None: "", True: "hold", False: "missed"}[line["bars_hold"]]
            speed, first = f"{line['tokens_per_second']:.1f}", f"{line['first_token_ms']:.0f} ms"
            ratios = f"{line['speed_ratio']:.2f}x", f"{line['first_token_ratio']:.2f}x"
            rows.append([model["model"], line["name"], line["dtype"], speed, ratios[0], first, ratios[1], holds])
        notes += [f"{model['model']}, {name}: not measured. {why}" for name, why in model["not_measured"].items()]
    return "\n".join([report.table(head, rows), *notes])


def publish(models: Sequence[str], rounds: int, json_only: bool) -> None:
    """Measure and print."""
    found = measure_all(models, rounds)
    report.show(found, as_text(found), json_only)
