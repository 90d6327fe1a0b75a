"""How often a model's texts end in a loop: continuations of real beginnings, default settings, one seed each."""

from collections.abc import Iterator
from pathlib import Path

from gpt2demo.engine.contract import Engine
from gpt2demo.engine.tokenizer import END
from gpt2demo.errors import BadInput
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Shelf, from_prompt, ids_of, loop
from gpt2demo.generation.sampling import Decoding

PROMPT_WORDS = 8


def prompts(data: Path, count: int) -> list[str]:
    """The first words of held-out documents, evenly over the sources in `data/text/val`; raises `BadInput` without them."""
    import zstandard

    files = sorted((data / "text" / "val").glob("*.txt.zst"))
    if not files:
        raise BadInput(f"There are no held-out texts in {data / 'text' / 'val'}.", "Name the data folder with --data.")
    beginnings = []
    for path in files:
        with path.open("rb") as file:
            text = zstandard.ZstdDecompressor().stream_reader(file).read().decode("utf-8")
        documents = [" ".join(d.split()[:PROMPT_WORDS]) for d in text.split(END) if len(d.split()) > 3 * PROMPT_WORDS]
        beginnings.append(documents[: -(-count // len(files))])
    return [d for documents in beginnings for d in documents][:count]


def measure(engine: Engine, data: Path, count: int = 200) -> Iterator[dict]:
    """Write `count` continuations; yields the tally so far, the looping texts with it."""
    looped: list[str] = []
    for i, prompt in enumerate(prompts(data, count)):
        decoding = Decoding(seed=i)
        branch = from_prompt(engine, prompt, decoding, "")
        for branch in write(engine, branch, decoding, Shelf(0)):
            pass
        ids = ids_of(branch.leaf)
        if loop(ids):
            looped.append(engine.tokenizer.decode(ids))
        yield {"continuations": i + 1, "loops": len(looped), "share": len(looped) / (i + 1), "texts": looped}
