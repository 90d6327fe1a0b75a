"""Is everything in a reply backed by its source? Numbers, amounts, dates, addresses and names must come from there."""

import re

from gpt2demo.chat.words import Synonyms, split, stems

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
ADDRESS = re.compile(r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SPELT = (
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred thousand"
    " million half double twice free monday tuesday wednesday thursday friday saturday sunday january february march april"
    " may june july august september october november december"
)
VALUES = "2 3 4 5 6 7 8 9 10 11 12 15 20 30 40 50 60 100 1000"
IN_WORDS = tuple(SPELT.split())
WORD = re.compile(r"[^\W\d_][\w'-]*")
EVERYWHERE = frozenset({"I", "I'm", "I'll", "Moss", "Lantern", "OK", "PDF"})
SENTENCE_ENDS = re.compile(r"[.!?:]\W*$")
DIGITS = dict(zip(IN_WORDS, VALUES.split()))


def unsupported(reply: str, source: str) -> list[str]:
    """What a reply says that its source does not: figures (in digits or words), addresses, names."""
    return [*_figures(reply, source), *_addresses(reply, source), *_names(reply, source)]


def strays(reply: str, source: str) -> bool:
    """Whether most of a reply's words that count are not in its source at all: then it speaks of something else."""
    said, backed = (set(stems(split(text), Synonyms())) for text in (reply, source))
    return 2 * len(said & backed) < len(said)


def _figures(reply: str, source: str) -> list[str]:
    known = set(NUMBER.findall(source))
    wrong = [number for number in NUMBER.findall(reply) if number not in known]
    said, backed = (re.findall(r"[a-z]+", text.lower()) for text in (reply, source))
    return wrong + [w for w in IN_WORDS if w in said and w not in backed and DIGITS.get(w) not in known]


def _addresses(reply: str, source: str) -> list[str]:
    return [found for found in (a.rstrip(".,;") for a in ADDRESS.findall(reply)) if found not in source]


def _names(reply: str, source: str) -> list[str]:
    """Capitalised words inside a sentence that the source does not have."""
    known = {word.lower() for word in WORD.findall(source)}
    wrong = []
    for found in WORD.finditer(reply):
        word, before = found.group(), reply[: found.start()].rstrip()
        starts = not before or SENTENCE_ENDS.search(before)
        if word[0].isupper() and not starts and word not in EVERYWHERE and word.lower() not in known:
            wrong.append(word)
    return wrong
