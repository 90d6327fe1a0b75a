"""The command line: `python -m gpt2demo COMMAND`. One sub-command a task; with `--json` one object on stdout."""

import argparse
import json
import sys
from collections.abc import Sequence

from gpt2demo import catalogue, settings
from gpt2demo.errors import DemoError
from gpt2demo.generation.generate import record, write
from gpt2demo.generation.next_token import next_token
from gpt2demo.generation.run import Shelf, from_prompt, shares, shown_length
from gpt2demo.generation.sampling import Decoding
from gpt2demo.services import LOGITS_BYTES, load_engine


def generate(arguments: argparse.Namespace) -> None:
    """Write on from a prompt, the text on stdout as it comes."""
    engine = open_engine(arguments)
    decoding = decoding_of(arguments)
    branch = from_prompt(engine, arguments.prompt, decoding, "")
    printed = 0
    for branch in write(engine, branch, decoding, Shelf(LOGITS_BYTES)):
        texts = shares(engine, branch)
        text = "".join(texts[branch.prompt_length : shown_length(engine, branch, texts)])
        if not arguments.json:
            print(text[printed:], end="", flush=True)
        printed = len(text)
    print(json.dumps(record(engine, branch, arguments.prompt)) if arguments.json else "")


def next_(arguments: argparse.Namespace) -> None:
    """List the likeliest next tokens after a prompt."""
    engine = open_engine(arguments)
    found = next_token(engine, arguments.prompt, decoding_of(arguments), arguments.top)
    if arguments.json:
        print(json.dumps(found))
        return
    print(f"{'rank':>6} {'raw':>8} {'tempered':>9} {'cut':>8}  token   (entropy {found['entropy']:.2f} bits)")
    for token in found["tokens"]:
        stages = f"{token['probability']:8.4f} {token['probability_tempered']:9.4f} {token['probability_cut']:8.4f}"
        print(f"{token['rank']:6d} {stages}  {token['text']!r}")
    print(f"{'':6} {found['rest']:8.4f} {'':18}  all others")


def models(arguments: argparse.Namespace) -> None:
    """List the models that can be chosen."""
    rows = [{"name": e.name, "megabytes": e.megabytes, "about": e.sentence} for e in catalogue.CATALOGUE]
    if arguments.json:
        print(json.dumps({"models": rows}))
        return
    for row in rows:
        print(f"{row['name']:12} {row['megabytes']:>6,} MB  {row['about']}")


def bench(arguments: argparse.Namespace) -> None:
    """Measure this machine's speed against the peers that are installed."""
    from gpt2demo.bench.torch_speed import report

    report(rounds=arguments.rounds, json_only=arguments.json)


def open_engine(arguments: argparse.Namespace):
    """The engine that the flags and the environment ask for."""
    told = settings.combine(vars(arguments))
    return load_engine(told.model, told)


def decoding_of(arguments: argparse.Namespace) -> Decoding:
    """The sampler's settings from the flags."""
    names = [name for name in Decoding.__dataclass_fields__ if name != "stop"]
    return Decoding(**{name: getattr(arguments, name) for name in names}, stop=tuple(arguments.stop))


def add_decoding_flags(parser: argparse.ArgumentParser) -> None:
    """One flag for each setting of the sampler."""
    off = Decoding()
    for name in Decoding.__dataclass_fields__:
        if name != "stop":
            default = getattr(off, name)
            parser.add_argument(f"--{name.replace('_', '-')}", default=default, metavar="N", help=f"default {default}")
    parser.add_argument("--stop", action="append", default=[], metavar="TEXT", help="end before this text; repeatable")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="python -m gpt2demo", description="GPT-2, thinking out loud.")
    commands = top.add_subparsers(dest="command", required=True)
    for name, run in (("generate", generate), ("next", next_), ("models", models), ("bench", bench)):
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="one JSON object on stdout")
        if run in (generate, next_):
            command.add_argument("prompt", help="the text to go on from; empty to begin from nothing")
            settings.add_model_flags(command)
            add_decoding_flags(command)
        if run is next_:
            command.add_argument("--top", type=int, default=20, help="how many tokens to list (default 20)")
        if run is bench:
            command.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 when done, 2 for bad input."""
    parsed = parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except DemoError as error:
        print(f"gpt2demo: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
