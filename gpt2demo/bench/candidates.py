"""Who is measured: each backend of ours and each peer is one entry of `CANDIDATES`.

A new one needs a function that opens a model folder and returns a `Write`; what cannot run here raises
`BackendUnavailable` or `ImportError`, and the report says why it was left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpt2demo.bench.peers import open_ctranslate2
from gpt2demo.engine.contract import Engine

# Go on greedily from a prompt for so many tokens, calling `tell` as each one is known: (prompt, count, tell) -> new ids.
Write = Callable[[list[int], int, Callable[[], None]], list[int]]


@dataclass(frozen=True)
class Candidate:
    """A way to run a GPT-2: `open(folder, threads)` loads the model; `exact` ones must write the reference's tokens."""

    name: str
    dtype: str
    open: Callable[[Path, int], Write]
    exact: bool = False


def writing_with(engine: Engine) -> Write:
    """The bare loop over one of our engines: logits as NumPy, the largest wins."""

    def write(prompt: list[int], count: int, tell: Callable[[], None]) -> list[int]:
        step, written = engine.start(prompt), []
        while True:
            written.append(int(step.logits.argmax()))
            tell()
            if len(written) == count:
                return written
            step = engine.step(step.past, written[-1:])

    return write


def open_torch(dtype: str) -> Callable[[Path, int], Write]:
    def open(folder: Path, threads: int) -> Write:
        import torch

        from gpt2demo.engine.torch_engine import TorchEngine

        torch.set_num_threads(threads)
        return writing_with(TorchEngine(folder, folder.name, dtype))

    return open


def open_onnx(precision: str) -> Callable[[Path, int], Write]:
    """An export made in the model's own folder."""

    def open(folder: Path, threads: int) -> Write:
        from gpt2demo.engine.onnx_engine import OnnxEngine
        from gpt2demo.engine.onnx_export import export

        return writing_with(OnnxEngine(folder, export(folder, precision, folder), folder.name, threads))

    return open


def open_transformers(folder: Path, threads: int) -> Write:
    """`generate()` as its documentation shows it, with a streamer that only takes the time."""
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.generation.streamers import BaseStreamer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    class Telling(BaseStreamer):
        def __init__(self, tell: Callable[[], None]):
            self.tell, self.prompt_is_next = tell, True

        def put(self, value: torch.Tensor) -> None:
            if not self.prompt_is_next:
                self.tell()
            self.prompt_is_next = False

        def end(self) -> None:
            pass

    def write(prompt: list[int], count: int, tell: Callable[[], None]) -> list[int]:
        ids = torch.tensor([prompt])
        greedy = GenerationConfig(max_new_tokens=count, do_sample=False, eos_token_id=None, pad_token_id=0)
        mask = torch.ones_like(ids)
        whole = model.generate(ids, attention_mask=mask, generation_config=greedy, streamer=Telling(tell))
        return whole[0, len(prompt) :].tolist()

    return write


REFERENCE = Candidate("transformers generate", "float32", open_transformers, exact=True)
CANDIDATES = (
    Candidate("gpt2demo torch", "float32", open_torch("float32"), exact=True),
    Candidate("gpt2demo torch-bfloat16", "bfloat16", open_torch("bfloat16")),
    Candidate("gpt2demo onnx", "float32", open_onnx("float32"), exact=True),
    Candidate("gpt2demo onnx-int8", "int8", open_onnx("int8")),
    Candidate("CTranslate2", "float32", open_ctranslate2("float32"), exact=True),
    Candidate("CTranslate2 int8", "int8", open_ctranslate2("int8")),
)
