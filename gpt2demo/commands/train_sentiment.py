"""Train the adapter that tells negative, neutral and positive texts apart."""

import argparse

from gpt2demo.classify.labelled import SENTIMENT
from gpt2demo.commands import flags
from gpt2demo.commands.train_classify import add_recipe, learn
from gpt2demo.training import sentiment

NOTES = """Negative, neutral or positive. No text of the evaluation sets was learned from, texts that carry two labels
were dropped, and Financial PhraseBank, which is not for commercial use, was never trained on. Reddit, tweets and reviews
are rude at times, and the model has read them. `python -m gpt2demo eval sentiment` judges it on six sets beside VADER,
TF-IDF with logistic regression on the same texts, and the majority label."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    sources = ", ".join(sentiment.SOURCES)
    parser.add_argument("--without", action="append", default=[], metavar="SOURCE", help=f"leave out one of {sources}")
    parser.add_argument("--most", type=int, metavar="N", help="at most N texts of each source (default: all)")
    flags.add_data(parser)
    add_recipe(parser)


def run(arguments: argparse.Namespace) -> None:
    data = flags.data_folder(arguments)
    *sides, counts = sentiment.texts(data, arguments.without, arguments.most, arguments.seed)
    sources = {source: f"{n:,} texts; {sentiment.SOURCES[source]}" for source, n in counts.items()}
    learn(arguments, "sentiment", *sides, sources, NOTES, "cc-by-sa-4.0", SENTIMENT)
