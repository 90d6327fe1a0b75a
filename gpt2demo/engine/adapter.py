"""LoRA adapters in the format of `peft`, merged into the weights of the base that they were trained on.

LoRA (Hu et al., 2021) leaves a matrix W as it is and learns a small change: W + s A B with A (in, r), B (r, out) and a
fixed scale s. Once that sum is taken the model is a plain GPT-2 again, as fast as before. Where the token embeddings
learned too, they are also what writes tokens out: such a model is there to be read from (`last_hidden`), not to write.
"""

import json
import re
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from gpt2demo.errors import ModelBroken

CONFIG, WEIGHTS, BASE = "adapter_config.json", "adapter_model.safetensors", "base.json"
EMBEDDING = "base_model.model.transformer.wte.lora_embedding_"  # and A (r, vocabulary) or B (width, r)
LORA = re.compile(r"base_model\.model\.(?:transformer\.)?(h\.\d+\.[a-z_.]+)\.lora_A\.weight")
PLAIN = {"use_dora": False, "bias": "none", "alpha_pattern": {}, "lora_bias": False}  # what else LoRA could carry


def deltas(folder: Path, base_sha256: str) -> dict[str, np.ndarray]:
    """What an adapter adds to the weights of its base, by tensor name, float32, oriented (in, out) as in a checkpoint.

    Raises `ModelBroken` if the folder is damaged, the adapter cannot be merged, or it belongs to another base.
    """
    check_base(folder, base_sha256)
    config = read_json(folder / CONFIG)
    if config.get("peft_type") != "LORA":
        kind = config.get("peft_type")
        raise ModelBroken(
            f"The adapter in {folder} is of the kind {kind}.", "Only LoRA can be merged into the weights."
        )
    if any(config.get(name, plain) not in (plain, None) for name, plain in PLAIN.items()):
        raise ModelBroken(f"The adapter in {folder} is a variant of LoRA.", "Train a plain LoRA adapter.")
    tensors = read_tensors(folder)
    pairs = {
        f"{match[1]}.weight": (tensors[key], tensors[key.replace("lora_A", "lora_B")])
        for key in tensors
        if (match := LORA.fullmatch(key))
    }
    if EMBEDDING + "A" in tensors:
        pairs["wte.weight"] = (tensors[EMBEDDING + "A"], tensors[EMBEDDING + "B"])
    found = {}
    for name, (a, b) in pairs.items():
        rank = a.shape[0] ** (0.5 if config.get("use_rslora") else 1)
        found[name] = config["lora_alpha"] / rank * (b @ a).T
    if not found:
        raise ModelBroken(f"The adapter in {folder} changes nothing.", "Fetch its files again.")
    return found


def check_base(folder: Path, sha256: str) -> None:
    """Raise `ModelBroken` if the adapter in `folder` was trained on other weights than these."""
    base = read_json(folder / BASE)
    if base.get("sha256") != sha256:
        name = base.get("name", "another model")
        raise ModelBroken(
            f"The adapter in {folder} was trained on {name} with the weights {str(base.get('sha256'))[:8]}…, "
            f"not on these ({sha256[:8]}…).",
            "Train it again for this model, or choose the model that it belongs to.",
        )


def read_tensors(folder: Path) -> dict[str, np.ndarray]:
    """The tensors of an adapter, as float32."""
    path = folder / WEIGHTS
    try:
        return {name: tensor.astype(np.float32) for name, tensor in load_file(path).items()}
    except (SafetensorError, OSError, TypeError) as error:  # TypeError: a kind of number that NumPy does not know
        raise ModelBroken(f"{path} cannot be read ({error}).", "Train or fetch the adapter again.") from error


def read_json(path: Path) -> dict:
    """One of an adapter's small files."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, OSError) as error:
        raise ModelBroken(f"{path} cannot be read ({error}).", "Train or fetch the adapter again.") from error
