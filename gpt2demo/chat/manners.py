"""What the assistant says without a passage, as data: safety rules, small talk, what is out of scope, templates."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gpt2demo.chat.knowledge import FOLDER, Passage
from gpt2demo.chat.slots import Slots
from gpt2demo.chat.words import plain


@dataclass(frozen=True)
class Rule:
    """A fixed, careful text for messages that match one of the patterns."""

    id: str
    text: str
    patterns: tuple[re.Pattern, ...]
    examples: tuple[str, ...]
    doubtful: bool = False  # harmless messages match it too


@dataclass(frozen=True)
class Template:
    """An answer with slots for one intent; every figure in it comes from `passage`."""

    intent: str
    passage: str
    texts: tuple[str, ...]

    def fill(self, slots: Slots) -> str:
        """The first text whose slots are all known; the last one needs none."""
        known = {name: value for name, value in vars(slots).items() if value}
        for text in self.texts[:-1]:
            if set(re.findall(r"{(\w+)}", text)) <= set(known):
                return text.format(**known)
        return self.texts[-1]


@dataclass(frozen=True)
class Manners:
    rules: tuple[Rule, ...]
    templates: dict[str, Template]
    fixed: tuple[Passage, ...]  # small talk, out of scope and the rules' examples, to be matched as passages are

    def rule(self, message: str) -> Rule | None:
        """The first safety rule that a message falls under."""
        text = plain(message)
        return next((rule for rule in self.rules if any(pattern.search(text) for pattern in rule.patterns)), None)


@cache
def shipped(folder: Path = FOLDER) -> Manners:
    """The rules and texts in `rules.yaml` and `templates.yaml`."""
    import yaml

    raw_rules = yaml.load(
        (folder / "rules.yaml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    raw = yaml.load(
        (folder / "templates.yaml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    rules = tuple(
        Rule(r["id"], r["text"], tuple(map(re.compile, r["patterns"])), tuple(r["examples"]), r.get("doubtful", False))
        for r in raw_rules
    )
    templates = {intent: Template(intent, t["passage"], tuple(t["texts"])) for intent, t in raw["intents"].items()}
    beyond = raw["out_of_scope"]
    fixed = [
        *(Passage(r.id, "rule", r.id, r.text, r.examples, kind="rule") for r in rules if r.examples),
        *(
            Passage(name, "small_talk", name, talk["text"], tuple(map(str, talk["examples"])), kind="small_talk")
            for name, talk in raw["small_talk"].items()
        ),
        Passage(
            "out_of_scope",
            "out_of_scope",
            "out_of_scope",
            beyond["text"],
            tuple(beyond["examples"]),
            kind="out_of_scope",
        ),
    ]
    return Manners(rules, templates, tuple(fixed))
