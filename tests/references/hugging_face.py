"""GPT-2 as `transformers` computes it: eager attention, float32."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import GPT2LMHeadModel


@dataclass(frozen=True)
class Look:
    """One forward pass over a text of n tokens."""

    logits: np.ndarray  # (n, vocabulary)
    attentions: np.ndarray  # (layers, heads, n, n)
    hidden: np.ndarray  # (layers + 1, n, width), the last one after `ln_f`


class Reference:
    """A model folder, opened by `transformers`."""

    def __init__(self, folder: Path):
        self.model = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()

    @torch.inference_mode()
    def look(self, ids: list[int]) -> Look:
        out = self.model(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)
        attentions, hidden = (torch.cat(part).numpy() for part in (out.attentions, out.hidden_states))
        return Look(out.logits[0].numpy(), attentions, hidden)

    @torch.inference_mode()
    def greedy(self, ids: list[int], new_tokens: int) -> list[int]:
        """The likeliest token again and again, without its own early end."""
        out, past, new = torch.tensor([ids]), None, []
        for _ in range(new_tokens):
            step = self.model(out, past_key_values=past, use_cache=True)
            out, past = step.logits[:, -1:].argmax(-1), step.past_key_values
            new.append(int(out))
        return new

    @torch.inference_mode()
    def ln_f(self, stream: np.ndarray) -> np.ndarray:
        return self.model.transformer.ln_f(torch.from_numpy(stream)).numpy()
