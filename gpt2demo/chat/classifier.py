"""What a message is about: linear models over words and parts of words, learnt from the known ways to ask.

One tells the topic, the other the passage. `train shop` learns them (see `training/shop.py`) and writes them beside the
passages; here they are only read and applied. Every word counts, the little ones too: "is it" and "I did" tell a question
from a complaint. Parts of words let the topic's model see through slips of the pen.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from gpt2demo.chat.words import split, stemmer, terms
from gpt2demo.errors import ModelBroken

FILE = "classifier.npz"
ADDRESS, DIGITS = re.compile(r"\S+@\S+"), re.compile(r"\d+")
PARTS = (2, 3, 4, 5)  # letters
SHORT = 24  # different words


def features(text: str) -> Counter:
    """Stems, phrases of two and three, words that stand together anywhere in a short text, and letters in overlapping parts.

    Which number or e-mail address it is does not tell the topic: all count as one.
    """
    words = split(DIGITS.sub("0", ADDRESS.sub(" address@ ", text)))
    stems = stemmer().stemWords(words)
    found = Counter(terms(stems))
    found.update(" ".join(three) for three in zip(stems, stems[1:], stems[2:]))
    found.update(f"{first} _ {third}" for first, third in zip(stems, stems[2:]))
    distinct = sorted(set(stems))
    if len(distinct) <= SHORT:
        found.update("&".join(two) for two in combinations(distinct, 2))
    edged = [f"<{word}>" for word in words]
    found.update("#" + word[i : i + n] for word in edged for n in PARTS for i in range(len(word) - n + 1))
    return found


@dataclass(frozen=True, eq=False)
class LinearModel:
    """`columns` gives the row of each feature in `weights` (features, labels); `rarity` is its inverse document frequency."""

    labels: tuple[str, ...]
    columns: dict[str, int]
    rarity: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def scores(self, counts: Counter) -> dict[str, float]:
        """How much a text with these features looks like each label's: about 1 for surely, about -1 for surely not."""
        places, values = vector(counts, self.columns, self.rarity)
        return dict(zip(self.labels, (values @ self.weights[places] + self.bias).tolist()))


@dataclass(frozen=True, eq=False)
class Classifier:
    """The two models, and the digest of the lines that they were learnt from."""

    topic: LinearModel
    passage: LinearModel
    digest: str

    def topics(self, message: str) -> dict[str, float]:
        return self.topic.scores(features(message))

    def passages(self, message: str) -> dict[str, float]:
        return self.passage.scores(features(message))


def vector(counts: Counter, columns: dict[str, int], rarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The known features' places and values, of length 1 together; a feature's value grows with the logarithm of its count."""
    known = [(columns[feature], count) for feature, count in counts.items() if feature in columns]
    places = np.array([place for place, _ in known], dtype=np.int64)
    values = (1 + np.log(np.array([count for _, count in known], np.float32))) * rarity[places]
    return places, values / max(float(np.linalg.norm(values)), 1e-9)


def read(folder: Path) -> Classifier:
    """The models beside the passages in `folder`; raises `ModelBroken` for a file that is missing or damaged."""
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as file:
            models = [_unpacked(file, name) for name in ("topic", "passage")]
            return Classifier(*models, str(file["digest"]))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelBroken(f"{path} cannot be read ({error}).", "Run `python -m gpt2demo train shop`.") from error


def save(classifier: Classifier, folder: Path) -> None:
    """Write both models, weights in 8 bits with one scale a label."""
    arrays = {"digest": np.array(classifier.digest)}
    for name, model in (("topic", classifier.topic), ("passage", classifier.passage)):
        scale = np.abs(model.weights).max(0) / 127
        arrays |= {
            f"{name}.labels": np.array(model.labels),
            f"{name}.features": np.frombuffer("\n".join(model.columns).encode(), np.uint8),
            f"{name}.rarity": model.rarity.astype(np.float16),
            f"{name}.weights": np.rint(model.weights / scale).astype(np.int8),
            f"{name}.scale": scale.astype(np.float32),
            f"{name}.bias": model.bias.astype(np.float32),
        }
    np.savez_compressed(folder / FILE, **arrays)


def _unpacked(file: np.lib.npyio.NpzFile, name: str) -> LinearModel:
    features = bytes(file[f"{name}.features"]).decode().split("\n")
    weights = file[f"{name}.weights"] * file[f"{name}.scale"]
    columns = {feature: place for place, feature in enumerate(features)}
    rarity = file[f"{name}.rarity"].astype(np.float32)
    return LinearModel(tuple(file[f"{name}.labels"].tolist()), columns, rarity, weights, file[f"{name}.bias"])


def known_features(counted: Sequence[Counter], seen_in: int) -> tuple[dict[str, int], np.ndarray]:
    """The features that at least so many lines have, numbered, and the rarity of each."""
    seen = Counter(feature for counts in counted for feature in counts)
    columns = {feature: column for column, feature in enumerate(sorted(f for f, n in seen.items() if n >= seen_in))}
    rarity = np.array([np.log((len(counted) + 1) / (seen[f] + 1)) + 1 for f in columns], dtype=np.float32)
    return columns, rarity
