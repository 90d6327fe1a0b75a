"""An adapter for the language-model head, as `peft` saves it, is merged at load and writes what `peft` would write."""

import json
import shutil

import numpy as np
import pytest

from gpt2demo.engine.adapter import BASE
from gpt2demo.engine.checkpoint import sha256, weights_file
from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.errors import ModelBroken

IDS = [5, 17, 3, 40, 8, 21, 5, 9]


@pytest.fixture(scope="module")
def saved(tiny, tmp_path_factory):
    """A causal-LM adapter that does change something, and the logits (n, vocabulary) that `peft` gives with it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import GPT2LMHeadModel

    torch.manual_seed(0)
    base = GPT2LMHeadModel.from_pretrained(tiny, dtype=torch.float32)
    lora = LoraConfig(
        task_type="CAUSAL_LM",
        r=4,
        lora_alpha=8,
        target_modules=["c_attn", "c_proj", "c_fc"],
        fan_in_fan_out=True,
        init_lora_weights=False,  # else B is zero and the adapter would change nothing
    )
    model = get_peft_model(base, lora).eval()
    folder = tmp_path_factory.mktemp("reply")
    model.save_pretrained(folder)
    (folder / BASE).write_text(json.dumps({"name": "tiny", "sha256": sha256(weights_file(tiny))}), encoding="utf-8")
    with torch.no_grad():
        return folder, model(torch.tensor([IDS])).logits[0].numpy()


def test_the_merged_model_gives_the_logits_of_peft(tiny, saved):
    folder, expected = saved
    ours = TorchEngine(tiny, "tiny", adapter=folder).logits(IDS, range(len(IDS)))
    plain = TorchEngine(tiny, "tiny").logits(IDS, range(len(IDS)))
    assert np.abs(ours - expected).max() < 1e-4
    assert np.abs(plain - expected).max() > 1e-2  # the adapter is no matter of rounding


def test_an_adapter_of_other_weights_is_refused(tiny, saved, tmp_path):
    folder = shutil.copytree(saved[0], tmp_path / "other")
    (folder / BASE).write_text(json.dumps({"name": "another", "sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ModelBroken, match="trained on another"):
        TorchEngine(tiny, "tiny", adapter=folder)
