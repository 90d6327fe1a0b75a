"""Learn what the shop's customers mean: the linear models of topics and passages, from the lines in `assets/knowledge`."""

import argparse
import json


def add_flags(parser: argparse.ArgumentParser) -> None:
    pass


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.chat import classifier, knowledge
    from gpt2demo.training import shop

    learnt = shop.learn(shop.everything(), shop.customers(knowledge.FOLDER))
    classifier.save(learnt, knowledge.FOLDER)
    labels, features = (len(learnt.topic.labels), len(learnt.passage.labels)), len(learnt.topic.columns)
    told = {
        "file": str(knowledge.FOLDER / classifier.FILE),
        "topics": labels[0],
        "passages": labels[1],
        "features": features,
    }
    line = f"{told['file']}: {labels[0]} topics, {labels[1]} passages and fixed answers, {features:,} features"
    print(json.dumps(told) if arguments.json else line)
