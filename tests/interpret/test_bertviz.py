"""BertViz's documents: our numbers in its scripts, no other host, no token that can break out."""

import json
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.interpret import bertviz

TOKENS = ["The", " fox", "\n", "</script><script>alert(1)</script>", "<!--<script>", "\u2028'\"`${x}\\", "狐", ""]
LAYERS = [0, 2]


@pytest.fixture(scope="module")
def eight(ids):
    return ids[:8]


@pytest.fixture(scope="module")
def attention(torch_engine, eight):
    return torch_engine.attention(eight, LAYERS)


@pytest.fixture(scope="module")
def vectors(torch_engine, eight):
    return np.stack([torch_engine.microscope.queries_keys_values(eight, layer) for layer in LAYERS])


def params_in(document: str) -> dict:
    """The JSON that a document gives to BertViz's script."""
    return json.JSONDecoder().raw_decode(document.split("const params = ")[1])[0]


def views(attention, vectors, tokens) -> dict[str, str]:
    return {
        "head": bertviz.head_view(attention, tokens, LAYERS),
        "model": bertviz.model_view(attention, tokens, LAYERS),
        "neuron": bertviz.neuron_view(attention, vectors[:, 0], vectors[:, 1], tokens, LAYERS),
    }


@pytest.mark.parametrize("view", ["head", "model"])
def test_the_script_gets_what_bertviz_itself_would_give_it(torch_engine, reference, eight, attention, view):
    from bertviz import head_view, model_view

    tokens = list("abcdefgh")  # harmless ones: BertViz's own documents are not safe against others
    by_bertviz = {"head": head_view, "model": lambda *args, **more: model_view(*args, display_mode="light", **more)}
    full = [torch.from_numpy(layer)[None].double() for layer in reference.look(eight).attentions]
    theirs = params_in(by_bertviz[view](full, tokens, include_layers=LAYERS, html_action="return").data)
    ours = params_in({"head": bertviz.head_view, "model": bertviz.model_view}[view](attention, tokens, LAYERS))
    np.testing.assert_allclose(ours["attention"][0].pop("attn"), theirs["attention"][0].pop("attn"), atol=5.1e-4)
    assert theirs.pop("root_div_id") and ours.pop("root_div_id") == "bertviz"
    assert ours == theirs


def test_every_view_holds_exactly_our_arrays_to_three_decimals(attention, vectors):
    documents = views(attention, vectors, TOKENS)
    for view in ("head", "model"):
        assert params_in(documents[view])["attention"][0]["attn"] == np.round(attention.astype(float), 3).tolist()
    given = params_in(documents["neuron"])["attention"]["all"]
    for name, array in {"attn": attention, "queries": vectors[:, 0], "keys": vectors[:, 1]}.items():
        assert given[name] == np.round(array.astype(float), 3).tolist()


def test_tokens_arrive_as_they_are(attention, vectors):
    for document in views(attention, vectors, TOKENS).values():
        given = params_in(document)["attention"]
        assert (given[0] if isinstance(given, list) else given["all"])["left_text"] == TOKENS


def test_no_token_ends_the_script(attention, vectors):
    harmless = views(attention, vectors, list("abcdefgh"))
    for view, document in views(attention, vectors, TOKENS).items():
        assert document.count("</script") == harmless[view].count("</script") == 4
        assert document.count("<script") == harmless[view].count("<script")
        assert document.count("<!--") == 0


@settings(max_examples=20)
@given(tokens=st.lists(st.text(max_size=12), min_size=8, max_size=8))
def test_no_wild_token_adds_or_removes_markup(attention, vectors, tokens):
    document = bertviz.head_view(attention, tokens, LAYERS)
    assert document.count("<") == bertviz.head_view(attention, list("abcdefgh"), LAYERS).count("<")
    assert params_in(document)["attention"][0]["left_text"] == tokens


def test_the_documents_load_nothing_and_may_not(attention, vectors):
    for document in views(attention, vectors, TOKENS).values():
        assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", document)
        assert "default-src 'none'" in document


def test_the_neuron_view_names_the_layers_of_the_model(attention, vectors):
    document = views(attention, vectors, TOKENS)["neuron"]
    assert document.count(".text(params.include_layers[i])") == 1
    assert params_in(document)["include_layers"] == LAYERS


@pytest.mark.parametrize("view", ["head", "model", "neuron"])
def test_a_document_is_made_from_a_text_in_one_call(torch_engine, eight, attention, vectors, view):
    tokens = [text or "…" for text in torch_engine.tokenizer.texts(eight)]
    assert bertviz.document(torch_engine, eight, view, LAYERS) == views(attention, vectors, tokens)[view]


@pytest.mark.parametrize(
    ("view", "tokens", "layers"),
    [("head", 65, 1), ("head", 64, 12), ("model", 33, 1), ("model", 32, 5), ("neuron", 17, 1), ("head", 8, 0)],
)
def test_what_a_browser_could_not_draw_is_refused_with_the_limit(view, tokens, layers):
    with pytest.raises(BadInput, match=f"BertViz's {view} view draws"):
        bertviz.check_size(view, tokens, 12, range(layers))


@pytest.mark.parametrize(("view", "tokens", "layers"), [("head", 48, 12), ("model", 32, 4), ("neuron", 16, 12)])
def test_what_a_browser_can_draw_is_allowed(view, tokens, layers):
    bertviz.check_size(view, tokens, 12, range(layers))
    assert bertviz.layers_that_fit(view, tokens, 12) == layers


def test_without_a_microscope_only_the_neuron_view_is_missing():
    engine = FakeEngine([b"a"], lambda ids: [1.0, 0.0])
    assert "head view" in bertviz.document(engine, [0, 0], "head", [0])
    with pytest.raises(BackendUnavailable):
        bertviz.document(engine, [0, 0], "neuron", [0])


def test_a_document_opens_at_the_head_that_was_open(attention, vectors):
    place = LAYERS[1], 1
    by_head = params_in(bertviz.head_view(attention, TOKENS, LAYERS, place))
    assert (by_head["layer"], by_head["heads"]) == (LAYERS[1], [1])
    by_neuron = params_in(bertviz.neuron_view(attention, vectors[:, 0], vectors[:, 1], TOKENS, LAYERS, place))
    assert (by_neuron["layer"], by_neuron["head"]) == (1, 1)
