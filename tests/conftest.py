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

ENGINES = ("torch", "onnx")  # each one passes the same tests; int8 joins where a test states its tolerance


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """The folder of a random GPT-2 with 3 layers of 4 heads, small enough to look at everything."""
    return write_model(tmp_path_factory.mktemp("tiny"))


def pytest_generate_tests(metafunc):
    """Run what asks for `backend` with each engine, or with those that the test's file names in `BACKENDS`."""
    if "backend" in metafunc.fixturenames:
        backends = getattr(metafunc.module, "BACKENDS", ENGINES)
        metafunc.parametrize("backend", backends, indirect=True, scope="session")


@pytest.fixture(scope="session")
def backend(request) -> str:
    """Each engine's name in turn.

    No file may have a fixture of this name: the engines opened with its value would stay open for the next file.
    """
    return request.param


@pytest.fixture(scope="session")
def open_engine(backend, cache) -> Callable:
    """Opens a model folder in one of the engines: `open_engine(folder, adapter=..., cache_bytes=...)`."""
    import torch

    from gpt2demo.engine.onnx_engine import OnnxEngine
    from gpt2demo.engine.onnx_export import export
    from gpt2demo.engine.torch_engine import TorchEngine

    torch.set_num_threads(1)  # for models this small a second thread only waits for the first
    if backend == "torch":
        return lambda folder, **options: TorchEngine(folder, "tiny", **options)
    precision = "int8" if backend == "onnx-int8" else "float32"

    def open_export(folder: Path, adapter: Path | None = None, **options) -> OnnxEngine:
        return OnnxEngine(folder, export(folder, precision, cache, adapter=adapter), "tiny", threads=1, **options)

    return open_export


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """Where the ONNX exports of the tests lie."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def engine(open_engine, tiny):
    """The tiny model in each engine in turn."""
    return open_engine(tiny)


@pytest.fixture(scope="session")
def mini() -> Path:
    """The folder of the model that ships with the demo."""
    return ASSETS / "models" / "gpt2-mini"
