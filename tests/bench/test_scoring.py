"""The measurement of a long file runs, tells what it measured, and keeps what is done when it is stopped."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from gpt2demo.bench import scoring
from tests.models import engine_by_chance


class Reader:
    """Knows nothing and keeps nothing."""

    engine = engine_by_chance()

    def probabilities(self, texts, cancelled=None):
        return np.tile([0.5, 0.3, 0.2], (len(texts), 1))


def test_a_file_is_scored_to_its_end_and_saved(capsys):
    scoring.publish(Reader(), rows=1000, minutes=5, as_json=False)
    text = capsys.readouterr().out
    assert "A file of 1,000 rows: all of them scored" in text and "1,000 saved" in text


def test_the_json_names_the_rows_the_pace_and_the_memory(capsys):
    scoring.publish(Reader(), rows=200, minutes=5, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["scored"] == found["saved"] == found["rows"] == 200
    assert found["per_second"] > 0 and found["growth"] >= found["growth_after_reading"] and found["bar"] == 300


def test_what_is_scored_when_the_time_is_over_is_saved():
    found = scoring.measure(Reader(), rows=1000, seconds=2.5, clock=itertools.count().__next__)
    assert 0 < found["scored"] < 1000 and found["saved"] == found["scored"]
    assert f"{found['scored']:,} before it was stopped" in scoring.as_text(found)


def test_memory_that_is_kept_counts():
    """In a process of its own: this one may hold freed memory from other tests, and hand that out first."""
    measure = (
        "import numpy as np; from gpt2demo.bench import scoring; before = scoring.resident();"
        "kept = np.ones(10 * 2**20); print(scoring.resident() - before)"
    )
    grown = subprocess.run([sys.executable, "-c", measure], capture_output=True, text=True, check=True).stdout
    assert float(grown) == pytest.approx(80, abs=8)
