"""Measure this machine's speed against the peers that are installed."""

import argparse


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default="writing",
        choices=MEASURES,
        help="writing: one text at a time, against transformers (the default); attention: each of its pictures",
    )
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--model", action="append", choices=("gpt2", "gpt2-mini"), help="a shape; default both")


def run(arguments: argparse.Namespace) -> None:
    MEASURES[arguments.what](arguments)


def measure_writing(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.writing_speed import publish

    publish(arguments.model or ["gpt2", "gpt2-mini"], arguments.rounds, arguments.json)


def measure_attention(arguments: argparse.Namespace) -> None:
    from gpt2demo.bench.attention_speed import publish

    publish(arguments.model or ["gpt2", "gpt2-mini"], arguments.rounds, arguments.json)


MEASURES = {"writing": measure_writing, "attention": measure_attention}
