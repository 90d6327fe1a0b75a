"""How well a model foresees English: bits per byte of each held-out source, WikiText-2, and the last words of LAMBADA."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

from gpt2demo.engine.contract import Engine
from gpt2demo.engine.tokenizer import END
from gpt2demo.errors import BadInput
from gpt2demo.interpret.likelihood import Likelihood, surprises, tallies

WINDOW, STRIDE = 512, 256

# GPT-2 of 124 M parameters, zero-shot: Radford et al. (2019), table 3. Its texts were de-tokenized first and its LAMBADA
# accuracy left out stop words, so these stand beside ours as a reference, not as the same measurement.
PUBLISHED = {
    "model": "gpt2 (124 M), Radford et al. 2019",
    "wikitext2_perplexity": 29.41,
    "lambada_perplexity": 35.13,
    "lambada_accuracy": 0.4599,
}
PROTOCOL = {
    "sources": "windows of 512 tokens moved by 256, tokens not yet scored count, the last part window is left out; "
    "the first tokens of each source, 20,000 unless told; an end of text is a token of no bytes",
    "wikitext2": "the raw test file as it stands, read on from window to window (512, moved by 256), every token after "
    "the first scored; word perplexity: a word or a line's end of the file",
    "lambada": "the last word given all before it in the passage; right if each of its tokens is the likeliest; "
    "perplexity: exp of the mean surprise at the whole word",
}


def held_out_sources(engine: Engine, data: Path, most: int = 20_000) -> Iterator[dict]:
    """Yield name, bits_per_byte, perplexity and tokens of each source in `data/text/val`; raises `BadInput` without them."""
    import zstandard

    files = sorted((data / "text" / "val").glob("*.txt.zst"))
    if not files:
        raise BadInput(f"There are no held-out texts in {data / 'text' / 'val'}.", "Name the data folder with --data.")
    for path in files:
        with path.open("rb") as file:
            text = zstandard.ZstdDecompressor().stream_reader(file).read().decode("utf-8")
        ids = document_ids(engine, text, most)
        for tally in tallies(engine, ids, window(engine), window(engine) // 2, tail=False):
            pass
        yield {"name": path.name.removesuffix(".txt.zst"), **scores(tally)}


def window(engine: Engine) -> int:
    """The length of a window: 512, or all that a shorter model can read."""
    return min(WINDOW, engine.info.positions)


def document_ids(engine: Engine, text: str, most: int) -> list[int]:
    """The first `most` tokens of a file of documents, an end of text after each."""
    ids: list[int] = []
    for document in text.split(END):
        if len(ids) >= most:
            break
        if document := document.strip("\r\n"):
            ids += [*engine.tokenizer.encode(document), engine.tokenizer.end]
    return ids[:most]


def scores(tally: Likelihood) -> dict:
    """The measures of a text's likelihood, as the JSON has them."""
    return {"bits_per_byte": tally.bits_per_byte, "perplexity": tally.perplexity, "tokens": tally.tokens}


def wikitext2(engine: Engine, data: Path, most: int = 0) -> Iterator[dict]:
    """Yield the tally so far over WikiText-2's raw test set (its first `most` tokens, if not 0)."""
    text = read(data / "lm" / "wikitext2" / "wiki.test.raw")
    ids = engine.tokenizer.encode(text)
    words = len(text.split()) + text.count("\n")
    for tally in tallies(engine, ids[: most or None], window(engine), window(engine) // 2):
        read_words = words * tally.tokens / (len(ids) - 1)  # exact once all is read
        yield scores(tally) | {"word_perplexity": math.exp(tally.nats / read_words)}


def lambada(engine: Engine, data: Path, most: int = 0) -> Iterator[dict]:
    """Yield the tally so far over LAMBADA's passages (the first `most`, if not 0): accuracy and perplexity."""
    lines = read(data / "lm" / "lambada" / "lambada_test_openai.jsonl").splitlines()
    right, nats = 0, 0.0
    for done, line in enumerate(lines[: most or None], 1):
        before, word = json.loads(line)["text"].rsplit(" ", 1)
        hit, surprise = last_word(engine, before, " " + word)
        right, nats = right + hit, nats + surprise
        yield {"accuracy": right / done, "perplexity": math.exp(nats / done), "passages": done}


def last_word(engine: Engine, before: str, word: str) -> tuple[bool, float]:
    """Whether each token of `word` is the likeliest one, and the surprise at all of them together, in nats."""
    end = engine.tokenizer.encode(word)
    ids = engine.tokenizer.encode(before)[-(engine.info.positions + 1 - len(end)) :] + end
    first = len(ids) - len(end)
    logits = engine.logits(ids[:-1], range(first - 1, len(ids) - 1))
    return logits.argmax(-1).tolist() == end, float(surprises(logits, end).sum())


def read(path: Path) -> str:
    """The text of a file; raises `BadInput` if it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"There is no {path}.", "Name the data folder with --data.") from None
