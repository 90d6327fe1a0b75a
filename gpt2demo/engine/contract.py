"""What an engine promises, whatever runs the model: arrays cross this border as NumPy float32, ids as plain integers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gpt2demo.engine.checkpoint import Config
from gpt2demo.engine.tokenizer import Tokenizer
from gpt2demo.errors import ContextFull

Ids = Sequence[int]


@dataclass(frozen=True)
class ModelInfo:
    """Which model is running, and on what."""

    name: str
    layers: int
    heads: int
    width: int
    positions: int  # the most tokens that the model can read at once
    vocabulary: int
    parameters: int
    backend: str
    device: str
    dtype: str
    sha256: str  # of the weights file
    together: int = 1  # texts that `steps` may read at once, each coming out bit for bit as if it were read alone
    megabytes: float = 0.0  # that the weights take in this engine


def model_info(config: Config, **facts: object) -> ModelInfo:
    """A model's facts, its shape taken from its configuration; `facts` are the other fields of `ModelInfo`."""
    return ModelInfo(
        layers=config.layers,
        heads=config.heads,
        width=config.width,
        positions=config.positions,
        vocabulary=config.vocabulary,
        **facts,
    )


class Past(Protocol):
    """Everything the model remembers of the tokens it has read: a value, so one past may be stepped from many times."""

    @property
    def ids(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Step:
    """The outcome of reading some tokens: `logits` (vocabulary,) for the next one, and the past that now includes them."""

    logits: np.ndarray
    past: Past


@dataclass(frozen=True, eq=False)
class Change:
    """What is done to a forward pass: who adds nothing to the stream, and where the stream is overwritten."""

    heads: frozenset[tuple[int, int]] = frozenset()  # (layer, head), switched off: zero before the output projection
    mlps: frozenset[int] = frozenset()  # layers whose MLP is switched off
    stream: Mapping[tuple[int, int], np.ndarray] = field(default_factory=dict)  # (layer, position): (width,) enters it

    @property
    def layers(self) -> set[int]:
        """The layers at which it does something."""
        return {layer for layer, _ in self.heads} | self.mlps | {layer for layer, _ in self.stream}


class Microscope(Protocol):
    """Looks inside a forward pass, and changes it on the way. Not every engine has one."""

    def hidden_states(self, ids: Ids) -> np.ndarray:
        """The residual stream (layers + 1, n, width): the embeddings, then what stands after each block, before `ln_f`."""
        ...

    def queries_keys_values(self, ids: Ids, layer: int) -> np.ndarray:
        """What a layer's heads compare and carry: queries, keys and values, (3, heads, n, d)."""
        ...

    def unembed(self, stream: np.ndarray) -> np.ndarray:
        """What the model would say if the stream (k, width) were at its end: `ln_f`, then logits (k, vocabulary)."""
        ...

    def changed(self, ids: Ids, changes: Sequence[Change]) -> np.ndarray:
        """The logits (len(changes), vocabulary) after a text under each of these changes.

        Each change starts from the unchanged stream at the first layer that it touches, so the layers below run once.
        """
        ...

    def embeddings(self, ids: Ids) -> np.ndarray:
        """What stands for each token before its position is added: (n, width)."""
        ...

    def gradients(self, embeddings: np.ndarray, goal: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A number for each of some texts (batch, n, width), and how each embedding moves it: (batch,), (batch, n, width).

        The number is the natural logarithm of the probability that the token `goal` comes next or, for a direction
        (width,), the last token's hidden state after `ln_f` times that direction.
        """
        ...


class Engine(Protocol):
    """A running model. Safe to call from several threads; every method raises `ContextFull` past `info.positions`."""

    info: ModelInfo
    tokenizer: Tokenizer
    microscope: Microscope | None

    def start(self, ids: Ids) -> Step:
        """Read the beginning of a text."""
        ...

    def step(self, past: Past, ids: Ids) -> Step:
        """Read on from a past; the past stays as it was."""
        ...

    def steps(self, batch: Sequence[tuple[Past, Ids]]) -> list[Step]:
        """Read on from several pasts at once; lengths may differ."""
        ...

    def logits(self, ids: Ids, positions: Sequence[int]) -> np.ndarray:
        """The logits (len(positions), vocabulary) after each of these positions of a text."""
        ...

    def last_hidden(self, batch: Sequence[Ids]) -> np.ndarray:
        """The last token's hidden state after `ln_f`, for each text: (len(batch), width)."""
        ...

    def attention(self, ids: Ids, layers: Sequence[int]) -> np.ndarray:
        """Attention weights (len(layers), heads, n, n): row i holds how token i spreads its look over 0..i."""
        ...


def check_room(info: ModelInfo, length: int) -> None:
    """Raise `ContextFull` if `length` tokens are more than the model can read at once."""
    if length > info.positions:
        over = length - info.positions
        raise ContextFull(
            f"The text is {length:,} tokens long, {over:,} too many: {info.name} reads {info.positions:,} at once.",
            "Shorten the text.",
        )
