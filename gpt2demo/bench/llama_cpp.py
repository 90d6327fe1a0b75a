"""llama.cpp beside ours, by the package xllamacpp: its weights in q8_0, written as a GGUF file from a checkpoint.

llama-cpp-python comes as source only and compiles for more than ten minutes on two cores; xllamacpp is the same library,
built.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gpt2demo.bench.writer import Tell, Writer
from gpt2demo.engine.checkpoint import Config, read_config, read_weights

TOGETHER = 8  # texts for which there is room
NAMES = {  # GGUF's names for the parts of a block
    "attn_norm": "ln_1",
    "attn_qkv": "attn.c_attn",
    "attn_output": "attn.c_proj",
    "ffn_norm": "ln_2",
    "ffn_up": "mlp.c_fc",
    "ffn_down": "mlp.c_proj",
}


def open_llama_cpp(folder: Path, threads: int) -> Writer:
    """llama.cpp on the folder's weights, written as GGUF the first time."""
    import xllamacpp

    file, config = folder / "model-q8_0.gguf", read_config(folder)
    if not file.exists():
        write_gguf(file, config, read_weights(folder, config))
    told = xllamacpp.CommonParams()
    told.model.path, told.n_ctx, told.n_parallel = str(file), TOGETHER * config.positions, TOGETHER
    told.cpuparams.n_threads = told.cpuparams_batch.n_threads = threads
    told.n_gpu_layers, told.verbosity, told.cache_ram_mib, told.cache_prompt = 0, 0, 0, False
    server = xllamacpp.Server(told)

    def complete(prompt: list[int], count: int, heard: Callable[[dict], None]) -> None:
        asked = {
            "prompt": prompt,
            "max_tokens": count,
            "temperature": 0,
            "top_k": 1,
            "ignore_eos": True,
            "stream": True,
        }

        def hear(answer: object) -> bool:
            heard(json.loads(answer) if isinstance(answer, str | bytes) else answer)
            return False

        server.handle_completions(json.dumps(asked | {"cache_prompt": False}), hear)

    def write(prompt: list[int], count: int, tell: Tell) -> list[int]:
        texts: list[str] = []

        def heard(answer: dict | list) -> None:
            for part in answer if isinstance(answer, list) else [answer]:
                if text := "".join(choice.get("text") or "" for choice in part.get("choices", [])):
                    texts.append(text)
                    tell()

        complete(prompt, count, heard)
        return [int(word) for word in "".join(texts).replace("t", " ").split()]

    def together(prompts: list[list[int]], count: int) -> None:
        threads = [threading.Thread(target=complete, args=(prompt, count, lambda part: None)) for prompt in prompts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return Writer(write, together)


def write_gguf(path: Path, config: Config, weights: dict[str, np.ndarray]) -> None:
    """Write a checkpoint as GGUF with 8-bit matrices; its tokens are called t0, t1, ...: only ids go in here."""
    import gguf

    kind = gguf.GGMLQuantizationType.Q8_0
    file = gguf.GGUFWriter(str(path), "gpt2")
    file.add_block_count(config.layers)
    file.add_context_length(config.positions)
    file.add_embedding_length(config.width)
    file.add_feed_forward_length(config.inner)
    file.add_head_count(config.heads)
    file.add_layer_norm_eps(config.epsilon)
    file.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("gpt-2")
    file.add_token_list([f"t{id}" for id in range(config.vocabulary)])
    file.add_token_types([gguf.TokenType.NORMAL] * config.vocabulary)
    file.add_token_merges(["a b"])
    file.add_eos_token_id(0)

    def add(name: str, tensor: np.ndarray, small: bool = False) -> None:
        if small:
            file.add_tensor(name, gguf.quants.quantize(np.ascontiguousarray(tensor), kind), raw_dtype=kind)
        else:
            file.add_tensor(name, tensor)

    add("token_embd.weight", weights["wte.weight"], small=True)
    add("position_embd.weight", weights["wpe.weight"])
    add("output_norm.weight", weights["ln_f.weight"])
    add("output_norm.bias", weights["ln_f.bias"])
    for layer in range(config.layers):
        for theirs, ours in NAMES.items():
            weight = weights[f"h.{layer}.{ours}.weight"]
            add(f"blk.{layer}.{theirs}.weight", weight.T if weight.ndim == 2 else weight, small=weight.ndim == 2)
            add(f"blk.{layer}.{theirs}.bias", weights[f"h.{layer}.{ours}.bias"])
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
