"""A trained model as a folder in the Hugging Face layout, float16: what the demo and `transformers` open."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save

from gpt2demo.engine.gpt2 import GPT2
from gpt2demo.engine.tokenizer import END, Tokenizer
from gpt2demo.training.state import write_whole


def export(model: GPT2, tokenizer: Path, folder: Path) -> None:
    """Write weights, config and tokenizer; raises `BadInput` if the disk does not take them."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: stored(name, p.detach()) for name, p in model.named_parameters()}
    write_whole(folder / "model.safetensors", lambda file: file.write(save(tensors, {"format": "pt"})))
    end = Tokenizer(tokenizer).end
    settings = {"config.json": model_settings(model, end), "tokenizer_config.json": tokenizer_settings(model)}
    for name, content in settings.items():
        write_whole(folder / name, lambda file: file.write(json.dumps(content, indent=2).encode()))  # noqa: B023
    for name in ("vocab.json", "merges.txt"):
        if folder.resolve() != tokenizer.resolve():
            shutil.copyfile(tokenizer / name, folder / name)


def stored(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """A parameter as GPT-2's checkpoints have it: float16, the matrices inside the blocks as (in, out)."""
    inside = name.startswith("h.") and tensor.dim() == 2
    return (tensor.t() if inside else tensor).half().contiguous()


def model_settings(model: GPT2, end: int) -> dict:
    """The content of `config.json`."""
    c = model.config
    shape = {"vocab_size": c.vocabulary, "n_positions": c.positions, "n_embd": c.width, "n_layer": c.layers}
    shape |= {"n_head": c.heads, "n_inner": c.inner, "layer_norm_epsilon": c.epsilon}
    kind = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new"}
    dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    ends = {"bos_token_id": end, "eos_token_id": end, "tie_word_embeddings": True, "dtype": "float16"}
    return kind | shape | dropout | ends


def tokenizer_settings(model: GPT2) -> dict:
    """The content of `tokenizer_config.json`."""
    ends = {"bos_token": END, "eos_token": END, "unk_token": END, "add_prefix_space": False}
    return {"tokenizer_class": "GPT2Tokenizer", "model_max_length": model.config.positions} | ends
