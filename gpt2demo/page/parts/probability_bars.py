"""The panel beside the text: what else a token could have been, at each stage of the sampler."""

import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.generation.run import Branch, ids_of, path
from gpt2demo.generation.sampling import Choice, Decoding, Distribution, choices, distribution, entropy, rank

SHOWN = 20
CONTEXT_CHARACTERS = 60
ORDINALS = {1: "first", 2: "second", 3: "third"}

EMPTY = {"rows": [], "sentence": "Click a word in the text: here you will see what else it could have been."}

FIRST = "Nothing stands before the first token, so the model made no prediction here. Click a later one."


def panel(engine: Engine, branch: Branch, index: int, logits: np.ndarray, decoding: Decoding, place: int) -> dict:
    """What the panel's script draws for token `index` of a branch, whose logits were these."""
    nodes = path(branch.leaf)
    chosen, before = nodes[index].id, ids_of(nodes[index].parent)
    stages = distribution(logits, before, decoding)
    listed = choices(stages, SHOWN, chosen)
    return {
        "place": place,
        "index": index,
        "ids": [*before, chosen],
        "prompt_length": branch.prompt_length,
        "context": engine.tokenizer.decode(before)[-CONTEXT_CHARACTERS:],
        "chosen": label(engine, chosen),
        "sentence": sentence(engine, chosen, stages, nodes[index].chosen_by),
        "effect": effect(stages, decoding),
        "entropy": entropy(stages.raw),
        "rows": [row(engine, choice, chosen) for choice in listed],
        "rest": rest(stages, listed),
    }


def row(engine: Engine, choice: Choice, chosen: int) -> dict:
    """One candidate as plain data."""
    return {
        "id": choice.id,
        "text": label(engine, choice.id),
        "rank": choice.rank,
        "stages": [choice.raw, choice.tempered, choice.cut],
        "chosen": choice.id == chosen,
    }


def rest(stages: Distribution, listed: list[Choice]) -> dict:
    """All tokens that are not listed, together: with the rows they add up to 1 at every stage."""
    others = np.ones(len(stages.raw), dtype=bool)
    others[[choice.id for choice in listed]] = False
    return {
        "count": int(others.sum()),
        "stages": [float(stage[others].sum()) for stage in (stages.raw, stages.tempered, stages.cut)],
    }


def label(engine: Engine, id: int) -> str:
    """A token as text; bytes that are no character by themselves as hex, the end of text by its name."""
    if id == engine.tokenizer.end:
        return "<|endoftext|>"
    data = engine.tokenizer.bytes(id)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"bytes {data.hex(' ').upper()}"


def sentence(engine: Engine, chosen: int, stages: Distribution, chosen_by: str) -> str:
    """In words: how likely the token was, and what the sampler did."""
    place = rank(stages.raw, chosen)
    kept = int((stages.cut > 0).sum())
    size = len(stages.cut)
    who = {"prompt": "In your prompt, ", "visitor": "Your choice: ", "sampler": ""}[chosen_by]
    cut = f"the sampler cut {size - kept:,} of {size:,} tokens" if kept < size else "the sampler cut nothing"
    if kept == 1:
        cut = "the sampler left no other choice"
    if stages.cut[chosen] == 0:
        cut = f"with these settings the sampler would have cut it, as {size - kept:,} of {size:,} tokens"
    return f"{who}{quoted(label(engine, chosen))} had {percent(stages.raw[chosen])}, {ordinal(place)} choice; {cut}."


def effect(stages: Distribution, decoding: Decoding) -> str:
    """In words: what penalties and temperature did to the first choice, and what the cut left."""
    first = int(stages.raw.argmax())
    before, after = stages.raw[first], stages.tempered[first]
    if decoding.temperature == 0:
        return "Temperature 0 always takes the likeliest token: there is nothing to draw."
    if abs(after - before) < 0.0005:
        moved = "Penalties and temperature leave the first choice as it was"
    else:
        direction = "likelier" if after > before else "less likely"
        moved = (
            f"Temperature {decoding.temperature:g} and the penalties make the first choice {direction}"
            f" ({percent(before)} to {percent(after)})"
        )
    return f"{moved}; the draw is among {int((stages.cut > 0).sum()):,} tokens."


def quoted(text: str) -> str:
    """A token between quotation marks, line breaks made visible."""
    return "“" + text.replace("\n", "↵") + "”"


def ordinal(place: int) -> str:
    """first, second, third, 4th ..."""
    if place in ORDINALS:
        return ORDINALS[place]
    suffix = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{suffix}"


def percent(p: float) -> str:
    """A probability as people read it: three digits, never 0 % for what is possible, nor 100 % for what is not certain."""
    if p == 0:
        return "0 %"
    if 0.9995 <= p < 1:
        return f"{p * 100:.2f} %" if p < 0.99995 else "over 99.99 %"
    if p < 0.0001:
        return f"{p * 100:.1g} %" if p >= 1e-6 else "under 0.0001 %"
    return f"{p * 100:.3g} %"
