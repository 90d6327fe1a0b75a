"""`eval agnews`: what `train classify` makes of a set the project does not ship: 2,000 rows, the official test."""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from gpt2demo import settings
from gpt2demo.commands import flags
from gpt2demo.commands.evaluate_labels import print_scores
from gpt2demo.errors import BadInput
from gpt2demo.training.recipe import Recipe


def add_measure(measures: argparse._SubParsersAction) -> argparse.ArgumentParser:
    """The sub-command, for the flags that all measures share."""
    parser = measures.add_parser("agnews", help="a classifier taught 2,000 news texts, on the official test of AG News")
    parser.add_argument("--epochs", type=int, default=5, help="at most (default 5)")
    parser.add_argument("--texts", type=int, metavar="N", help="judge at most N texts (default: all 7,600)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is held out and drawn (default 0)")
    parser.set_defaults(measure=measure_agnews)
    return parser


def measure_agnews(arguments: argparse.Namespace) -> None:
    for name in ("texts", "epochs"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            raise BadInput(f"--{name} is {value}.", "It is at least 1.")
    flags.need_training_packages()
    print_scores(rows(arguments), (), arguments.json)


def rows(arguments: argparse.Namespace) -> Iterator[dict]:
    """Train on `train_subset.csv` without the texts of the test, a tenth held out; judge the adapter beside baselines."""
    from gpt2demo import catalogue, classify
    from gpt2demo.classify import measure
    from gpt2demo.classify.labelled import distinct, labels_of, read_csv, sample, split, without
    from gpt2demo.engine.torch_engine import TorchEngine
    from gpt2demo.evaluation.baselines import bag_of_words, majority
    from gpt2demo.training import classify as training

    told, folder = settings.combine(vars(arguments)), flags.data_folder(arguments) / "topics" / "ag_news"
    asked = read_csv(folder / "test.csv")
    taught = without(distinct(read_csv(folder / "train_subset.csv")), [text for text, _ in asked])
    labels = labels_of(taught)
    train, held_out = split(taught, 0.1, arguments.seed)
    name = catalogue.SHIPPED if told.model == "auto" else told.model
    base = catalogue.locate(name, told.offline)
    trained = training.train(base, train, held_out, labels, Recipe(epochs=arguments.epochs, seed=arguments.seed))
    judged = sample(asked, arguments.texts, seed=0)
    truth = np.array([labels.index(label) for _, label in judged])
    with tempfile.TemporaryDirectory() as out:
        training.save(trained, base, name, Path(out), "")
        engine, head = TorchEngine(base, name, adapter=Path(out)), classify.load(Path(out))
    everyone = {"gpt2demo": partial(classify.probabilities, engine, head), "tf-idf": bag_of_words(train, labels)}
    for predictor, predict in {**everyone, "majority": majority(truth, len(labels))}.items():
        found = measure.scores(predict([text for text, _ in judged]), truth)
        yield {"set": "AG News test", "predictor": predictor, "taught": len(train), **asdict(found)}
