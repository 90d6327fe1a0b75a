"""What the tests of `interpret` share."""

import numpy as np
import pytest
import torch

from gpt2demo.engine.torch_engine import TorchEngine
from tests.references.hugging_face import Reference


@pytest.fixture(scope="session")
def torch_engine(tiny):
    """The tiny model in the engine that has a microscope."""
    torch.set_num_threads(1)  # for models this small a second thread only waits for the first
    return TorchEngine(tiny, "tiny")


@pytest.fixture(scope="session")
def reference(tiny):
    """The tiny model in `transformers`."""
    return Reference(tiny)


@pytest.fixture(scope="session")
def ids():
    """Thirty tokens for the tiny model, drawn once."""
    return np.random.default_rng(5).integers(1, 290, 30).tolist()
