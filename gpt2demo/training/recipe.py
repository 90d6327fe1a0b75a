"""What can be turned in the training of a classifier."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The settings of `training.classify`; the defaults are those of the shipped adapters."""

    rank: int = 16
    layers: int = 4  # blocks that learn, from the top
    embeddings: bool = False  # whether the token embeddings learn too
    tokens: int = 64  # of a text that are read in training
    epochs: int = 2
    batch: int = 32
    rate: float = 1e-3
    dropout: float = 0.1
    token_dropout: float = 0.0  # share of a text's tokens that are left out, others each time it is read
    weight_decay: float = 0.01
    balance: float = 0.5  # a label's texts weigh (1 / frequency) ** balance: 0 as they come, 1 all labels alike
    patience: int = 2  # epochs without a better macro-F1 on the held-out texts before it stops
    seed: int = 0
