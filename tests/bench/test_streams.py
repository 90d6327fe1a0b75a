"""What is published about several streams at once: measured together, told whole."""

from gpt2demo.bench.models import write_random
from gpt2demo.bench.streams import as_text, measure, open_engines, prompts
from gpt2demo.engine.checkpoint import Config

SMALL = Config(vocabulary=300, positions=256, width=32, layers=2, heads=2, inner=48)


def test_every_number_of_streams_is_measured_beside_one_stream(tmp_path):
    import torch

    from gpt2demo.engine.torch_engine import TorchEngine

    torch.set_num_threads(1)
    engine = TorchEngine(write_random(tmp_path / "small", SMALL), "small")
    found = measure(engine, rounds=1, sizes=(1, 4, 8), new=4)
    assert [(line["streams"], line["bar"]) for line in found["streams"]] == [(1, None), (4, 2.0), (8, 3.0)]
    assert all(line["tokens_per_second"] > 0 for line in found["streams"])
    assert found["streams"][0]["ratio"] == 1
    assert found["first_token_joining_7_ms"] > 0 and found["first_token_alone_ms"] > 0


def test_the_streams_differ_in_their_prompts():
    from gpt2demo.engine.fake import FakeEngine

    given = prompts(FakeEngine([b"a", b"b"], lambda ids: [1, 1, 0]), 16)
    assert min(map(len, given)) == 48 and max(map(len, given)) <= 79
    assert len({tuple(ids) for ids in given}) == 16


def test_the_table_shows_every_number_of_streams():
    line = {"streams": 4, "tokens_per_second": 139.0, "ratio": 2.56, "bar": 2.0}
    engine = {"model": "gpt2", "backend": "torch", "streams": [line], "joining_ratio": 1.2}
    engine |= {"first_token_joining_7_ms": 60.0, "first_token_alone_ms": 50.0}
    assert "139 (2.56x)" in as_text({"engines": [engine]})


def test_every_engine_of_ours_is_measured(tmp_path):
    found = [engine.info.backend for engine in open_engines(write_random(tmp_path / "small", SMALL))]
    assert found == ["torch", "onnx", "onnx-int8"]
