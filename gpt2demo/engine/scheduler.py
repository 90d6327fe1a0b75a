"""Many visitors, one model: an engine that gives every caller a fair turn, one step at a time.

Callers queue in the order in which they came. A text being written asks for one step after another and goes to the back
of the queue each time, so that all texts grow at the same pace and none waits for another to end.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from gpt2demo.engine.contract import Engine, Ids, Past, Step
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
        self.microscope = engine.microscope

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
