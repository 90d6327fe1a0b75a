"""What a run saves: the weights in float32, both optimizers, and where it stands."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from gpt2demo.engine import gpt2
from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BadInput
from gpt2demo.training.optimizers import optimizers

# The first trainer's names for the parts of a block, and ours.
FIRST_NAMES = {"c_attn": "attn.c_attn", "c_proj": "attn.c_proj", "c_fc": "mlp.c_fc", "c_out": "mlp.c_proj"}


@dataclass
class Place:
    """Where a run stands."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0  # of training, without validation
    average: float | None = None  # moving average of the training loss, nats
    lowest: float = float("inf")  # of that average
    decaying: bool = False
    from_nothing: bool = False  # its first weights were random, so its loss can be compared with another's
    means: list[float] = field(default_factory=list)  # bits per byte at each validation


@dataclass
class State:
    """A run in memory."""

    model: gpt2.GPT2
    optimizers: list[torch.optim.Optimizer]
    place: Place


def fresh(config: Config, seed: int, precision: torch.dtype) -> State:
    """A new model as GPT-2 begins: normal weights of 0.02, those that write into the stream smaller, biases zero."""
    torch.manual_seed(seed)
    model = gpt2.GPT2(config)
    for name, p in model.named_parameters():
        if p.dim() == 2:
            deep = (2 * config.layers) ** -0.5 if name.endswith("c_proj.weight") else 1.0
            torch.nn.init.normal_(p, std=0.02 * deep)
        elif name.endswith("bias"):
            torch.nn.init.zeros_(p)
    return State(model, optimizers(model, precision), Place(from_nothing=True))


def from_weights(config: Config, weights: Path, precision: torch.dtype) -> State:
    """A new run from the weights of a model folder."""
    model = gpt2.load(config, weights).train().requires_grad_(True)
    return State(model, optimizers(model, precision), Place())


def save(path: Path, state: State) -> None:
    """Write a checkpoint beside the old one and put it in its place when it is whole.

    Raises `BadInput` if that fails, on a full disk above all; the old one stays as it was.
    """
    names = {p: name for name, p in state.model.named_parameters()}
    held = {
        "config": asdict(state.model.config),
        "model": {name: p.detach() for p, name in names.items()},
        "optimizers": [{names[p]: kept for p, kept in o.state.items()} for o in state.optimizers],
        "place": asdict(state.place),
    }
    write_whole(path, lambda file: torch.save(held, file))


def write_whole(path: Path, write) -> None:
    """Let `write(file)` fill a new file that then takes the place of `path`; raises `BadInput` and leaves no rest."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except (OSError, RuntimeError) as error:  # torch reports a failed write as a RuntimeError
        unfinished.unlink(missing_ok=True)
        rest = " The one before it is whole." if path.exists() else ""
        cause = error.strerror if isinstance(error, OSError) and error.strerror else "the disk may be full"
        raise BadInput(f"{path} could not be written ({cause}).{rest}", "Make room and go on with --resume.") from error


def load(path: Path, precision: torch.dtype) -> State:
    """The run of a checkpoint; raises `BadInput` if it is damaged or of another kind."""
    held = read(path)
    try:
        state = fresh(Config(**held["config"]), 0, precision)
        fill(state, held["model"], held["optimizers"])
        state.place = Place(**held["place"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise BadInput(f"{path} is no checkpoint of train base: {error!r}.", "Name another.") from error
    return state


def take_over(path: Path, config: Config, precision: torch.dtype) -> State:
    """The weights and optimizers of the project's first trainer (its `last.pt`), counted on as our own."""
    held = read(path)
    try:
        names = list(held["model"])
        matrices = [n for n in names if n.startswith("h.") and held["model"][n].dim() == 2]
        others = [n for n in names if n not in matrices]
        kept = [
            {renamed(n): o["state"][i] for i, n in enumerate(group) if i in o["state"]}
            for group, o in zip((matrices, others), held["opts"])
        ]
        state = fresh(config, 0, precision)
        fill(state, {renamed(n): p for n, p in held["model"].items()}, kept)
        told = held["state"]
        state.place = Place(step=told["step"], tokens=told["tokens"], seconds=told["seconds"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise BadInput(f"{path} is no checkpoint of the first trainer: {error!r}.", "Name another.") from error
    return state


def read(path: Path) -> dict:
    """What `torch.save` wrote, tensors and plain values only; raises `BadInput` if it cannot be read."""
    try:
        return torch.load(path, weights_only=True, mmap=True)
    except (OSError, RuntimeError, EOFError, UnpicklingError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as a checkpoint.", "It is cut short or of another kind.") from error


def fill(state: State, weights: dict[str, Tensor], kept: list[dict]) -> None:
    """Put weights and the optimizers' memories, by parameter name, into a state."""
    parameters = dict(state.model.named_parameters())
    if set(weights) != set(parameters):
        raise KeyError("its parameters are others")
    with torch.no_grad():
        for name, p in parameters.items():
            p.copy_(weights[name])
    for optimizer, memories in zip(state.optimizers, kept):
        for name, memory in memories.items():
            optimizer.state[parameters[name]] = {k: v.clone() for k, v in memory.items()}


def renamed(name: str) -> str:
    """`h.3.c_out.weight` -> `h.3.mlp.c_proj.weight`."""
    parts = name.split(".")
    if len(parts) == 4:
        parts[2] = FIRST_NAMES.get(parts[2], parts[2])
    return ".".join(parts)
