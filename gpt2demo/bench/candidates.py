"""Who is measured: each backend of ours and each peer is one entry of `CANDIDATES`.

A new one needs a function that opens a model folder and returns a `Writer`; what cannot run here raises
`BackendUnavailable` or `ImportError`, and the report says why it was left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpt2demo.bench.llama_cpp import open_llama_cpp
from gpt2demo.bench.peers import open_ctranslate2
from gpt2demo.bench.writer import Tell, Writer
from gpt2demo.engine.contract import Engine


@dataclass(frozen=True)
class Candidate:
    """A way to run a GPT-2: `open(folder, threads)` loads the model; `exact` ones must write the reference's tokens."""

    name: str
    dtype: str
    open: Callable[[Path, int], Writer]
    exact: bool = False
    backend: str = ""  # of ours, as `--backend` takes it
    files: tuple[str, ...] = ("model.safetensors",)  # in the model's folder, that it loads

    def megabytes(self, folder: Path) -> float:
        """The size on disk of what it loads."""
        return sum(path.stat().st_size for pattern in self.files for path in folder.glob(pattern)) / 1e6


def writing_with(engine: Engine) -> Writer:
    """The bare loop over one of our engines: logits as NumPy, the largest wins."""

    def write(prompt: list[int], count: int, tell: Tell) -> list[int]:
        step, written = engine.start(prompt), []
        while True:
            written.append(int(step.logits.argmax()))
            tell()
            if len(written) == count:
                return written
            step = engine.step(step.past, written[-1:])

    def together(prompts: list[list[int]], count: int) -> None:
        steps = [engine.start(prompt) for prompt in prompts]
        for _ in range(count - 1):
            steps = engine.steps([(step.past, [int(step.logits.argmax())]) for step in steps])

    return Writer(write, together)


def open_torch(dtype: str) -> Callable[[Path, int], Writer]:
    def open(folder: Path, threads: int) -> Writer:
        import torch

        from gpt2demo.engine.torch_engine import TorchEngine

        torch.set_num_threads(threads)
        return writing_with(TorchEngine(folder, folder.name, dtype))

    return open


def open_onnx(precision: str) -> Callable[[Path, int], Writer]:
    """An export made in the model's own folder."""

    def open(folder: Path, threads: int) -> Writer:
        from gpt2demo.engine.onnx_engine import OnnxEngine
        from gpt2demo.engine.onnx_export import export

        return writing_with(OnnxEngine(folder, export(folder, precision, folder), folder.name, threads))

    return open


def open_transformers(folder: Path, threads: int) -> Writer:
    """`generate()` as its documentation shows it, with a streamer that only takes the time."""
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.generation.streamers import BaseStreamer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    class Telling(BaseStreamer):
        def __init__(self, tell: Tell):
            self.tell, self.prompt_is_next = tell, True

        def put(self, value: torch.Tensor) -> None:
            if not self.prompt_is_next:
                self.tell()
            self.prompt_is_next = False

        def end(self) -> None:
            pass

    def generate(ids: torch.Tensor, count: int, **more: object) -> torch.Tensor:
        greedy = GenerationConfig(max_new_tokens=count, do_sample=False, eos_token_id=None, pad_token_id=0)
        return model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=greedy, **more)

    def write(prompt: list[int], count: int, tell: Tell) -> list[int]:
        return generate(torch.tensor([prompt]), count, streamer=Telling(tell))[0, len(prompt) :].tolist()

    def together(prompts: list[list[int]], count: int) -> None:
        generate(torch.tensor(prompts), count)

    return Writer(write, together)


def export_files(precision: str) -> tuple[str, ...]:
    """What writes text, without the graph that also shows attention."""
    return tuple(f"onnx/*-{precision}/{name}" for name in ("model.onnx", "weights.bin"))


REFERENCE = Candidate("transformers generate", "float32", open_transformers, exact=True)
CANDIDATES = (
    Candidate("gpt2demo torch", "float32", open_torch("float32"), True, "torch"),
    Candidate("gpt2demo torch-bfloat16", "bfloat16", open_torch("bfloat16"), False, "torch-bfloat16"),
    Candidate("gpt2demo onnx", "float32", open_onnx("float32"), True, "onnx", export_files("float32")),
    Candidate("gpt2demo onnx-int8", "int8", open_onnx("int8"), False, "onnx-int8", export_files("int8")),
    Candidate("CTranslate2", "float32", open_ctranslate2("float32"), True, "", ("ctranslate2-float32/model.bin",)),
    Candidate("CTranslate2 int8", "int8", open_ctranslate2("int8"), False, "", ("ctranslate2-int8/model.bin",)),
    Candidate("llama.cpp q8_0", "q8_0", open_llama_cpp, False, "", ("*.gguf",)),
)
