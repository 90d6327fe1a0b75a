"""Many visitors, one model: an engine that gives every caller a fair turn, one step at a time.

Callers queue in the order in which they came. A text being written asks for one step after another and goes to the back
of the queue each time, so that all texts grow at the same pace and none waits for another to end. When the turn comes to
a text that wants its next token, it takes along all others that want theirs: the weights are read once for all of them.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np

from gpt2demo.engine.contract import Change, Engine, Ids, Microscope, Past, Step, check_room
from gpt2demo.errors import Busy

PATIENCE = 0.5  # of the time that the last step took: how long a turn waits for those who are about to come back


@dataclass(eq=False)
class Reading:
    """A caller that wants one token read, and what came of it."""

    past: Past
    ids: Ids
    outcome: Step | BaseException | None = None


class Scheduler:
    """An `Engine` around another one; refuses a new text with `Busy` while `most_waiting` callers wait already.

    Texts are read together where the engine promises that none of them changes another (`info.together`): a seed gives
    the same text alone and in company. A text joins by its first step and leaves by not coming back.
    """

    def __init__(self, engine: Engine, most_waiting: int = 16):
        self._engine = engine
        self._most_waiting = most_waiting
        self._queue: deque[object] = deque()  # whoever stands at its head is at work
        self._changed = threading.Condition()
        self._awaited: set[Past] = set()  # where the texts stand that had the last turn: likely to be back in a moment
        self._places: dict[Past, int] = {}  # of these texts in the last turn: who keeps his place need not be copied
        self._last_took = 0.0  # seconds
        self.info = engine.info
        self.tokenizer = engine.tokenizer
        self.microscope = engine.microscope and TurnTakingMicroscope(engine.microscope, self._turn)

    def start(self, ids: Ids) -> Step:
        with self._changed:
            if len(self._queue) > self._most_waiting:
                raise Busy("The model is busy with other visitors.", "Try again in a moment; nothing is lost.")
        with self._turn():
            step = self._engine.start(ids)
        with self._changed:
            self._awaited.add(step.past)
        return step

    def step(self, past: Past, ids: Ids) -> Step:
        if len(ids) != 1 or self.info.together == 1:
            with self._turn():
                return self._engine.step(past, ids)
        check_room(self.info, len(past) + 1)  # here, where it concerns no other text
        mine = Reading(past, ids)
        with self._changed:
            self._queue.append(mine)
            self._awaited.discard(past)
            self._changed.notify_all()
            self._changed.wait_for(lambda: mine.outcome or self._queue[0] is mine)
            together = [] if mine.outcome else self._gather()
        if together:
            self._read(together)
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        return mine.outcome

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

    def _gather(self) -> list[Reading]:
        """Those whose next token is read in this turn, once the texts of the last turn are back or have been waited for."""
        self._changed.wait_for(lambda: not self._awaited, PATIENCE * self._last_took)
        self._awaited.clear()
        readings = [caller for caller in self._queue if isinstance(caller, Reading)][: self.info.together]
        return sorted(readings, key=lambda reading: self._places.get(reading.past, self.info.together))

    def _read(self, together: list[Reading]) -> None:
        """Read one token of each text and let their callers go on."""
        began = time.monotonic()
        try:
            outcomes = self._engine.steps([(reading.past, reading.ids) for reading in together])
        except BaseException as error:
            outcomes = [error] * len(together)
        with self._changed:
            for reading, outcome in zip(together, outcomes):
                reading.outcome = outcome
                self._queue.remove(reading)
            self._places = {step.past: i for i, step in enumerate(outcomes) if isinstance(step, Step)}
            self._awaited.update(self._places)
            self._last_took = time.monotonic() - began
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
