"""A monitor that is killed loses nothing and counts nothing twice."""

import datetime as dt
import subprocess
import sys

from gpt2demo.monitor.store import Store
from gpt2demo.monitor.watch import take_in
from tests.monitor.newsroom import as_meant, day, headlines, scored_sample, topics

DYING = """
import os, signal, sys
from gpt2demo.monitor.store import Store
from gpt2demo.monitor.watch import take_in
from tests.monitor.newsroom import as_meant, headlines, topics
for done, total in take_in(Store(sys.argv[1]), "s", headlines(), topics(), as_meant):
    if done >= 200:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_in_the_middle_and_begun_again_it_holds_each_headline_once(tmp_path):
    path = tmp_path / "deep" / "monitor.sqlite"
    died = subprocess.run([sys.executable, "-c", DYING, str(path)])
    assert died.returncode == -9
    store = Store(path)
    assert 0 < len(store.scored("s")) < len(headlines())
    assert list(take_in(store, "s", headlines(), topics(), as_meant))[-1][0] > 0
    assert sorted(store.scored("s"), key=str) == sorted(scored_sample(), key=str)


def test_taking_in_the_same_again_adds_nothing(tmp_path):
    store = Store(tmp_path / "m.sqlite")
    for _ in range(2):
        list(take_in(store, "s", headlines()[:50], topics(), as_meant))
    assert len(store.scored("s")) == 50


def test_cancelling_keeps_what_is_done():
    store, seen = Store(":memory:"), []
    for done, _ in take_in(store, "s", headlines(), topics(), as_meant, cancelled=lambda: len(seen) >= 2):
        seen.append(done)
    assert len(store.scored("s")) == seen[-1] == 64


def test_streams_do_not_mix_and_one_can_be_forgotten():
    store = Store(":memory:")
    store.add("a 1", scored_sample()[:3])
    store.add("ab 1", scored_sample()[:5])
    store.clear("a")
    assert (len(store.scored("a 1")), len(store.scored("ab 1"))) == (0, 5)


def test_what_another_model_has_read_is_still_known():
    store = Store(":memory:")
    store.add("desk 1", scored_sample()[:3])
    store.add("desk 2", scored_sample()[2:5])
    store.add("desks 1", scored_sample()[5:6])
    assert set(store.known("desk")) == {one.headline for one in scored_sample()[:5]}


def test_an_acknowledged_alarm_stays_acknowledged_over_a_restart(tmp_path):
    Store(tmp_path / "m.sqlite").acknowledge("s", "energy", day(3))
    assert Store(tmp_path / "m.sqlite").acknowledged("s") == {("energy", day(3))}


def test_streams_that_nobody_looks_at_for_a_month_are_forgotten():
    store = Store(":memory:")
    store.add("old", scored_sample()[:3])
    store.touch("old", day(0))
    store.touch("new", day(0) + dt.timedelta(days=31))
    assert store.scored("old") == []
