"""What int8 costs: perplexity, and how often the likeliest next token stays the same, against float32 on held-out text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from gpt2demo.engine.contract import Engine, Ids
from gpt2demo.engine.tokenizer import END, Tokenizer
from gpt2demo.errors import BadInput

CHARACTERS = 20_000  # read from the beginning of each source


def windows(data: Path, tokenizer: Tokenizer, length: int, each: int) -> list[Ids]:
    """`each` windows of `length` tokens from the beginning of every source in `data/text/val`; raises `BadInput`."""
    import zstandard

    found = []
    for path in sorted((data / "text" / "val").glob("*.txt.zst")):
        with path.open("rb") as file:
            text = zstandard.ZstdDecompressor().stream_reader(file).read(CHARACTERS * 4).decode("utf-8", "ignore")
        ids = tokenizer.encode(text.replace(END, "\n")[:CHARACTERS])
        found += [ids[i * length : (i + 1) * length] for i in range(min(each, len(ids) // length))]
    if not found:
        raise BadInput(f"There are no held-out texts in {data / 'text' / 'val'}.", "Name the data folder with --data.")
    return found


def compare(exact: Engine, rough: Engine, texts: Sequence[Ids]) -> Iterator[dict]:
    """Read the same texts with both engines; yields the tally so far after each."""
    losses, same, positions = np.zeros(2), 0, 0
    for ids in texts:
        one, other = (engine.logits(ids, range(len(ids) - 1)).astype(np.float64) for engine in (exact, rough))
        losses += [loss(logits, ids[1:]) for logits in (one, other)]
        same += int((one.argmax(-1) == other.argmax(-1)).sum())
        positions += len(ids) - 1
        exact_perplexity, rough_perplexity = np.exp(losses / positions)
        yield {
            "positions": positions,
            "perplexity_float32": float(exact_perplexity),
            "perplexity_int8": float(rough_perplexity),
            "rise_percent": float(100 * (rough_perplexity / exact_perplexity - 1)),
            "same_top_token": same / positions,
        }


def loss(logits: np.ndarray, following: Ids) -> float:
    """The sum of -ln p of the tokens that do follow, in nats: logits (n, vocabulary), following (n,)."""
    largest = logits.max(-1)
    total = largest + np.log(np.exp(logits - largest[:, None]).sum(-1))
    return float((total - logits[np.arange(len(following)), list(following)]).sum())
