"""How fast text is written: our engines and their peers on the same random weights, in one process.

The candidates take turns, and a candidate's figure is the median of the rounds' ratios to `transformers` in the same round:
a machine that is busy for a while slows both. What a process needs that only generates, each finds out in one of its own.
"""

import json
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from gpt2demo.bench import alone, report
from gpt2demo.bench.candidates import CANDIDATES, REFERENCE, Candidate
from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.bench.writer import Writer
from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BackendUnavailable

THREADS, PROMPT, NEW = 2, 64, 128
TOGETHER, NEW_TOGETHER = 8, 16  # texts in one batch, and the new tokens of each
PREFILL = 512
SETTLE = 0.3  # seconds before each turn: the threads of whoever was before spin on for a while and would slow the next
ALONE_ROUNDS = 3  # processes that load and write, for each candidate
FIRST_TOKEN_BAR = 1.1  # times that of the reference, at most
SPEED_BARS = {  # times the reference's tokens/s, at least
    ("gpt2", "gpt2demo torch"): 1.10,
    ("gpt2-mini", "gpt2demo torch"): 1.6,
    ("gpt2", "gpt2demo torch-bfloat16"): 1.6,
    ("gpt2-mini", "gpt2demo torch-bfloat16"): 1.6,
    ("gpt2", "gpt2demo onnx"): 1.25,
    ("gpt2", "gpt2demo onnx-int8"): 4.2,
    ("gpt2-mini", "gpt2demo onnx-int8"): 5.0,
}


@dataclass(frozen=True)
class Run:
    """A candidate's turn: one text written, seconds from the call to each token; several in a batch; a long prompt read."""

    ids: list[int]
    seconds: list[float]
    together: float = math.nan  # tokens/s over all texts of a batch
    prefill_ms: float = math.nan  # of `PREFILL` tokens, until the first new one is known

    @property
    def tokens_per_second(self) -> float:
        """Over the whole call, reading the prompt included."""
        return len(self.seconds) / self.seconds[-1]

    @property
    def first_token_ms(self) -> float:
        return 1000 * self.seconds[0]


def timed(write: Writer | Callable, prompt: list[int], count: int) -> Run:
    """Write once with the clock running."""
    began, stamps = time.perf_counter(), []
    ids = write(prompt, count, lambda: stamps.append(time.perf_counter() - began))
    return Run(ids, stamps)


def turn(writer: Writer, shape: Config, new: int, whole: bool) -> Run:
    """One text, and for the `whole` table also a batch and a long prompt."""
    rng = np.random.default_rng(1)
    prompts = rng.integers(shape.vocabulary, size=(TOGETHER, PROMPT)).tolist()
    time.sleep(SETTLE)
    run = timed(writer, prompts[0], new)
    if not whole:
        return run
    long = rng.integers(shape.vocabulary, size=min(PREFILL, shape.positions - 1)).tolist()
    time.sleep(SETTLE)
    prefill = timed(writer, long, 1).first_token_ms
    time.sleep(SETTLE)
    began = time.perf_counter()
    writer.together(prompts, NEW_TOGETHER)
    return replace(run, prefill_ms=prefill, together=TOGETHER * NEW_TOGETHER / (time.perf_counter() - began))


def measure(
    folder: Path,
    shape: Config,
    candidates: Sequence[Candidate],
    rounds: int,
    new: int = NEW,
    threads: int = THREADS,
    whole: bool = False,
) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """The turns of each candidate by name, and why the others could not run here."""
    writers, missing = {}, {}
    for candidate in candidates:
        report.progress(f"{folder.name}: loading {candidate.name}")
        try:
            writers[candidate.name] = candidate.open(folder, threads)
        except (BackendUnavailable, ImportError) as error:
            missing[candidate.name] = str(error)
    for writer in writers.values():
        timed(writer, [0] * PROMPT, 8)  # the first call also makes kernels and buffers
    runs: dict[str, list[Run]] = {name: [] for name in writers}
    for number in range(rounds):
        for name, writer in writers.items():
            report.progress(f"{folder.name}: round {number + 1} of {rounds}, {name}")
            runs[name].append(turn(writer, shape, new, whole))
    report.progress("")
    return runs, missing


def summary(model: str, candidate: Candidate, runs: list[Run], reference: list[Run]) -> dict:
    """One line of the report; what was not measured is missing in it."""
    speed = median(a.tokens_per_second / b.tokens_per_second for a, b in zip(runs, reference))
    first = median(a.first_token_ms / b.first_token_ms for a, b in zip(runs, reference))
    bar = SPEED_BARS.get((model, candidate.name))
    line = {
        "name": candidate.name,
        "backend": candidate.backend,
        "dtype": candidate.dtype,
        "tokens_per_second": round(median(run.tokens_per_second for run in runs), 1),
        "first_token_ms": round(median(run.first_token_ms for run in runs), 1),
        "speed_ratio": round(speed, 2),
        "first_token_ratio": round(first, 2),
        "speed_bar": bar,
        "bars_hold": None if bar is None else speed >= bar and first <= FIRST_TOKEN_BAR,
        "same_tokens_as_reference": all(run.ids == reference[0].ids for run in runs),
    }
    if math.isnan(runs[0].prefill_ms):
        return line
    return line | {
        "together_tokens_per_second": round(median(run.together for run in runs), 1),
        "together_ratio": round(median(a.together / b.together for a, b in zip(runs, reference)), 2),
        "prefill_ms": round(median(run.prefill_ms for run in runs), 1),
        "prefill_ratio": round(median(a.prefill_ms / b.prefill_ms for a, b in zip(runs, reference)), 2),
    }


def measure_model(folder: Path, shape: Config, rounds: int) -> dict:
    """One model of the report: a line for each candidate, and why others have none."""
    candidates = (REFERENCE, *CANDIDATES)
    runs, missing = measure(folder, shape, candidates, rounds, whole=True)
    here = [candidate for candidate in candidates if candidate.name in runs]
    lines = [summary(folder.name, candidate, runs[candidate.name], runs[REFERENCE.name]) for candidate in here]
    needs: dict[str, list[dict]] = {candidate.name: [] for candidate in here}
    for number in range(ALONE_ROUNDS):
        for candidate in here:
            report.progress(f"{folder.name}: process {number + 1} of {ALONE_ROUNDS}, {candidate.name}")
            needs[candidate.name].append(alone.ask(candidate.name, folder, THREADS))
    report.progress("")
    for candidate, line in zip(here, lines):
        line["file_mb"] = round(candidate.megabytes(folder), 1)
        for what in ("load_s", "peak_mb"):
            line[what] = round(median(need[what] for need in needs[candidate.name]), 2)
    told = report.conditions(
        threads=THREADS,
        rounds=rounds,
        load_rounds=ALONE_ROUNDS,
        prompt_tokens=PROMPT,
        new_tokens=NEW,
        batch=f"{TOGETHER} texts of {PROMPT} + {NEW_TOGETHER} tokens",
        long_prompt=min(PREFILL, shape.positions - 1),
        weights="random",
    )
    return {"model": folder.name, "conditions": told, "candidates": lines, "not_measured": missing}


def measure_all(models: Sequence[str], rounds: int) -> dict:
    """The whole report as plain data."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = {model: write_random(Path(scratch) / model, SHAPES[model]) for model in models}
        measured = [measure_model(folder, SHAPES[model], rounds) for model, folder in folders.items()]
    return {"conditions": measured[-1]["conditions"], "models": measured}


COLUMNS = {  # of the table: figure, unit, ratio
    "tokens/s": ("tokens_per_second", "", "speed_ratio"),
    f"{TOGETHER} texts": ("together_tokens_per_second", "", "together_ratio"),
    "first token": ("first_token_ms", " ms", "first_token_ratio"),
    f"{PREFILL} tokens": ("prefill_ms", " ms", "prefill_ratio"),
    "memory": ("peak_mb", " MB", ""),
    "file": ("file_mb", " MB", ""),
    "load": ("load_s", " s", ""),
}


def as_text(found: dict) -> str:
    """The report as a table, and below it what could not be measured."""
    head = ["shape", "", "weights", *COLUMNS, "bars"]
    rows, notes = [], []
    for model in found["models"]:
        for line in model["candidates"]:
            holds = {None: "", True: "hold", False: "missed"}[line["bars_hold"]]
            cells = [cell(line, *column) for column in COLUMNS.values()]
            rows.append([model["model"], line["name"], line["dtype"], *cells, holds])
        notes += [f"{model['model']}, {name}: not measured. {why}" for name, why in model["not_measured"].items()]
    return "\n".join([report.table(head, rows), *notes])


def cell(line: dict, figure: str, unit: str, ratio: str) -> str:
    """A figure with its unit and, where there is one, its ratio to the reference."""
    if line.get(figure) is None:
        return ""
    digits = 1 if unit == " s" or (line[figure] < 100 and not unit) else 0
    text = f"{line[figure]:,.{digits}f}{unit}"
    return f"{text} ({line[ratio]:.2f}x)" if ratio else text


def keep(found: dict, file: Path) -> None:
    """Write a report to a file, beside the models that it holds already."""
    before = json.loads(file.read_text(encoding="utf-8"))["models"] if file.exists() else []
    now = {model["model"]: model for model in [*before, *found["models"]]}
    file.write_text(json.dumps({"models": list(now.values())}, indent=1) + "\n", encoding="utf-8")


def publish(models: Sequence[str], rounds: int, json_only: bool, file: Path | None = None) -> None:
    """Measure, print and, if a file is named, keep."""
    found = measure_all(models, rounds)
    if file:
        keep(found, file)
    report.show(found, as_text(found), json_only)
