"""The findings of `interpret`, from their definitions: loops and float64 over what `transformers` computed."""

import numpy as np
import torch

from tests.references.hugging_face import Reference


def head_metrics(attentions: np.ndarray, ids: list[int]) -> dict[str, np.ndarray]:
    """Each metric of each map of (layers, heads, n, n), weight by weight: (layers, heads)."""
    tables = {
        metric: np.zeros(attentions.shape[:2])
        for metric in ("first_token", "previous_token", "same_token", "induction", "distance", "entropy")
    }
    n = len(ids)
    for layer, head in np.ndindex(attentions.shape[:2]):
        a = attentions[layer, head].astype(np.float64)
        at = dict.fromkeys(tables, 0.0)
        for i in range(n):
            at["first_token"] += a[i, 0]
            at["previous_token"] += a[i, i - 1] if i > 0 else 0.0
            for j in range(i):
                at["same_token"] += a[i, j] if ids[j] == ids[i] else 0.0
                at["induction"] += a[i, j + 1] if ids[j] == ids[i] else 0.0
            for j in range(i + 1):
                at["distance"] += a[i, j] * (i - j)
                at["entropy"] -= a[i, j] * np.log2(a[i, j]) if a[i, j] > 0 else 0.0
        for metric in tables:
            tables[metric][layer, head] = at[metric] / n
    return tables


def lower_triangles(attentions: np.ndarray) -> np.ndarray:
    """Row after row of each map, up to the diagonal, all in one line."""
    n = attentions.shape[-1]
    return np.concatenate([a[i, : i + 1] for layer in attentions for a in layer for i in range(n)])


@torch.inference_mode()
def values(reference: Reference, ids: list[int], layer: int) -> np.ndarray:
    """The values of a layer's heads (heads, n, d), from the stream before it."""
    block = reference.model.transformer.h[layer]
    stream = torch.from_numpy(reference.look(ids).hidden[layer])
    split = block.attn.c_attn(block.ln_1(stream)).split(block.attn.split_size, dim=-1)[2]
    return split.unflatten(-1, (block.attn.num_heads, -1)).transpose(0, 1).numpy()


@torch.inference_mode()
def changed_logits(reference: Reference, ids: list[int], heads=(), mlps=(), stream=None) -> np.ndarray:
    """The last position's logits with heads and MLPs switched off and the stream overwritten, by hooks."""
    blocks, hooks = reference.model.transformer.h, []

    def off(module, inputs, layer):
        mixed = inputs[0].clone()
        d = mixed.shape[-1] // blocks[layer].attn.num_heads
        for head in (head for at, head in heads if at == layer):
            mixed[..., head * d : (head + 1) * d] = 0
        return (mixed, *inputs[1:])

    def overwritten(module, inputs, layer):
        entering = inputs[0].clone()
        for (at, position), vector in (stream or {}).items():
            if at == layer:
                entering[0, position] = torch.from_numpy(vector)
        return (entering, *inputs[1:])

    for layer, block in enumerate(blocks):
        hooks.append(block.attn.c_proj.register_forward_pre_hook(lambda m, i, at=layer: off(m, i, at)))
        hooks.append(block.register_forward_pre_hook(lambda m, i, at=layer: overwritten(m, i, at)))
        if layer in mlps:
            hooks.append(block.mlp.register_forward_hook(lambda m, i, out: torch.zeros_like(out)))
    try:
        return reference.model(torch.tensor([ids])).logits[0, -1].numpy()
    finally:
        for hook in hooks:
            hook.remove()


def embedding_gradient(reference: Reference, embeddings: np.ndarray, goal) -> tuple[float, np.ndarray]:
    """The log-probability of a next token, or last hidden state times a direction, and its gradient (n, width)."""
    tokens = torch.from_numpy(embeddings)[None].requires_grad_()
    if isinstance(goal, np.ndarray):
        number = reference.model.transformer(inputs_embeds=tokens).last_hidden_state[0, -1] @ torch.from_numpy(goal)
    else:
        number = reference.model(inputs_embeds=tokens).logits[0, -1].log_softmax(-1)[goal]
    (gradient,) = torch.autograd.grad(number, tokens)
    return number.item(), gradient[0].numpy()
