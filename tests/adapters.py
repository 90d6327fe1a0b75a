"""A random LoRA adapter with a classification head, written by `peft` itself."""

import json
from pathlib import Path

import numpy as np

from gpt2demo import classify
from gpt2demo.engine.adapter import BASE
from gpt2demo.engine.checkpoint import sha256

TARGETS = ("c_attn", "c_proj", "c_fc")


def write_adapter(base: Path, folder: Path, labels=("bad", "so so", "good"), seed=0, head=None, **lora: object) -> Path:
    """Write an adapter for the model in `base`; its matrices are large enough to turn the model's mind."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import GPT2ForSequenceClassification

    torch.manual_seed(seed)
    model = GPT2ForSequenceClassification.from_pretrained(base, num_labels=len(labels), dtype=torch.float32)
    settings = {"r": 4, "lora_alpha": 8, "target_modules": list(TARGETS), "fan_in_fan_out": True} | lora
    adapted = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", modules_to_save=["score"], **settings))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name or "score" in name:
                parameter.copy_(torch.from_numpy(np.random.default_rng(seed).normal(0, 0.3, parameter.shape)))
    adapted.save_pretrained(folder)
    (folder / BASE).write_text(json.dumps({"name": "tiny", "sha256": sha256(base / "model.safetensors")}))
    classify.save(head or classify.Head(tuple(labels), np.empty(0), temperature=1.7, threshold=0.5), folder)
    return folder
