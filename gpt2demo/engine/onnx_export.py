"""From a model folder to one that ONNX Runtime loads: two graphs over one file of weights, checked before they are kept.

`model.onnx` reads and writes text, `attention.onnx` also puts out every attention map; `weights.bin` holds the constants
of both. `export.json` says what the folder is and is written last. A folder is made beside its place and moved there
when all is well, so that what was interrupted is never found.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gpt2demo.engine import numpy_gpt2
from gpt2demo.engine.adapter import CONFIG, WEIGHTS, deltas
from gpt2demo.engine.checkpoint import Config, read_config, read_weights, sha256, weights_file
from gpt2demo.engine.pruning import Heads, least_important, without
from gpt2demo.errors import BackendUnavailable, ModelBroken

FORMAT = 2  # of the folder; an export of another format is made anew
PRECISIONS = ("float32", "int8")
INLINE = 64  # bytes; constants up to this size stand in the graph itself
ALIGNMENT = 64  # bytes
ABANDONED_AFTER = 86_400  # seconds, after which what an interrupted export left is cleared away
CHECKED_TOKENS = 32
# how far an export may be from the float64 reference, as a share of the numbers' spread (at least 1): float32 with its
# largest difference, int8 with the root of the mean square
CLOSE, CLOSE_INT8 = 1e-4, 0.25

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Export:
    """A finished export."""

    folder: Path
    precision: str
    sha256: str  # of the weights that it was made from
    parameters: int
    files: dict[str, int]  # name -> bytes
    digests: dict[str, str]  # name -> SHA-256
    pruned: Sequence[Sequence[int]] = ()  # (layer, head)

    @property
    def heads_gone(self) -> Heads:
        return frozenset((layer, head) for layer, head in self.pruned)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the weights, another one if heads were taken out of them."""
        return hashlib.sha256(f"{self.sha256} {self.pruned}".encode()).hexdigest() if self.pruned else self.sha256

    @property
    def megabytes(self) -> float:
        """The size on disk of what is needed to write text."""
        return (self.files["model.onnx"] + self.files["weights.bin"]) / 1e6


def export(
    folder: Path,
    precision: str,
    cache: Path,
    progress: Progress = lambda share, what: None,
    adapter: Path | None = None,
    again: bool = False,
    prune: int = 0,
) -> Export:
    """The export of the model in `folder`, an adapter's folder merged into it; made now if `cache` has none, or `again`.

    `prune` heads are left out of it, those without which the loss rises least (see `pruning.py`).

    Raises `ModelBroken` for a damaged model or export, or one that does not compute what the model computes, and
    `BackendUnavailable` where the cache cannot be written.
    """
    config, fingerprint = read_config(folder), sha256(weights_file(folder))
    changes = deltas(adapter, fingerprint) if adapter else {}
    merged = [sha256(adapter / file) for file in (CONFIG, WEIGHTS)] if adapter else []
    gone = least_important(folder, fingerprint, config, prune)
    key = hashlib.sha256(f"{FORMAT} {fingerprint} {merged} {config} {sorted(gone)}".encode()).hexdigest()
    home = cache / "onnx" / f"{key[:16]}-{precision}"
    if again:
        shutil.rmtree(home, ignore_errors=True)
    if not home.exists():
        progress(0.0, "Reading the weights")
        weights = without(config, merge(read_weights(folder, config), changes), gone)
        try:
            _make(home, config, weights, precision, fingerprint, gone, progress)
        except OSError as error:
            raise BackendUnavailable(
                f"The ONNX files cannot be written to {home.parent}: {error.strerror or error}.",
                "Name another folder in GPT2DEMO_CACHE, or use the PyTorch backend.",
            ) from error
    return read(home)


def read(home: Path) -> Export:
    """What lies in an export's folder; raises `ModelBroken` if it is not whole."""
    way_out = f"Delete {home} or run `python -m gpt2demo export --again`."
    try:
        found = json.loads((home / "export.json").read_text(encoding="utf-8"))
        made = Export(home, **found)
        for name, size in made.files.items():
            if (home / name).stat().st_size != size or sha256(home / name) != made.digests[name]:
                raise ModelBroken(f"{home / name} is not the file that was exported, or it was damaged since.", way_out)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelBroken(f"{home} is no whole ONNX export ({error!r}).", way_out) from error
    return made


def merge(weights: dict[str, np.ndarray], changes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Weights with what an adapter learned added; raises `ModelBroken` for a shape that does not fit."""
    for name, change in changes.items():
        if name not in weights or weights[name].shape != change.shape:
            raise ModelBroken(f"The adapter's {name} {change.shape} does not fit this model.", "Train it again.")
    return weights | {name: weights[name] + change for name, change in changes.items()}


def _make(
    home: Path,
    config: Config,
    weights: dict[str, np.ndarray],
    precision: str,
    fingerprint: str,
    gone: Heads,
    progress: Progress,
) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(home.parent)
    workshop = Path(tempfile.mkdtemp(prefix=".making-", dir=home.parent))
    try:
        progress(0.2, f"Writing the model as ONNX, {precision}")
        write(workshop, config, weights, precision)
        progress(0.6, "Comparing it with the original")
        check(workshop, config, weights, precision)
        written = sorted(workshop.iterdir())
        files, digests = {path.name: path.stat().st_size for path in written}, {p.name: sha256(p) for p in written}
        size = sum(w.size for w in weights.values())
        made = Export(home, precision, fingerprint, size, files, digests, sorted(gone))
        facts = {name: fact for name, fact in asdict(made).items() if name != "folder"}
        (workshop / "export.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
        try:
            workshop.rename(home)
        except OSError:
            if not home.exists():  # else another process was quicker, and its export is as good
                raise
        progress(1.0, "Exported")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def write(workshop: Path, config: Config, weights: dict[str, np.ndarray], precision: str) -> None:
    """Write `model.onnx` and `attention.onnx` and the weights that they share."""
    from gpt2demo.engine import onnx_graph, quantize

    arithmetic = {"float32": onnx_graph.FLOAT32, "int8": quantize.INT8}[precision]
    tensors = None
    for name, attention in (("model.onnx", False), ("attention.onnx", True)):
        graph = onnx_graph.build(config, weights, arithmetic, attention)
        tensors = tensors or _store(graph.constants, workshop / "weights.bin")
        heads = [onnx_graph.heads_of(config, weights, layer) for layer in range(config.layers)]
        made = onnx_graph.model(graph, config, heads, attention, tensors)
        (workshop / name).write_bytes(made.SerializeToString())


def _store(constants: dict[str, np.ndarray], path: Path) -> list:
    """Write the large constants one after the other into a file; returns the tensors that stand for all of them."""
    from onnx import TensorProto, external_data_helper, numpy_helper

    tensors = []
    with path.open("wb") as file:
        for name, constant in constants.items():
            if constant.nbytes <= INLINE:
                tensors.append(numpy_helper.from_array(constant, name))
                continue
            file.write(b"\0" * (-file.tell() % ALIGNMENT))
            kind = numpy_helper.from_array(constant[:0], name).data_type
            tensor = TensorProto(name=name, data_type=kind, dims=constant.shape, raw_data=b"")
            external_data_helper.set_external_data(tensor, path.name, file.tell(), constant.nbytes)
            tensor.ClearField("raw_data")
            tensors.append(tensor)
            file.write(constant.data)
        file.flush()
        os.fsync(file.fileno())
    return tensors


def check(workshop: Path, config: Config, weights: dict[str, np.ndarray], precision: str) -> None:
    """Run both graphs on some tokens and compare with the NumPy model; raises `ModelBroken` if they do not agree."""
    from gpt2demo.engine.onnx_session import Session

    ids = np.random.default_rng(0).integers(0, config.vocabulary, min(CHECKED_TOKENS, config.positions))
    expected, hidden, maps = numpy_gpt2.forward(config, weights, ids)
    everywhere, half = range(len(ids)), len(ids) // 2
    sessions = {name: Session(workshop / name, config) for name in ("model.onnx", "attention.onnx")}
    for name, session in sessions.items():
        memory = session.room(len(ids))
        whole = session.read(memory, ids, 0, everywhere)
        begun = session.read(memory, ids[:half], 0, range(half)).logits if half else whole.logits[:0]
        onwards = session.read(memory, ids[half:], half, range(len(ids) - half)).logits
        _agree(name, precision, "logits", whole.logits, expected)
        _agree(name, precision, "logits step by step", np.concatenate([begun, onwards]), expected)
        _agree(name, precision, "hidden states", whole.hidden, hidden)
    shown = sessions["attention.onnx"].attention(ids, range(config.layers))
    _agree("attention.onnx", precision, "attention", shown, np.concatenate(maps))


def _agree(file: str, precision: str, what: str, found: np.ndarray, expected: np.ndarray) -> None:
    distance, spread = np.abs(found - expected), expected.std()
    if precision == "float32":
        good = distance.max() <= CLOSE * max(spread, 1)
    else:
        good = np.sqrt((distance**2).mean()) <= CLOSE_INT8 * spread
    if not good:
        raise ModelBroken(
            f"{file} in {precision} does not compute what the model computes: its {what} are off by {distance.max():.2g}.",
            "Use the PyTorch backend.",
        )


def _clear_abandoned(folder: Path) -> None:
    for path in folder.glob(".making-*"):
        if time.time() - path.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(path, ignore_errors=True)
