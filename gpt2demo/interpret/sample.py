"""Every head's scores on one fixed text, kept in a file beside a model's weights: good for these weights and this text."""

import json
from pathlib import Path

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret.heads import METRICS

FILE = "heads.json"
DECIMALS = 5


def write(engine: Engine, text: str, found: dict, path: Path) -> None:
    """Keep what `heads.record` found in a text, a head on each line, with the name and the SHA-256 of the weights."""
    heads = [{name: round(value, DECIMALS) for name, value in head.items()} for head in found["heads"]]
    lines = ",\n".join(json.dumps(head) for head in heads)
    told = {"model": engine.info.name, "sha256": engine.info.sha256, "text": text, "tokens": found["tokens"]}
    path.write_text(f'{json.dumps(told, ensure_ascii=False)[:-1]}, "heads": [\n{lines}\n]}}\n', encoding="utf-8")


def read(path: Path, engine: Engine, text: str) -> dict[str, np.ndarray] | None:
    """The kept scores (layers, heads) by metric; None without any, or if they are of other weights or another text."""
    if not path.is_file():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    if (found["sha256"], found["text"]) != (engine.info.sha256, text):
        return None
    shape = engine.info.layers, engine.info.heads
    return {metric: np.array([head[metric] for head in found["heads"]]).reshape(shape) for metric in METRICS}
