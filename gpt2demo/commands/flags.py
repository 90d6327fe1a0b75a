"""Flags that several commands share, and what they mean."""

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from gpt2demo import classify, settings
from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.generation.sampling import Decoding
from gpt2demo.sentiment.opinion import Reader
from gpt2demo.services import Services, adapter_of, load_engine


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model, run by what."""
    settings.add_model_flags(parser)


def open_engine(arguments: argparse.Namespace) -> Engine:
    """The engine that the flags and the environment ask for."""
    told = settings.combine(vars(arguments))
    return load_engine(told.model, told)


def open_classifier(arguments: argparse.Namespace, task: str) -> tuple[Callable, tuple[str, ...], dict]:
    """What labels texts for a task with the model that the flags ask for, its labels, and the record of its training."""
    told = settings.combine(vars(arguments))
    folder = adapter_of(told.model, told, task)
    engine, head = load_engine(told.model, told, task=task), classify.load(folder)
    record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    return lambda texts: classify.probabilities(engine, head, texts), head.labels, record


def need_training_packages() -> None:
    """Raise `BackendUnavailable` unless what requirements-train.txt lists is installed; the demo itself runs without."""
    for name in ("peft", "sklearn", "vaderSentiment"):
        if find_spec(name) is None:
            way_out = "Install what training needs: pip install -c constraints.txt -r requirements-train.txt."
            raise BackendUnavailable(f"The package {name} is not installed.", way_out)


def open_reader(arguments: argparse.Namespace) -> Reader:
    """The model that reads opinions, as the flags and the environment ask for."""
    return Services(settings.combine(vars(arguments))).reader()


def add_decoding(parser: argparse.ArgumentParser) -> None:
    """One flag for each setting of the sampler."""
    off = Decoding()
    for name in Decoding.__dataclass_fields__:
        if name != "stop":
            default = getattr(off, name)
            parser.add_argument(f"--{name.replace('_', '-')}", default=default, metavar="N", help=f"default {default}")
    parser.add_argument("--stop", action="append", default=[], metavar="TEXT", help="end before this text; repeatable")


def decoding(arguments: argparse.Namespace) -> Decoding:
    """The sampler's settings from the flags."""
    names = [name for name in Decoding.__dataclass_fields__ if name != "stop"]
    return Decoding(**{name: getattr(arguments, name) for name in names}, stop=tuple(arguments.stop))


def add_data(parser: argparse.ArgumentParser) -> None:
    """Where the data of recipes and evaluations lies."""
    parser.add_argument("--data", metavar="DIR", help="the data folder (default: GPT2DEMO_DATA)")


def data_folder(arguments: argparse.Namespace) -> Path:
    """The data folder; raises `BadInput` if nothing names it or it is not there."""
    named = arguments.data or os.environ.get("GPT2DEMO_DATA")
    if not named:
        raise BadInput("This needs the data folder.", "Name it with --data or in GPT2DEMO_DATA.")
    if not Path(named).is_dir():
        raise BadInput(f"There is no data folder {named}.", "Name another with --data or in GPT2DEMO_DATA.")
    return Path(named)


def chat_parts(arguments: argparse.Namespace):
    """The customer service's parts, with the visitor's own FAQ if `--knowledge` names one."""
    from gpt2demo.services import Services

    knowledge = None
    if arguments.knowledge:
        from gpt2demo.chat.upload import read

        knowledge = read(Path(arguments.knowledge))
    services = Services(settings.combine(vars(arguments)))
    return replace(services.chat_parts(knowledge), writer=services.write_reply if arguments.own_words else None)
