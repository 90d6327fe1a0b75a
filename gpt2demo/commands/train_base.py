"""Pretrain a GPT-2 on a folder of text, on the processor.

Expect a loss near 9.7 nats a token at the start (a guess among 16,384), 5.6 after 1 million tokens, 4.5 after 6 million;
the bar shows what the shipped model had at the same point. The run stops by itself at --tokens, when the loss diverges,
or when four validations in a row bring nothing. Ctrl-C or SIGTERM saves and stops; --resume goes on with the very
batches that an uninterrupted run would have drawn.
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from gpt2demo.catalogue import ASSETS
from gpt2demo.commands.flags import add_data, data_folder
from gpt2demo.errors import BadInput

SHIPPED = ASSETS / "models" / "gpt2-mini"


def add_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="RUN", help="the run's folder: checkpoints, log, curve, and the model to open")
    add_data(parser)
    add(
        "--corpus",
        type=Path,
        metavar="DIR",
        help=".txt or .txt.zst files, or train/ and val/ of them (default: text of --data)",
    )
    add("--packed", type=Path, metavar="DIR", help="the packed corpus, made if it is not there (default: RUN/packed)")
    add("--weights", type=Path, metavar="FILE", help='JSON that weighs sources against their size, as {"news": 3}')
    add("--tokenizer", type=Path, metavar="DIR", help="vocab.json and merges.txt (default: the shipped model's)")
    add("--vocabulary", type=int, metavar="N", help="make a tokenizer of N tokens from the corpus instead")
    add("--init", type=Path, metavar="FROM", help="begin from a model folder, or from a last.pt of the first trainer")
    add("--resume", action="store_true", help="go on from the checkpoint in RUN")
    add(
        "--tokens",
        type=int,
        default=0,
        metavar="N",
        help="stop at N tokens in all, those before a resume counted (default: until stopped)",
    )
    add("--decay", type=int, default=0, metavar="N", help="of these the last N, with a rate that falls to zero")
    sizes = {
        "batch": 8,
        "accumulate": 4,
        "length": 256,
        "seed": 0,
        "validate-every": 500_000,
        "validation-tokens": 4096,
    }
    for name, default in sizes.items():
        add(f"--{name}", type=int, default=default, metavar="N", help=f"default {default:,}")
    add("--rate", type=float, default=1.0, metavar="X", help="factor on the learning rates (default 1)")
    shape = {"layers": 12, "heads": 12, "width": 384, "positions": 512}
    for name, default in shape.items():
        add(f"--{name}", type=int, default=default, metavar="N", help=f"of a new model (default {default})")
    add("--threads", type=int, default=os.cpu_count(), metavar="N", help="default: all")
    add(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        default="auto",
        help="of the products (default: what is fast here)",
    )
    add("--compile", action="store_true", help="compile the step first (torch.compile, needs a C++ compiler)")


def run(arguments: argparse.Namespace) -> None:
    import torch

    from gpt2demo.training import base, corpus

    check(arguments)
    torch.set_num_threads(arguments.threads)
    precision = base.native_precision() if arguments.precision == "auto" else getattr(torch, arguments.precision)
    tokenizer, packed = prepare(arguments)
    recipe = recipe_of(arguments)
    mix = corpus.open_mix(packed, arguments.weights, recipe.length, recipe.batch)
    state = begin(arguments, recipe, tokenizer, precision)
    if recipe.length > state.model.config.positions:
        raise BadInput(f"The model has {state.model.config.positions} positions.", "Take a smaller --length.")
    stop: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stop.append(number))
    rows = base.train(
        state,
        recipe,
        mix,
        corpus.held_out(packed),
        arguments.folder,
        tokenizer,
        stopped=lambda: bool(stop),
        compiled=arguments.compile,
        precision=precision,
    )
    last = show(rows, recipe, state)
    print(json.dumps(last) if arguments.json else f"saved in {arguments.folder}")


def check(arguments: argparse.Namespace) -> None:
    """Raise `BadInput` for flags that cannot go together or make no sense."""
    for name in ("batch", "accumulate", "length", "layers", "heads", "width", "positions", "threads", "validate_every"):
        if getattr(arguments, name) < 1:
            raise BadInput(f"--{name.replace('_', '-')} must be at least 1.")
    if not 0 <= arguments.decay <= arguments.tokens:
        raise BadInput("--decay is a part of --tokens.", "Give --tokens, and a --decay between 0 and that.")
    if not 0 < arguments.rate < float("inf"):
        raise BadInput("--rate must be above zero.")
    if arguments.width % arguments.heads:
        raise BadInput(f"{arguments.width} dimensions do not divide into {arguments.heads} heads.")
    if (arguments.folder / "last.pt").exists() and not arguments.resume:
        raise BadInput(f"{arguments.folder} holds a run already.", "Go on with --resume or name another folder.")


def recipe_of(arguments: argparse.Namespace):
    from gpt2demo.training.base import Recipe

    names = ("tokens", "decay", "batch", "accumulate", "length", "rate", "seed", "validate_every", "validation_tokens")
    return Recipe(**{name: getattr(arguments, name) for name in names})


def prepare(arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Make the tokenizer and pack the corpus where they are not there yet; returns their folders."""
    from gpt2demo.training import corpus

    packed = arguments.packed or arguments.folder / "packed"
    text = None if packed.is_dir() else (arguments.corpus or data_folder(arguments) / "text")
    tokenizer = arguments.tokenizer or (arguments.init if arguments.init and arguments.init.is_dir() else SHIPPED)
    if arguments.vocabulary:
        tokenizer = arguments.folder / "tokenizer"
        if not (tokenizer / "vocab.json").exists():
            print("making the tokenizer", file=sys.stderr)
            corpus.train_tokenizer(arguments.corpus or data_folder(arguments) / "text", arguments.vocabulary, tokenizer)
    if text:
        for name in corpus.pack(text, tokenizer, packed):
            print(f"packed {name}", file=sys.stderr)
    return tokenizer, packed


def begin(arguments: argparse.Namespace, recipe, tokenizer: Path, precision):
    """The state to train from: a checkpoint, other weights, or new ones."""
    from gpt2demo.engine.checkpoint import Config, read_config, weights_file
    from gpt2demo.engine.tokenizer import Tokenizer
    from gpt2demo.training import base
    from gpt2demo.training import state as states

    init = arguments.init
    if arguments.resume:
        return base.resume(arguments.folder, recipe, precision)
    if init and init.is_dir():
        return states.from_weights(read_config(init), weights_file(init), precision)
    shape = (arguments.positions, arguments.width, arguments.layers, arguments.heads, 4 * arguments.width)
    config = Config(Tokenizer(tokenizer).size, *shape)
    if not init:
        return states.fresh(config, arguments.seed, precision)
    return states.take_over(init, config, precision)


def show(rows, recipe, state) -> dict:
    """Print a bar with the time left, and each validation; returns the last row."""
    from tqdm import tqdm

    from gpt2demo.training.schedule import expected_loss

    c, row = state.model.config, {}
    as_shipped = state.place.from_nothing and (c.layers, c.width, c.vocabulary) == (12, 384, 16384)
    with tqdm(
        total=recipe.tokens or None, initial=state.place.tokens, unit="tok", unit_scale=True, file=sys.stderr
    ) as bar:
        for row in rows:
            if "average" in row:
                bar.update(row["tokens"] - bar.n)
                then = expected_loss(row["tokens"]) if as_shipped else None
                bar.set_postfix_str(f"loss {row['average']:.3f}" + (f", shipped then {then:.2f}" if then else ""))
            else:
                bar.write(f"{row['tokens']:,} tokens: {row['mean']} bits per byte; {row['samples'][0]!r}", sys.stderr)
    return row
