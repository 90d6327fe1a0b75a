"""Score every head on a text: what each looks at."""

import argparse
import json
from pathlib import Path

from gpt2demo.commands import flags
from gpt2demo.errors import BadInput
from gpt2demo.interpret import sample
from gpt2demo.interpret.heads import METRICS, record
from gpt2demo.services import examples


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", help="the text to look at (default: the sample text of the Attention tab)")
    parser.add_argument(
        "--out", metavar="FILE", help=f"keep the scores, as {sample.FILE} beside the weights of a model that ships"
    )
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    engine = flags.open_engine(arguments)
    text = examples("sample")[0]["text"] if arguments.text is None else arguments.text
    found = record(engine, engine.tokenizer.encode(text))
    if arguments.out:
        try:
            sample.write(engine, text, found, Path(arguments.out))
        except OSError as error:
            raise BadInput(f"{arguments.out} cannot be written: {error.strerror}.", "Name another file.") from error
    if arguments.json:
        print(json.dumps(found))
        return
    for metric, meaning in METRICS.items():
        print(f"{metric:15} {meaning}")
    print("\nlayer  head " + "".join(f"{metric:>15}" for metric in METRICS))
    for row in found["heads"]:
        print(f"{row['layer']:5d} {row['head']:5d} " + "".join(f"{row[metric]:15.3f}" for metric in METRICS))
