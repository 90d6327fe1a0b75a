"""Whether attribution names words that matter: the word that it ranks first against a word drawn at random."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gpt2demo.classify.labelled import read_table
from gpt2demo.errors import BadInput
from gpt2demo.sentiment.opinion import LABELS, Reader, opinion
from gpt2demo.sentiment.question import changed, gradients, words

FILE = "sst5_test"  # sentences of film reviews, none learned from
WORDS = (5, 20)


def texts(data: Path, most: int, seed: int = 0) -> list[str]:
    """Sentences of five to twenty words, drawn without looking at what the model makes of them."""
    path = data / "sentiment" / "eval" / f"{FILE}.csv"
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Name another data folder.")
    fitting = [row["text"] for row in read_table(path, "text") if WORDS[0] <= len(words(row["text"])) <= WORDS[1]]
    return random.Random(seed).sample(fitting, min(most, len(fitting)))


def against_random(reader: Reader, listed: list[str], seed: int = 0) -> Iterator[dict]:
    """Running totals over texts: the share whose label's probability falls without a word, and how far it falls on average.

    `first` is the word that integrated gradients rank first, `random` another one, drawn evenly from the rest.
    """
    draw, falls = random.Random(seed), []
    for text in listed:
        pieces, label = words(text), LABELS.index(opinion(reader, text).label)
        first = int(np.argmax(gradients(reader, text, label)[0]))
        other = draw.choice([i for i in range(len(pieces)) if i != first])
        p = reader.probabilities([text, changed(pieces, [first], [""]), changed(pieces, [other], [""])])[:, label]
        falls.append(p[0] - p[1:])
        done = np.array(falls)
        yield {
            "texts": len(done),
            "first": {"falls": float((done[:, 0] > 0).mean()), "by": float(done[:, 0].mean())},
            "random": {"falls": float((done[:, 1] > 0).mean()), "by": float(done[:, 1].mean())},
        }
