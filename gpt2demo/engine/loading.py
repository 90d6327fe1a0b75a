"""Which engine runs a model: the backends, what each is, why one cannot work here, what `auto` means, and loading it."""

import ctypes.util
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path

from gpt2demo import catalogue
from gpt2demo.catalogue import Progress
from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BackendUnavailable, ModelBroken
from gpt2demo.settings import BACKENDS, Settings

log = logging.getLogger("gpt2demo")

BENCH = catalogue.ASSETS / "bench.json"  # what `bench --out` wrote
ON = " on "  # between a model and the backend that was chosen for it: "gpt2 on onnx-int8"
DAMAGED = "The kept ONNX files were damaged and have been made anew."
EXACT = ("torch", "onnx")  # the backends among which `auto` chooses: their words are the same


@dataclass(frozen=True)
class Backend:
    """A way to run a model, for people."""

    name: str  # as `--backend` takes it
    program: str
    numbers: str  # in which the weights are kept
    sentence: str  # what choosing it means

    @property
    def title(self) -> str:
        return self.program if self.numbers in ("", "float32") else f"{self.program}, {self.numbers}"


OFFERED = (
    Backend(
        "auto",
        "Automatic",
        "",
        "The faster of PyTorch and ONNX Runtime writes, which choose the same words; PyTorch looks inside when you ask.",
    ),
    Backend(
        "torch",
        "PyTorch",
        "float32",
        "32-bit numbers; the one that can look inside the model and change it on the way.",
    ),
    Backend(
        "torch-bfloat16",
        "PyTorch",
        "bfloat16",
        "16-bit numbers: half the memory, faster where the processor has instructions for them.",
    ),
    Backend(
        "onnx",
        "ONNX Runtime",
        "float32",
        "The same 32-bit weights in fewer, larger steps: the same words, sooner. It shows attention; to look deeper needs"
        " PyTorch.",
    ),
    Backend(
        "onnx-int8",
        "ONNX Runtime",
        "int8",
        "Weights in 8 bits: a quarter of the size, the fastest, and now and then another word. It shows attention; to look"
        " deeper needs PyTorch.",
    ),
)


def title(backend: str) -> str:
    """A backend as people call it."""
    return next((b.title for b in OFFERED if b.name == backend), backend)


def choice(model: str, backend: str) -> str:
    """A model and a backend as one name, for `Services.engine`."""
    return f"{model}{ON}{backend}"


def parts_of(name: str) -> tuple[str, str]:
    """The model and the backend in such a name; no backend where none was chosen."""
    model, _, backend = name.rpartition(ON)
    return (model, backend) if backend in BACKENDS else (name, "")


def why_not(backend: str) -> str:
    """Why a backend cannot work on this machine, as half a sentence; empty if it can."""
    needed = {"torch": ["torch"], "onnx": ["onnxruntime", "onnx"]}.get(backend.partition("-")[0], [])
    for package in needed:
        if find_spec(package) is None:
            return f"the package {package} is not installed"
    return "this processor has no instructions for it" if backend == "torch-bfloat16" and not has_bfloat16() else ""


@lru_cache
def has_bfloat16() -> bool:
    import torch

    return torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported()


@lru_cache
def has_cuda() -> bool:
    """Whether PyTorch can use a GPU; without a driver it is not even imported for the question."""
    if not any(map(ctypes.util.find_library, ("cuda", "nvcuda"))) or find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def fastest(model: str, table: Path = BENCH) -> str:
    """What `--backend auto` means for a model without a GPU: the exact backend that `bench` measured to write fastest.

    A model that was not measured, or one that is larger, is run by PyTorch.
    """
    try:
        measured = json.loads(table.read_text(encoding="utf-8"))["models"]
        lines = next(one["candidates"] for one in measured if one["model"] == model)
        speed = {line["backend"]: line["tokens_per_second"] for line in lines if line["backend"] in EXACT}
    except (OSError, ValueError, KeyError, StopIteration):
        return "torch"
    there = [backend for backend in speed if not why_not(backend)]
    return max(there, key=speed.get, default="torch")


def chosen(settings: Settings) -> str:
    """The model that the settings name; what `auto` means depends on the GPU and on whether the hub answers."""
    cuda = settings.model == "auto" and not settings.backend.startswith("onnx") and has_cuda()
    return catalogue.resolve(settings.model, cuda, settings.offline)


def load_engine(name: str, settings: Settings, progress: Progress = lambda share, what: None, task: str = "") -> Engine:
    """The engine for a model, by the settings' backend, its adapter for a task merged into it.

    Raises the `DemoError` that says why it cannot be had.
    """
    name = chosen(replace(settings, model=name))
    load = {"auto": _load_auto, "onnx": _load_onnx, "onnx-int8": _load_onnx}.get(settings.backend, _load_torch)
    return load(name, settings, progress, task)


def _load_auto(name: str, settings: Settings, progress: Progress, task: str) -> Engine:
    """The fastest exact engine, looking inside by PyTorch; a task's adapter only reads, and is not worth an export."""
    on_torch = replace(settings, backend="torch")
    if not settings.prune_heads and (task or has_cuda() or fastest(name) == "torch"):
        return _load_torch(name, on_torch, progress, task)
    engine = _load_onnx(name, replace(settings, backend="onnx"), progress, task)
    if not why_not("torch") and not settings.prune_heads:
        engine.microscope = LateMicroscope(lambda: _load_torch(name, on_torch, lambda share, what: None, task))
    return engine


class LateMicroscope:
    """The microscope of an engine that is loaded when somebody first looks through it."""

    def __init__(self, load: Callable[[], Engine]):
        self._load, self._engine, self._loading = load, None, threading.Lock()

    def __getattr__(self, name: str) -> Callable:
        with self._loading:
            self._engine = self._engine or self._load()
        return getattr(self._engine.microscope, name)


def _load_torch(name: str, settings: Settings, progress: Progress, task: str) -> Engine:
    from gpt2demo.engine.torch_engine import TorchEngine

    if settings.prune_heads:
        way_out = "Use --backend onnx or onnx-int8, or keep all heads."
        raise BackendUnavailable("Heads are pruned when a model is exported as ONNX; PyTorch runs it whole.", way_out)
    folder, title, adapter = _whereabouts(name, settings, progress, task)
    progress(1.0, f"Loading {name}")
    dtype = "bfloat16" if settings.backend == "torch-bfloat16" else "float32"
    return TorchEngine(folder, title, dtype, "cuda" if has_cuda() else "cpu", adapter=adapter)


def _load_onnx(name: str, settings: Settings, progress: Progress, task: str) -> Engine:
    """The model in ONNX Runtime, exported now if it is the first time; a process that runs this alone needs no PyTorch."""
    from gpt2demo.engine.onnx_engine import OnnxEngine
    from gpt2demo.engine.onnx_export import export

    folder, title, adapter = _whereabouts(name, settings, progress, task)
    precision = "int8" if settings.backend == "onnx-int8" else "float32"
    make = partial(export, folder, precision, settings.cache, progress, adapter, prune=settings.prune_heads)
    try:
        engine = OnnxEngine(folder, make(), title)
    except ModelBroken as error:
        log.warning("%s", error)
        engine = OnnxEngine(folder, make(again=True), title)
        progress(1.0, DAMAGED)  # had the model itself been broken, we would not be here
    return engine


def _whereabouts(name: str, settings: Settings, progress: Progress, task: str) -> tuple[Path, str, Path | None]:
    """A model's folder, its name for people, and the folder of its adapter for a task."""
    folder = catalogue.locate(name, settings.offline, settings.public, progress)
    known = catalogue.entry(name)
    return folder, known.name if known else folder.name, catalogue.adapter(name, folder, task) if task else None


def adapter_of(name: str, settings: Settings, task: str) -> Path:
    """The folder of a model's adapter for a task; raises `ModelNotFound` without one."""
    name = chosen(replace(settings, model=name))
    return catalogue.adapter(name, catalogue.locate(name, settings.offline, settings.public), task)
