"""The text that a model is trained on: files of documents, packed into arrays of token ids, drawn window by window.

A corpus is a folder of `.txt` or `.txt.zst` files, one a source, or two such folders `train` and `val`. Documents are
separated by a line `<|endoftext|>`. Of a corpus without `val`, the last fiftieth of each source is held out.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import ByteLevelBPETokenizer

from gpt2demo.engine.tokenizer import END, Tokenizer
from gpt2demo.errors import BadInput

HELD_OUT = 50  # of a source without held-out documents, one token in so many is kept back
AT_ONCE = 512  # documents that are encoded together
LARGEST_VOCABULARY = 2**16  # ids are stored as uint16


def documents(path: Path) -> list[str]:
    """The documents of one file; raises `BadInput` if it is no UTF-8 or no zstandard."""
    import zstandard

    try:
        with path.open("rb") as file:
            packed = path.suffix == ".zst"
            raw = zstandard.ZstdDecompressor().stream_reader(file).read() if packed else file.read()
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 (byte {error.start:,}).", "Save it as UTF-8.") from None
    except zstandard.ZstdError as error:
        raise BadInput(f"{path} cannot be unpacked: {error}.", "Compress it again with zstd.") from None
    return [document for part in text.split(END) if (document := part.strip("\r\n"))]


def sources(folder: Path) -> list[Path]:
    """The files of a corpus folder, by name; raises `BadInput` if there are none."""
    found = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.zst")])
    if not found:
        raise BadInput(f"There are no .txt or .txt.zst files in {folder}.", "Name another folder with --corpus.")
    return found


def name_of(path: Path) -> str:
    """`news.txt.zst` -> `news`."""
    return path.name.removesuffix(".zst").removesuffix(".txt")


def training_files(corpus: Path) -> list[Path]:
    """The files to train on; raises `BadInput` if there are none."""
    return sources(corpus / "train" if (corpus / "train").is_dir() else corpus)


def train_tokenizer(corpus: Path, vocabulary: int, folder: Path) -> None:
    """Make a byte-level BPE of the corpus in GPT-2's format: `vocab.json` and `merges.txt` in `folder`.

    The end of text is token 0, the 256 bytes follow. Raises `BadInput` for a size that cannot be.
    """
    if not 257 <= vocabulary <= LARGEST_VOCABULARY:
        raise BadInput(f"A vocabulary of {vocabulary:,} tokens cannot be made.", "Take 257 to 65,536.")
    folder.mkdir(parents=True, exist_ok=True)
    bpe = ByteLevelBPETokenizer()
    texts = (document for path in training_files(corpus) for document in documents(path))
    bpe.train_from_iterator(texts, vocab_size=vocabulary, special_tokens=[END], show_progress=False)
    bpe.save_model(str(folder))


def encode(bpe: ByteLevelBPETokenizer, path: Path, end: int) -> np.ndarray:
    """One source as ids, the end of text after each document: uint16 (tokens,)."""
    texts, ids = documents(path), []
    for first in range(0, len(texts), AT_ONCE):
        for encoding in bpe.encode_batch(texts[first : first + AT_ONCE]):
            ids += [*encoding.ids, end]
    return np.array(ids, dtype=np.uint16)


def pack(corpus: Path, tokenizer: Path, folder: Path) -> Iterator[str]:
    """Write `train_NAME.npy` and `val_NAME.npy` for each source, yielding names; a folder that is there is complete."""
    if folder.is_dir():
        return
    known = Tokenizer(tokenizer)
    if known.size > LARGEST_VOCABULARY:
        raise BadInput(f"The tokenizer in {tokenizer} has more than 65,536 tokens.", "Take a smaller one.")
    bpe = ByteLevelBPETokenizer(str(tokenizer / "vocab.json"), str(tokenizer / "merges.txt"))
    unfinished = folder.with_name(folder.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for path in training_files(corpus):
        ids = encode(bpe, path, known.end)
        held_out = corpus / "val" / path.name
        if held_out.is_file():
            train, val = ids, encode(bpe, held_out, known.end)
        else:
            train, val = np.split(ids, [len(ids) - len(ids) // HELD_OUT])
        np.save(unfinished / f"train_{name_of(path)}.npy", train)
        np.save(unfinished / f"val_{name_of(path)}.npy", val)
        yield name_of(path)
    unfinished.replace(folder)


def held_out(folder: Path) -> dict[str, np.ndarray]:
    """The held-out ids of each source of a packed corpus."""
    return {path.stem.removeprefix("val_"): np.load(path) for path in sorted(folder.glob("val_*.npy"))}


@dataclass(frozen=True)
class Mix:
    """Sources by name, and the share of the windows that each one gets."""

    ids: Mapping[str, np.ndarray]
    shares: np.ndarray

    def batch(self, size: int, length: int, *seed: int) -> np.ndarray:
        """Random windows (size, length + 1) that depend on the seed alone: a resumed run sees what it would have seen."""
        draw, arrays = np.random.default_rng(seed), list(self.ids.values())
        rows = []
        for source in draw.choice(len(arrays), size, p=self.shares):
            first = draw.integers(0, len(arrays[source]) - length)
            rows.append(arrays[source][first : first + length + 1])
        return np.stack(rows).astype(np.int64)


def open_mix(folder: Path, weights: Path | None, length: int, batch: int) -> Mix:
    """The sources of a packed corpus; `weights` is a JSON file that weighs some against their size: `{"news": 3}`.

    Raises `BadInput` if there is less than one batch to train on, a source without one window, or a weight that is
    no number above zero for a source that is there.
    """
    arrays = {p.stem.removeprefix("train_"): np.load(p, mmap_mode="r") for p in sorted(folder.glob("train_*.npy"))}
    total = sum(map(len, arrays.values()))
    if total < batch * (length + 1):
        raise BadInput(
            f"The corpus has {total:,} tokens to train on, fewer than one batch of {batch} x {length + 1}.",
            "Take more text, or a smaller --batch or --length.",
        )
    for name, ids in arrays.items():
        if len(ids) <= length:
            raise BadInput(
                f"The source {name} has {len(ids):,} tokens, fewer than a window of {length + 1}.",
                "Join it to another file, or take a smaller --length.",
            )
    factors = read_weights(weights, set(arrays)) if weights else {}
    shares = np.array([factors.get(name, 1.0) * len(ids) for name, ids in arrays.items()])
    return Mix(arrays, shares / shares.sum())


def read_weights(path: Path, names: set[str]) -> dict[str, float]:
    """The weights in a JSON file; raises `BadInput` for what is no number above zero, or for no source."""
    try:
        weights = json.loads(path.read_text(encoding="utf-8"))
        good = all(isinstance(w, int | float) and 0 < w < float("inf") for w in weights.values())
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(f"{path} cannot be read as weights: {error}.", 'It should look like {"news": 3}.') from None
    if not good:
        raise BadInput(f"A weight in {path} is no number above zero.", 'It should look like {"news": 3}.')
    if strange := sorted(set(weights) - names):
        raise BadInput(f"{path} weighs {strange[0]}, which is no source.", f"There are {', '.join(sorted(names))}.")
    return weights
