"""What a headline is about: a watch list of topics that anybody can edit, by keywords and phrases."""

import re
from dataclasses import dataclass
from functools import cached_property

import yaml

from gpt2demo.catalogue import ASSETS
from gpt2demo.errors import BadInput

MOST_TOPICS, LONGEST_NAME, MOST_WORDS = 40, 40, 200


@dataclass(frozen=True)
class Topic:
    """A name and what gives it away: a keyword counts as a whole word, with or without a plural s; `oil*` as a beginning."""

    name: str
    keywords: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern:
        """Matches any of the keywords, whatever their case."""
        words = (
            re.escape(w.rstrip("*")).replace(r"\ ", r"\s+") + (r"\w*" if w.endswith("*") else "s?")
            for w in self.keywords
        )
        return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def topics_of(topics: tuple[Topic, ...], text: str) -> list[str]:
    """The names of the topics whose keywords stand in a headline."""
    return [topic.name for topic in topics if topic.pattern.search(text)]


def shipped() -> tuple[Topic, ...]:
    """The watch list that the demo begins with."""
    return parse((ASSETS / "streams" / "watchlist.yaml").read_text(encoding="utf-8"))


def parse(text: str) -> tuple[Topic, ...]:
    """A watch list from lines `name: keyword, keyword, a phrase`; raises `BadInput` naming the line that is wrong."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise BadInput(
            f"Line {line} of the watch list cannot be read.", "Write `topic: word, word, a phrase`."
        ) from error
    if not isinstance(raw, dict) or not raw:
        raise BadInput("The watch list is empty.", "Write a line such as `energy: oil, gas, power plant`.")
    if len(raw) > MOST_TOPICS:
        raise BadInput(f"The watch list has {len(raw)} topics, more than the {MOST_TOPICS} that can be watched.")
    return tuple(_topic(str(name), words) for name, words in raw.items())


def _topic(name: str, words: object) -> Topic:
    listed = words if isinstance(words, list) else str(words or "").split(",")
    keywords = tuple(dict.fromkeys(str(word).strip() for word in listed if str(word).strip(" *")))
    if not keywords:
        raise BadInput(f"The topic {name!r:.50} has no keyword.", "Write at least one after the colon.")
    if len(name) > LONGEST_NAME or len(keywords) > MOST_WORDS:
        raise BadInput(
            f"The topic {name!r:.50} is too long.",
            f"A name has at most {LONGEST_NAME} characters, a topic at most {MOST_WORDS} keywords.",
        )
    return Topic(name, keywords)


def written(topics: tuple[Topic, ...]) -> str:
    """A watch list as text that `parse` reads back."""
    return "\n".join(f"{topic.name}: {', '.join(topic.keywords)}" for topic in topics)
