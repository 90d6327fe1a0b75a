"""What the tests share: small models made on the spot, the shipped one, and how wild input is drawn."""

from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from gpt2demo.catalogue import ASSETS
from tests.models import write_model

# The same examples on every run, and no clock: a test either fails for everybody or for nobody.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, database=None, print_blob=False)
hypothesis.settings.load_profile("house")

ENGINES = ("torch",)  # each one passes the same tests; a new engine adds its name and a line in `open_engine`


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """The folder of a random GPT-2 with 3 layers of 4 heads, small enough to look at everything."""
    return write_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session", params=ENGINES)
def open_engine(request) -> Callable:
    """Opens a model folder in one of the engines: `open_engine(folder, cache_bytes=...)`."""
    import torch

    from gpt2demo.engine.torch_engine import TorchEngine

    torch.set_num_threads(1)  # for models this small a second thread only waits for the first
    return {"torch": lambda folder, **options: TorchEngine(folder, "tiny", **options)}[request.param]


@pytest.fixture(scope="session")
def engine(open_engine, tiny):
    """The tiny model in each engine in turn."""
    return open_engine(tiny)


@pytest.fixture(scope="session")
def mini() -> Path:
    """The folder of the model that ships with the demo."""
    return ASSETS / "models" / "gpt2-mini"
