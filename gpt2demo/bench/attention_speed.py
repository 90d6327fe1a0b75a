"""How long the attention microscope takes for each of its pictures: engine and findings alone, and until it is seen."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from gpt2demo.bench import attention_page, report
from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.engine.contract import Engine
from gpt2demo.interpret.ablation import ablate, rank_heads
from gpt2demo.interpret.attribution import integrated_gradients, leave_one_out
from gpt2demo.interpret.heads import one_head, survey
from gpt2demo.interpret.lens import lens

THREADS = 2


def pictures(engine: Engine) -> dict[str, Callable[[], object]]:
    """What is timed, by name: random tokens, since the time hangs on how many there are and not on which."""
    ids = np.random.default_rng(1).integers(engine.info.vocabulary, size=512).tolist()
    last = engine.info.layers - 1
    return {
        "all heads, 64 tokens": lambda: survey(engine, ids[:64]),
        "all heads, 128 tokens": lambda: survey(engine, ids[:128]),
        "all heads, 512 tokens": lambda: survey(engine, ids),
        "one head, 64 tokens": lambda: one_head(engine, ids[:64], last, 0),
        "one head by its values, 64 tokens": lambda: one_head(engine, ids[:64], last, 0, "value"),
        "a head off, before and after, 64 tokens": lambda: ablate(engine, ids[:64], {(last // 2, 0)}),
        "every head off in turn, 32 tokens": lambda: list(rank_heads(engine, ids[:32], ids[32])),
        "logit lens, 64 tokens": lambda: lens(engine, ids[:64]),
        "integrated gradients, 16 tokens": lambda: integrated_gradients(engine, ids[:16], ids[16]),
        "leave one out, 16 tokens": lambda: leave_one_out(engine, ids[:16], ids[16]),
    }


def measure(folder: Path, rounds: int) -> tuple[dict[str, float], int]:
    """The median seconds of each picture, and the bytes of the atlas of 128 tokens."""
    import torch

    from gpt2demo.engine.scheduler import Scheduler
    from gpt2demo.engine.torch_engine import TorchEngine

    torch.set_num_threads(THREADS)
    timed = pictures(Scheduler(TorchEngine(folder, folder.name)))
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for round in range(rounds + 1):  # the first one also makes kernels and buffers, and does not count
        for name, draw in timed.items():
            report.progress(f"{folder.name}: round {round} of {rounds}, {name}")
            began = time.perf_counter()
            draw()
            seconds[name].append(time.perf_counter() - began)
    report.progress("")
    size = len(timed["all heads, 128 tokens"]().triangles)
    return {name: median(times[1:]) for name, times in seconds.items()}, size


def publish(shapes: Sequence[str], rounds: int, json_only: bool) -> None:
    """Measure the pictures on random models of these shapes and print the table."""
    found: dict = {"conditions": report.conditions(threads=THREADS, rounds=rounds), "seconds": {}, "atlas_bytes": {}}
    with tempfile.TemporaryDirectory() as parent:
        for shape in shapes:
            folder = write_random(Path(parent) / shape, SHAPES[shape])
            found["seconds"][shape], found["atlas_bytes"][shape] = measure(folder, rounds)
            found["seconds"][shape] |= attention_page.measure(folder, rounds)
    names = found["seconds"][shapes[0]]
    rows = [[name, *(f"{found['seconds'][shape][name]:.2f} s" for shape in shapes)] for name in names]
    rows.append(
        ["bytes of the atlas, 128 tokens", *(f"{found['atlas_bytes'][shape] / 1e6:.2f} MB" for shape in shapes)]
    )
    report.show(found, report.table(["picture", *shapes], rows), json_only)
