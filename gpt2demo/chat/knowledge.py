"""The knowledge base: passages, and the search for those that answer a question."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from gpt2demo.catalogue import ASSETS
from gpt2demo.chat.words import Synonyms, mend, read_synonyms, split, stems, terms
from gpt2demo.errors import BadInput

FOLDER = ASSETS / "knowledge"
TOPICS = (
    "orders",
    "delivery",
    "returns",
    "refunds",
    "payment",
    "invoices",
    "account",
    "warranty",
    "privacy",
    "contact",
)
CANDIDATES = 12  # passages that BM25 hands on to the comparison
PARTS = (3, 4)  # letters
BODY = 0.35  # what a match in the passage's text weighs beside a match in a known way to ask


@dataclass(frozen=True)
class Passage:
    """One answer of the shop: its text, and ways in which customers ask for it."""

    id: str
    topic: str
    title: str
    text: str
    asked: tuple[str, ...] = ()
    intent: str = ""
    kind: str = "passage"  # or small_talk, out_of_scope, rule: then `text` is a fixed answer


@dataclass(frozen=True)
class Hit:
    """A passage found: `likeness` (0..1) to the closest way to ask, `cover` the share of the question's weight found in it,
    `spelling` (0..1) how well parts of words match, beside the passage where they match best."""

    passage: Passage
    likeness: float
    cover: float
    spelling: float = 0.0

    @property
    def score(self) -> float:
        return (0.65 * self.likeness + 0.35 * self.cover + self.spelling) / 2


@dataclass(frozen=True)
class Knowledge:
    """Passages with their index. Searching is pure; the index is built when it is first needed."""

    passages: tuple[Passage, ...]
    synonyms: Synonyms = field(default_factory=Synonyms)
    name: str = "the shop's own"

    def __getitem__(self, id: str) -> Passage:
        return self._by_id[id]

    def __contains__(self, id: str) -> bool:
        return id in self._by_id

    def search(self, question: str, top: int = 4, known: Callable[[str], bool] = lambda word: False) -> list[Hit]:
        """The passages closest to a question, best first; `known` says which words are no slips of the pen."""
        return self.index.search(question, top, known)

    @cached_property
    def index(self) -> "Index":
        return Index(self.passages, self.synonyms)

    @cached_property
    def _by_id(self) -> dict[str, Passage]:
        return {passage.id: passage for passage in self.passages}


class Index:
    """BM25 (library bm25s) over every way to ask and every passage's text, by words and by parts of words, then a closer
    comparison of the best."""

    def __init__(self, passages: Sequence[Passage], synonyms: Synonyms):
        import bm25s

        self.passages, self.synonyms = passages, synonyms
        self.owner: list[int] = []  # the passage of each document
        documents: list[list[str]] = []
        parts: list[list[str]] = []
        vocabulary: set[str] = set()
        self.bodies: list[frozenset[str]] = []  # all terms of each passage
        for number, passage in enumerate(passages):
            body: set[str] = set()
            for text in (*passage.asked, passage.title, passage.text):
                if text:
                    words = split(text)
                    vocabulary.update(words)
                    documents.append(terms(stems(words, synonyms)))
                    parts.append(word_parts(words) if text != passage.text else [])
                    body.update(documents[-1])
                    self.owner.append(number)
            self.bodies.append(frozenset(body))
        self.documents = [Counter(document) for document in documents]
        seen = Counter(term for body in self.bodies for term in body)
        count = len(passages)
        self.weight = {term: float(np.log1p((count - n + 0.5) / (n + 0.5))) for term, n in seen.items()}
        self.unknown = float(np.log1p(count + 0.5))
        self.vocabulary: dict[str, list[str]] = {}
        for word in sorted(vocabulary):
            self.vocabulary.setdefault(word[0], []).append(word)
        self.bm25, self.by_parts = bm25s.BM25(), bm25s.BM25()
        self.bm25.index(documents or [["-"]], show_progress=False)
        self.by_parts.index(parts or [["-"]], show_progress=False)
        self.is_body = np.array(
            [bool(i + 1 == len(self.owner) or self.owner[i + 1] != o) for i, o in enumerate(self.owner)]
        )

    def terms(self, question: str, known: Callable[[str], bool]) -> list[str]:
        return terms(stems(mend(split(question), self.vocabulary, known), self.synonyms))

    def search(self, question: str, top: int, known: Callable[[str], bool]) -> list[Hit]:
        asked = Counter(self.terms(question, known))
        usable = [term for term in asked if term in self.weight]
        if not usable:
            return []
        scores = self.bm25.get_scores(usable)[: len(self.owner)]
        spelling = self._spelling(question)
        places: dict[int, set[int]] = {}
        for found in (self._best(np.where(self.is_body, BODY * scores, scores)), self._best(spelling)):
            for place in found:
                places.setdefault(self.owner[place], set()).add(place)
        hits = [self._compare(asked, number, found, spelling) for number, found in places.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[:top]

    def _best(self, scores: np.ndarray) -> list[int]:
        """The places of the best documents, of `CANDIDATES` passages at most."""
        found: list[int] = []
        owners: set[int] = set()
        for place in np.argsort(-scores, kind="stable")[: 8 * CANDIDATES]:
            if scores[place] > 0 and (self.owner[place] in owners or len(owners) < CANDIDATES):
                owners.add(self.owner[place])
                found.append(int(place))
        return found

    def _spelling(self, question: str) -> np.ndarray:
        """How well the parts of a question's words match each document, over the best of all."""
        known = [part for part in word_parts(split(question)) if part in self.by_parts.vocab_dict]
        scores = self.by_parts.get_scores(known)[: len(self.owner)] if known else np.zeros(len(self.owner))
        return scores / max(float(scores.max(initial=0.0)), 1e-9)

    def _compare(self, asked: Counter, number: int, places: Iterable[int], spelling: np.ndarray) -> Hit:
        whole = sum(self._weight(term) for term in asked)
        cover = sum(self._weight(term) for term in asked if term in self.bodies[number]) / whole
        likeness = max(self._cosine(asked, self.documents[place]) for place in places)
        return Hit(self.passages[number], likeness, cover, max(float(spelling[place]) for place in places))

    def _cosine(self, asked: Counter, document: Counter) -> float:
        shared = sum(self._weight(term) ** 2 for term in asked if term in document)
        lengths = [sum(self._weight(term) ** 2 for term in side) for side in (asked, document)]
        return shared / float(np.sqrt(lengths[0] * lengths[1]))

    def _weight(self, term: str) -> float:
        """How telling a term is; a pair of words half as much as a word."""
        return self.weight.get(term, self.unknown) * (0.5 if "_" in term else 1.0)


def word_parts(words: Iterable[str]) -> list[str]:
    """The letters of each word in overlapping parts, by which a word is known in spite of a slip or another ending."""
    edged = [f"<{word}>" for word in words]
    return [word[i : i + n] for word in edged for n in PARTS for i in range(len(word) - n + 1)]


def read_passage(path: Path) -> Passage:
    """One Markdown file with front matter (`id`, `topic`, `title`, perhaps `intent` and `asked`)."""
    return parse_passage(path.read_text(encoding="utf-8"), path.name)


def parse_passage(text: str, name: str) -> Passage:
    """A passage from Markdown with front matter; raises `BadInput` naming the file where that is missing or incomplete."""
    import yaml

    head, divider, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not divider:
        raise BadInput(
            f"{name} does not begin with front matter between two lines ---.", "It needs id, topic and title."
        )
    try:
        front = yaml.load(head, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise BadInput(
            f"The front matter of {name} cannot be read as YAML.", "It needs id, topic and title."
        ) from error
    missing = [key for key in ("id", "topic", "title") if not (isinstance(front, dict) and front.get(key))]
    if missing or not body.strip():
        raise BadInput(
            f"{name} lacks {', '.join(missing) or 'a text'}.", "A passage needs id, topic, title and a text."
        )
    asked = tuple(str(line) for line in front.get("asked") or ())
    fields = (str(front[key]) for key in ("id", "topic", "title"))
    return Passage(*fields, " ".join(body.split()), asked, str(front.get("intent") or ""))


def shipped(folder: Path = FOLDER) -> Knowledge:
    """The shop's passages."""
    passages = tuple(read_passage(path) for path in sorted(folder.glob("*.md")))
    return Knowledge(passages, read_synonyms(folder / "synonyms.txt"))
