"""Looks inside the forward pass of a PyTorch GPT-2, and changes it on the way."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from gpt2demo.engine import gpt2
from gpt2demo.engine.contract import Change, Ids, ModelInfo, check_room


class TorchMicroscope:
    """The `Microscope` of a model that runs in PyTorch."""

    def __init__(self, model: gpt2.GPT2, info: ModelInfo):
        self._model = model
        self._info = info

    @torch.inference_mode()
    def hidden_states(self, ids: Ids) -> np.ndarray:
        return torch.stack(list(self._stream(ids))).float().numpy(force=True)

    @torch.inference_mode()
    def queries_keys_values(self, ids: Ids, layer: int) -> np.ndarray:
        recorded = []

        def attend(at: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            if at == layer:
                recorded.extend((q, k, v))
            return gpt2.causal_attention(at, q, k, v)

        for _, _ in zip(self._stream(ids, attend), range(layer + 2)):
            pass  # the blocks above need not run
        return torch.stack(recorded).transpose(1, 2).float().numpy(force=True)

    @torch.inference_mode()
    def unembed(self, stream: np.ndarray) -> np.ndarray:
        return self._logits(self._tensor(stream)).float().numpy(force=True)

    @torch.inference_mode()
    def changed(self, ids: Ids, changes: Sequence[Change]) -> np.ndarray:
        unchanged = next(self._stream(ids))
        first = [min(change.layers, default=0) for change in changes]  # the layer at which each leaves the common path
        order, stream = [], unchanged.new_empty(0, *unchanged.shape)
        for layer, block in enumerate(self._model.h):
            leaving = [i for i, start in enumerate(first) if start == layer]
            order += leaving
            stream = torch.cat([stream, unchanged.expand(len(leaving), -1, -1)])
            if order:
                stream = self._layer(layer, stream, [changes[i] for i in order])
            if len(order) < len(changes):
                unchanged = block(layer, unchanged, gpt2.causal_attention)
        logits = self._logits(stream[:, -1])
        return logits[np.argsort(order).tolist()].float().numpy(force=True)

    @torch.inference_mode()
    def embeddings(self, ids: Ids) -> np.ndarray:
        return self._model.wte(torch.tensor(ids, device=self._info.device)).float().numpy(force=True)

    def gradients(self, embeddings: np.ndarray, goal: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        check_room(self._info, embeddings.shape[1])
        tokens = self._tensor(embeddings).requires_grad_()
        x = tokens + self._model.wpe.weight[: tokens.shape[1]]
        for layer, block in enumerate(self._model.h):
            x = block(layer, x, gpt2.causal_attention)
        if isinstance(goal, np.ndarray):
            number = (self._model.ln_f(x[:, -1]) @ self._tensor(goal)).float()
        else:
            number = self._logits(x[:, -1]).float().log_softmax(-1)[:, goal]
        (gradients,) = torch.autograd.grad(number.sum(), tokens)
        return number.numpy(force=True), gradients.float().numpy(force=True)

    def _layer(self, layer: int, x: Tensor, changes: Sequence[Change]) -> Tensor:
        """A block over one stream a change, (changes, n, width), each with its change made."""
        block = self._model.h[layer]
        heads, mlp = x.new_ones(len(changes), 1, block.attn.heads, 1), x.new_ones(len(changes), 1, 1)
        for i, change in enumerate(changes):
            for head in (head for at, head in change.heads if at == layer):
                heads[i, :, head] = 0
            for (_, position), vector in ((place, v) for place, v in change.stream.items() if place[0] == layer):
                x[i, position] = self._tensor(vector)
            mlp[i] = layer not in change.mlps

        def attend(at: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            return gpt2.causal_attention(at, q, k, v) * heads

        x = x + block.attn(layer, block.ln_1(x), attend)
        if layer == self._info.layers - 1:
            x = x[:, -1:]  # nothing reads the others any more
        return x + block.mlp(block.ln_2(x)) * mlp

    def _logits(self, stream: Tensor) -> Tensor:
        return self._model.lm_head(self._model.ln_f(stream))

    def _tensor(self, array: np.ndarray) -> Tensor:
        like = self._model.wte.weight
        return torch.from_numpy(array).to(like.device, like.dtype)

    def _stream(self, ids: Ids, attend: gpt2.Attend = gpt2.causal_attention) -> Iterator[Tensor]:
        check_room(self._info, len(ids))
        tokens = torch.tensor(ids, device=self._info.device)
        return self._model.stream(tokens, torch.arange(len(ids), device=self._info.device), attend)
