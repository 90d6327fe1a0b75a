"""The measurement of the microscope runs and tells what it measured."""

import json

from gpt2demo.bench import attention_speed
from gpt2demo.engine.checkpoint import Config

SMALL = Config(vocabulary=300, positions=512, width=16, layers=2, heads=2, inner=16)


def test_every_picture_is_timed_and_the_atlas_weighed(monkeypatch, capsys):
    monkeypatch.setattr(attention_speed, "SHAPES", {"small": SMALL})
    monkeypatch.setattr(attention_speed, "THREADS", 1)
    monkeypatch.setattr("gpt2demo.interpret.attribution.MOST_STEPS", 2)
    monkeypatch.setattr(attention_speed.attention_page, "measure", lambda *_: {"click to atlas, 64 tokens": 0.5})
    attention_speed.publish(["small"], rounds=1, json_only=False)
    *table, line = capsys.readouterr().out.strip().splitlines()
    found = json.loads(line)
    assert len(found["seconds"]["small"]) == 11 and min(found["seconds"]["small"].values()) > 0
    assert found["atlas_bytes"]["small"] == 2 * 2 * 128 * 129 // 2
    assert all(any(name in row for row in table) for name in found["seconds"]["small"])
