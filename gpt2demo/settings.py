"""What a running demo was told: flags first, then the environment (`GPT2DEMO_*`), then the defaults."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from gpt2demo.errors import BadInput

KINDS = {
    "model": str,
    "backend": str,
    "offline": bool,
    "public": bool,
    "host": str,
    "port": int,
    "state": Path,
    "cache": Path,
    "agent_password": str,
    "prune_heads": int,
    "private_feeds": bool,
}
BACKENDS = ("auto", "torch", "torch-bfloat16", "onnx", "onnx-int8")


@dataclass(frozen=True)
class Settings:
    """One demo's settings. `public` means strangers are expected: tighter limits, nothing that reads the host's files."""

    model: str = "auto"
    backend: str = "auto"
    offline: bool = False
    public: bool = False
    host: str = "127.0.0.1"
    port: int = 7860
    state: Path = field(default_factory=lambda: platformdirs.user_data_path("gpt2demo"))  # what must survive a restart
    agent_password: str = field(
        default="", repr=False
    )  # of the page at /agent, from the environment; empty: no such page
    prune_heads: int = 0  # left out of the ONNX export, those that matter least
    private_feeds: bool = False  # whether the monitor may ask addresses inside a private network, from the environment
    cache: Path = field(default_factory=lambda: platformdirs.user_cache_path("gpt2demo"))  # what can be made again

    @property
    def most_new_tokens(self) -> int:
        return 400 if self.public else 1024

    @property
    def most_prompt_characters(self) -> int:
        return 20_000 if self.public else 200_000


def add_model_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that choose a model; their defaults come from the environment, so that a flag always wins."""
    parser.add_argument("--model", help="auto, gpt2-mini, a model of the hub (gpt2, gpt2-medium, ...) or a folder")
    parser.add_argument("--backend", choices=BACKENDS, help="what runs the model; auto takes the best that is there")
    parser.add_argument(
        "--prune-heads", type=int, metavar="N", help="leave out the N attention heads that matter least (ONNX backends)"
    )
    parser.add_argument("--offline", action="store_true", default=None, help="never ask another host for anything")


def read(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `python app.py`; raises `BadInput` for an environment value that makes no sense."""
    parser = argparse.ArgumentParser(prog="app.py", description="GPT-2, thinking out loud.")
    add_model_flags(parser)
    parser.add_argument("--host", help="the address to serve on; 0.0.0.0 for every network of this machine")
    parser.add_argument("--port", type=int, help="the port to serve on")
    parser.add_argument(
        "--public", action="store_true", default=None, help="tighter limits, for a host open to strangers"
    )
    parser.add_argument("--state", type=Path, help="the folder of what must survive a restart")
    return combine(vars(parser.parse_args(arguments)), environment)


def combine(flags: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from flags (None: not given), then the environment, then the defaults."""
    on_a_space = "SPACE_ID" in environment
    values: dict = {"public": True, "host": "0.0.0.0"} if on_a_space else {}
    for name, kind in KINDS.items():
        given = environment.get(f"GPT2DEMO_{name.upper()}")
        if given:
            values[name] = _parsed(name, given, kind)
        if flags.get(name) is not None:
            values[name] = flags[name]
    return Settings(**values)


def _parsed(name: str, text: str, kind: type) -> object:
    if kind is bool:
        return text.lower() not in ("0", "false", "no", "off")
    if kind is int and not text.isdecimal():
        raise BadInput(f"GPT2DEMO_{name.upper()} is {text!r}, which is not a whole number.")
    if name == "backend" and text not in BACKENDS:
        raise BadInput(f"GPT2DEMO_BACKEND is {text!r}.", f"It can be {', '.join(BACKENDS)}.")
    return Path(text).expanduser() if kind is Path else kind(text)
