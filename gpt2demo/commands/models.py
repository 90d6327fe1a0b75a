"""List the models that can be chosen."""

import argparse
import json

from gpt2demo import catalogue


def add_flags(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(arguments: argparse.Namespace) -> None:
    rows = [{"name": e.name, "megabytes": e.megabytes, "about": e.sentence} for e in catalogue.CATALOGUE]
    if arguments.json:
        print(json.dumps({"models": rows}))
        return
    for row in rows:
        print(f"{row['name']:12} {row['megabytes']:>6,} MB  {row['about']}")
