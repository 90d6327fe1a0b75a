"""The logit lens as a grid: what the model would say after each layer, at each position of the text."""

from collections.abc import Sequence

from gpt2demo.engine.contract import Engine
from gpt2demo.interpret.lens import Lens
from gpt2demo.page.parts.probability_bars import label, quoted

EMPTY: dict = {"ids": []}


def view(engine: Engine, ids: Sequence[int], lens: Lens) -> dict:
    """What the script draws: for each row of the lens and each token the likeliest next one, its chance, and the rank of
    the token that the model says in the end."""
    return {
        "ids": list(ids),
        "texts": engine.tokenizer.texts(ids),
        "model": engine.info.name,
        "rows": row_names(engine),
        "top": [[label(engine, int(id)) for id in row] for row in lens.top],
        "probability": [[round(float(p), 5) for p in row] for row in lens.probability],
        "rank": lens.rank.tolist(),
        "sentence": sentence(engine, lens),
    }


def row_names(engine: Engine) -> list[str]:
    """The rows: the embeddings, then each layer."""
    return ["start", *(f"layer {layer}" for layer in range(engine.info.layers))]


def sentence(engine: Engine, lens: Lens) -> str:
    """In words: from which layer on the answer at the end of the text stands."""
    answer = quoted(label(engine, int(lens.top[-1, -1])).strip(" "))
    settled = len(lens.rank) - 1
    while settled and lens.rank[settled - 1, -1] == 1:
        settled -= 1
    when = f"after layer {settled - 1}" if settled else "from the very start"
    return f"At the end of the text the model says {answer}: it is the first choice {when}, and stays it."
