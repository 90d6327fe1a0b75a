"""What noise costs a classifier: the same texts with typing errors, in other case, and with words out of order.

Every text is spoilt by a generator that is seeded with the noise, the seed and the text itself, so that each predictor
reads the same characters, whatever else is judged beside them.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from gpt2demo.classify import measure
from gpt2demo.classify.labelled import Row
from gpt2demo.evaluation.baselines import Predict

TYPO_SHARE, TYPO_LETTERS = 0.2, 4  # of the words of at least so many characters, each with one error
REACH = 2  # a word moves at most this many places


def typos(text: str, generator: random.Random) -> str:
    """One in five longer words with a letter dropped, doubled, or swapped with the next; never the first letter."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) >= TYPO_LETTERS and generator.random() < TYPO_SHARE:
            at = generator.randrange(1, len(word) - 1)
            before, one, following, after = word[:at], word[at], word[at + 1], word[at + 2 :]
            changed = generator.choice((following, one + one + following, following + one))
            words[i] = before + changed + after
    return " ".join(words)


def moved(text: str, generator: random.Random) -> str:
    """The words in a new order, none more than two places from where it stood."""
    words = text.split()
    places = [i + generator.uniform(0, REACH + 1) for i in range(len(words))]
    return " ".join(words[i] for i in sorted(range(len(words)), key=places.__getitem__))


NOISES: dict[str, Callable[[str, random.Random], str]] = {
    "none": lambda text, _: text,
    "typos": typos,
    "lower case": lambda text, _: text.lower(),
    "upper case": lambda text, _: text.upper(),
    "word order": moved,
}


def spoilt(texts: Sequence[str], noise: str, seed: int) -> list[str]:
    """The texts under one of `NOISES`; the same every time."""
    return [NOISES[noise](text, random.Random(f"{noise} {seed} {text}")) for text in texts]


def measures(
    name: str, rows: Sequence[Row], labels: Sequence[str], predictors: Mapping[str, Predict], seed: int
) -> Iterator[dict]:
    """For each noise and predictor: accuracy and macro-F1, and how far each lies below that of the clean texts."""
    truth = np.array([labels.index(label) for _, label in rows])
    clean: dict[str, measure.Scores] = {}
    for noise in NOISES:
        texts = spoilt([text for text, _ in rows], noise, seed)
        for predictor, predict in predictors.items():
            found = measure.scores(predict(texts), truth)
            before = clean.setdefault(predictor, found)
            yield {
                "set": name,
                "noise": noise,
                "predictor": predictor,
                "texts": found.texts,
                "accuracy": found.accuracy,
                "macro_f1": found.macro_f1,
                "accuracy_drop": before.accuracy - found.accuracy,
                "macro_f1_drop": before.macro_f1 - found.macro_f1,
            }
