"""Measure this machine's speed against the peers that are installed."""

import argparse
from pathlib import Path

SHAPES = ("gpt2", "gpt2-mini")


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default="writing",
        choices=MEASURES,
        help="writing (default): speed, memory and loading, beside others; streams: several texts at once; page: how soon"
        " the page is there, and what it costs; attention: each of its pictures;"
        " headlines: how many a second are labelled in batches; maps: what ONNX Runtime needs for all attention maps;"
        " sentiment: a long file of texts, and its memory",
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--rows", type=int, default=50_000, help="of the file that `sentiment` scores (default 50,000)")
    parser.add_argument("--minutes", type=float, default=30, help="`sentiment` stops after them (default 30)")
    parser.add_argument("--model", action="append", choices=SHAPES, help="a shape; default both")
    parser.add_argument("--out", type=Path, metavar="FILE", help="writing: keep the figures, as in assets/bench.json")


def run(arguments: argparse.Namespace) -> None:
    MEASURES[arguments.what](arguments)


def measure_writing(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.writing_speed import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json, arguments.out)


def measure_streams(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.streams import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json)


def measure_page(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.page_speed import publish

    publish(arguments.rounds, arguments.json)


def measure_attention(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.attention_speed import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json)


def measure_maps(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.maps import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json)


def measure_headlines(arguments: argparse.Namespace) -> None:
    import torch

    from gpt2demo import classify
    from gpt2demo.bench.headlines import publish
    from gpt2demo.bench.writing_speed import THREADS
    from gpt2demo.catalogue import SHIPPED
    from gpt2demo.services import adapter_of, load_engine
    from gpt2demo.settings import Settings

    torch.set_num_threads(THREADS)
    told = {backend: Settings(backend=backend, offline=True) for backend in ("torch", "onnx", "onnx-int8")}
    engines = {backend: load_engine(SHIPPED, one, task="sentiment") for backend, one in told.items()}
    head = classify.load(adapter_of(SHIPPED, told["torch"], "sentiment"))
    publish(engines, head, arguments.rounds, arguments.json)


def measure_sentiment(arguments: argparse.Namespace) -> None:
    import torch

    from gpt2demo.bench.scoring import publish
    from gpt2demo.bench.writing_speed import THREADS
    from gpt2demo.catalogue import SHIPPED
    from gpt2demo.services import Services
    from gpt2demo.settings import Settings

    torch.set_num_threads(THREADS)
    publish(Services(Settings(model=SHIPPED, offline=True)).reader(), arguments.rows, arguments.minutes, arguments.json)


MEASURES = {
    "writing": measure_writing,
    "streams": measure_streams,
    "page": measure_page,
    "attention": measure_attention,
    "headlines": measure_headlines,
    "maps": measure_maps,
    "sentiment": measure_sentiment,
}
