"""Measure what a step of `train base` costs on this processor, and what variants of it would cost."""

import argparse
import json


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="interleaved rounds (default 3)")
    parser.add_argument("--only", default="", metavar="WORD", help="the variants whose names hold this word")


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.errors import BadInput
    from gpt2demo.training.speed import VARIANTS, measure

    chosen = [variant for variant in VARIANTS if arguments.only in variant.name]
    if not chosen or arguments.rounds < 1:
        raise BadInput("Nothing to measure.", f"There are: {'; '.join(variant.name for variant in VARIANTS)}.")
    rows = list(measure(arguments.rounds, chosen))
    if arguments.json:
        print(json.dumps({"variants": rows}))
        return
    print("processor seconds for 1,000 tokens (median, lowest, highest)")
    for row in rows:
        print(f"{row['variant']:42} {row['seconds']:7.2f} {row['low']:7.2f} {row['high']:7.2f}")
