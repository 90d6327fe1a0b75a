"""Score every head on a text: what each looks at."""

import argparse
import json

from gpt2demo.commands import flags
from gpt2demo.interpret.heads import METRICS, record


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", help="the text to look at")
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    engine = flags.open_engine(arguments)
    found = record(engine, engine.tokenizer.encode(arguments.text))
    if arguments.json:
        print(json.dumps(found))
        return
    for metric, meaning in METRICS.items():
        print(f"{metric:15} {meaning}")
    print("\nlayer  head " + "".join(f"{metric:>15}" for metric in METRICS))
    for row in found["heads"]:
        print(f"{row['layer']:5d} {row['head']:5d} " + "".join(f"{row[metric]:15.3f}" for metric in METRICS))
