"""Write on from a prompt, the text on stdout as it comes."""

import argparse
import json

from gpt2demo.commands import flags
from gpt2demo.engine.tokenizer import readable
from gpt2demo.generation.generate import record, write
from gpt2demo.generation.run import Shelf, from_prompt, shares, shown_length


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", help="the text to go on from; empty to begin from nothing")
    flags.add_decoding(parser)
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    decoding = flags.decoding(arguments)
    engine = flags.open_engine(arguments)
    prompt = readable(arguments.prompt)
    branch = from_prompt(engine, prompt, decoding, "")
    printed = 0
    for branch in write(engine, branch, decoding, Shelf(0)):
        texts = shares(engine, branch)
        text = "".join(texts[branch.prompt_length : shown_length(engine, branch, texts)])
        if not arguments.json:
            print(text[printed:], end="", flush=True)
        printed = len(text)
    print(json.dumps(record(engine, branch, prompt)) if arguments.json else "")
