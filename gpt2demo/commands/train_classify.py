"""Train an adapter that labels texts, from any CSV file with a column of texts and one of labels."""

import argparse
import json
import re
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from gpt2demo import catalogue, settings
from gpt2demo.classify.labelled import Row, distinct, labels_of, read_csv, split
from gpt2demo.commands import flags
from gpt2demo.errors import BadInput
from gpt2demo.training.recipe import Recipe

LEARNING = {  # flag -> what it is
    "rank": "of the LoRA matrices",
    "layers": "how many blocks learn, from the top",
    "embeddings": "let the token embeddings learn too, which takes longer",
    "tokens": "of each text that are read in training",
    "epochs": "at most",
    "batch": "texts a step",
    "rate": "learning rate at its highest",
    "dropout": "on what the LoRA matrices and the head read",
    "token_dropout": "share of a text's tokens that are left out, others each time",
    "weight_decay": "of the LoRA matrices and the head",
    "balance": "0: labels weigh as they come; 1: all labels alike",
    "patience": "epochs without gain before it stops",
    "seed": "of everything that is drawn",
}


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", required=True, metavar="FILE", help="UTF-8, with a header")
    parser.add_argument("--text", default="text", metavar="COLUMN", help="the column of texts (default text)")
    parser.add_argument("--label", default="label", metavar="COLUMN", help="the column of labels (default label)")
    parser.add_argument("--name", help="the adapter's name (default: that of the file)")
    parser.add_argument("--held-out", type=float, default=0.1, metavar="SHARE", help="of the texts (default 0.1)")
    add_recipe(parser)


def run(arguments: argparse.Namespace) -> None:
    path = Path(arguments.csv)
    if not 0 < arguments.held_out < 1:
        raise BadInput(f"--held-out is {arguments.held_out}.", "It is a share between 0 and 1.")
    rows = distinct(read_csv(path, arguments.text, arguments.label))
    labels_of(rows)
    sides = split(rows, arguments.held_out, arguments.seed)
    name = arguments.name or re.sub(r"[^\w-]+", "-", path.stem)
    sources = {path.name: f"{len(rows):,} different texts; whoever ran this knows their terms"}
    learn(arguments, name, *sides, sources, "A classifier trained with `train classify`.", "other")


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """The flags of every recipe that trains a classifier."""
    settings.add_model_flags(parser)
    parser.add_argument("--out", metavar="DIR", help="where the adapter goes (default: beside the model)")
    for name, what in LEARNING.items():
        default = getattr(Recipe, name)
        flag = f"--{name.replace('_', '-')}"
        if default is False:
            parser.add_argument(flag, action="store_true", help=what)
            continue
        parser.add_argument(flag, type=type(default), default=default, metavar="N", help=f"{what} (default {default})")


def learn(
    arguments: argparse.Namespace,
    task: str,
    rows: Sequence[Row],
    held_out: Sequence[Row],
    sources: Mapping[str, str],
    notes: str,
    licence: str,
    labels: Sequence[str] = (),
) -> None:
    """Train on these rows as the flags say, write the adapter and its card, and report."""
    started = time.monotonic()
    flags.need_training_packages()
    from gpt2demo.training import classify
    from gpt2demo.training.card import card

    told = settings.combine({name: getattr(arguments, name) for name in ("model", "offline")})
    name = catalogue.SHIPPED if told.model == "auto" else told.model
    base = catalogue.locate(name, told.offline)
    known = catalogue.entry(name)
    name = known.name if known else base.name
    folder = Path(arguments.out) if arguments.out else catalogue.adapter_folder(name, base, task)
    recipe = Recipe(**{name: getattr(arguments, name) for name in LEARNING})
    trained = classify.train(base, rows, held_out, labels or labels_of(rows), recipe)
    drawn = {name: getattr(arguments, name) for name in ("without", "most") if hasattr(arguments, name)}
    trained.report.update(minutes=(time.monotonic() - started) / 60, drawn=drawn)
    text = card(f"{name}: {task}", name, command(), trained, sources, notes, licence)
    classify.save(trained, base, name, folder, text)
    found = trained.report["held_out_scores"]
    if arguments.json:
        print(json.dumps({"folder": str(folder), **trained.report}))
    else:
        print(
            f"{folder}: accuracy {found['accuracy']:.3f}, macro-F1 {found['macro_f1']:.3f} on {len(held_out):,} texts"
        )


def command() -> str:
    """The command line as it was typed, without what belongs to one machine."""
    typed, kept = sys.argv[1:], []
    for before, word in zip(["", *typed], typed):
        if not {before, word} & {"--data", "--out", "--json"} and not word.startswith(("--data=", "--out=")):
            kept.append(word)
    return shlex.join(["python", "-m", "gpt2demo", *kept])
