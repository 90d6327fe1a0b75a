"""What could come next: the candidates after a text, at every stage of the sampler."""

import math

from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BadInput
from gpt2demo.generation.run import from_prompt, ids_of
from gpt2demo.generation.sampling import Decoding, choices, distribution, entropy

MOST_LISTED = 1000


def next_token(engine: Engine, prompt: str, decoding: Decoding, top: int = 20) -> dict:
    """The `top` likeliest tokens after a prompt as plain data; `rest` is the raw probability of all that are not listed."""
    if not isinstance(top, int) or not 1 <= top <= MOST_LISTED:
        raise BadInput(f"The number of tokens to list must be from 1 to {MOST_LISTED:,}, not {top!s:.80}.")
    ids = ids_of(from_prompt(engine, prompt, decoding, "").leaf)
    stages = distribution(engine.start(ids).logits, ids, decoding)
    listed = choices(stages, top)
    return {
        "prompt": prompt,
        "entropy": entropy(stages.raw),
        "tokens": [
            {
                "id": choice.id,
                "text": engine.tokenizer.decode([choice.id]),
                "rank": choice.rank,
                "probability": choice.raw,
                "probability_tempered": choice.tempered,
                "probability_cut": choice.cut,
            }
            for choice in listed
        ],
        "rest": max(0.0, 1.0 - math.fsum(choice.raw for choice in listed)),
    }
