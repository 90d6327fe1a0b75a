"""`eval robustness`: what typing errors, case and word order cost an adapter, beside TF-IDF learned from the same texts."""

import argparse
import json
from collections.abc import Iterator

from gpt2demo.commands import flags
from gpt2demo.errors import BadInput

TASKS = ("sentiment", "intent")


def add_measure(measures: argparse._SubParsersAction) -> argparse.ArgumentParser:
    """The sub-command, for the flags that all measures share."""
    parser = measures.add_parser("robustness", help="what typing errors, case and word order cost its adapters")
    parser.add_argument("--task", choices=TASKS, default="sentiment", help="which adapter (default sentiment)")
    parser.add_argument("--texts", type=int, metavar="N", help="judge at most N texts of each set (default: all)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise (default 0)")
    parser.set_defaults(measure=measure_robustness)
    return parser


def measure_robustness(arguments: argparse.Namespace) -> None:
    if arguments.texts is not None and arguments.texts < 1:
        raise BadInput(f"--texts is {arguments.texts}.", "It is at least 1.")
    flags.need_training_packages()
    found = []
    for row in {"sentiment": sentiment_rows, "intent": intent_rows}[arguments.task](arguments):
        found.append(row)
        if not arguments.json:
            print(line(row), flush=True)
    if arguments.json:
        print(json.dumps({"task": arguments.task, "seed": arguments.seed, "scores": found}))


def sentiment_rows(arguments: argparse.Namespace) -> Iterator[dict]:
    from gpt2demo.classify.labelled import SENTIMENT
    from gpt2demo.evaluation import robustness, sentiment
    from gpt2demo.evaluation.baselines import bag_of_words
    from gpt2demo.training.sentiment import texts

    data = flags.data_folder(arguments)
    ours, _, trained = flags.open_classifier(arguments, "sentiment")
    drawn = trained["drawn"]
    rows, _, _ = texts(data, drawn["without"], drawn["most"], trained["recipe"]["seed"])
    everyone = {"gpt2demo": ours, "tf-idf": bag_of_words(rows, SENTIMENT)}
    halves = {
        name: lambda texts, predict=predict: sentiment.of_two(predict(texts)) for name, predict in everyone.items()
    }
    for one in sentiment.SETS:
        judges = halves if one.two_classes else everyone
        judged = sentiment.rows(data, one, arguments.texts)
        yield from robustness.measures(one.name, judged, SENTIMENT, judges, arguments.seed)


def intent_rows(arguments: argparse.Namespace) -> Iterator[dict]:
    from gpt2demo.classify.labelled import sample
    from gpt2demo.evaluation import robustness
    from gpt2demo.evaluation.baselines import bag_of_words
    from gpt2demo.training.intent import texts

    ours, labels, trained = flags.open_classifier(arguments, "intent")
    rows, held_out, _ = texts(flags.data_folder(arguments), trained["drawn"]["most"], trained["recipe"]["seed"])
    everyone = {"gpt2demo": ours, "tf-idf": bag_of_words(rows, labels)}
    judged = sample(held_out, arguments.texts, seed=0)
    yield from robustness.measures("held-out intents", judged, labels, everyone, arguments.seed)


def line(row: dict) -> str:
    """A set under one noise for a reader: each measure, and in brackets how it changed against the clean texts."""
    changes = (f"{row[name]:.3f} ({0 - row[name + '_drop']:+.3f})" for name in ("accuracy", "macro_f1"))
    return f"{row['set']:22} {row['noise']:11} {row['texts']:>6,} {row['predictor']:9} {'  '.join(changes)}"
