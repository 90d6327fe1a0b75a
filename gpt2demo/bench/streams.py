"""Several visitors write at once: how many tokens a second in all, and how long one who joins waits for the first.

Every stream runs in a thread of its own and goes through the scheduler, as on the page.
"""

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from gpt2demo.bench import report
from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.bench.writing_speed import THREADS
from gpt2demo.engine.contract import Engine
from gpt2demo.engine.scheduler import Scheduler

STREAMS = (1, 2, 4, 8, 16)
PROMPT, NEW = 64, 48
PATIENCE = 300  # seconds
BARS = {4: 2.0, 8: 3.0}  # times the tokens/s of one stream
JOINING_BAR = 2.0  # times the first token alone


def prompts(engine: Engine, count: int) -> list[list[int]]:
    """Prompts that are not equally long, as those of visitors are not: from 48 to 79 tokens."""
    rng = np.random.default_rng(2)
    return [rng.integers(engine.info.vocabulary, size=48 + 5 * i % 32).tolist() for i in range(count)]


def write_greedily(engine: Engine, prompt: Sequence[int], new: int) -> list[int]:
    step, written = engine.start(prompt), []
    while len(written) < new:
        written.append(int(step.logits.argmax()))
        if len(written) < new:
            step = engine.step(step.past, written[-1:])
    return written


def tokens_per_second(engine: Engine, streams: int, new: int = NEW) -> float:
    """All streams' new tokens over the time from the first one's start to the last one's end, prompts included."""
    scheduler = Scheduler(engine, most_waiting=2 * streams)
    threads = [
        threading.Thread(target=write_greedily, args=(scheduler, prompt, new), daemon=True)
        for prompt in prompts(engine, streams)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return streams * new / (time.perf_counter() - began)


def first_token_ms(engine: Engine, others: int) -> float:
    """How long a visitor waits for the first token while so many others are in the middle of their texts."""
    scheduler, done = Scheduler(engine, most_waiting=2 * others + 2), threading.Event()
    joining, *running = prompts(engine, others + 1)
    started = threading.Semaphore(0)

    def write_until_done(prompt: Sequence[int]) -> None:
        step = scheduler.start(prompt)
        started.release()
        while not done.is_set() and len(step.past) < engine.info.positions:
            step = scheduler.step(step.past, [int(step.logits.argmax())])

    threads = [threading.Thread(target=write_until_done, args=(prompt,), daemon=True) for prompt in running]
    for thread in threads:
        thread.start()
    for _ in threads:
        started.acquire()
    if others:
        time.sleep(0.2)  # they have found their common step by now
    began = time.perf_counter()
    scheduler.start(joining).logits.argmax()
    waited = time.perf_counter() - began
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
    return 1000 * waited


def measure(engine: Engine, rounds: int, sizes: Sequence[int] = STREAMS, new: int = NEW) -> dict:
    """The figures of one engine as plain data; ratios are medians of the rounds' ratios to one stream."""
    rates: dict[int, list[float]] = {size: [] for size in sizes}
    waits: dict[int, list[float]] = {0: [], 7: []}
    tokens_per_second(engine, 1, 8)  # the first call also makes kernels and buffers
    for turn in range(rounds):
        for size in sizes:
            report.progress(f"{engine.info.name}: round {turn + 1} of {rounds}, {size} streams")
            rates[size].append(tokens_per_second(engine, size, new))
        for others in waits:
            waits[others].append(first_token_ms(engine, others))
    report.progress("")
    lines = [
        {
            "streams": size,
            "tokens_per_second": round(median(rates[size]), 1),
            "ratio": round(median(a / b for a, b in zip(rates[size], rates[1])), 2),
            "bar": BARS.get(size),
        }
        for size in sizes
    ]
    return {
        "model": engine.info.name,
        "backend": engine.info.backend,
        "read_together": engine.info.together,
        "streams": lines,
        "first_token_alone_ms": round(median(waits[0]), 1),
        "first_token_joining_7_ms": round(median(waits[7]), 1),
        "joining_ratio": round(median(a / b for a, b in zip(waits[7], waits[0])), 2),
        "joining_bar": JOINING_BAR,
    }


def as_text(found: dict) -> str:
    """The report as a table, and what joining costs."""
    head = ["shape", "backend", *(f"{size}" for size in STREAMS), "first token joining 7 others"]
    rows = []
    for engine in found["engines"]:
        cells = [f"{line['tokens_per_second']:.0f} ({line['ratio']:.2f}x)" for line in engine["streams"]]
        joining = f"{engine['first_token_joining_7_ms']:.0f} ms, alone {engine['first_token_alone_ms']:.0f} ms"
        rows.append([engine["model"], engine["backend"], *cells, f"{joining} ({engine['joining_ratio']:.2f}x)"])
    return "Tokens/s in all, by the number of streams:\n\n" + report.table(head, rows)


def open_engines(folder: Path) -> Iterator[Engine]:
    """Each of our engines that can write on any CPU, one after the other."""
    import torch

    from gpt2demo.engine.onnx_engine import OnnxEngine
    from gpt2demo.engine.onnx_export import PRECISIONS, export
    from gpt2demo.engine.torch_engine import TorchEngine

    torch.set_num_threads(THREADS)
    yield TorchEngine(folder, folder.name)
    for precision in PRECISIONS:
        yield OnnxEngine(folder, export(folder, precision, folder), folder.name, THREADS)


def publish(models: Sequence[str], rounds: int, json_only: bool) -> None:
    """Measure our engines on these shapes and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = [write_random(Path(scratch) / model, SHAPES[model]) for model in models]
        measured = [measure(engine, rounds) for folder in folders for engine in open_engines(folder)]
    told = report.conditions(threads=THREADS, rounds=rounds, prompt_tokens="48 to 79", new_tokens=NEW, weights="random")
    found = {"conditions": told, "engines": measured}
    report.show(found, as_text(found), json_only)
