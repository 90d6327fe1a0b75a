"""What the handlers of the Attention tab take from the browser: token ids, of the model that drew the picture."""

import gradio as gr

from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BadInput

MOST_TOKENS = 128  # that a picture shows: 144 maps of 128 tokens are 1.2 MB


def valid(engine: Engine, ids: object) -> list[int]:
    """Token ids as they came from the browser; raises `BadInput` for anything else."""
    fine = isinstance(ids, list) and all(isinstance(id, int) and 0 <= id < engine.info.vocabulary for id in ids)
    if not fine or not 0 < len(ids) <= engine.info.positions:
        raise BadInput("There is no text to look at yet.", "Write one first.")
    return ids


def same_model(engine: Engine, event: gr.EventData) -> list[int]:
    """The ids of the picture that was clicked; raises `BadInput` if another model has been chosen since it was drawn."""
    if event.model != engine.info.name:
        raise BadInput(f"This picture is of {event.model}; the playground now runs {engine.info.name}.", "Press Look.")
    return valid(engine, event.ids)[:MOST_TOKENS]
