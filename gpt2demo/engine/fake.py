"""An engine without a model: the distribution after any text is written by hand. For tests of all that stands above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Ids, ModelInfo, Step, check_room


class FakeTokenizer:
    """A vocabulary given as a list of byte strings; the last one is the end of text. Encodes greedily, longest first."""

    def __init__(self, pieces: Sequence[bytes]):
        self.pieces = [*pieces, b""]
        self.size = len(self.pieces)
        self.end = self.size - 1

    def encode(self, text: str) -> list[int]:
        rest, ids = text.encode(), []
        while rest:
            best = max((p for p in self.pieces if p and rest.startswith(p)), key=len)
            ids.append(self.pieces.index(best))
            rest = rest[len(best) :]
        return ids

    def bytes(self, id: int) -> bytes:
        return self.pieces[id]

    def decode(self, ids: Ids) -> str:
        return b"".join(map(self.bytes, ids)).decode("utf-8", errors="replace")

    def texts(self, ids: Ids, final: bool = True) -> list[str]:
        from gpt2demo.engine.tokenizer import Tokenizer

        return Tokenizer.texts(self, ids, final)


@dataclass(frozen=True)
class FakePast:
    ids: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)


class FakeEngine:
    """`probabilities(ids)` gives the weights (vocabulary,) of the next token after `ids`; they need not add up to 1."""

    microscope = None

    def __init__(self, pieces: Sequence[bytes], probabilities: Callable[[tuple[int, ...]], Ids], positions: int = 512):
        self.tokenizer = FakeTokenizer(pieces)
        self.info = ModelInfo("fake", 1, 1, 1, positions, self.tokenizer.size, 0, "fake", "none", "float32", "0" * 64)
        self.reads: list[int] = []  # how many tokens each call read, so that a test can count forward passes
        self._probabilities = probabilities

    def start(self, ids: Ids) -> Step:
        return self.step(FakePast(()), ids)

    def step(self, past: FakePast, ids: Ids) -> Step:
        whole = past.ids + tuple(ids)
        check_room(self.info, len(whole))
        self.reads.append(len(ids))
        return Step(self._logits(whole), FakePast(whole))

    def steps(self, batch: Sequence[tuple[FakePast, Ids]]) -> list[Step]:
        return [self.step(past, ids) for past, ids in batch]

    def logits(self, ids: Ids, positions: Sequence[int]) -> np.ndarray:
        check_room(self.info, len(ids))
        self.reads.append(len(ids))
        return np.stack([self._logits(tuple(ids[: i + 1])) for i in positions])

    def last_hidden(self, batch: Sequence[Ids]) -> np.ndarray:
        return np.array([[float(len(ids))] for ids in batch], dtype=np.float32)

    def attention(self, ids: Ids, layers: Sequence[int]) -> np.ndarray:
        return np.broadcast_to(np.eye(len(ids), dtype=np.float32), (len(layers), 1, len(ids), len(ids)))

    def _logits(self, ids: tuple[int, ...]) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(np.array(self._probabilities(ids), dtype=np.float32)), np.float32(-1e9))
