"""`eval all`: every measure after the other with one data folder; what cannot be measured is named and left out."""

import argparse
import contextlib
import io
import json
import sys
import time
from functools import partial

from gpt2demo.commands import flags
from gpt2demo.errors import BadInput, DemoError

SECTIONS: dict[str, tuple[str, ...]] = {  # the title of a section -> the words of its command, after `eval`
    "lm": ("lm",),
    "loops": ("loops",),
    "int8": ("int8",),
    "heads": ("heads",),
    "sentiment": ("sentiment",),
    "intent": ("intent",),
    "robustness of sentiment": ("robustness",),
    "robustness of intent": ("robustness", "--task", "intent"),
    "hint3": ("hint3",),
    "agnews": ("agnews",),
    "attribution": ("attribution",),
    "topics": ("topics",),
    "chat": ("chat",),
    "faq": ("faq",),
}
OWN = ("only", "measure", "run")  # flags of this command, which a measure must not take for its own


def add_measure(measures: argparse._SubParsersAction) -> argparse.ArgumentParser:
    """The sub-command, for the flags that all measures share; it finds the measures by their names when it runs."""
    parser = measures.add_parser("all", help="every one of these, one section after the other (takes long)")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this measure, such as lm; repeatable")
    parser.set_defaults(measure=partial(measure_all, measures))
    return parser


def measure_all(measures: argparse._SubParsersAction, arguments: argparse.Namespace) -> None:
    """Print the sections as they come, or one object of them; raises `BadInput` without a data folder."""
    flags.data_folder(arguments)
    wanted = chosen(arguments.only)
    shared = {name: value for name, value in vars(arguments).items() if name not in OWN}
    found = {}
    for title in wanted:
        name, *more = SECTIONS[title]
        print(f"eval {' '.join(SECTIONS[title])} ...", file=sys.stderr, flush=True)
        if not arguments.json:
            print(f"{'' if title == wanted[0] else chr(10)}## {title}", flush=True)
        parsed = measures.choices[name].parse_args(more, argparse.Namespace(**shared))
        found[title] = section(parsed)
    if arguments.json:
        print(json.dumps(found))


def chosen(names: list[str] | None) -> list[str]:
    """The titles of the sections that are asked for; raises `BadInput` for a name that is none."""
    known = list(dict.fromkeys(words[0] for words in SECTIONS.values()))
    for name in names or ():
        if name not in known:
            raise BadInput(f"There is no measure {name!r}.", f"There are {', '.join(known)}.")
    return [title for title, words in SECTIONS.items() if not names or words[0] in names]


def section(parsed: argparse.Namespace) -> dict:
    """Run one measure: what it found with --json, else only the minutes; its sentence where it could not measure."""
    began, said = time.monotonic(), io.StringIO()
    try:
        with contextlib.redirect_stdout(said) if parsed.json else contextlib.nullcontext():
            parsed.measure(parsed)
    except DemoError as error:
        if not parsed.json:
            print(f"left out: {error}", flush=True)
        return {"left_out": str(error)}
    minutes = (time.monotonic() - began) / 60
    if not parsed.json:
        print(f"({minutes:.1f} minutes)", flush=True)
        return {"minutes": minutes}
    return {"minutes": minutes, "found": json.loads(said.getvalue())}
