"""Train a model, or a small part of one for a task: one sub-command a recipe."""

import argparse
from types import ModuleType

from gpt2demo.commands import train_base, train_classify, train_intent, train_sentiment, train_shop, train_speed

RECIPES: dict[str, ModuleType] = {  # name -> a module with `add_flags` and `run`
    "base": train_base,
    "classify": train_classify,
    "sentiment": train_sentiment,
    "intent": train_intent,
    "shop": train_shop,
    "speed": train_speed,
}


def add_flags(parser: argparse.ArgumentParser) -> None:
    names = parser.add_subparsers(dest="recipe", required=True)
    for name, recipe in RECIPES.items():
        flags = names.add_parser(name, help=recipe.__doc__, description=recipe.__doc__)
        flags.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="one JSON object on stdout")
        recipe.add_flags(flags)
        flags.set_defaults(train=recipe.run)


def run(arguments: argparse.Namespace) -> None:
    arguments.train(arguments)
