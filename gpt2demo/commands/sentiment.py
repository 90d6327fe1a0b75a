"""Say whether texts are negative, neutral or positive."""

import argparse
import json
import sys
from pathlib import Path

from gpt2demo.commands import flags
from gpt2demo.errors import BadInput
from gpt2demo.wording import counted


def add_flags(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--text", action="append", help="a text; repeatable")
    what.add_argument("--csv", type=Path, metavar="FILE", help="a CSV, TSV or XLSX file, or one text a line in a .txt")
    parser.add_argument("--column", help="the column with the texts (default: text, else the only one of text)")
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.sentiment.opinion import BATCH, opinions, record

    texts = arguments.text or texts_in(arguments.csv, arguments.column)
    reader = flags.open_reader(arguments)
    rows, in_parts = [], 0
    for first in range(0, len(texts), BATCH):
        found = opinions(reader, texts[first : first + BATCH])
        rows += map(record, found)
        in_parts += sum(one.windows > 1 for one in found)
        if arguments.csv:
            print(f"\r{len(rows):,} of {counted(len(texts), 'text')}", end="", file=sys.stderr, flush=True)
    if arguments.csv:
        print(file=sys.stderr)
    if in_parts:
        print(f"{counted(in_parts, 'text')} longer than the context, read in parts.", file=sys.stderr)
    if arguments.json:
        print(json.dumps({"model": reader.engine.info.name, "rows": rows}))
        return
    for row in rows:
        shares = "  ".join(f"{label} {p:.3f}" for label, p in row["probabilities"].items())
        print(f"{'(unsure) ' if row['abstained'] else ''}{row['label']:8}  {shares}  {row['text']}")


def texts_in(path: Path, column: str | None) -> list[str]:
    """The texts of a file; raises `BadInput` where it is not there or has no such column."""
    from gpt2demo.sentiment.table import read, text_column

    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Name one that exists.")
    table = read(path)
    return table.column(text_column(table, column))
