"""Words as they are compared: lower case, stemmed, synonyms made one, pairs of neighbours beside them."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
LONG_FORMS = {
    "can't": "can not",
    "won't": "will not",
    "n't": " not",
    "'m": "",
    "'s": "",
    "'re": "",
    "'ve": "",
    "'ll": "",
}
LITTLE = (
    "a an the is are am was were be been being do does did i me my mine we us our you your yours it its this that these"
    " those to of in on at for with and or but so please can could would will shall should may might have has had there if"
    " as by from about into just also really very some any want need like know get got im ive hello hi hey dear help helping"
    " assistance assist try tried trying find see check checking tell information info let thing things"
)
STOPS = frozenset(LITTLE.split())
CLOSE = 0.8  # the least likeness at which an unknown word counts as a slip of a known one
SHORTEST_SLIP = 4  # letters


@dataclass(frozen=True)
class Synonyms:
    """Stems and pairs of stems that stand for another stem."""

    words: dict[str, str] = field(default_factory=dict)
    pairs: dict[tuple[str, str], str] = field(default_factory=dict)


@cache
def stemmer():
    import Stemmer

    return Stemmer.Stemmer("english")


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces."""
    return " ".join(text.lower().replace("\u2019", "'").replace("\u2018", "'").split())


def split(text: str) -> list[str]:
    """The words of a text in lower case, short forms written out."""
    text = plain(text)
    for short, long in LONG_FORMS.items():
        text = text.replace(short, long)
    return WORD.findall(text)


def read_synonyms(path: Path) -> Synonyms:
    """Groups of synonyms from a file with one group a line, the first word standing for all; `a_b` is a pair of words."""
    stem = stemmer().stemWord
    words: dict[str, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        first, *others = line.split()
        for other in others:
            parts = [stem(part) for part in other.split("_")]
            if len(parts) == 2:
                pairs[parts[0], parts[1]] = stem(first)
            elif parts[0] != stem(first):
                words[parts[0]] = stem(first)
    return Synonyms(words, pairs)


def stems(words: Iterable[str], synonyms: Synonyms) -> list[str]:
    """The stems that count, in order: no stop words unless there is nothing else, synonyms replaced."""
    words = list(words)
    found = stemmer().stemWords([word for word in words if word not in STOPS] or words)
    out, i = [], 0
    while i < len(found):
        pair = synonyms.pairs.get(tuple(found[i : i + 2]))
        out.append(pair or synonyms.words.get(found[i], found[i]))
        i += 2 if pair else 1
    return out


def terms(stemmed: list[str]) -> list[str]:
    """Stems and the pairs of neighbouring ones."""
    return [*stemmed, *(f"{a}_{b}" for a, b in pairwise(stemmed))]


def mend(words: list[str], vocabulary: dict[str, list[str]], known: Callable[[str], bool]) -> list[str]:
    """Words with slips put right: one not `known` becomes the closest of `vocabulary` (by first letter), if any is close."""
    return [_mended(word, vocabulary, known) for word in words]


def _mended(word: str, vocabulary: dict[str, list[str]], known: Callable[[str], bool]) -> str:
    candidates = vocabulary.get(word[0], [])
    if len(word) < SHORTEST_SLIP or not word.isalpha() or word in STOPS or word in candidates or known(word):
        return word
    close = difflib.get_close_matches(word, candidates, n=1, cutoff=CLOSE)
    return close[0] if close else word
