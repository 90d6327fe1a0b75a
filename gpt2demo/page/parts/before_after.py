"""The next token's chances before and after a change, alone: a sentence and bars."""

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret.ablation import Effect
from gpt2demo.page.parts.effect_bars import rows, sentence

EMPTY: dict = {"rows": []}


def view(engine: Engine, effect: Effect, start: str) -> dict:
    """What the script draws; `start` begins the sentence."""
    return {"rows": rows(engine, effect), "sentence": sentence(engine, effect, start)}
