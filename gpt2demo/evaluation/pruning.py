"""What each attention head is worth, and what a model loses and gains without the least important ones."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gpt2demo.engine import gpt2
from gpt2demo.engine.contract import Engine, Ids
from gpt2demo.evaluation.int8 import loss

SHARES = (0.10, 0.25, 0.50)  # of all heads
PROMPT, NEW = 64, 64  # tokens that are read and written to take the time
HEAD = ("heads pruned", "perplexity", "rise", "tokens/s", "ratio", "file")


@torch.inference_mode()
def rises(model: gpt2.GPT2, texts: Sequence[Ids]) -> Iterator[tuple[float, np.ndarray]]:
    """Switch off every head alone: the loss over texts of one length, and how much it rises, (layers, heads), in nats a token.

    Yields after each layer; the layers that are not yet done are not a number.
    """
    ids = torch.tensor([list(text) for text in texts])
    streams = list(model.stream(ids, torch.arange(ids.shape[1])))
    found = np.full((model.config.layers, model.config.heads), np.nan)
    whole = mean_loss(model, streams[-1], ids)
    for layer in range(model.config.layers):
        for head in range(model.config.heads):
            x = streams[layer]
            for above in range(layer, model.config.layers):
                x = model.h[above](above, x, all_but(layer, head))
            found[layer, head] = mean_loss(model, x, ids) - whole
        yield whole, found


def all_but(layer: int, head: int) -> gpt2.Attend:
    """Attention in which one head brings nothing back."""

    def attend(at: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        mixed = gpt2.causal_attention(at, q, k, v)
        if at == layer:
            mixed[..., head, :] = 0
        return mixed

    return attend


def mean_loss(model: gpt2.GPT2, stream: Tensor, ids: Tensor) -> float:
    """-ln p of the token that does follow, on average: stream (texts, n, width), ids (texts, n)."""
    losses = [
        F.cross_entropy(model.lm_head(model.ln_f(x[:-1])).float(), following[1:]) for x, following in zip(stream, ids)
    ]
    return float(torch.stack(losses).mean())


def compare(open_pruned: Callable[[int], Engine], heads: int, texts: Sequence[Ids], rounds: int) -> Iterator[dict]:
    """Perplexity, speed and size without 0, 10, 25 and 50 % of the heads; the engines write in turns."""
    counts = [0, *(round(share * heads) for share in SHARES)]
    engines = [open_pruned(count) for count in counts]
    speeds: list[list[float]] = [[] for _ in engines]
    for number in range(rounds + 1):
        for i, engine in enumerate(engines):
            speed = tokens_per_second(engine)
            if number:  # the first turn only makes buffers
                speeds[i].append(speed)
    whole = None
    for count, engine, speed in zip(counts, engines, speeds):
        reached = perplexity(engine, texts)
        whole = whole or reached
        yield {
            "pruned": count,
            "share": count / heads,
            "perplexity": reached,
            "rise_percent": 100 * (reached / whole - 1),
            "tokens_per_second": median(speed),
            "speed_ratio": median(a / b for a, b in zip(speed, speeds[0])),
            "megabytes": engine.info.megabytes,
        }


def perplexity(engine: Engine, texts: Sequence[Ids]) -> float:
    total = sum(loss(engine.logits(ids, range(len(ids) - 1)).astype(np.float64), ids[1:]) for ids in texts)
    return float(np.exp(total / sum(len(ids) - 1 for ids in texts)))


def tokens_per_second(engine: Engine) -> float:
    """Greedy writing after a prompt of random tokens, the reading of the prompt included."""
    ids = np.random.default_rng(1).integers(engine.info.vocabulary, size=PROMPT).tolist()
    began = time.perf_counter()
    step = engine.start(ids)
    for _ in range(NEW - 1):
        step = engine.step(step.past, [int(step.logits.argmax())])
    return NEW / (time.perf_counter() - began)


def record(sha256: str, whole: float, found: np.ndarray, tokens: int, folder: Path) -> dict:
    """What is kept beside the weights."""
    rows = [[round(float(value), 6) for value in row] for row in found]
    return {"model": folder.name, "sha256": sha256, "tokens": tokens, "loss": round(whole, 4), "rises": rows}


def cells(row: dict) -> list[str]:
    """A row of the table that `eval heads` prints and a model's card shows, below `HEAD`."""
    return [
        f"{row['pruned']} ({row['share']:.0%})",
        f"{row['perplexity']:.2f}",
        f"{row['rise_percent']:+.2f} %",
        f"{row['tokens_per_second']:.0f}",
        f"{row['speed_ratio']:.2f}x",
        f"{row['megabytes']:.1f} MB",
    ]
