"""A GPT-2 on disk, in the Hugging Face layout: `config.json`, `model.safetensors`, `vocab.json`, `merges.txt`."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from gpt2demo.errors import ModelBroken

LARGEST = 2**20  # no size of any GPT-2 comes near
PLAIN = {  # what these settings of a config.json are in a plain GPT-2
    "activation_function": "gelu_new",
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "tie_word_embeddings": True,
    "add_cross_attention": False,
}


@dataclass(frozen=True)
class Config:
    """The numbers that fix a GPT-2's shape."""

    vocabulary: int
    positions: int
    width: int
    layers: int
    heads: int
    inner: int  # width of the hidden layer of each MLP
    epsilon: float = 1e-5


def read_config(folder: Path) -> Config:
    """The shape of the model in `folder`; raises `ModelBroken` if it is missing, unreadable or not a plain GPT-2."""
    path = folder / "config.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        kind = raw.get("model_type", "gpt2")
        if kind != "gpt2":
            raise ModelBroken(f"{folder} holds a {kind} model.", "The demo runs GPT-2 models only.")
        config = Config(
            vocabulary=int(raw["vocab_size"]),
            positions=int(raw.get("n_positions") or raw["n_ctx"]),
            width=int(raw["n_embd"]),
            layers=int(raw["n_layer"]),
            heads=int(raw["n_head"]),
            inner=int(raw.get("n_inner") or 4 * raw["n_embd"]),
            epsilon=float(raw.get("layer_norm_epsilon", 1e-5)),
        )
    except FileNotFoundError:
        raise ModelBroken(f"The model folder {folder} has no config.json.", "A GPT-2 folder needs one.") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, OSError) as error:
        raise ModelBroken(f"{path} is not a GPT-2 configuration: {error!r}.", "Fetch the file again.") from error
    if any(raw.get(name, plain) != plain for name, plain in PLAIN.items()):
        raise ModelBroken(f"{folder} holds a variant of GPT-2 that the demo cannot run.", "Use a plain GPT-2.")
    sizes = (config.vocabulary, config.positions, config.width, config.layers, config.heads, config.inner)
    if not all(0 < size <= LARGEST for size in sizes):
        raise ModelBroken(f"{path} gives a size that no GPT-2 has: {config}.", "Fetch the file again.")
    if config.width % config.heads:
        raise ModelBroken(f"{path}: {config.width} dimensions do not divide into {config.heads} heads.")
    return config


def weights_file(folder: Path) -> Path:
    """The safetensors file in `folder`; raises `ModelBroken`, also where the weights are there only as a pickle."""
    path = folder / "model.safetensors"
    if path.is_file():
        return path
    pickles = [p.name for pattern in ("*.bin", "*.pt", "*.pth", "*.pkl") for p in sorted(folder.glob(pattern))]
    if pickles:
        raise ModelBroken(
            f"{folder} holds its weights as a pickle ({pickles[0]}), which can run code when it is loaded.",
            "Save the model as safetensors.",
        )
    raise ModelBroken(f"The model folder {folder} has no model.safetensors.", "A GPT-2 folder needs one.")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_weights(folder: Path, config: Config) -> dict[str, np.ndarray]:
    """The tensors that `config` needs, by name, as NumPy float32, matrices inside the blocks as (in, out).

    Raises `ModelBroken` naming what is missing or does not fit.
    """
    tensors = read_tensors(weights_file(folder), config, "numpy")
    return {name: tensor.astype(np.float32) for name, tensor in tensors.items()}


def read_tensors(path: Path, config: Config, framework: str) -> dict:
    """The tensors of a safetensors file that `config` needs, as it keeps them: of NumPy ("numpy") or PyTorch ("pt").

    Raises `ModelBroken` naming what is missing or does not fit.
    """
    wanted = shapes(config)
    try:
        with safe_open(path, framework=framework) as file:
            names = {name.removeprefix("transformer."): name for name in file.keys()}  # noqa: SIM118 (not a dict)
            missing = [name for name in wanted if name not in names]
            if missing:
                raise ModelBroken(f"{path} lacks {len(missing)} tensors, the first is {missing[0]}.")
            tensors = {name: file.get_tensor(names[name]) for name in wanted}
    except (SafetensorError, OSError, TypeError) as error:  # TypeError: a kind of number that NumPy does not know
        raise ModelBroken(f"{path} is cut short or damaged ({error}).", "Fetch the file again.") from error
    for name, shape in wanted.items():
        if tuple(tensors[name].shape) != shape:
            raise ModelBroken(f"{path}: {name} has the shape {tuple(tensors[name].shape)}, config.json says {shape}.")
    return tensors


def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of a GPT-2 checkpoint, by name; the output matrix is `wte` and is not listed twice."""
    width, inner = config.width, config.inner
    block = {
        "ln_1.weight": (width,),
        "ln_1.bias": (width,),
        "attn.c_attn.weight": (width, 3 * width),
        "attn.c_attn.bias": (3 * width,),
        "attn.c_proj.weight": (width, width),
        "attn.c_proj.bias": (width,),
        "ln_2.weight": (width,),
        "ln_2.bias": (width,),
        "mlp.c_fc.weight": (width, inner),
        "mlp.c_fc.bias": (inner,),
        "mlp.c_proj.weight": (inner, width),
        "mlp.c_proj.bias": (width,),
    }
    blocks = {f"h.{i}.{name}": shape for i in range(config.layers) for name, shape in block.items()}
    ends = {"ln_f.weight": (width,), "ln_f.bias": (width,)}
    return {"wte.weight": (config.vocabulary, width), "wpe.weight": (config.positions, width)} | blocks | ends
