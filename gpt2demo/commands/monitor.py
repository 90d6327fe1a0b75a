"""Count opinion by topic over time in a file of dated headlines, and say when bad news surged."""

import argparse
import json
import sys
from pathlib import Path

from gpt2demo import settings
from gpt2demo.commands import flags
from gpt2demo.errors import BadInput
from gpt2demo.services import Services
from gpt2demo.wording import counted


def add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", type=Path, required=True, metavar="F", help="CSV, TSV or XLSX with date and headline")
    parser.add_argument("--window", default="1d", help="how long a window is: 6h, 1d, 1w (default 1d)")
    parser.add_argument(
        "--watch-list", type=Path, metavar="F", help="topics as lines `name: word, word` (default: shipped)"
    )
    flags.add_model(parser)


def run(arguments: argparse.Namespace) -> None:
    from gpt2demo.monitor import topics
    from gpt2demo.monitor.headlines import left_out, read_file
    from gpt2demo.monitor.store import Store
    from gpt2demo.monitor.watch import report, take_in, view
    from gpt2demo.monitor.windows import length_of

    length = length_of(arguments.window)
    reading = read_file(existing(arguments.file))
    watched = topics.shipped()
    if arguments.watch_list:
        watched = topics.parse(existing(arguments.watch_list).read_text(encoding="utf-8", errors="replace"))
    services, store = Services(settings.combine(vars(arguments))), Store(":memory:")
    label, guess = services.reader().probabilities, services.guesser(watched)
    for done, total in take_in(store, "file", reading.headlines, watched, label, guess):
        print(f"\r{done:,} of {counted(total, 'headline')}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if reading.unreadable:
        print(left_out(reading.unreadable), file=sys.stderr)
    found = view(store.scored("file", guess.key), watched, length)
    if arguments.json:
        print(json.dumps(report(found)))
        return
    for topic, windows in found.windows.items():
        negative, count = sum(w.negative for w in windows), sum(w.count for w in windows)
        guessed = found.guessed.get(topic, 0)
        said = f", topic by the model, uncertain: {guessed:,}" if guessed else ""
        print(f"{topic:20} {counted(count, 'headline'):>16}  {negative / count:5.0%} negative{said}")
    for alarm in found.alarms:
        print(f"ALARM {alarm.topic} {alarm.start:%Y-%m-%d %H:%M}: {alarm.negative_share:.0%} of {alarm.count} negative,"
              f" usual {alarm.baseline:.0%}, p = {alarm.p_value:.2g}")  # fmt: skip
        for headline in alarm.headlines:
            print(f"      {headline}")


def existing(path: Path) -> Path:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Name one that exists.")
    return path
