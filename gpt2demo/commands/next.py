"""List the likeliest next tokens after a prompt."""

import argparse
import json

from gpt2demo.commands import flags
from gpt2demo.engine.tokenizer import readable
from gpt2demo.generation.next_token import next_token


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", help="the text to go on from; empty to begin from nothing")
    parser.add_argument("--top", type=int, default=20, help="how many tokens to list (default 20)")
    flags.add_decoding(parser)
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    decoding = flags.decoding(arguments)
    found = next_token(flags.open_engine(arguments), readable(arguments.prompt), decoding, arguments.top)
    if arguments.json:
        print(json.dumps(found))
        return
    print(f"{'rank':>6} {'raw':>8} {'tempered':>9} {'cut':>8}  token   (entropy {found['entropy']:.2f} bits)")
    for token in found["tokens"]:
        stages = f"{token['probability']:8.4f} {token['probability_tempered']:9.4f} {token['probability_cut']:8.4f}"
        print(f"{token['rank']:6d} {stages}  {token['text']!r}")
    print(f"{'':6} {found['rest']:8.4f} {'':18}  all others")
