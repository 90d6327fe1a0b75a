"""`eval sentiment`, `eval intent` and `eval hint3`: adapters beside their baselines."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from gpt2demo.classify import measure
from gpt2demo.commands import flags


def add_measures(measures: argparse._SubParsersAction) -> list[argparse.ArgumentParser]:
    """The sub-commands, for the flags that all measures share."""
    sentiment = measures.add_parser("sentiment", help="its sentiment adapter on texts it never learned from")
    sentiment.set_defaults(measure=measure_sentiment)
    intent = measures.add_parser("intent", help="its intent adapter, in scope and out of it")
    intent.set_defaults(measure=measure_intent)
    for parser in (sentiment, intent):
        parser.add_argument("--texts", type=int, metavar="N", help="judge at most N texts of each set (default: all)")
    hint3 = measures.add_parser(
        "hint3", help="a classifier taught what two real shops taught theirs, on live questions"
    )
    hint3.add_argument("--epochs", type=int, default=15, help="at most (default 15)")
    hint3.set_defaults(measure=measure_hint3)
    return [sentiment, intent, hint3]


def measure_sentiment(arguments: argparse.Namespace) -> None:
    flags.need_training_packages()
    from gpt2demo.classify.labelled import SENTIMENT
    from gpt2demo.evaluation import sentiment
    from gpt2demo.evaluation.baselines import bag_of_words, vader
    from gpt2demo.training.sentiment import texts

    data = flags.data_folder(arguments)
    ours, _, trained = flags.open_classifier(arguments, "sentiment")
    drawn = trained["drawn"]
    rows, _, _ = texts(data, drawn["without"], drawn["most"], trained["recipe"]["seed"])
    everyone = {"gpt2demo": ours, "vader": vader(), "tf-idf": bag_of_words(rows, SENTIMENT)}
    print_scores(sentiment.measures(data, everyone, arguments.texts), SENTIMENT, arguments.json)


def measure_intent(arguments: argparse.Namespace) -> None:
    flags.need_training_packages()
    from gpt2demo.evaluation import intent
    from gpt2demo.evaluation.baselines import bag_of_words
    from gpt2demo.training.intent import texts

    data = flags.data_folder(arguments)
    ours, labels, trained = flags.open_classifier(arguments, "intent")
    rows, held_out, _ = texts(data, trained["drawn"]["most"], trained["recipe"]["seed"])
    everyone = {"gpt2demo": ours, "tf-idf": bag_of_words(rows, labels)}
    print_scores(intent.measures(data, held_out, labels, everyone, arguments.texts), (), arguments.json)


def measure_hint3(arguments: argparse.Namespace) -> None:
    flags.need_training_packages()
    from gpt2demo import catalogue, classify, settings
    from gpt2demo.classify.labelled import labels_of, split
    from gpt2demo.engine.torch_engine import TorchEngine
    from gpt2demo.evaluation import hint3
    from gpt2demo.evaluation.baselines import bag_of_words
    from gpt2demo.training import classify as training
    from gpt2demo.training.recipe import Recipe

    told = settings.combine(vars(arguments))
    name = catalogue.SHIPPED if told.model == "auto" else told.model
    base, data = catalogue.locate(name, told.offline), flags.data_folder(arguments)
    found = []
    for shop in hint3.SHOPS:
        taught, asked = hint3.rows(data, shop)
        train, held_out = split(taught, 0.1, seed=0)
        labels = labels_of(taught)
        trained = training.train(base, train, held_out, labels, Recipe(epochs=arguments.epochs, patience=5))
        with tempfile.TemporaryDirectory() as folder:
            training.save(trained, base, name, Path(folder), "")
            engine, head = TorchEngine(base, name, adapter=Path(folder)), classify.load(Path(folder))
        ours = partial(classify.probabilities, engine, head)
        for predictor, predict in {"gpt2demo": ours, "tf-idf": bag_of_words(train, labels)}.items():
            threshold = measure.abstain_threshold(predict([text for text, _ in held_out]), truth_of(held_out, labels))[
                0
            ]
            found.append({"shop": shop, "predictor": predictor, **hint3.measures(asked, labels, predict, threshold)})
    print(json.dumps({"scores": found}, indent=None if arguments.json else 1))


def truth_of(rows: Sequence[tuple[str, str]], labels: Sequence[str]) -> np.ndarray:
    return np.array([labels.index(label) for _, label in rows])


def print_scores(rows: Iterable[dict], labels: Sequence[str], as_json: bool) -> None:
    """A line for each set and predictor as it comes, or everything as one object; recall only of these labels."""
    found = []
    for row in rows:
        found.append(row)
        recalls = " ".join(f"{label} {r:.3f}" for label, r in zip(labels, row["recall"]))
        figures = f"{row['accuracy']:8.3f} {row['macro_f1']:8.3f} {row['calibration_error']:8.3f}"
        if not as_json:
            print(f"{row['set']:22} {row['texts']:>6,} {row['predictor']:10} {figures}  {recalls}", flush=True)
        elif row["predictor"] == "gpt2demo":
            print(row["set"], file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps({"scores": found}))
