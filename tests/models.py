"""Models for tests: a random GPT-2 on disk, and engines whose next token is known beforehand."""

import json
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from safetensors.numpy import save_file
from tokenizers import ByteLevelBPETokenizer

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.engine.tokenizer import END
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Branch, Shelf, shares

TALE = (
    "The fox went down to the river, and the river was wide.",
    '"Take me over," the fox said to the heron; "I\'ll pay you well."',
    "The heron looked at the fox, and then at the water, and then it flew away on its own.",
)


def write_model(
    folder: Path,
    layers=3,
    heads=4,
    width=32,
    positions=256,
    inner: int | None = None,
    prefix="",
    seed=0,
    **config: object,
) -> Path:
    """Write a random GPT-2 in the Hugging Face layout, its weights large enough that attention is far from uniform."""
    vocabulary = write_tokenizer(folder) + 4  # a few rows without a token, as padded vocabularies have
    shape = {"vocab_size": vocabulary, "n_positions": positions, "n_embd": width, "n_layer": layers, "n_head": heads}
    known = {"model_type": "gpt2", "n_inner": inner, "bos_token_id": 0, "eos_token_id": 0}
    (folder / "config.json").write_text(json.dumps(shape | known | config))
    tensors = random_weights(vocabulary, positions, width, layers, inner or 4 * width, np.random.default_rng(seed))
    save_file(
        {prefix + name: tensor for name, tensor in tensors.items()}, folder / "model.safetensors", {"format": "pt"}
    )
    return folder


def write_tokenizer(folder: Path) -> int:
    """Write a small tokenizer and return how many tokens it has."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(TALE, vocab_size=300, min_frequency=1, special_tokens=[END], show_progress=False)
    tokenizer.save_model(str(folder))
    return tokenizer.get_vocab_size()


def random_weights(vocabulary: int, positions: int, width: int, layers: int, inner: int, rng) -> dict[str, np.ndarray]:
    """The tensors of a GPT-2 checkpoint by name, the matrices inside the blocks as (in, out)."""

    def normal(*shape: int, scale: float, mean: float = 0.0) -> np.ndarray:
        return rng.normal(mean, scale, shape).astype(np.float32)

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": normal(width, scale=0.1, mean=1.0), f"{name}.bias": normal(width, scale=0.1)}

    def linear(name: str, ins: int, outs: int, scale: float) -> dict[str, np.ndarray]:
        return {f"{name}.weight": normal(ins, outs, scale=scale), f"{name}.bias": normal(outs, scale=0.1)}

    tensors = {"wte.weight": normal(vocabulary, width, scale=0.4), "wpe.weight": normal(positions, width, scale=0.6)}
    for h in (f"h.{layer}" for layer in range(layers)):
        tensors |= norm(f"{h}.ln_1") | norm(f"{h}.ln_2")
        tensors |= linear(f"{h}.attn.c_attn", width, 3 * width, 0.3) | linear(f"{h}.attn.c_proj", width, width, 0.1)
        tensors |= linear(f"{h}.mlp.c_fc", width, inner, 0.2) | linear(f"{h}.mlp.c_proj", inner, width, 0.1)
    return tensors | norm("ln_f")


KNOWN_HEADS = {"first_token": (0, 0), "previous_token": (0, 1), "same_token": (1, 0), "induction": (1, 1)}
CLASSES, PLACES = 16, 48  # the known model tells tokens apart by their id modulo 16, and has 48 positions


def write_known_model(folder: Path) -> Path:
    """Write a GPT-2 set by hand, two layers of two heads, each of which does the one thing that `KNOWN_HEADS` says.

    The stream has a place for the token (one of 16), one for the position (one of 48) and one for the token before,
    each one-hot: first the embeddings fill two of them, then head (0, 1) copies the token before into the third, where
    head (1, 1) finds it: "this token stood before you, so what you are may come next". The MLPs add nothing.
    """
    width, d, sure = 128, 64, 40.0  # `sure`: by how much the right place wins before the softmax
    token, place, before = np.split(np.arange(2 * CLASSES + PLACES), [CLASSES, CLASSES + PLACES])
    zeros = {f"{norm}.bias": width for norm in ("ln_f", *(f"h.{i}.ln_{j}" for i in (0, 1) for j in (1, 2)))}
    tensors = {name: np.zeros(size) for name, size in zeros.items()}
    tensors |= {name.replace("bias", "weight"): np.ones(size) for name, size in zeros.items()}
    for layer, ones in ((0, 2), (1, 3)):  # a stream of `ones` ones: what a layer's norm subtracts and divides by
        mean, scale = ones / width, np.sqrt(ones / width - (ones / width) ** 2 + 1e-5)
        q, k, v = np.zeros((3, width, 2, d))
        bias, out = np.zeros((3, 2, d)), np.zeros((2, d, width))
        match = sure * scale**2 * np.sqrt(d)
        if layer == 0:
            bias[0, 0, 0], k[place[0], 0, 0] = sure * scale * np.sqrt(d), 1  # everybody looks at position 0
            q[place[1:], 1, np.arange(PLACES - 1)], k[place, 1, np.arange(PLACES)] = match, 1  # i looks at i - 1
            v[token, 1, np.arange(CLASSES)], bias[2, 1, :CLASSES] = scale, mean  # and writes down its token
            out[1, np.arange(CLASSES), before] = 1
        else:
            q[token, 0, np.arange(CLASSES)], k[token, 0, np.arange(CLASSES)] = match, 1  # the same token
            q[place, 0, CLASSES + np.arange(PLACES)], k[place, 0, CLASSES + np.arange(PLACES)] = -match, 1  # not me
            q[token, 1, np.arange(CLASSES)], k[before, 1, np.arange(CLASSES)] = match, 1  # whose token before is mine
            v[token, 1, np.arange(CLASSES)], bias[2, 1, :CLASSES] = scale, mean  # and says its token
            out[1, np.arange(CLASSES), token] = 3
        h = f"h.{layer}"
        tensors[f"{h}.attn.c_attn.weight"] = np.concatenate([x.reshape(width, 2 * d) for x in (q, k, v)], axis=1)
        tensors[f"{h}.attn.c_attn.bias"] = bias.ravel()
        tensors[f"{h}.attn.c_proj.weight"], tensors[f"{h}.attn.c_proj.bias"] = (
            out.reshape(width, width),
            np.zeros(width),
        )
        tensors |= {f"{h}.mlp.c_fc.weight": np.zeros((width, 1)), f"{h}.mlp.c_fc.bias": np.zeros(1)}
        tensors |= {f"{h}.mlp.c_proj.weight": np.zeros((1, width)), f"{h}.mlp.c_proj.bias": np.zeros(width)}
    vocabulary = write_tokenizer(folder)
    tensors["wte.weight"] = np.eye(CLASSES, width)[np.arange(vocabulary) % CLASSES]
    tensors["wpe.weight"] = np.eye(PLACES, width, CLASSES)
    save_file(
        {name: x.astype(np.float32) for name, x in tensors.items()}, folder / "model.safetensors", {"format": "pt"}
    )
    shape = {"vocab_size": vocabulary, "n_positions": PLACES, "n_embd": width, "n_layer": 2, "n_head": 2, "n_inner": 1}
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"} | shape))
    return folder


def engine_writing(chunks: Sequence[bytes], prompt_length: int = 1, positions: int = 512) -> FakeEngine:
    """An engine that goes on from a prompt of `>` with these chunks, one token each, then ends the text."""
    pieces = list(dict.fromkeys([b">", *chunks]))
    script = [pieces.index(chunk) for chunk in chunks]

    def weights(ids: tuple[int, ...]) -> np.ndarray:
        at = len(ids) - prompt_length
        return np.eye(len(pieces) + 1)[script[at] if at < len(script) else -1]

    return FakeEngine(pieces, weights, positions)


def engine_by_chance(positions: int = 512) -> FakeEngine:
    """An engine over six words whose next token hangs on the whole text so far, as if by chance; it never ends one."""
    words = [b"the", b" cat", b" sat", b" on", b" a", b" mat"]

    def weights(ids: tuple[int, ...]) -> np.ndarray:
        return np.append(np.random.default_rng(crc32(bytes(ids))).random(len(words)) ** 2, 0.0)

    return FakeEngine(words, weights, positions)


def write_out(engine, branch: Branch, decoding, shelf: Shelf | None = None) -> Branch:
    """The branch as it is when writing has ended."""
    for branch in write(engine, branch, decoding, shelf or Shelf(2**20)):
        pass
    return branch


def written_text(engine, branch: Branch) -> str:
    """What a reader sees after the prompt."""
    return "".join(shares(engine, branch)[branch.prompt_length :])
