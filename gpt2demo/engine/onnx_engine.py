"""The ONNX Runtime engine: runs an export of `onnx_export.py` with a memory of what was read, several texts at a time."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gpt2demo.engine.checkpoint import read_config
from gpt2demo.engine.contract import Ids, Step, check_room, model_info
from gpt2demo.engine.onnx_export import Export
from gpt2demo.engine.onnx_session import Memory, Session
from gpt2demo.engine.past import Budget, Chain, now, roomy
from gpt2demo.engine.pruning import kept
from gpt2demo.engine.tokenizer import Tokenizer

MOST_TEXTS = 8  # that are read together


class Cache:
    """The keys and values of texts that are read together, one a row, shared by all pasts that stand on them."""

    def __init__(self, memory: Memory, written: Sequence[int]):
        self.memory: Memory | None = memory
        self.written = list(written)  # tokens of each row that somebody has claimed; whoever stands there may write on
        self.lock = threading.Lock()
        self.touch()

    def touch(self) -> None:
        self.used = now()

    def claim(self, rows: Sequence[int], starts: Sequence[int], length: int) -> Memory | None:
        """Reserve the room for `length` tokens behind `starts`; nothing if any of it is taken, full or dropped."""
        with self.lock:
            memory = self.memory
            if memory is None or max(starts) + length > memory.capacity:
                return None
            if any(self.written[row] != start for row, start in zip(rows, starts)):
                return None
            for row, start in zip(rows, starts):
                self.written[row] = start + length
            self.touch()
            return memory

    def drop(self) -> None:
        with self.lock:
            self.memory = None

    @property
    def size(self) -> int:
        memory = self.memory
        return 0 if memory is None else memory.nbytes


@dataclass(frozen=True, eq=False)
class OnnxPast(Chain):
    """A chain of chunks and the row of the cache in which their keys and values stand."""

    cache: Cache
    row: int


class OnnxEngine:
    """GPT-2 in ONNX Runtime behind the engine contract, without a microscope: that needs PyTorch.

    Texts that go on by one token each share one memory, a row each, so that the weights are read once for all of them.
    It is put together when they first meet and left alone while they stay together. Longer pieces are read text by text.
    """

    microscope = None

    def __init__(self, folder: Path, export: Export, name: str, threads: int | None = None, cache_bytes: int = 2**30):
        """Load an export of the model in `folder`; raises `ModelBroken` for a damaged one."""
        self.tokenizer = Tokenizer(folder)
        self._config = config = read_config(folder)
        self._home, self._threads = export.folder, threads
        self._session = Session(export.folder / "model.onnx", config, threads)
        self._attention: Session | None = None
        self._pruned = export.heads_gone
        self.info = model_info(
            config,
            name=f"{name} without {len(self._pruned)} heads" if self._pruned else name,
            parameters=export.parameters,
            backend="onnx" if export.precision == "float32" else f"onnx-{export.precision}",
            device="cpu",
            dtype=export.precision,
            sha256=export.fingerprint,
            together=MOST_TEXTS if self._keeps_rows_apart() else 1,
            megabytes=export.megabytes,
        )
        self.caches = Budget(cache_bytes)
        self._opening = threading.Lock()

    def start(self, ids: Ids) -> Step:
        return self._read(None, ids)

    def step(self, past: OnnxPast, ids: Ids) -> Step:
        return self._read(past, ids)

    def steps(self, batch: Sequence[tuple[OnnxPast, Ids]]) -> list[Step]:
        single = [i for i, (_, ids) in enumerate(batch) if len(ids) == 1]
        if len(single) < 2:
            return [self._read(past, ids) for past, ids in batch]
        together = self._read_together([batch[i][0] for i in single], [batch[i][1][0] for i in single])
        done = dict(zip(single, together))
        return [done[i] if i in done else self._read(past, ids) for i, (past, ids) in enumerate(batch)]

    def logits(self, ids: Ids, positions: Sequence[int]) -> np.ndarray:
        return self._look(ids, positions).logits

    def last_hidden(self, batch: Sequence[Ids]) -> np.ndarray:
        return np.concatenate([self._look(ids, [len(ids) - 1]).hidden for ids in batch])

    def attention(self, ids: Ids, layers: Sequence[int]) -> np.ndarray:
        check_room(self.info, len(ids))
        with self._opening:
            if self._attention is None:  # a graph of its own, loaded when somebody first looks
                self._attention = Session(self._home / "attention.onnx", self._config, self._threads)
        shown, heads = self._attention.attention(ids, layers), self.info.heads
        if self._pruned:  # they look nowhere
            places = [i * heads + head for i, at in enumerate(layers) for head in kept(self._config, self._pruned, at)]
            whole = np.zeros((len(layers) * heads, *shown.shape[1:]), np.float32)
            whole[places] = shown
            shown = whole
        return shown.reshape(len(layers), heads, *shown.shape[1:])

    def _keeps_rows_apart(self) -> bool:
        """Whether a token comes out bit for bit the same alone and in a batch of any size, tried here and now.

        Sums of integers always do; sums of float32 do where the processor's kernels add in the same order for every size.
        """
        ids, session = np.arange(MOST_TEXTS) % self._config.vocabulary, self._session
        alone = [session.step(session.room(1), [id], [0]).logits[0] for id in ids]
        sizes = ((n, session.step(session.room(1, n), ids[:n], [0] * n)) for n in range(2, MOST_TEXTS + 1))
        return all((found.logits == alone[:n]).all() for n, found in sizes)

    def _look(self, ids: Ids, positions: Sequence[int]):
        """Read a text without leaving a cache."""
        check_room(self.info, len(ids))
        return self._session.read(self._session.room(len(ids)), ids, 0, np.arange(len(ids))[list(positions)])

    def _read(self, past: OnnxPast | None, ids: Ids) -> Step:
        """Read on from a past: at the end of its cache, or in a copy if somebody else wrote on from there."""
        if not len(ids):
            raise ValueError("a step needs at least one token")
        start = 0 if past is None else len(past)
        check_room(self.info, start + len(ids))
        cache, row = (past.cache, past.row) if past else (None, 0)
        memory = cache.claim([row], [start], len(ids)) if cache else None
        if memory is None:
            cache, row = self._gathered([past], len(ids)), 0
            memory = cache.memory
        found = self._session.read(memory.row(row), ids, start, [len(ids) - 1])
        return Step(found.logits[0], OnnxPast(past, tuple(ids), start + len(ids), cache, row))

    def _read_together(self, pasts: Sequence[OnnxPast], ids: Ids) -> list[Step]:
        """Read one token after each past, all in one run."""
        for past in pasts:
            check_room(self.info, len(past) + 1)
        rows, cache = range(len(pasts)), pasts[0].cache
        met = len(cache.written) == len(pasts) and all(past.cache is cache for past in pasts)
        order = sorted(rows, key=lambda i: pasts[i].row) if met else rows  # they may come back in another order
        pasts, ids = [pasts[i] for i in order], [ids[i] for i in order]
        starts = [len(past) for past in pasts]
        met = met and [past.row for past in pasts] == list(rows)
        memory = cache.claim(rows, starts, 1) if met else None
        if memory is None:
            cache = self._gathered(pasts, 1)
            memory = cache.memory
        logits = self._session.step(memory, ids, starts).logits
        steps = [Step(logits[i], OnnxPast(pasts[i], (ids[i],), starts[i] + 1, cache, i)) for i in rows]
        return [steps[i] for i in np.argsort(order)]

    def _gathered(self, pasts: Sequence[OnnxPast | None], length: int) -> Cache:
        """A new cache with a copy of each past in a row and the room for `length` more tokens claimed."""
        starts = [0 if past is None else len(past) for past in pasts]
        capacity = roomy(max(starts) + length, self.info.positions)
        memory = self._session.room(capacity, len(pasts))
        for row, past in enumerate(pasts):
            for into, known in zip(memory.arrays, self._kept(past) if past else ()):
                into[row, :, : len(past)] = known
        cache = Cache(memory, [start + length for start in starts])
        self.caches.enter(cache)
        return cache

    def _kept(self, past: OnnxPast) -> list[np.ndarray]:
        """The keys and values of a past, (heads, n, d) each, read again chunk by chunk if they were dropped."""
        memory, row = past.cache.memory, past.row
        if memory is None:
            memory, row, start = self._session.room(len(past)), 0, 0
            for chunk in past.chunks:
                self._session.read(memory, chunk, start, [len(chunk) - 1])
                start += len(chunk)
        return [array[row, :, : len(past)] for array in memory.arrays]
