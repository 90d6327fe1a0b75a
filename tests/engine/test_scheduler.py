"""Many visitors write at once: each as if alone, all of them sooner."""

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from gpt2demo.engine.fake import FakeEngine, FakePast
from gpt2demo.engine.scheduler import Scheduler
from gpt2demo.errors import Busy, ContextFull
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Shelf, from_ids, ids_of
from gpt2demo.generation.sampling import Decoding

PATIENCE = 60


def at_once(calls: Sequence[Callable[[], object]]) -> list:
    """What each call gives, all of them begun together in threads of their own; an error counts as what it gave."""
    given: list = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(i: int) -> None:
        gate.wait(PATIENCE)
        try:
            given[i] = calls[i]()
        except Exception as error:
            given[i] = error

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    return given


def text(engine, seed: int, new: int) -> list[int]:
    """The ids that a visitor with this seed gets, after a prompt whose length depends on the seed."""
    prompt = np.random.default_rng(seed).integers(1, 250, 3 + seed).tolist()
    branch = from_ids(prompt, len(prompt), Decoding(seed=seed, temperature=1.0, top_k=0, max_new_tokens=new), "")
    for branch in write(engine, branch, branch.decoding, Shelf(2**20)):
        pass
    return ids_of(branch.leaf)


class Recorder:
    """Passes everything on to an engine and notes how many texts were read at a time."""

    def __init__(self, engine):
        self._engine = engine
        self.sizes: list[int] = []

    def __getattr__(self, name: str):
        return getattr(self._engine, name)

    def steps(self, batch):
        self.sizes.append(len(batch))
        return self._engine.steps(batch)


class Gated(FakeEngine):
    """Reads together, and holds every step until the gate is opened."""

    def __init__(self, positions: int = 512):
        super().__init__([b"a", b"b"], lambda ids: [0.5, 0.5, 0.0], positions)
        self.info = replace(self.info, together=8)
        self.gate, self.entered, self.batches = threading.Event(), threading.Event(), []

    def steps(self, batch):
        self.batches.append([past.ids for past, _ in batch])
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        return super().steps(batch)


@pytest.mark.parametrize("streams", [2, 8])
def test_a_seed_gives_the_same_text_alone_and_among_other_streams(engine, streams):
    alone = [text(engine, seed, 30) for seed in range(streams)]
    recorder = Recorder(engine)
    scheduler = Scheduler(recorder)
    together = at_once([lambda seed=seed: text(scheduler, seed, 30) for seed in range(streams)])
    assert together == alone
    assert engine.info.together == 1 or max(recorder.sizes) > 1


def test_streams_of_the_shipped_model_write_the_same_text_alone_and_among_8(mini):
    from gpt2demo.engine.torch_engine import TorchEngine

    engine = TorchEngine(mini, "gpt2-mini")
    alone = text(engine, 5, 12)
    scheduler = Scheduler(engine)
    others = [lambda seed=seed: text(scheduler, seed, 8 + seed) for seed in range(7)]
    assert at_once([lambda: text(scheduler, 5, 12), *others])[0] == alone


@pytest.mark.parametrize("rows", [2, 3, 8, 16])
def test_a_text_read_among_others_of_other_lengths_has_the_bits_it_has_alone(engine, rows):
    if engine.info.together == 1:
        pytest.skip(f"{engine.info.backend} reads one text at a time on this machine")
    pasts = [engine.start(np.random.default_rng(i).integers(1, 250, 2 + 5 * i).tolist()).past for i in range(rows)]
    alone = [engine.step(past, [7 + i]).logits for i, past in enumerate(pasts)]
    together = engine.steps([(past, [7 + i]) for i, past in enumerate(pasts)])
    assert all(np.array_equal(step.logits, logits) for step, logits in zip(together, alone))


def test_whoever_waits_while_a_step_is_under_way_is_read_in_the_next_one_together():
    engine = Gated()
    scheduler = Scheduler(engine)
    first = threading.Thread(target=lambda: scheduler.step(FakePast((0,)), [1]), daemon=True)
    first.start()
    assert engine.entered.wait(PATIENCE)
    threading.Thread(target=lambda: (wait_for(scheduler, 4), engine.gate.set()), daemon=True).start()
    at_once([lambda i=i: scheduler.step(FakePast((0,) * i), [1]) for i in (2, 3, 4)])
    assert engine.batches[0] == [(0,)]
    assert sorted(map(len, engine.batches[1])) == [2, 3, 4]


def test_texts_keep_their_places_from_turn_to_turn_whoever_comes_back_first():
    engine = Gated()
    engine.gate.set()
    scheduler = Scheduler(engine)
    pasts = {}

    def go_on(length: int) -> None:
        past = pasts.get(length, FakePast((0,) * length))
        pasts[length] = scheduler.step(past, [1]).past

    for _ in range(4):
        at_once([lambda i=i: go_on(i) for i in (10, 20, 30)])
    orders = [[len(ids) // 10 for ids in batch] for batch in engine.batches]
    assert all(now == before for before, now in itertools.pairwise(orders) if len(now) == len(before) == 3)


def wait_for(scheduler: Scheduler, callers: int) -> None:
    with scheduler._changed:
        assert scheduler._changed.wait_for(lambda: len(scheduler._queue) >= callers, PATIENCE)


def test_a_text_that_is_full_is_refused_alone_and_the_others_go_on():
    engine = Gated(positions=4)
    engine.gate.set()
    scheduler = Scheduler(engine)
    full, fine = at_once(
        [lambda: scheduler.step(FakePast((0,) * 4), [1]), lambda: scheduler.step(FakePast((0,) * 3), [1])]
    )
    assert isinstance(full, ContextFull)
    assert fine.past.ids == (0, 0, 0, 1)


def test_a_failing_step_reaches_every_text_that_was_in_it_and_the_next_one_works(engine):
    if engine.info.together == 1:
        pytest.skip(f"{engine.info.backend} reads one text at a time on this machine")
    recorder = Recorder(engine)
    scheduler = Scheduler(recorder)
    past = scheduler.start([1, 2]).past
    recorder.steps = lambda batch: 1 / 0
    assert all(isinstance(e, ZeroDivisionError) for e in at_once([lambda: scheduler.step(past, [3])] * 3))
    del recorder.steps
    assert np.array_equal(scheduler.step(past, [3]).logits, engine.step(past, [3]).logits)


def test_a_text_that_left_is_not_waited_for_twice():
    engine = Gated()
    engine.gate.set()
    scheduler = Scheduler(engine)
    scheduler.start([0, 0])  # its visitor never comes back
    scheduler.step(FakePast((0,)), [1])
    assert FakePast((0, 0)) not in scheduler._awaited


def test_a_new_text_is_refused_while_too_many_wait():
    engine = Gated()
    scheduler = Scheduler(engine, most_waiting=1)
    writers = [
        threading.Thread(target=lambda i=i: scheduler.step(FakePast((0,) * i), [1]), daemon=True) for i in (1, 2)
    ]
    for writer in writers:
        writer.start()
    wait_for(scheduler, 2)
    with pytest.raises(Busy):
        scheduler.start([0])
    engine.gate.set()
    for writer in writers:
        writer.join(PATIENCE)
    assert scheduler.start([0]).past.ids == (0,)
