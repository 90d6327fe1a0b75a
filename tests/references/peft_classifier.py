"""A classifier as `peft` and `transformers` compute it: the adapter beside the weights, one text at a time, float32."""

import json
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from transformers import GPT2ForSequenceClassification


class PeftReference:
    """A base folder with an adapter folder loaded onto it."""

    def __init__(self, base: Path, adapter: Path):
        self.told = json.loads((adapter / "labels.json").read_text())
        labels = len(self.told["labels"])
        model = GPT2ForSequenceClassification.from_pretrained(base, num_labels=labels, dtype=torch.float32)
        self.model = PeftModel.from_pretrained(model, adapter).eval()

    @torch.inference_mode()
    def probabilities(self, ids: list[int]) -> np.ndarray:
        scores = self.model(input_ids=torch.tensor([ids])).logits[0].double()
        return (scores / self.told["temperature"]).softmax(-1).numpy()
