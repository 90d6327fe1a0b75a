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
    parser.add_argument("--own-words", action="store_true", help="let GPT-2 write where there is no prepared answer")
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.chat.pipeline import converse

    turns = converse(flags.chat_parts(arguments), arguments.message)
    if arguments.json:
        print(json.dumps({"turns": [turn.record() for turn in turns]}))
        return
    for turn in turns:
        print(f"> {turn.message}\n{turn.reply}\n  [{turn.mode}, {turn.confidence:.0%} sure]")
        print("".join(f"  source: {source.title} ({source.id})\n" for source in turn.sources))
