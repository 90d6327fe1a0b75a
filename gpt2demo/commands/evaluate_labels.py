"""`eval sentiment`, `eval intent` and `eval hint3`: adapters beside their baselines."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from gpt2demo import settings
from gpt2demo.classify import measure
from gpt2demo.commands import flags
from gpt2demo.sentiment.opinion import MEASURED, measured
from gpt2demo.services import Services, adapter_of
from gpt2demo.wording import counted


def add_measures(measures: argparse._SubParsersAction) -> list[argparse.ArgumentParser]:
    """The sub-commands, for the flags that all measures share."""
    sentiment = measures.add_parser("sentiment", help="its sentiment adapter on texts it never learned from")
    sentiment.set_defaults(measure=measure_sentiment)
    intent = measures.add_parser("intent", help="its intent adapter, in scope and out of it")
    intent.set_defaults(measure=measure_intent)
    sentiment.add_argument("--card", action="store_true", help="print the section of the adapter's card instead")
    attribution = measures.add_parser(
        "attribution", help="removes the word that attribution ranks first, and a random one"
    )
    attribution.add_argument("--texts", type=int, default=200, metavar="N", help="how many (default 200)")
    attribution.add_argument("--keep", action="store_true", help="keep the figures beside the adapter, for the page")
    attribution.set_defaults(measure=measure_attribution)
    topics = measures.add_parser("topics", help="the model's guesses at the topics of headlines that no rule matches")
    topics.set_defaults(measure=measure_topics)
    for parser in (sentiment, intent):
        parser.add_argument("--texts", type=int, metavar="N", help="judge at most N texts of each set (default: all)")
    hint3 = measures.add_parser(
        "hint3", help="a classifier taught what two real shops taught theirs, on live questions"
    )
    hint3.add_argument("--epochs", type=int, default=15, help="at most (default 15)")
    hint3.set_defaults(measure=measure_hint3)
    return [sentiment, intent, hint3, attribution, topics]


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
    found = sentiment.measures(data, everyone, arguments.texts)
    if arguments.card:
        print(sentiment.card_section(list(found), len(rows), arguments.texts))
    else:
        print_scores(found, SENTIMENT, arguments.json)


def measure_attribution(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation.attribution import against_random, texts

    reader = flags.open_reader(arguments)
    for found in against_random(reader, texts(flags.data_folder(arguments), arguments.texts)):
        print(f"\r{counted(found['texts'], 'text')}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    found |= {"reader": reader.fingerprint}
    if arguments.keep:
        told = settings.combine(vars(arguments))
        (adapter_of(told.model, told, "sentiment") / MEASURED).write_text(
            json.dumps(found, indent=1) + "\n", encoding="utf-8"
        )
    print(json.dumps(found) if arguments.json else measured(found))


def measure_topics(arguments: argparse.Namespace) -> None:
    from gpt2demo.evaluation.topics import measures, sample, written
    from gpt2demo.monitor.topics import shipped

    topics = shipped()
    guess = Services(settings.combine(vars(arguments))).guesser(topics)
    found = {}
    for name, rows in {"written": written(topics), "sample": sample()}.items():
        truth = [guess.names.index(topic) if topic else -1 for _, topic in rows]
        found[name] = measures(guess.probabilities([text for text, _ in rows]), truth)
    if arguments.json:
        print(json.dumps(found))
        return
    for name, lines in found.items():
        for line in lines:
            right = "none" if line["right"] is None else f"{line['right']:.0%} of them right"
            print(f"{name:8} from {line['from']:.1f} on: {line['guessed']:4} of {line['of']:4} guessed, {right}")


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
    from gpt2demo import catalogue, classify
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
