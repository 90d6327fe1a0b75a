"""A label from an engine: the same probabilities as `peft`, and no adapter on the wrong base."""

import json
import shutil

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gpt2demo import classify
from gpt2demo.engine.adapter import deltas
from gpt2demo.engine.fake import FakeEngine
from gpt2demo.errors import ModelBroken, ModelNotFound
from gpt2demo.services import Services
from gpt2demo.settings import Settings
from tests.adapters import write_adapter
from tests.models import write_model
from tests.references.peft_classifier import PeftReference

TEXTS = ("The river was wide.", "the fox", "", "The heron looked at the fox, and then it flew away.", "¿Qué? 🦊")


@pytest.fixture(scope="module")
def adapter(tiny, tmp_path_factory):
    return write_adapter(tiny, tmp_path_factory.mktemp("adapter"))


@pytest.fixture(scope="module")
def adapted(open_engine, tiny, adapter):
    return open_engine(tiny, adapter=adapter)


@pytest.fixture(scope="module")
def head(adapter):
    return classify.load(adapter)


@pytest.fixture
def copy(adapter, tmp_path):
    return shutil.copytree(adapter, tmp_path / "copy")


# the same as peft -----------------------------------------------------------------------------------------------------


def assert_equal_to_peft(engine, base, adapter, texts=TEXTS):
    reference = PeftReference(base, adapter)
    expected = [reference.probabilities(engine.tokenizer.encode(text) or [engine.tokenizer.end]) for text in texts]
    assert_allclose(classify.probabilities(engine, classify.load(adapter), texts), expected, atol=2e-5)
    return np.array(expected)


def test_probabilities_are_those_of_peft_on_transformers(adapted, tiny, adapter):
    expected = assert_equal_to_peft(adapted, tiny, adapter)
    assert len(set(expected.argmax(1))) > 1, "a test text for more than one label"


@pytest.mark.parametrize(
    "variant",
    [
        {"use_rslora": True},
        {"rank_pattern": {"c_fc": 2}},
        {"layers_to_transform": [2]},
        {"target_modules": ["c_attn", "wte"]},
    ],
    ids=str,
)
def test_variants_of_lora_that_stay_a_sum_are_merged_too(open_engine, tiny, tmp_path, variant):
    adapter = write_adapter(tiny, tmp_path, **variant)
    assert_equal_to_peft(open_engine(tiny, adapter=adapter), tiny, adapter)


def test_the_adapter_changes_what_the_model_reads(adapted, engine):
    ids = [engine.tokenizer.encode("the fox")]
    assert abs(adapted.last_hidden(ids) - engine.last_hidden(ids)).max() > 0.1


# batches, windows, abstaining -----------------------------------------------------------------------------------------


def test_a_text_gets_the_same_probabilities_alone_and_in_a_batch_of_any_order(adapted, head):
    together = classify.probabilities(adapted, head, TEXTS * 40)
    for i, text in enumerate(TEXTS):
        assert_allclose(together[i], classify.probabilities(adapted, head, [text])[0], atol=2e-5)
        assert_allclose(together[i], together[-len(TEXTS) + i], atol=2e-5)


def length_engine():
    """The hidden state is the number of tokens; at most 8 are read at once."""
    return FakeEngine([b"a"], lambda ids: (1, 0), positions=8)


def length_head(threshold=0.0):
    return classify.Head(("short", "long"), np.array([[0.0], [1.0]]), temperature=4.0, threshold=threshold)


def test_a_text_over_the_context_is_read_in_windows_and_their_probabilities_averaged():
    engine, head = length_engine(), length_head()
    (long,) = classify.label(engine, head, ["a" * 20])
    parts = [1 / (1 + np.exp(-n / 4)) for n in (7, 7, 6)]
    assert long.windows == 3
    assert long.probabilities["long"] == pytest.approx(np.mean(parts))


def test_below_the_threshold_it_abstains_and_still_names_the_likelier_label():
    sure, unsure = classify.label(length_engine(), length_head(threshold=0.7), ["a" * 8, "a"])
    assert (sure.label, sure.abstained) == ("long", False)
    assert (unsure.label, unsure.abstained) == ("long", True)


def test_a_higher_temperature_makes_milder_probabilities():
    (row,) = classify.probabilities(length_engine(), length_head(), ["aaaa"])
    assert_allclose(row, [1 / (1 + np.e), np.e / (1 + np.e)])


def test_no_texts_are_no_rows(adapted, head):
    assert classify.probabilities(adapted, head, []).shape == (0, 3)


# adapters that cannot be used -----------------------------------------------------------------------------------------


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_an_adapter_for_another_base_is_refused_with_a_sentence(open_engine, adapter, tmp_path):
    other = write_model(tmp_path, seed=5)
    with pytest.raises(ModelBroken, match=r"was trained on tiny with the weights .* not on these"):
        open_engine(other, adapter=adapter)


@pytest.mark.parametrize(
    "values, sentence",
    [
        ({"peft_type": "PREFIX_TUNING"}, "Only LoRA can be merged"),
        ({"use_dora": True}, "a variant of LoRA"),
        ({"bias": "all"}, "a variant of LoRA"),
    ],
)
def test_adapters_that_are_no_plain_sum_are_refused(copy, values, sentence):
    change(copy / "adapter_config.json", **values)
    with pytest.raises(ModelBroken, match=sentence):
        deltas(copy, json.loads((copy / "base.json").read_text())["sha256"])


@pytest.mark.parametrize("file", ["adapter_config.json", "adapter_model.safetensors", "base.json", "labels.json"])
@pytest.mark.parametrize("damage", ["missing", "cut short"])
def test_a_damaged_folder_is_one_sentence(open_engine, tiny, copy, file, damage):
    if damage == "missing":
        (copy / file).unlink()
    else:
        (copy / file).write_bytes((copy / file).read_bytes()[:20])
    with pytest.raises(ModelBroken, match=file):
        classify.load(copy)
        open_engine(tiny, adapter=copy)


@pytest.mark.parametrize("values", [{"labels": ["one", "two"]}, {"temperature": 0}, {"threshold": None}], ids=str)
def test_labels_that_do_not_fit_the_head_are_refused(copy, values):
    change(copy / "labels.json", **values)
    with pytest.raises(ModelBroken):
        classify.load(copy)


# a running demo -------------------------------------------------------------------------------------------------------


def test_a_demo_gives_the_engine_and_the_head_of_a_task(tiny, tmp_path):
    model = shutil.copytree(tiny, tmp_path / "model")
    write_adapter(model, model / "adapters" / "sentiment")
    services = Services(Settings(offline=True, model=str(model)))
    engine, head = services.classifier("sentiment")
    assert engine.info.name == "model"
    assert engine is services.classifier("sentiment")[0] and engine is not services.engine()
    assert classify.label(engine, head, ["the fox"])[0].label in head.labels


def test_a_model_without_an_adapter_says_how_to_get_one(tiny):
    services = Services(Settings(offline=True, model=str(tiny)))
    with pytest.raises(ModelNotFound, match=r"has no adapter for intent.*train intent --model"):
        services.classifier("intent")


def test_a_long_text_is_not_read_on_once_nobody_waits_for_it():
    engine, read = FakeEngine([b"a"], lambda ids: [1, 1], positions=8), []
    engine.last_hidden = lambda batch: read.append(len(batch)) or np.ones((len(batch), 1), np.float32)
    head = classify.Head(("bad", "good"), np.ones((2, 1)))
    with pytest.raises(classify.Stopped):
        classify.probabilities(engine, head, ["a" * 8 * 400], cancelled=lambda: len(read) == 2)
    assert len(read) == 2
    classify.probabilities(engine, head, ["a" * 8 * 400])
    assert len(read) > 4
