"""What the ONNX engine promises beyond the parity that all engines share."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from gpt2demo.engine.onnx_engine import OnnxEngine
from gpt2demo.engine.onnx_export import export
from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.errors import BackendUnavailable
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Shelf, from_prompt, ids_of, read
from gpt2demo.generation.sampling import Decoding, distribution, draw
from gpt2demo.interpret.heads import microscope
from tests.adapters import write_adapter

PROMPTS = (
    "Once upon a time",
    "The",
    "Customer: My parcel has not come.",
    "In 1921 the river",
    "A",
    "She said",
    "Rain",
    "If",
)


@pytest.fixture(scope="module", params=["float32", "int8"])
def shipped(request, mini, cache):
    """The shipped model in ONNX Runtime."""
    return OnnxEngine(mini, export(mini, request.param, cache), "gpt2-mini")


def alone(engine, prompt: str, seed: int, length: int) -> list[int]:
    """What a visitor gets who is the only one."""
    decoding = Decoding(seed=seed, max_new_tokens=length)
    for branch in write(engine, from_prompt(engine, prompt, decoding, ""), decoding, Shelf(0)):
        pass
    return ids_of(branch.leaf)


def together(engine, prompts, length: int) -> list[list[int]]:
    """What as many visitors get whose texts grow by one batch a step, seeds 0, 1, 2 ..."""
    texts = [ids_of(from_prompt(engine, prompt, Decoding(), "").leaf) for prompt in prompts]
    states = [read(engine, from_prompt(engine, prompt, Decoding(), "").leaf) for prompt in prompts]
    for written in range(length):
        for seed, (ids, state) in enumerate(zip(texts, states)):
            decoding = Decoding(seed=seed, max_new_tokens=length)
            ids.append(draw(distribution(state.logits, ids, decoding).cut, seed, len(ids)))
        states = engine.steps([(state.past, ids[-1:]) for state, ids in zip(states, texts)])
    return texts


def test_a_seed_gives_a_visitor_the_same_text_alone_and_among_eight(shipped):
    expected = [alone(shipped, prompt, seed, 24) for seed, prompt in enumerate(PROMPTS)]
    for found, text in zip(together(shipped, PROMPTS, 24), expected):
        assert found[: len(text)] == text  # a text may have ended by itself


def test_eight_texts_at_once_have_the_logits_that_each_has_alone(shipped):
    prompts = [shipped.tokenizer.encode(prompt) for prompt in PROMPTS]
    batch = shipped.steps([(shipped.start(ids).past, [20]) for ids in prompts])
    for ids, step in zip(prompts, batch):
        single = shipped.step(shipped.start(ids).past, [20])
        tolerance = 0 if shipped.info.dtype == "int8" else 1e-4  # sums of integers do not round
        np.testing.assert_allclose(step.logits, single.logits, rtol=0, atol=tolerance)


def test_texts_may_leave_the_batch_and_come_back(shipped):
    starts = [shipped.start(shipped.tokenizer.encode(prompt)) for prompt in PROMPTS[:4]]
    once = shipped.steps([(step.past, [20]) for step in starts])
    without = shipped.steps([(once[i].past, [21]) for i in (3, 0)])
    again = shipped.steps([(once[1].past, [21]), (without[0].past, [22]), (without[1].past, [22])])
    expected = shipped.start([*starts[0].past.ids, 20, 21, 22])
    assert again[2].past.ids == expected.past.ids
    np.testing.assert_allclose(again[2].logits, expected.logits, atol=1e-4 if shipped.info.dtype == "float32" else 1.0)


def test_a_past_of_a_batch_can_be_gone_on_from_twice(shipped):
    batch = shipped.steps([(shipped.start(shipped.tokenizer.encode(prompt)).past, [20]) for prompt in PROMPTS[:3]])
    one, other = (shipped.step(batch[1].past, [30]).logits for _ in range(2))
    np.testing.assert_array_equal(one, other)
    left, right = shipped.step(batch[1].past, [31]), shipped.step(batch[1].past, [32])
    np.testing.assert_array_equal(shipped.step(left.past, [33]).logits, shipped.step(left.past, [33]).logits)
    assert left.past.ids != right.past.ids


def test_threads_that_step_from_one_past_all_get_the_same(shipped):
    past, found = shipped.start(shipped.tokenizer.encode(PROMPTS[0])).past, [None] * 6

    def go_on(place: int) -> None:
        step = shipped.step(past, [20])
        for id in (21, 22, 23):
            step = shipped.step(step.past, [id])
        found[place] = step.logits

    threads = [threading.Thread(target=go_on, args=(place,)) for place in range(len(found))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for logits in found:
        np.testing.assert_array_equal(logits, found[0])


def test_a_past_whose_cache_was_dropped_is_rebuilt(mini, cache):
    engine = OnnxEngine(mini, export(mini, "int8", cache), "gpt2-mini", cache_bytes=1)
    past = engine.step(engine.start(engine.tokenizer.encode(PROMPTS[0])).past, [20]).past
    before = engine.step(past, [21]).logits
    engine.start([5])
    assert past.cache.memory is None
    np.testing.assert_array_equal(engine.step(past, [21]).logits, before)


def test_asking_for_the_microscope_says_that_it_needs_pytorch(shipped):
    with pytest.raises(BackendUnavailable, match="PyTorch"):
        microscope(shipped)


def test_it_claims_the_device_on_which_it_runs_and_no_other(shipped):
    assert shipped.info.device == "cpu"
    assert shipped.info.backend == ("onnx-int8" if shipped.info.dtype == "int8" else "onnx")


def test_a_failure_at_run_time_is_one_sentence_and_the_past_stays_good(tiny, cache, monkeypatch):
    engine = OnnxEngine(tiny, export(tiny, "float32", cache), "tiny")
    past = engine.start([1, 2, 3]).past
    expected = engine.step(past, [4]).logits

    class Failing:
        def __getattr__(self, name):
            return getattr(session, name)

        def run_with_iobinding(self, binding):
            raise RuntimeError("CUDA failure 700: an illegal memory access\nat some line")

    session = engine._session._session
    monkeypatch.setattr(engine._session, "_session", Failing())
    with pytest.raises(BackendUnavailable, match="CUDA failure 700") as failure:
        engine.step(past, [4])
    assert "\n" not in str(failure.value)
    monkeypatch.setattr(engine._session, "_session", session)
    np.testing.assert_array_equal(engine.step(past, [4]).logits, expected)


LEAN = """
import sys
from pathlib import Path
import gpt2demo.engine
from gpt2demo.engine.onnx_engine import OnnxEngine
from gpt2demo.engine.onnx_export import export
engine = OnnxEngine(Path(sys.argv[1]), export(Path(sys.argv[1]), "float32", Path(sys.argv[2])), "tiny")
engine.start([1, 2, 3])
print([name for name in ("torch", "transformers", "gradio") if name in sys.modules])
"""


def test_a_process_that_runs_onnx_alone_loads_no_pytorch_and_prints_no_complaint(tiny, cache):
    command = [sys.executable, "-c", LEAN, str(tiny), str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("matrices", [["c_attn", "c_proj", "c_fc"], ["c_fc", "wte"]], ids=str)
def test_an_adapter_is_merged_into_an_export_of_its_own(tiny, tmp_path, cache, matrices):
    adapter = write_adapter(tiny, tmp_path, target_modules=matrices)
    plain, changed = export(tiny, "float32", cache), export(tiny, "float32", cache, adapter=adapter)
    assert plain.folder != changed.folder
    expected = TorchEngine(tiny, "tiny", adapter=adapter).last_hidden([[1, 2, 3], [4, 5]])
    found = OnnxEngine(tiny, changed, "tiny").last_hidden([[1, 2, 3], [4, 5]])
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.abs(OnnxEngine(tiny, plain, "tiny").last_hidden([[1, 2, 3], [4, 5]]) - expected).max() > 0.01
