"""A long file of texts read, scored and saved the demo's own way: how fast, and by how much the memory grows."""

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gpt2demo.bench import report
from gpt2demo.errors import BackendUnavailable
from gpt2demo.monitor.sample import stream
from gpt2demo.sentiment.opinion import LABELS, Reader, in_batches
from gpt2demo.sentiment.table import read, text_column, write_csv, write_xlsx

BAR = 300  # MB that 50,000 rows may add to the process
STATM = Path("/proc/self/statm")
PAGE = 4096  # bytes


def resident() -> float:
    """The memory that this process holds now, in MB; raises `BackendUnavailable` where the system does not tell."""
    if not STATM.exists():
        raise BackendUnavailable("Only Linux tells how much memory a process holds.", "Measure there.")
    return int(STATM.read_text().split()[1]) * PAGE / 2**20


def write_rows(path: Path, rows: int) -> None:
    """A CSV of so many numbered headlines of the sample stream, over and over."""
    headlines = itertools.cycle(text for _, text in stream())
    write_csv(path, ["id", "headline"], ([i, next(headlines)] for i in range(rows)))


def measure(reader: Reader, rows: int, seconds: float, clock: Callable[[], float] = time.perf_counter) -> dict:
    """Score a file of `rows` rows, stopped after so many seconds; what is done by then is kept and saved.

    Memory is told in MB over what the process held with the model loaded and one batch read.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.csv"
        write_rows(path, rows)
        reader.probabilities([text for _, text in stream()][:64])
        before = resident()
        table = read(path)
        texts = table.column(text_column(table))
        after_reading = most = resident() - before
        began, p = clock(), []
        for p in in_batches(reader, texts, lambda: clock() - began > seconds):
            most = max(most, resident() - before)
            report.progress(f"{len(p):,} of {len(texts):,} rows, memory {most:+.0f} MB")
        took = clock() - began
        scored = [[*row, *one.tolist()] for row, one in zip(table.rows, p)]
        for write, name in ((write_csv, "scored.csv"), (write_xlsx, "scored.xlsx")):
            write(Path(folder) / name, [*table.columns, *LABELS], scored)
            most = max(most, resident() - before)
        kept = len(read(Path(folder) / "scored.csv").rows)
    report.progress("")
    return {
        "rows": rows,
        "scored": len(p),
        "saved": kept,
        "seconds": took,
        "per_second": len(p) / took,
        "memory_before": before,
        "growth_after_reading": after_reading,
        "growth": most,
    }


def publish(reader: Reader, rows: int, minutes: float, as_json: bool) -> None:
    """Print what was measured, or one JSON object."""
    found = measure(reader, rows, 60 * minutes)
    told = report.conditions(model=reader.engine.info.name, engine=reader.engine.info.backend)
    report.show({"conditions": told, "bar": BAR, **found}, as_text(found), as_json)


def as_text(found: dict) -> str:
    """The measurement in words."""
    done = "all of them" if found["scored"] == found["rows"] else f"{found['scored']:,} before it was stopped"
    return (
        f"A file of {found['rows']:,} rows: {done} scored in {found['seconds']:.0f} s, {found['per_second']:.0f} a second,"
        f" and {found['saved']:,} saved.\nMemory grew by {found['growth']:.0f} MB"
        f" ({found['growth_after_reading']:.0f} MB by reading the file) from {found['memory_before']:.0f} MB;"
        f" the bar for 50,000 rows is {BAR} MB."
    )
