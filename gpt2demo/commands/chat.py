"""Ask the shop's customer service."""

import argparse
import json

from gpt2demo.commands import flags


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--message",
        action="append",
        required=True,
        metavar="TEXT",
        help="a customer's message; repeat it for more turns",
    )
    parser.add_argument("--knowledge", metavar="FILE", help="answer from this FAQ (CSV, JSON or Markdown) instead")
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.chat.pipeline import answer

    parts = flags.chat_parts(arguments)
    turns = []
    for message in arguments.message:
        *_, turn = answer(parts, turns, message)
        turns.append(turn)
        if not arguments.json:
            print(f"> {message}\n{turn.reply}\n  [{turn.mode}, {turn.confidence:.0%} sure]")
            print("".join(f"  source: {source.title} ({source.id})\n" for source in turn.sources))
    if arguments.json:
        print(json.dumps({"turns": [turn.record() for turn in turns]}))
