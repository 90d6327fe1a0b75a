"""A past is a value: however a text is read, in whatever company and order, the numbers are the same."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from torch.testing import assert_close

from gpt2demo.errors import ContextFull

IDS = np.random.default_rng(2).integers(1, 290, 60).tolist()


def test_a_text_read_in_portions_gives_what_one_reading_gives(engine):
    step = engine.start(IDS[:5])
    for first, last in ((5, 6), (6, 20), (20, 21), (21, 60)):
        step = engine.step(step.past, IDS[first:last])
    assert_close(step.logits, engine.start(IDS).logits)
    assert step.past.ids == tuple(IDS) and len(step.past) == 60


def test_every_position_read_token_by_token_is_what_a_whole_pass_gives(engine):
    step, seen = engine.start(IDS[:1]), []
    for id in IDS[1:]:
        seen.append(step.logits)
        step = engine.step(step.past, [id])
    assert_close(np.stack([*seen, step.logits]), engine.logits(IDS, range(60)))


def test_a_ragged_batch_gives_what_each_text_gives_alone(engine):
    lengths, portions = (3, 17, 40, 9), (IDS[:1], IDS[5:12], IDS[2:4], IDS[30:31])
    pasts = [engine.start(IDS[:length]).past for length in lengths]
    together = engine.steps(list(zip(pasts, portions)))
    for length, portion, step in zip(lengths, portions, together):
        assert_close(step.logits, engine.start(IDS[:length] + portion).logits)
        assert step.past.ids == (*IDS[:length], *portion)


def test_a_batch_may_hold_one_past_twice(engine):
    past = engine.start(IDS[:10]).past
    a, b = engine.steps([(past, IDS[10:12]), (past, IDS[20:25])])
    assert_close(a.logits, engine.start(IDS[:12]).logits)
    assert_close(b.logits, engine.start(IDS[:10] + IDS[20:25]).logits)


def test_stepping_twice_from_one_past_gives_the_same(engine):
    past = engine.start(IDS[:20]).past
    first, second = engine.step(past, [7]), engine.step(past, [7])
    assert_array_equal(first.logits, second.logits)
    assert past.ids == tuple(IDS[:20])


def test_a_branch_leaves_its_sibling_untouched(engine):
    past = engine.start(IDS[:20]).past
    one = engine.step(past, IDS[20:22])
    before = engine.step(one.past, [5]).logits
    other = engine.step(past, [9, 9, 9])
    for _ in range(3):
        other = engine.step(other.past, [9])
    assert_array_equal(engine.step(one.past, [5]).logits, before)
    assert_close(before, engine.start([*IDS[:22], 5]).logits)
    assert_close(other.logits, engine.start(IDS[:20] + [9] * 6).logits)


def test_two_threads_from_one_past_do_not_disturb_each_other(engine):
    past = engine.start(IDS[:8]).past
    texts = [IDS[8:30], IDS[30:52], IDS[20:42]]
    alone = [walk(engine, past, ids) for ids in texts]
    for _ in range(5):
        with ThreadPoolExecutor(len(texts)) as threads:
            together = list(threads.map(lambda ids: walk(engine, past, ids), texts))
        for found, expected in zip(together, alone):
            assert_array_equal(found, expected)


def walk(engine, past, ids):
    """The logits after each of these tokens, read one by one."""
    seen = []
    for id in ids:
        step = engine.step(past, [id])
        past = step.past
        seen.append(step.logits)
    return np.stack(seen)


def test_a_dropped_cache_is_rebuilt_exactly(open_engine, tiny):
    roomy, tight = open_engine(tiny), open_engine(tiny, cache_bytes=1)  # room for the newest cache alone
    logits = []
    for engine in (roomy, tight):
        step = engine.step(engine.start(IDS[:12]).past, IDS[12:20])
        engine.start(IDS[30:40])
        logits.append(engine.step(step.past, IDS[20:22]).logits)
    assert_array_equal(*logits)


def test_the_caches_of_texts_that_go_on_stay_within_the_budget(open_engine, tiny):
    probe = open_engine(tiny)
    kept = [probe.start(IDS)]
    one = probe.caches.size
    engine = open_engine(tiny, cache_bytes=3 * one)
    kept += [engine.start(IDS) for _ in range(8)]
    assert engine.caches.size == 3 * one > 0


def test_a_full_context_says_by_how_many_tokens(engine):
    room = engine.info.positions
    whole = (IDS * 10)[:room]
    step = engine.start(whole)
    for read in (
        lambda: engine.step(step.past, [1, 2, 3]),
        lambda: engine.start([*whole, 1, 2, 3]),
        lambda: engine.logits([*whole, 1, 2, 3], [0]),
        lambda: engine.attention([*whole, 1, 2, 3], [0]),
        lambda: engine.last_hidden([[*whole, 1, 2, 3]]),
    ):
        with pytest.raises(ContextFull, match=f"{room + 3} tokens long, 3 too many: tiny reads {room} at once"):
            read()


def test_a_refused_step_leaves_the_past_usable(engine):
    past = engine.start(IDS[:20]).past
    with pytest.raises(ContextFull):
        engine.step(past, [1] * engine.info.positions)
    assert_close(engine.step(past, [7]).logits, engine.start([*IDS[:20], 7]).logits)


def test_a_step_without_tokens_is_a_mistake_of_the_caller(engine):
    with pytest.raises(ValueError, match="at least one token"):
        engine.start([])


def test_arrays_cross_the_border_as_float32(engine):
    info = engine.info
    shapes = {
        (info.vocabulary,): engine.start(IDS[:4]).logits,
        (2, info.vocabulary): engine.logits(IDS[:4], [0, 3]),
        (2, info.width): engine.last_hidden([IDS[:4], IDS[:2]]),
        (1, info.heads, 4, 4): engine.attention(IDS[:4], [2]),
    }
    for shape, array in shapes.items():
        assert (array.shape, array.dtype) == (shape, np.float32)
