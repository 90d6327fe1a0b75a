"""What it costs ONNX Runtime to put out every attention map while it reads a text."""

import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from gpt2demo.bench import report
from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.bench.writing_speed import THREADS
from gpt2demo.engine.onnx_engine import OnnxEngine
from gpt2demo.engine.onnx_export import PRECISIONS, export

LENGTHS = (64, 128)
BAR = 1.05  # times the reading without maps, at most
TURNS = 6  # of each a round, so that a round is long enough to be told from noise


def measure(engine: OnnxEngine, length: int, rounds: int) -> dict:
    """Milliseconds for reading a text without and with its maps; the ratio is the median of the rounds' ratios."""
    ids = np.random.default_rng(1).integers(engine.info.vocabulary, size=length).tolist()
    plain, shown = partial(engine.logits, ids, [length - 1]), partial(engine.attention, ids, range(engine.info.layers))
    taken: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        pairs = [(seconds(plain), seconds(shown)) for _ in range(TURNS)]
        if number:  # the first round only makes kernels and buffers
            taken.append((median(p for p, _ in pairs), median(s for _, s in pairs)))
    ratio = median(s / p for p, s in taken)
    ms = [1000 * median(side) for side in zip(*taken)]
    return {
        "tokens": length,
        "plain_ms": round(ms[0], 1),
        "maps_ms": round(ms[1], 1),
        "ratio": round(ratio, 3),
        "holds": ratio <= BAR,
    }


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def publish(models: Sequence[str], rounds: int, json_only: bool) -> None:
    """Measure both precisions on these shapes and print."""
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        for model in models:
            folder = write_random(Path(scratch) / model, SHAPES[model])
            for precision in PRECISIONS:
                engine = OnnxEngine(folder, export(folder, precision, folder), model, THREADS)
                lines += [{"model": model, "dtype": precision} | measure(engine, length, rounds) for length in LENGTHS]
    head = ["shape", "weights", "tokens", "without maps", "with maps", "ratio", "bar"]
    rows = [
        [
            line["model"],
            line["dtype"],
            str(line["tokens"]),
            f"{line['plain_ms']} ms",
            f"{line['maps_ms']} ms",
            f"{line['ratio']:.3f}x",
            "holds" if line["holds"] else "missed",
        ]
        for line in lines
    ]
    told = report.conditions(threads=THREADS, rounds=rounds, turns=TURNS, weights="random")
    report.show({"conditions": told, "maps": lines}, report.table(head, rows), json_only)
