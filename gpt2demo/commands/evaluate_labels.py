"""`eval sentiment` and `eval intent`: an adapter beside its baselines."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence

from gpt2demo.commands import flags


def add_measures(measures: argparse._SubParsersAction) -> list[argparse.ArgumentParser]:
    """Both sub-commands, for the flags that all measures share."""
    sentiment = measures.add_parser("sentiment", help="its sentiment adapter on texts it never learned from")
    sentiment.set_defaults(measure=measure_sentiment)
    intent = measures.add_parser("intent", help="its intent adapter, in scope and out of it")
    intent.set_defaults(measure=measure_intent)
    for measure in (sentiment, intent):
        measure.add_argument("--texts", type=int, metavar="N", help="judge at most N texts of each set (default: all)")
    return [sentiment, intent]


def measure_sentiment(arguments: argparse.Namespace) -> None:
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
    from gpt2demo.evaluation import intent
    from gpt2demo.evaluation.baselines import bag_of_words
    from gpt2demo.training.intent import texts

    data = flags.data_folder(arguments)
    ours, labels, trained = flags.open_classifier(arguments, "intent")
    rows, held_out, _ = texts(data, trained["drawn"]["most"], trained["recipe"]["seed"])
    everyone = {"gpt2demo": ours, "tf-idf": bag_of_words(rows, labels)}
    print_scores(intent.measures(data, held_out, labels, everyone, arguments.texts), (), arguments.json)


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
