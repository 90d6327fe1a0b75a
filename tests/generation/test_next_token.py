"""The candidates after a text, as plain data."""

import pytest

from gpt2demo.errors import BadInput
from gpt2demo.generation.next_token import next_token
from gpt2demo.generation.sampling import Decoding
from tests.models import engine_by_chance
from tests.references import sampling as reference


@pytest.fixture
def engine():
    return engine_by_chance()


def test_the_listed_are_the_likeliest_with_all_three_stages(engine):
    decoding = Decoding(temperature=0.7, top_k=3, top_p=0.9, repetition_penalty=1.3)
    told = next_token(engine, "the cat", decoding, top=4)
    ids = engine.tokenizer.encode("the cat")
    stages = reference.stages(engine.start(ids).logits.astype(float).tolist(), ids, decoding)
    order = sorted(range(7), key=lambda id: (-stages[0][id], id))[:4]
    assert [token["id"] for token in told["tokens"]] == order
    assert [token["rank"] for token in told["tokens"]] == [1, 2, 3, 4]
    for token in told["tokens"]:
        shown = [token[name] for name in ("probability", "probability_tempered", "probability_cut")]
        assert shown == pytest.approx([stage[token["id"]] for stage in stages])
    assert told["rest"] == pytest.approx(sum(p for id, p in enumerate(stages[0]) if id not in order))


def test_one_forward_pass_is_enough(engine):
    next_token(engine, "the cat", Decoding())
    assert engine.reads == [2]


def test_more_than_there_are_lists_them_all(engine):
    told = next_token(engine, "the", Decoding(), top=1000)
    assert len(told["tokens"]) == 7 and told["rest"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("top", [0, -1, 1001, 2.5, "20", None])
def test_a_number_to_list_that_makes_no_sense_is_a_sentence(top, engine):
    with pytest.raises(BadInput, match="from 1 to 1,000"):
        next_token(engine, "the", Decoding(), top)
