"""Random GPT-2s to measure speed on: what a token costs depends on the shape of a model, not on what it has learnt."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from gpt2demo.engine.checkpoint import Config
from gpt2demo.engine.tokenizer import END, byte_alphabet

SHAPES = {
    "gpt2": Config(vocabulary=50257, positions=1024, width=768, layers=12, heads=12, inner=3072),
    "gpt2-mini": Config(vocabulary=16384, positions=512, width=384, layers=12, heads=12, inner=1536),
}


def write_random(folder: Path, shape: Config, seed: int = 0) -> Path:
    """Write a GPT-2 of this shape in the Hugging Face layout; its vocabulary beyond the 256 bytes stands for nothing.

    The matrices inside the blocks are three times as large as GPT-2's at the start of training, so that the logits hang on
    the text and greedy writing does not repeat one token.
    """
    rng = np.random.default_rng(seed)

    def normal(*size: int, scale: float = 0.02) -> np.ndarray:
        return scale * rng.standard_normal(size, dtype=np.float32)

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": np.ones(shape.width, np.float32), f"{name}.bias": normal(shape.width)}

    def linear(name: str, ins: int, outs: int) -> dict[str, np.ndarray]:
        return {f"{name}.weight": normal(ins, outs, scale=0.06), f"{name}.bias": normal(outs)}

    width, inner = shape.width, shape.inner
    tensors = {"wte.weight": normal(shape.vocabulary, width), "wpe.weight": normal(shape.positions, width)}
    for h in (f"h.{layer}" for layer in range(shape.layers)):
        tensors |= norm(f"{h}.ln_1") | norm(f"{h}.ln_2")
        tensors |= linear(f"{h}.attn.c_attn", width, 3 * width) | linear(f"{h}.attn.c_proj", width, width)
        tensors |= linear(f"{h}.mlp.c_fc", width, inner) | linear(f"{h}.mlp.c_proj", inner, width)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors | norm("ln_f"), folder / "model.safetensors", {"format": "pt"})
    sizes = {"vocab_size": shape.vocabulary, "n_positions": shape.positions, "n_embd": width, "n_inner": inner}
    known = {"model_type": "gpt2", "n_layer": shape.layers, "n_head": shape.heads}
    (folder / "config.json").write_text(json.dumps(known | sizes | {"bos_token_id": 256, "eos_token_id": 256}))
    (folder / "vocab.json").write_text(json.dumps({piece: id for id, piece in enumerate([*byte_alphabet(), END])}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return folder
