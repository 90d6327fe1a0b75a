"""The atlas: every head of the model as one small map. Its weights travel as raw bytes, by a route of their own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret import heads

EMPTY: dict = {"n": 0}


@dataclass(frozen=True)
class Metric:
    """How a head's habit is measured: `short` stands in a line of many, `about` explains it in a plain sentence."""

    key: str
    name: str
    short: str
    unit: str

    @property
    def about(self) -> str:
        return heads.METRICS[self.key]


METRICS = (
    Metric("first_token", "first token", "first token", "%"),
    Metric("previous_token", "previous token", "previous", "%"),
    Metric("same_token", "same token", "same", "%"),
    Metric("induction", "induction", "induction", "%"),
    Metric("distance", "mean distance", "distance", "tokens"),
    Metric("entropy", "spread", "spread", "bits"),
)


def view(
    engine: Engine,
    ids: Sequence[int],
    texts: Sequence[str],
    survey: heads.Survey,
    key: str,
    chosen: tuple[int, int],
    whole: int,
) -> dict:
    """What the atlas' script draws. `key` is the name of the survey's bytes, `whole` the number of tokens of the whole
    text, of which `ids` may be the beginning."""
    scores, chances = survey.scores, heads.chances(ids)
    places = np.ndindex(engine.info.layers, engine.info.heads)
    return {
        "key": key,
        "n": len(ids),
        "side": survey.side,
        "ids": list(ids),
        "texts": list(texts),
        "model": engine.info.name,
        "layers": engine.info.layers,
        "heads": engine.info.heads,
        "metrics": [asdict(metric) | {"about": metric.about} for metric in METRICS],
        "scores": [[round(float(x), 5) for x in scores[metric.key].ravel()] for metric in METRICS],
        "sentences": [heads.sentence(scores, chances, *place) for place in places],
        "chosen": list(chosen),
        "said": said(engine, survey, whole),
    }


def said(engine: Engine, survey: heads.Survey, whole: int) -> str:
    """In words: how much is shown, and of what."""
    info, shown = engine.info, survey.n
    maps = f"{info.layers} layers × {info.heads} heads of {info.name}"
    coarse = ""
    if survey.side < shown:
        coarse = (
            f" So many heads are drawn {survey.side} points wide, a point being the strongest look that falls on it."
        )
    if shown == whole:
        return f"{maps}, reading {shown} {'token' if shown == 1 else 'tokens'}.{coarse}"
    return (
        f"{maps}, reading the first {shown} of {whole:,} tokens: more would not fit on the screen, and the model only"
        f" looks back, so what follows changes nothing here.{coarse}"
    )
