"""The other runtimes that can be measured beside ours, where they are installed: `tests/requirements-bench.txt`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from gpt2demo.bench.writer import Tell, Writer
from gpt2demo.engine.checkpoint import read_config, read_weights


def open_ctranslate2(kind: str) -> Callable:
    """CTranslate2 (`kind` is float32 or int8) on the folder's weights, converted into it the first time."""

    def open(folder: Path, threads: int) -> Writer:
        import ctranslate2

        converted = folder / f"ctranslate2-{kind}"
        if not converted.exists():
            convert_to_ctranslate2(folder, converted, kind)
        generator = ctranslate2.Generator(str(converted), compute_type=kind, intra_threads=threads, inter_threads=1)

        greedy = {"sampling_topk": 1, "beam_size": 1, "end_token": [], "include_prompt_in_result": False}

        def write(prompt: list[int], count: int, tell: Tell) -> list[int]:
            def told(step: object) -> bool:
                tell()
                return False

            (found,) = generator.generate_batch(
                [[f"t{id}" for id in prompt]], max_length=count, min_length=count, callback=told, **greedy
            )
            return found.sequences_ids[0]

        def together(prompts: list[list[int]], count: int) -> None:
            named = [[f"t{id}" for id in prompt] for prompt in prompts]
            generator.generate_batch(named, max_length=count, min_length=count, **greedy)

        return Writer(write, together)

    return open


def convert_to_ctranslate2(folder: Path, into: Path, kind: str) -> None:
    """Write a checkpoint as a CTranslate2 model whose tokens are called t0, t1, ...: only ids go in and out here."""
    from ctranslate2.specs import common_spec, transformer_spec

    config = read_config(folder)
    weights = read_weights(folder, config)
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        config.layers, config.heads, pre_norm=True, activation=common_spec.Activation.GELUTanh
    )

    def norm(part: object, name: str) -> None:
        part.gamma, part.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]

    def linear(part: object, name: str) -> None:
        part.weight, part.bias = np.ascontiguousarray(weights[f"{name}.weight"].T), weights[f"{name}.bias"]

    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = weights["wte.weight"]
    decoder.position_encodings.encodings = weights["wpe.weight"]
    decoder.projection.weight = weights["wte.weight"]
    norm(decoder.layer_norm, "ln_f")
    for i, layer in enumerate(decoder.layer):
        norm(layer.self_attention.layer_norm, f"h.{i}.ln_1")
        linear(layer.self_attention.linear[0], f"h.{i}.attn.c_attn")
        linear(layer.self_attention.linear[1], f"h.{i}.attn.c_proj")
        norm(layer.ffn.layer_norm, f"h.{i}.ln_2")
        linear(layer.ffn.linear_0, f"h.{i}.mlp.c_fc")
        linear(layer.ffn.linear_1, f"h.{i}.mlp.c_proj")
    spec.register_vocabulary([f"t{i}" for i in range(config.vocabulary)])
    spec.config.unk_token = spec.config.bos_token = spec.config.eos_token = "t0"
    spec.validate()
    spec.optimize(quantization=None if kind == "float32" else kind)
    into.mkdir()
    spec.save(str(into))
