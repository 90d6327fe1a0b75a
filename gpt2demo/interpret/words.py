"""Words instead of sub-words: which tokens belong together, and a map of tokens as a map of words."""

import unicodedata

import numpy as np

from gpt2demo.engine.contract import Ids
from gpt2demo.engine.tokenizer import Tokenizer


def words(tokenizer: Tokenizer, ids: Ids) -> list[range]:
    """The tokens of each word, in order and without gaps; spaces go with the word that follows them.

    Letters and digits side by side are one word, an apostrophe and what follows too ("don" + "'t"); scripts without
    spaces between words (Chinese, Japanese, Korean) stay a character or a token each.
    """
    texts = tokenizer.texts(ids)
    starts, word = [], ""
    for i, id in enumerate(ids):
        raw, ahead = (
            tokenizer.bytes(id),
            "".join(texts[i : i + 4]),
        )  # a character split over tokens stands with its last
        inside_character = raw[:1] and 0x80 <= raw[0] < 0xC0
        if i == 0 or not raw or not (inside_character or _goes_on(word, ahead)):
            starts.append(i)
            word = ""
        word = word + texts[i] if raw else ""
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(ids)])]


def merge(weights: np.ndarray, words: list[range]) -> np.ndarray:
    """Attention between words (w, w) from that between tokens (n, n): summed where looked at, averaged over who looks."""
    starts = [word.start for word in words]
    lengths = np.array([len(word) for word in words], dtype=weights.dtype)
    attended = np.add.reduceat(weights, starts, axis=1)
    return np.add.reduceat(attended, starts, axis=0) / lengths[:, None]


def _goes_on(word: str, ahead: str) -> bool:
    """Whether a word that has begun takes in the text ahead of it."""
    if word == " ":
        return ahead != "" and not ahead[0].isspace()
    behind = word[-2:].replace("’", "'")
    if behind.endswith("'"):
        return len(behind) == 2 and _letter(behind[0]) and _letter(ahead[:1])
    apostrophe = ahead[:1] in ("'", "’")
    return _letter(behind[-1:]) and _letter(ahead[1:2] if apostrophe else ahead[:1])


def _letter(character: str) -> bool:
    """Whether this is a letter, digit or accent of a script that puts spaces between words."""
    if not character:
        return False
    kind, width = unicodedata.category(character)[0], unicodedata.east_asian_width(character)
    return kind in "LNM" and width not in "WF"
