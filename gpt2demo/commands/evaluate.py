"""Measure a model: every number that the project publishes."""

import argparse
import json
import sys

from gpt2demo.commands import flags


def add_flags(parser: argparse.ArgumentParser) -> None:
    measures = parser.add_subparsers(dest="what", required=True)
    loops = measures.add_parser("loops", help="how often its texts end in a loop")
    loops.add_argument("--count", type=int, default=200, help="how many continuations (default 200)")
    loops.set_defaults(measure=measure_loops)
    for measure in (loops,):
        measure.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on stdout")
        flags.add_data(measure)
        flags.add_model(measure)


def run(arguments: argparse.Namespace) -> None:
    arguments.measure(arguments)


def measure_loops(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation.loops import measure

    for tally in measure(flags.open_engine(arguments), flags.data_folder(arguments), arguments.count):
        print(f"\r{tally['loops']} of {tally['continuations']} texts loop", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(json.dumps(tally) if arguments.json else "\n".join(tally["texts"]))
