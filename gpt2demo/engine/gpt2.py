"""GPT-2, the whole model: token ids in, the logits of the next token out.

Text flows through one "residual stream" per token, a vector of `width` numbers. It begins as the token's embedding plus
its position's. Each block reads the stream twice, through attention (what do the tokens before me say?) and through an
MLP (what do I make of it?), and adds what it finds. At the end the stream is compared with every token's embedding: the
better they match, the likelier that token comes next.

Radford et al. (2019), "Language Models are Unsupervised Multitask Learners"; parameter names are those of its checkpoints.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gpt2demo.engine.checkpoint import Config, read_tensors
from gpt2demo.errors import ModelBroken

# How the queries of one layer meet its keys and values: (layer, q, k, v) -> mixed values, all (..., n, heads, d).
# The default is plain causal attention; the engine passes one that remembers, the microscope one that records.
Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]


def causal_attention(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(d)) v, where each token sees itself and those before it: (batch, n, heads, d)."""
    q, k, v = (x.transpose(-3, -2) for x in (q, k, v))  # (batch, heads, n, d)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(-3, -2)


class Attention(nn.Module):
    """Each head compares a token's query with the keys of all tokens so far and brings back a mix of their values."""

    def __init__(self, config: Config):
        super().__init__()
        self.heads = config.heads
        self.c_attn = nn.Linear(config.width, 3 * config.width)  # one matrix for queries, keys and values
        self.c_proj = nn.Linear(config.width, config.width)  # the heads, side by side, back into the stream

    def forward(self, layer: int, x: Tensor, attend: Attend) -> Tensor:
        q, k, v = self.c_attn(x).unflatten(-1, (3, self.heads, -1)).unbind(-3)  # each (..., n, heads, d)
        return self.c_proj(attend(layer, q, k, v).flatten(-2))


class MLP(nn.Module):
    """Two layers with a soft switch between them, applied to each token alone."""

    def __init__(self, config: Config):
        super().__init__()
        self.c_fc = nn.Linear(config.width, config.inner)
        self.c_proj = nn.Linear(config.inner, config.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    """One layer: read the stream (normalised), add what attention found, read again, add what the MLP made of it."""

    def __init__(self, config: Config):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.width, config.epsilon)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(config.width, config.epsilon)
        self.mlp = MLP(config)

    def forward(self, layer: int, x: Tensor, attend: Attend) -> Tensor:
        x = x + self.attn(layer, self.ln_1(x), attend)
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    """The model. `ids` and `positions` are integers of shape (..., n); the stream is (..., n, width)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.wte = table(config.vocabulary, config.width)
        self.wpe = table(config.positions, config.width)
        self.h = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.ln_f = nn.LayerNorm(config.width, config.epsilon)
        self.lm_head = nn.Linear(config.width, config.vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight  # the same matrix reads tokens in and writes them out

    def stream(self, ids: Tensor, positions: Tensor, attend: Attend = causal_attention) -> Iterator[Tensor]:
        """Yield the residual stream: the embeddings, then what stands after each block."""
        x = self.wte(ids) + self.wpe(positions)
        yield x
        for layer, block in enumerate(self.h):
            x = block(layer, x, attend)
            yield x

    def hidden(self, ids: Tensor, positions: Tensor, attend: Attend = causal_attention) -> Tensor:
        """The stream after the last block, before `ln_f`."""
        for x in self.stream(ids, positions, attend):
            pass
        return x

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (..., n, vocabulary): after each token, how well every token of the vocabulary would go on."""
        return self.lm_head(self.ln_f(self.hidden(ids, torch.arange(ids.shape[-1], device=ids.device))))


def table(rows: int, width: int) -> nn.Embedding:
    """An embedding table not yet filled.

    `nn.Embedding` itself would draw its numbers at once; without memory behind them, as in `load`, PyTorch imports its
    compiler for that, which takes longer than all the rest of loading.
    """
    return nn.Embedding.from_pretrained(torch.empty(rows, width), freeze=False)


def load(config: Config, weights: Path) -> GPT2:
    """The model with the weights of a safetensors file, in float32; raises `ModelBroken` naming what does not fit."""
    with torch.device("meta"):
        model = GPT2(config)
    state = {name: _oriented(name, tensor) for name, tensor in read_tensors(weights, config, "pt").items()}
    model.load_state_dict(state | {"lm_head.weight": state["wte.weight"]}, assign=True)
    model.lm_head.weight = model.wte.weight
    return model.eval().requires_grad_(False)


def merge(model: GPT2, deltas: dict[str, np.ndarray]) -> None:
    """Add to the weights what an adapter learned (see `adapter.py`); raises `ModelBroken` for a shape that does not fit."""
    parameters = dict(model.named_parameters())
    for name, delta in deltas.items():
        delta = _oriented(name, torch.from_numpy(delta))
        if name not in parameters or parameters[name].shape != delta.shape:
            raise ModelBroken(f"The adapter's {name} {tuple(delta.shape)} does not fit this model.", "Train it again.")
        parameters[name] += delta


def _oriented(name: str, tensor: Tensor) -> Tensor:
    """GPT-2's checkpoints store the matrices inside the blocks as (in, out); `nn.Linear` wants (out, in)."""
    inside = name.startswith("h.") and tensor.dim() == 2
    return (tensor.t() if inside else tensor).float().contiguous()
