"""Looks inside the forward pass of a PyTorch GPT-2, and changes it on the way."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from gpt2demo.engine import gpt2
from gpt2demo.engine.contract import Ids, ModelInfo, check_room


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

    def _stream(self, ids: Ids, attend: gpt2.Attend = gpt2.causal_attention) -> Iterator[Tensor]:
        check_room(self._info, len(ids))
        tokens = torch.tensor(ids, device=self._info.device)
        return self._model.stream(tokens, torch.arange(len(ids), device=self._info.device), attend)
