"""Several streams at once: more tokens in all, and nobody who joins waits long."""

from gpt2demo.bench.models import SHAPES, write_random
from gpt2demo.bench.streams import BARS, JOINING_BAR, as_text, measure, prompts


def test_streams_write_at_no_less_than_half_their_bar_and_joining_takes_no_more_than_twice_its_own(tmp_path):
    import torch

    from gpt2demo.engine.torch_engine import TorchEngine

    torch.set_num_threads(1)
    engine = TorchEngine(write_random(tmp_path / "gpt2-mini", SHAPES["gpt2-mini"]), "gpt2-mini")
    found = measure(engine, rounds=3, sizes=(1, 4, 8), new=12)
    if engine.info.together > 1:
        assert all(line["ratio"] >= BARS[line["streams"]] / 2 for line in found["streams"][1:])
    assert found["joining_ratio"] <= 2 * JOINING_BAR


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
