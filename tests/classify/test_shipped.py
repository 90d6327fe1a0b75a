"""The adapters that ship: ours and `peft` agree on them, and they belong to the model beside them."""

import json

import pytest
from numpy.testing import assert_allclose

from gpt2demo import classify
from gpt2demo.engine.checkpoint import sha256
from gpt2demo.engine.torch_engine import TorchEngine
from tests.references.peft_classifier import PeftReference

TEXTS = (
    "A warm, funny film with a splendid cast.",
    "The company reported a loss of 4 million, worse than expected.",
    "I want to cancel my order 10432 please",
    "how far is the moon",
)


@pytest.fixture(scope="module", params=["sentiment", "intent"])
def adapter(request, mini):
    return mini / "adapters" / request.param


def test_probabilities_are_those_of_peft(mini, adapter):
    engine, head, reference = (
        TorchEngine(mini, "mini", adapter=adapter),
        classify.load(adapter),
        PeftReference(mini, adapter),
    )
    expected = [reference.probabilities(engine.tokenizer.encode(text)) for text in TEXTS]
    assert_allclose(classify.probabilities(engine, head, TEXTS), expected, atol=1e-4)


def test_it_names_the_weights_beside_it(mini, adapter):
    assert json.loads((adapter / "base.json").read_text())["sha256"] == sha256(mini / "model.safetensors")


def test_its_card_says_how_it_was_made_and_on_whose_texts(adapter):
    card = (adapter / "README.md").read_text()
    assert f"python -m gpt2demo train {adapter.name}" in card and f"python -m gpt2demo eval {adapter.name}" in card
    assert "| source | texts and terms |" in card


def test_it_is_small(adapter):
    assert sum(file.stat().st_size for file in adapter.iterdir()) < 3e6
