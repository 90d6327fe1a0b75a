"""The command line: `python -m gpt2demo COMMAND`. One file of `commands` each; with `--json` one object on stdout."""

import argparse
import os
import sys
from collections.abc import Sequence

from gpt2demo.commands import (
    bench,
    chat,
    evaluate,
    export,
    generate,
    inspect,
    models,
    monitor,
    next,
    sentiment,
    train,
)
from gpt2demo.errors import DemoError

COMMANDS = {
    "generate": generate,
    "next": next,
    "inspect": inspect,
    "sentiment": sentiment,
    "monitor": monitor,
    "chat": chat,
    "train": train,
    "eval": evaluate,
    "export": export,
    "bench": bench,
    "models": models,
}


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="python -m gpt2demo", description="GPT-2, thinking out loud.")
    names = top.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        flags = names.add_parser(name, help=command.__doc__, description=command.__doc__)
        flags.add_argument("--json", action="store_true", help="one JSON object on stdout")
        command.add_flags(flags)
        flags.set_defaults(run=command.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 when done, 2 for bad input, 1 where nobody reads on, as after `| head`."""
    parsed = parser().parse_args(arguments)
    try:
        parsed.run(parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try, and complain, once more
        return 1
    except DemoError as error:
        print(f"gpt2demo: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
