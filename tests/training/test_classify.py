"""The recipes for classifiers, each run for real on a tiny corpus and a tiny model."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gpt2demo import classify
from gpt2demo.__main__ import main
from gpt2demo.classify.labelled import OUT_OF_SCOPE, key, labels_of
from gpt2demo.engine.adapter import deltas
from gpt2demo.engine.checkpoint import sha256
from gpt2demo.engine.tokenizer import Tokenizer
from gpt2demo.engine.torch_engine import TorchEngine
from gpt2demo.training import classify as recipe
from gpt2demo.training import intent, sentiment
from gpt2demo.training.recipe import Recipe
from tests.references.peft_classifier import PeftReference
from tests.training.corpora import opinions, write_csv, write_intent, write_sentiment

QUICK = ["--offline", "--layers", "2", "--rank", "4", "--epochs", "2", "--batch", "8"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def run(tiny, tmp_path, capsys):
    """Runs a recipe on the tiny model; gives the exit code, the JSON and what was said."""

    def run_one(name, *arguments):
        code = main(["train", name, "--model", str(tiny), "--out", str(tmp_path / "out"), "--json", *QUICK, *arguments])
        said = capsys.readouterr()
        return code, json.loads(said.out) if code == 0 else None, said.err

    return run_one


def assert_usable(tiny, folder, labels):
    """Our engine takes the adapter and agrees with peft on it."""
    engine, head = TorchEngine(tiny, "tiny", adapter=folder), classify.load(folder)
    texts = ["the fox was sad", "good"]
    reference = PeftReference(tiny, folder)
    expected = [reference.probabilities(engine.tokenizer.encode(text)) for text in texts]
    assert set(head.labels) == set(labels)
    assert_allclose(classify.probabilities(engine, head, texts), expected, atol=1e-4)


# the recipes ----------------------------------------------------------------------------------------------------------


def test_any_labelled_file_trains_an_adapter_with_its_card(run, tiny, tmp_path):
    path = write_csv(tmp_path / "moods.csv", ("said", "mood"), opinions())
    code, report, said = run("classify", "--csv", str(path), "--text", "said", "--label", "mood", "--held-out", "0.2")
    assert code == 0 and "training" in said
    assert (report["train"], report["held_out"]) == (39, 9)
    assert_usable(tiny, tmp_path / "out", ("negative", "neutral", "positive"))
    card = (tmp_path / "out" / "README.md").read_text()
    assert "moods.csv" in card and "base_model: " in card and str(tmp_path) not in card


def test_the_token_embeddings_learn_too_where_asked(run, tiny, tmp_path):
    path = write_csv(tmp_path / "moods.csv", ("text", "label"), opinions())
    code, _, _ = run("classify", "--csv", str(path), "--embeddings", "--token-dropout", "0.2")
    assert code == 0
    assert "wte.weight" in deltas(tmp_path / "out", sha256(tiny / "model.safetensors"))
    assert_usable(tiny, tmp_path / "out", ("negative", "neutral", "positive"))
    assert "and on the token embeddings" in (tmp_path / "out" / "README.md").read_text()


def test_it_learns(tiny):
    rows = opinions()
    trained = recipe.train(
        tiny, rows, rows, labels_of(rows), Recipe(layers=2, epochs=12, batch=8, rate=1e-2, patience=12)
    )
    assert trained.report["held_out_scores"]["accuracy"] > 0.8


def test_sentiment_learns_from_all_sources_but_those_left_out(run, tiny, tmp_path):
    data = write_sentiment(tmp_path / "data")
    code, report, _ = run("sentiment", "--data", str(data), "--without", "sst5", "--most", "12")
    assert code == 0 and report["train"] + report["held_out"] == 6 * 12
    assert_usable(tiny, tmp_path / "out", ("negative", "neutral", "positive"))
    card = (tmp_path / "out" / "README.md").read_text()
    assert "sst5" not in card.split("## How")[1].split("| source")[1]


def test_intents_and_what_is_out_of_scope(run, tiny, tmp_path):
    code, _, _ = run("intent", "--data", str(write_intent(tmp_path / "data")))
    assert code == 0
    assert_usable(tiny, tmp_path / "out", ("cancel_order", "get_invoice", "track_order", OUT_OF_SCOPE))


# training itself ------------------------------------------------------------------------------------------------------


def test_training_scores_a_padded_batch_as_the_saved_adapter_scores_each_text(tiny):
    settings = Recipe(layers=2, rank=4, dropout=0.0)
    model = recipe.build(tiny, 3, settings)
    rows = opinions()[:5] + [("a much longer text than all of these, about the river and the heron", "neutral")]
    texts = recipe.read(model, Tokenizer(tiny), rows, ["negative", "neutral", "positive"], settings, 1, "")
    together = recipe.score_all(model, texts, settings, 1)
    ids = [Tokenizer(tiny).encode(text)[: settings.tokens] for text, _ in rows]
    with torch.no_grad():
        alone = [model(input_ids=torch.tensor([one])).logits[0].numpy() for one in ids]
    assert_allclose(together, alone, atol=0.02)  # the frozen blocks' output is kept as float16


@given(st.integers(1, 30), st.floats(0, 0.99), st.integers(0, 99))
def test_a_thinned_text_keeps_some_tokens_in_their_order(length, share, seed):
    kept = recipe.thinned(np.arange(length), share, np.random.default_rng(seed)).tolist()
    assert kept and kept == sorted(set(kept)) and set(kept) <= set(range(length))


def test_the_same_seed_trains_the_same_adapter(tiny):
    rows = opinions()
    runs = [
        recipe.train(tiny, rows, rows[::4], ["negative", "neutral", "positive"], Recipe(layers=2, epochs=1, seed=seed))
        for seed in (0, 0, 1)
    ]
    first, again, other = (trained.head.weight for trained in runs)
    assert (first == again).all() and (first != other).any()


def test_it_stops_when_the_held_out_texts_gain_nothing(tiny):
    rows = opinions()
    settings = Recipe(layers=1, rank=2, epochs=30, patience=2, rate=0.0)
    trained = recipe.train(tiny, rows, rows[::4], ["negative", "neutral", "positive"], settings)
    assert len(trained.report["epochs"]) == 3


def test_rare_labels_weigh_more_and_a_text_weighs_one_on_average():
    truth = np.array([0] * 90 + [1] * 10)
    weights = recipe.label_weights(truth, 1.0).numpy()
    assert weights[1] == pytest.approx(9 * weights[0]) and weights[truth].mean() == pytest.approx(1)
    assert_allclose(recipe.label_weights(truth, 0.0), 1)


def test_every_text_is_in_one_batch_of_an_epoch_among_texts_of_like_length(tiny):
    streams = [np.zeros((n, 1), np.float16) for n in np.random.default_rng(0).integers(1, 60, 1000)]
    found = list(recipe.batches(recipe.Texts(streams, np.zeros(1000)), 32, np.random.default_rng(0)))
    assert sorted(np.concatenate(found)) == list(range(1000))
    assert np.mean([np.ptp([len(streams[i]) for i in batch]) for batch in found]) < 8


# the texts ------------------------------------------------------------------------------------------------------------


def test_no_judged_text_is_learned_and_mixed_ones_are_dropped(tmp_path):
    train, held_out, counts = sentiment.texts(write_sentiment(tmp_path))
    texts = {key(text) for text, _ in train + held_out}
    assert key("GoEmotions the fox was sad today 0!") not in texts and key("hm") not in texts
    assert counts["goemotions"] == len(opinions()) - 1
    assert ("the film was very fine", "positive") in train + held_out


def test_near_intents_stand_on_one_side_and_placeholders_are_filled(tmp_path):
    train, held_out, _ = intent.texts(write_intent(tmp_path))
    assert not any("{{" in text for text, _ in train + held_out)
    sides = [[intent.words(text) for text, label in side if label != OUT_OF_SCOPE] for side in (train, held_out)]
    assert all(len(a & b) / len(a | b) < intent.NEAR for a in sides[0] for b in sides[1])
    foreign = {text for text, label in train + held_out if label == OUT_OF_SCOPE}
    assert (
        "what is the time" in foreign and "where is my order" not in foreign and "how high is the moon" not in foreign
    )


def test_chains_of_near_texts_share_a_group():
    words = list("abcdefghij")
    texts = [" ".join(words[i : i + 9]) for i in range(2)] + ["quite another text"]
    groups = intent.near_groups(texts)
    assert groups[texts[0]] == groups[texts[1]] != groups[texts[2]]


# bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows, sentence",
    [
        ([("a", "x"), ("b", "x")], "only the label 'x'"),
        ([], "no labelled text"),
        ([("a", "x"), ("b", "x"), ("c", "y")], "'y' has too few texts"),
    ],
)
def test_a_file_that_teaches_nothing_is_one_sentence(run, tmp_path, rows, sentence):
    code, _, said = run("classify", "--csv", str(write_csv(tmp_path / "a.csv", ("text", "label"), rows)))
    assert code == 2 and sentence in said and "Traceback" not in said


@pytest.mark.parametrize("arguments", [["--label", "mood"], ["--held-out", "2"]], ids=str)
def test_flags_that_make_no_sense_are_one_sentence(run, tmp_path, arguments):
    path = write_csv(tmp_path / "a.csv", ("text", "label"), opinions())
    code, _, said = run("classify", "--csv", str(path), *arguments)
    assert code == 2 and said.startswith("gpt2demo: ")


def test_a_source_that_does_not_exist_is_named(run, tmp_path):
    code, _, said = run("sentiment", "--data", str(write_sentiment(tmp_path / "data")), "--without", "imdb")
    assert code == 2 and "no source 'imdb'" in said


def test_without_peft_it_says_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.setattr("gpt2demo.commands.flags.find_spec", lambda name: None)
    code, _, said = run("classify", "--csv", str(write_csv(tmp_path / "a.csv", ("text", "label"), opinions())))
    assert code == 2 and "peft is not installed" in said and "requirements-train.txt" in said


def test_the_recipe_has_defaults_for_every_flag():
    from gpt2demo.commands.train_classify import LEARNING

    assert list(LEARNING) == [field.name for field in dataclasses.fields(Recipe)]
