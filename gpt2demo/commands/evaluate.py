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
    chat = measures.add_parser("chat", help="how well the customer service answers questions that were written blind")
    chat.add_argument("--confusions", action="store_true", help="also count which topics were taken for which")
    chat.set_defaults(measure=measure_chat)
    for measure in (loops, chat):
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


def measure_chat(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation import chat

    arguments.knowledge = None
    graded = list(chat.grade(flags.chat_parts(arguments)))
    found = chat.totals(graded) | ({"confusions": chat.confusions(graded)} if arguments.confusions else {})
    print(json.dumps(found) if arguments.json else json.dumps(found, indent=1))
