"""Measure this machine's speed against the peers that are installed."""

import argparse

SHAPES = ("gpt2", "gpt2-mini")


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default="writing",
        choices=MEASURES,
        help="writing (default): one text at a time, against transformers; streams: several texts at once; page: how soon"
        " the page is there, and what it costs; attention: each of its pictures",
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--model", action="append", choices=SHAPES, help="a shape; default both")


def run(arguments: argparse.Namespace) -> None:
    MEASURES[arguments.what](arguments)


def measure_writing(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.writing_speed import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json)


def measure_streams(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.streams import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json)


def measure_page(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.page_speed import publish

    publish(arguments.rounds, arguments.json)


def measure_attention(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.attention_speed import publish

    publish(arguments.model or SHAPES, arguments.rounds, arguments.json)


MEASURES = {
    "writing": measure_writing,
    "streams": measure_streams,
    "page": measure_page,
    "attention": measure_attention,
}
