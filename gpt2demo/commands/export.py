"""Write a model as ONNX into the cache, where the ONNX backends find it."""

import argparse
import json
import sys

from gpt2demo import catalogue, settings
from gpt2demo.commands import flags


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--precision", choices=("all", "float32", "int8"), default="all", help="default all")
    parser.add_argument("--again", action="store_true", help="make it anew if it is there already")
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.engine.onnx_export import PRECISIONS, export

    told = settings.combine(vars(arguments))
    name = catalogue.resolve(told.model, False, told.offline)
    folder = catalogue.locate(name, told.offline, told.public, tell)
    precisions = PRECISIONS if arguments.precision == "all" else (arguments.precision,)
    more = {"again": arguments.again, "prune": told.prune_heads}
    made = [export(folder, precision, told.cache, tell, **more) for precision in precisions]
    print(file=sys.stderr)
    if arguments.json:
        rows = [
            {"precision": e.precision, "folder": str(e.folder), "megabytes": round(e.megabytes, 1), "pruned": e.pruned}
            for e in made
        ]
        print(json.dumps({"model": name, "sha256": made[0].sha256, "exports": rows}))
        return
    for e in made:
        print(f"{e.precision:8} {e.megabytes:7.1f} MB  {e.folder}")


def tell(share: float, what: str) -> None:
    print(f"\r{share:4.0%} {what:60.60}", end="", file=sys.stderr, flush=True)
