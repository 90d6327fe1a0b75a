"""What a training step costs, and what makes it cheaper: variants of one step, measured in turn on the same weights.

A variant's cost is the processor time of one thread per token (forward, loss and backward), so that other work on the
machine disturbs it little; rounds are interleaved and the median counts.
"""

import functools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from gpt2demo.engine import gpt2
from gpt2demo.engine.checkpoint import Config
from gpt2demo.training.state import fresh

MINI = Config(vocabulary=16384, positions=512, width=384, layers=12, heads=12, inner=1536)
CHUNK = 128  # positions whose logits are computed together: 128 x 16,384 float32 are 8 MB


@dataclass(frozen=True)
class Variant:
    """One way to do a step; the defaults are what `train base` does where bfloat16 is slow."""

    name: str
    batch: int = 2
    length: int = 256
    precision: torch.dtype = torch.float32  # of the matrix products, by autocast
    weights: torch.dtype = torch.float32
    compiled: bool = False
    explicit_attention: bool = False
    chunked_loss: bool = False
    sigmoid_gelu: bool = False


VARIANTS = (
    Variant("float32, 2 x 256"),
    Variant("8 x 256", batch=8),
    Variant("4 x 128", batch=4, length=128),
    Variant("1 x 512", batch=1, length=512),
    Variant("explicit attention", explicit_attention=True),
    Variant("cross entropy in chunks, recomputed", chunked_loss=True),
    Variant("gelu by a sigmoid", sigmoid_gelu=True),
    Variant("torch.compile", compiled=True),
    Variant("torch.compile, gelu by a sigmoid", compiled=True, sigmoid_gelu=True),
    Variant("torch.compile, explicit attention", compiled=True, explicit_attention=True),
    Variant("bfloat16 by autocast", precision=torch.bfloat16),
    Variant("bfloat16 weights", weights=torch.bfloat16),
)


def explicit_attention(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention that writes the whole matrix of weights: (batch, n, heads, d)."""
    q, k, v = (x.transpose(-3, -2) for x in (q, k, v))
    later = torch.ones(q.shape[-2], q.shape[-2], dtype=torch.bool).triu(1)
    scores = (q @ k.mT * q.shape[-1] ** -0.5).masked_fill(later, float("-inf"))
    return (scores.softmax(-1) @ v).transpose(-3, -2)


def mlp_by_sigmoid(mlp: gpt2.MLP, x: Tensor) -> Tensor:
    """The MLP with GPT-2's gelu, 0.5 x (1 + tanh u), written as x sigmoid(2u)."""
    x = mlp.c_fc(x)
    return mlp.c_proj(x * torch.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x)))


def chunk_loss(stream: Tensor, embedding: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy whose logits exist for one chunk at a time, and again when the gradient comes by."""

    def part(stream: Tensor, embedding: Tensor, targets: Tensor) -> Tensor:
        return F.cross_entropy(F.linear(stream, embedding).float(), targets, reduction="sum")

    parts = zip(stream.split(CHUNK), targets.split(CHUNK))
    return sum(checkpoint(part, s, embedding, t, use_reentrant=False) for s, t in parts) / len(targets)


def model_and_step(variant: Variant, config: Config) -> tuple[gpt2.GPT2, Callable[[Tensor, Tensor], Tensor]]:
    """A random model, and its loss for one batch as the variant computes it."""
    model = fresh(config, 0, torch.float32).model.to(variant.weights)
    for block in model.h if variant.sigmoid_gelu else ():
        block.mlp.forward = functools.partial(mlp_by_sigmoid, block.mlp)
    attend = explicit_attention if variant.explicit_attention else gpt2.causal_attention

    def loss(ids: Tensor, targets: Tensor) -> Tensor:
        stream = model.ln_f(model.hidden(ids, torch.arange(ids.shape[1]), attend)).flatten(0, 1)
        if variant.chunked_loss:
            return chunk_loss(stream, model.wte.weight, targets.flatten())
        return F.cross_entropy(F.linear(stream, model.wte.weight).float(), targets.flatten())

    return model, torch.compile(loss) if variant.compiled else loss


def seconds(variant: Variant, model: gpt2.GPT2, step: Callable) -> float:
    """Processor seconds of one forward and backward pass."""
    ids = torch.randint(0, model.config.vocabulary, (variant.batch, variant.length + 1))
    began = time.process_time()
    with torch.autocast("cpu", torch.bfloat16, enabled=variant.precision == torch.bfloat16):
        loss = step(ids[:, :-1], ids[:, 1:])
    loss.backward()
    model.zero_grad()
    return time.process_time() - began


def measure(rounds: int = 3, variants: Sequence[Variant] = VARIANTS, config: Config = MINI) -> Iterator[dict]:
    """Yield, for each variant, the median processor seconds per 1,000 tokens and the spread over the rounds."""
    torch.set_num_threads(1)
    steps = {variant: model_and_step(variant, config) for variant in variants}
    for variant, (model, step) in steps.items():
        seconds(variant, model, step)  # compile, and touch the memory
    costs: dict[Variant, list[float]] = {variant: [] for variant in variants}
    for _ in range(rounds):
        for variant, (model, step) in steps.items():
            costs[variant].append(1000 * seconds(variant, model, step) / (variant.batch * variant.length))
    for variant, found in costs.items():
        yield {"variant": variant.name, "seconds": statistics.median(found), "low": min(found), "high": max(found)}
