"""GPT-2 a second time, in NumPy float64: slow, and so short that it can be trusted to judge an export."""

import numpy as np

from gpt2demo.engine.checkpoint import Config
from gpt2demo.engine.contract import Ids

Weights = dict[str, np.ndarray]


def forward(config: Config, weights: Weights, ids: Ids) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Logits (n, vocabulary), the stream after `ln_f` (n, width) and attention (heads, n, n) of each layer of one text."""
    weights = {name: tensor.astype(np.float64) for name, tensor in weights.items()}
    n, attention = len(ids), []
    x = weights["wte.weight"][list(ids)] + weights["wpe.weight"][:n]
    for h in (f"h.{layer}" for layer in range(config.layers)):
        qkv = linear(weights, f"{h}.attn.c_attn", norm(config, weights, f"{h}.ln_1", x))
        q, k, v = qkv.reshape(n, 3, -1, config.width // config.heads).transpose(1, 2, 0, 3)  # each (heads, n, d)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        scores[:, np.triu(np.ones((n, n), dtype=bool), 1)] = -np.inf
        attention.append(softmax(scores))
        mixed = (attention[-1] @ v).transpose(1, 0, 2).reshape(n, -1)
        x = x + linear(weights, f"{h}.attn.c_proj", mixed)
        inner = linear(weights, f"{h}.mlp.c_fc", norm(config, weights, f"{h}.ln_2", x))
        x = x + linear(weights, f"{h}.mlp.c_proj", gelu(inner))
    x = norm(config, weights, "ln_f", x)
    return x @ weights["wte.weight"].T, x, attention


def linear(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    return x @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def norm(config: Config, weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + config.epsilon)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu(x: np.ndarray) -> np.ndarray:
    """The tanh approximation that GPT-2 was trained with."""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)
