"""One ONNX graph of `onnx_graph.py`, loaded: arrays in, arrays out, keys and values written in place."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from gpt2demo.engine.checkpoint import Config
from gpt2demo.errors import BackendUnavailable, ModelBroken


class Memory:
    """The keys and values of some texts: of layer 0, of layer 1, ... each an array (batch, heads, capacity, d)."""

    def __init__(self, arrays: Sequence[np.ndarray]):
        self.arrays = arrays
        self.bound = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays]  # the same memory
        self.batch, _, self.capacity, _ = arrays[0].shape
        self.rows: dict[int, Memory] = {}
        self.stepping: Bound | None = None  # what reads one token a text: tied once, used at every step
        self.lock = threading.Lock()  # whoever steps over this memory holds it

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays)

    def row(self, i: int) -> "Memory":
        """One text of the batch, as a memory over the same arrays."""
        if self.batch == 1:
            return self
        if i not in self.rows:
            self.rows[i] = Memory([array[i : i + 1] for array in self.arrays])
        return self.rows[i]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run found at the wanted tokens: `logits` (m, vocabulary) and `hidden` (m, width) after `ln_f`."""

    logits: np.ndarray
    hidden: np.ndarray


@dataclass(frozen=True, eq=False)
class Bound:
    """The arrays that a run reads and writes, tied to a session."""

    binding: object
    inputs: dict[str, np.ndarray]
    outcome: Outcome
    values: list  # keeps what the binding points to alive


class Session:
    """A graph in ONNX Runtime, on the CPU with `threads` threads (by default one for each core that this process may use)."""

    def __init__(self, path: Path, config: Config, threads: int | None = None):
        """Raises `ModelBroken` for a file that is damaged or is not one of our graphs."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or cores()
        options.log_severity_level = 4  # errors are raised, and told by who catches them
        way_out = f"Delete {path.parent}; it is made again when it is needed."
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors share no base class
            raise ModelBroken(f"{path} cannot be loaded: {_first_line(error)}", way_out) from error
        names = {node.name for node in self._session.get_inputs()}
        if not {"ids", "positions", "last", "total", "rows", f"past_value_{config.layers - 1}"} <= names:
            raise ModelBroken(f"{path} is not a model that this demo exported.", way_out)
        self._config = config
        shapes = {node.name: node.shape for node in self._session.get_inputs()}
        self.heads = [shapes[f"past_key_{layer}"][1] for layer in range(config.layers)]  # of each layer

    def room(self, capacity: int, batch: int = 1) -> Memory:
        """Empty memory for `batch` texts of at most `capacity` tokens."""
        d = self._config.width // self._config.heads
        return Memory([np.zeros((batch, heads, capacity, d), np.float32) for heads in self.heads for _ in "kv"])

    def read(self, memory: Memory, ids: Sequence[int], start: int, rows: Sequence[int]) -> Outcome:
        """Read tokens of one text behind the `start` that are in memory; `rows` (from 0) are those that are looked at."""
        if len(ids) == 1 and len(rows) == 1:
            return self.step(memory, ids, [start])
        bound = self._bind(memory, len(ids), len(rows), {})
        return self._run(bound, np.asarray(ids)[None], np.array([start]), rows)

    def step(self, memory: Memory, ids: Sequence[int], starts: Sequence[int]) -> Outcome:
        """Read one more token of every text in memory, behind the first `starts` of each."""
        with memory.lock:
            if memory.stepping is None:
                memory.stepping = self._bind(memory, 1, memory.batch, {})
            found = self._run(memory.stepping, np.asarray(ids)[:, None], np.asarray(starts), range(memory.batch))
            return Outcome(found.logits.copy(), found.hidden.copy())

    def attention(self, ids: Sequence[int], layers: Sequence[int]) -> np.ndarray:
        """Attention weights over one text, of these layers' heads one after the other, (heads of them all, n, n).

        Only the graph that puts them out has them.
        """
        n, ends = len(ids), np.cumsum([self.heads[layer] for layer in layers])
        found = np.empty((ends[-1], n, n), np.float32)
        maps = {f"attention_{layer}": part[None] for layer, part in zip(layers, np.split(found, ends[:-1]))}
        bound = self._bind(self.room(n), n, 1, maps)
        self._run(bound, np.asarray(ids)[None], np.array([0]), [n - 1])
        return found

    def _run(self, bound: Bound, ids: np.ndarray, starts: np.ndarray, rows: Sequence[int]) -> Outcome:
        n = ids.shape[1]
        bound.inputs["ids"][:] = ids
        bound.inputs["positions"][:] = starts[:, None] + np.arange(n)
        bound.inputs["last"][:] = starts + n - 1
        bound.inputs["total"][:] = starts.max() + n
        bound.inputs["rows"][:] = rows
        try:
            self._session.run_with_iobinding(bound.binding)
        except Exception as error:
            raise BackendUnavailable(
                f"ONNX Runtime failed at its work: {_first_line(error)}", "Use the PyTorch backend."
            ) from error
        return bound.outcome

    def _bind(self, memory: Memory, n: int, wanted: int, maps: dict[str, np.ndarray]) -> Bound:
        """Tie arrays for a run over `n` new tokens of each text; keys and values come from memory and go back into it."""
        inputs = {
            "ids": np.zeros((memory.batch, n), np.int64),
            "positions": np.zeros((memory.batch, n), np.int64),
            "last": np.zeros(memory.batch, np.int32),
            "total": np.zeros(1, np.int32),
            "rows": np.zeros(wanted, np.int64),
        }
        outputs = {
            "logits": np.empty((wanted, self._config.vocabulary), np.float32),
            "hidden": np.empty((wanted, self._config.width), np.float32),
        }
        binding, values = self._session.io_binding(), []
        for name, array in inputs.items():
            values.append(onnxruntime.OrtValue.ortvalue_from_numpy(array))
            binding.bind_ortvalue_input(name, values[-1])
        for name, array in (outputs | maps).items():
            values.append(onnxruntime.OrtValue.ortvalue_from_numpy(array))
            binding.bind_ortvalue_output(name, values[-1])
        for i, value in enumerate(memory.bound):
            kind = ("key", "value")[i % 2]
            binding.bind_ortvalue_input(f"past_{kind}_{i // 2}", value)
            binding.bind_ortvalue_output(f"present_{kind}_{i // 2}", value)
        return Bound(binding, inputs, Outcome(outputs["logits"], outputs["hidden"]), values)


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
