"""Train the adapter that tells what a shop's customer wants, or that no shop can help."""

import argparse

from gpt2demo.classify.labelled import OUT_OF_SCOPE
from gpt2demo.commands import flags
from gpt2demo.commands.train_classify import add_recipe, learn
from gpt2demo.training import intent

NOTES = f"""27 intents of customers of a shop, and `{OUT_OF_SCOPE}`. The customers' texts were made from templates, with
typing errors among them, so real customers surprise it more than the held-out figures say.
`python -m gpt2demo eval intent` judges it in scope and out of it, beside TF-IDF with logistic regression on the same
texts."""
TERMS = {
    "bitext": "customer support utterances (Bitext), CDLA-Sharing-1.0, placeholders filled with invented values",
    "clinc150": "questions out of scope and of other domains (CLINC150), CC BY 3.0",
}


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--most", type=int, metavar="N", help="at most N training texts (default: all)")
    flags.add_data(parser)
    add_recipe(parser)


def run(arguments: argparse.Namespace) -> None:
    *sides, counts = intent.texts(flags.data_folder(arguments), arguments.most, arguments.seed)
    used = {source: f"drawn from {n:,} texts; {TERMS[source]}" for source, n in counts.items()}
    learn(arguments, "intent", *sides, used, NOTES, "cc-by-sa-4.0")
