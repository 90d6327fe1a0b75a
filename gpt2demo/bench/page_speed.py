"""What the page costs: how soon it is there, and how much slower one writes through it than in the bare loop.

The demo runs as a visitor's would (`python app.py --offline`, the built-in model) in a process of its own. Bare loop,
endpoint and browser take turns and write the same text with the same settings and seed.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from gpt2demo import catalogue
from gpt2demo.bench import report
from gpt2demo.bench.writing_speed import THREADS
from gpt2demo.engine.contract import Engine
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Shelf, from_prompt
from gpt2demo.generation.sampling import Decoding
from gpt2demo.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROMPT, NEW = "The old lighthouse keeper opened the door and saw", 120
PATIENCE = 120.0  # seconds
FIRST_TOKEN_BAR, INTERACTIVE_BAR, COST_BAR = 300, 8.0, 0.15  # milliseconds, seconds, share of the bare loop's tokens/s

# What a visitor can do something with: the button is there, and the opening text is drawn and finished.
INTERACTIVE = """() => document.querySelector("button#generate:not([disabled])")
  && document.querySelector("#strip .token") && !document.querySelector("#strip .is-writing")"""
# Notes when the number of tokens on the screen changed, and calls it done when the strip no longer says that it writes.
WATCH = """() => new Promise((done) => {
  const stamps = [], words = document.querySelector("#strip .words"), strip = document.querySelector("#strip .token-strip");
  let begun = false;
  const look = () => {
    const writing = strip.classList.contains("is-writing");
    if (writing || begun) stamps.push([performance.now() / 1000, words.querySelectorAll(".token").length]);
    if (begun && !writing) { observer.disconnect(); done(stamps); }
    begun ||= writing;
  };
  const observer = new MutationObserver(look);
  observer.observe(strip, {childList: true, subtree: true, attributes: true});
  document.querySelector("button#generate").click();
})"""


@dataclass(frozen=True)
class Writing:
    """One text as its reader saw it: when the first tokens were there, and how fast the others followed."""

    first_ms: float
    tokens_per_second: float


def observed(began: float, seen: list[tuple[float, int]]) -> Writing:
    """From what was seen when: (seconds, tokens that were there by then)."""
    (first_at, first), (last_at, last) = seen[0], seen[-1]
    return Writing(1000 * (first_at - began), (last - first) / (last_at - first_at))


def write_bare(engine: Engine, decoding: Decoding) -> Writing:
    """The loop with nothing around it."""
    began, seen = time.perf_counter(), []
    for branch in write(engine, from_prompt(engine, PROMPT, decoding, ""), decoding, Shelf(2**26)):
        seen.append((time.perf_counter(), len(seen) + 1))
    return observed(began, seen)


def write_through_client(client, decoding: Decoding) -> Writing:
    """The endpoint `/generate`, streaming, as a program uses it."""
    began, seen = time.perf_counter(), []
    job = client.submit(PROMPT, max_new_tokens=decoding.max_new_tokens, seed=decoding.seed, api_name="/generate")
    for record in job:
        seen.append((time.perf_counter(), len(record["tokens"])))
    return observed(began, seen)


def write_in_browser(page) -> Writing:
    """A click on Generate in Chromium, and what appears on the screen. The time to the first token is not taken here."""
    seen = page.evaluate(WATCH)
    return observed(seen[0][0], seen)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


@contextmanager
def demo(model: str = catalogue.SHIPPED) -> Iterator[tuple[str, float]]:
    """The demo in a process of its own: its address, and when it was started (`time.perf_counter`)."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "app.py", "--offline", "--model", model, "--port", url.rpartition(":")[2]]
    began = time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": str(THREADS)}
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield url, began
    finally:
        process.terminate()
        process.wait(20)


def wait_until_served(url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/config", timeout=5).read()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"The demo did not answer on {url} within {PATIENCE:.0f} s.")


@contextmanager
def browser_page() -> Iterator[object | None]:
    """A page of a headless Chromium, or None where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        found = None
    if not found:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


def seconds_to_interactive(page) -> float:
    """From `python app.py` until the page can be used in a browser that is open already."""
    with demo() as (url, began):
        wait_until_served(url)
        page.goto(url)
        page.wait_for_function(INTERACTIVE, timeout=1000 * PATIENCE)
        return time.perf_counter() - began


def measure(rounds: int) -> dict:
    """The whole report as plain data; costs are medians over the rounds."""
    import torch
    from gradio_client import Client

    from gpt2demo.engine.loading import load_engine

    torch.set_num_threads(THREADS)
    engine = load_engine(catalogue.SHIPPED, Settings(offline=True))  # as the demo does, with what `auto` takes
    decoding = Decoding(max_new_tokens=NEW, seed=1)
    with browser_page() as page:
        report.progress("starting the demo")
        starts = [seconds_to_interactive(page) for _ in range(3)] if page else []
        with demo() as (url, _):
            wait_until_served(url)
            client = Client(url, verbose=False)
            ways: dict[str, Callable[[], Writing]] = {
                "bare loop": lambda: write_bare(engine, decoding),
                "gradio_client": lambda: write_through_client(client, decoding),
            }
            if page:
                page.goto(f"{url}/?{urlencode({'prompt': PROMPT, 'seed': 1, 'max_new_tokens': NEW})}")
                page.wait_for_function(INTERACTIVE, timeout=1000 * PATIENCE)
                ways["Chromium"] = lambda: write_in_browser(page)
            runs: dict[str, list[Writing]] = {name: [] for name in ways}
            for turn in range(rounds + 1):
                for name, way in ways.items():
                    report.progress(f"round {turn} of {rounds}, {name}")
                    written = way()
                    if turn:  # the first round warms up
                        runs[name].append(written)
            report.progress("")
    return summary(starts, runs) | {"conditions": report.conditions(threads=THREADS, rounds=rounds, new_tokens=NEW)}


def summary(starts: list[float], runs: dict[str, list[Writing]]) -> dict:
    """The figures and whether their bars hold; what could not be measured is None."""

    def cost(name: str) -> float | None:
        if name not in runs:
            return None
        pairs = zip(runs[name], runs["bare loop"])
        return round(1 - median(run.tokens_per_second / bare.tokens_per_second for run, bare in pairs), 3)

    first = median(run.first_ms for run in runs["gradio_client"])
    interactive = round(median(starts), 1) if starts else None
    return {
        "tokens_per_second": {
            name: round(median(run.tokens_per_second for run in way), 1) for name, way in runs.items()
        },
        "first_token_ms": round(first),
        "first_token_bare_ms": round(median(run.first_ms for run in runs["bare loop"])),
        "interactive_s": interactive,
        "cost_through_client": cost("gradio_client"),
        "cost_in_chromium": cost("Chromium"),
        "bars_hold": {
            "first_token_ms": first <= FIRST_TOKEN_BAR,
            "interactive_s": interactive and interactive <= INTERACTIVE_BAR,
            "cost_through_client": cost("gradio_client") < COST_BAR,
        },
    }


def as_text(found: dict) -> str:
    """The report as a table."""
    holds = {name: {True: "holds", False: "missed", None: ""}[value] for name, value in found["bars_hold"].items()}
    rate, none = found["tokens_per_second"], "no Chromium here"
    start = none if found["interactive_s"] is None else f"{found['interactive_s']:.1f} s"
    through = (
        f"{100 * found['cost_through_client']:.0f} % ({rate['gradio_client']:.0f} of {rate['bare loop']:.0f} tokens/s)"
    )
    shown = none
    if found["cost_in_chromium"] is not None:
        shown = f"{100 * found['cost_in_chromium']:.0f} % ({rate['Chromium']:.0f} tokens/s)"
    rows = [
        ["page usable after `python app.py`", start, f"{INTERACTIVE_BAR:.0f} s", holds["interactive_s"]],
        [
            "first token through gradio_client",
            f"{found['first_token_ms']} ms",
            f"{FIRST_TOKEN_BAR} ms",
            holds["first_token_ms"],
        ],
        ["cost of the page, through gradio_client", through, f"{100 * COST_BAR:.0f} %", holds["cost_through_client"]],
        ["cost of the page, in Chromium", shown, "", ""],
    ]
    return report.table(["gpt2-mini, default settings", "measured", "at most", ""], rows)


def publish(rounds: int, json_only: bool) -> None:
    """Measure and print."""
    found = measure(rounds)
    report.show(found, as_text(found), json_only)
