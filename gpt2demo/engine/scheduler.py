"""Many visitors, one model: an engine that gives every caller a fair turn, one step at a time.

Callers queue in the order in which they came. A text being written asks for one step after another and goes to the back
of the queue each time, so that all texts grow at the same pace and none waits for another to end.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from gpt2demo.engine.contract import Change, Engine, Ids, Microscope, Past, Step
from gpt2demo.errors import Busy


class Scheduler:
    """An `Engine` around another one; refuses a new text with `Busy` while `most_waiting` callers wait already."""

    def __init__(self, engine: Engine, most_waiting: int = 16):
        self._engine = engine
        self._most_waiting = most_waiting
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()
        self.info = engine.info
        self.tokenizer = engine.tokenizer
        self.microscope = engine.microscope and TurnTakingMicroscope(engine.microscope, self._turn)

    def start(self, ids: Ids) -> Step:
        with self._changed:
            if len(self._queue) > self._most_waiting:
                raise Busy("The model is busy with other visitors.", "Try again in a moment; nothing is lost.")
        with self._turn():
            return self._engine.start(ids)

    def step(self, past: Past, ids: Ids) -> Step:
        with self._turn():
            return self._engine.step(past, ids)

    def steps(self, batch: Sequence[tuple[Past, Ids]]) -> list[Step]:
        with self._turn():
            return self._engine.steps(batch)

    def logits(self, ids: Ids, positions: Sequence[int]) -> np.ndarray:
        with self._turn():
            return self._engine.logits(ids, positions)

    def last_hidden(self, batch: Sequence[Ids]) -> np.ndarray:
        with self._turn():
            return self._engine.last_hidden(batch)

    def attention(self, ids: Ids, layers: Sequence[int]) -> np.ndarray:
        with self._turn():
            return self._engine.attention(ids, layers)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until everybody who came before has had a turn; the caller at the head of the queue is the one at work."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            self._changed.wait_for(lambda: self._queue[0] is ticket)
        try:
            yield
        finally:
            with self._changed:
                self._queue.popleft()
                self._changed.notify_all()


class TurnTakingMicroscope:
    """A `Microscope` each of whose calls waits for its turn among all callers of the engine."""

    def __init__(self, microscope: Microscope, turn: Callable[[], AbstractContextManager]):
        self._microscope = microscope
        self._turn = turn

    def hidden_states(self, ids: Ids) -> np.ndarray:
        with self._turn():
            return self._microscope.hidden_states(ids)

    def queries_keys_values(self, ids: Ids, layer: int) -> np.ndarray:
        with self._turn():
            return self._microscope.queries_keys_values(ids, layer)

    def unembed(self, stream: np.ndarray) -> np.ndarray:
        with self._turn():
            return self._microscope.unembed(stream)

    def changed(self, ids: Ids, changes: Sequence[Change]) -> np.ndarray:
        with self._turn():
            return self._microscope.changed(ids, changes)

    def embeddings(self, ids: Ids) -> np.ndarray:
        return self._microscope.embeddings(ids)

    def gradients(self, embeddings: np.ndarray, goal: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with self._turn():
            return self._microscope.gradients(embeddings, goal)
