"""The strip: what was written, token by token, and the link that leads back to it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from gpt2demo.generation.generate import record, write
from gpt2demo.generation.run import Shelf, from_prompt, score_prompt
from gpt2demo.generation.sampling import Decoding
from gpt2demo.page.parts.token_strip import LONGEST_LINK, ids_in, link, view
from tests.page.conftest import engine_that_writes, random_engine

PLAIN = Decoding(1.0, 0, 1.0, 1.0, max_new_tokens=8)


def strips(engine, prompt="x", decoding=PLAIN):
    """What the strip shows after each token of a run."""
    branch = from_prompt(engine, prompt, decoding, "a label")
    return [view(engine, b, 0, [[0, "a label"]], prompt) for b in write(engine, branch, decoding, Shelf(10**6))]


def texts(strip):
    return [token[1] for token in strip["tokens"]]


def text(strip):
    return "".join(texts(strip))


def test_the_strip_grows_by_a_token_and_ends_when_the_run_ends():
    shown = strips(random_engine(), "abc")
    assert [len(strip["tokens"]) for strip in shown] == [3 + n for n in range(1, 9)]
    assert [strip["writing"] for strip in shown] == [True] * 7 + [False]
    assert shown[-1]["record"]["stopped_by"] == "length"


def test_prompt_and_written_tokens_are_told_apart_and_written_ones_carry_their_score():
    last = strips(random_engine(), "abc")[-1]
    assert [token[3] for token in last["tokens"]] == ["prompt"] * 3 + ["sampler"] * 8
    assert last["prompt_length"] == 3
    for _, _, _, _, probability, rank, entropy, *later in last["tokens"][3:]:
        assert 0 < probability <= 1 and rank >= 1 and entropy >= 0
        assert later == pytest.approx([probability] * 2)  # with everything switched off


def test_a_drawn_token_carries_what_became_of_its_probability_and_a_chosen_one_does_not(tab):
    tab.generates("abc", temperature=0)
    assert [token[7:] for token in tab.shown["strip"]["tokens"]] == [[]] * 3 + [[1.0, 1.0]] * 6
    tab.clicks(5)
    tab.takes(ord("Z"))
    assert tab.shown["strip"]["tokens"][5][7:] == []


def test_a_prompts_tokens_have_a_score_but_for_the_first():
    engine = random_engine()
    branch = score_prompt(engine, from_prompt(engine, "abc", PLAIN, ""))
    scores = [token[4] for token in view(engine, branch, 0, [], "abc")["tokens"]]
    assert scores[0] is None and all(0 < p < 1 for p in scores[1:])


@pytest.mark.parametrize("pieces", [(b" so", b" EN", b"D", b" more"), (b" soE", b"N", b"D!")])
def test_no_part_of_a_stop_text_is_ever_shown(pieces):
    for strip in strips(engine_that_writes(*pieces), decoding=Decoding(1.0, 0, 1.0, 1.0, stop=("END",))):
        assert text(strip) in ("x", "x so", "x so ")
    assert strip["record"]["stopped_by"] == "stop"
    assert text(strip).rstrip() == "x so"


def test_a_token_that_lies_wholly_in_a_stop_text_is_not_shown():
    last = strips(engine_that_writes(b" so", b"EN", b"D"), decoding=Decoding(1.0, 0, 1.0, 1.0, stop=("END",)))[-1]
    assert texts(last) == ["x", " so"]


def test_what_only_looked_like_the_beginning_of_a_stop_text_appears_when_it_was_none():
    decoding = Decoding(1.0, 0, 1.0, 1.0, max_new_tokens=3, stop=("END",))
    shown = strips(engine_that_writes(b"E", b"N", b"Z"), decoding=decoding)
    assert [text(strip) for strip in shown] == ["x", "x", "xENZ"]


def test_the_bytes_of_one_glyph_stand_together_with_the_token_that_completes_it():
    fox = "🦊".encode()
    last = strips(engine_that_writes(fox[:1], fox[1:3], fox[3:], b"!"), decoding=Decoding(0, max_new_tokens=4))[-1]
    assert texts(last) == ["x", "", "", "🦊", "!"]
    assert [token[2] for token in last["tokens"][1:4]] == ["f0", "9f a6", "8a"]


def test_the_end_of_the_text_is_a_token_without_text():
    last = strips(engine_that_writes(b" end", b""), decoding=Decoding(0))[-1]
    assert last["tokens"][-1][:2] == [last["end"], ""]
    assert last["record"]["stopped_by"] == "end"


@pytest.mark.parametrize(
    "piece", [b"<img src=x onerror=alert(1)>", b"<script>alert(1)</script>", b"${alert(1)}", b"{{x}}"]
)
def test_html_in_a_token_travels_as_text_that_the_script_sets_as_a_text_node(piece, playground):
    last = strips(engine_that_writes(piece), decoding=Decoding(0, max_new_tokens=2))[-1]
    assert texts(last)[1:] == [piece.decode()] * 2
    for component in (playground.strip, playground.panel, playground.notice):
        assert "value" not in component.html_template and "{" not in component.html_template
        assert "innerHTML" not in component.js_on_load


def test_what_the_strip_shows_is_what_the_record_says():
    engine = random_engine()
    for branch in write(engine, from_prompt(engine, "abc", PLAIN, ""), PLAIN, Shelf(10**6)):
        pass
    told, shown = record(engine, branch, "abc"), view(engine, branch, 0, [], "abc")
    assert [t["id"] for t in told["tokens"]] == ids_in(shown)[3:]
    assert told["text"] == text(shown)[3:]
    assert set(told) == {*shown["record"], "text", "tokens"}


def test_the_strip_of_a_full_context_stays_under_200_kilobytes():
    engine = random_engine(positions=512)
    last = strips(engine, "x" * 100, Decoding(max_new_tokens=500))[-1]
    assert last["record"]["stopped_by"] == "context"
    assert len(json.dumps(last)) < 200_000


# links ----------------------------------------------------------------------------------------------------------------

prompts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
decodings = st.builds(
    Decoding,
    temperature=st.floats(0, 2),
    top_k=st.integers(0, 200),
    top_p=st.floats(0, 1),
    repetition_penalty=st.floats(1, 2),
    presence_penalty=st.floats(-2, 2),
    frequency_penalty=st.floats(-2, 2),
    seed=st.integers(0, 2**53),
    max_new_tokens=st.integers(1, 1024),
    stop=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=3).map(tuple),
)


@settings(max_examples=100, deadline=None)
@given(prompts, decodings)
def test_a_link_carries_prompt_and_settings_unchanged(prompt, decoding):
    query = QueryParams(link(prompt, decoding).removeprefix("?"))
    names = [name for name in Decoding.__dataclass_fields__ if name != "stop"]
    assert query["prompt"] == prompt
    assert Decoding(**{name: query[name] for name in names}, stop=tuple(query.getlist("stop"))) == decoding


def test_a_prompt_too_long_to_travel_gives_no_link():
    assert link("x" * LONGEST_LINK, Decoding()) == ""
    assert link("a short one", Decoding()).startswith("?prompt=a+short+one&temperature=0.8")


def test_the_strips_own_link_leads_to_the_same_strip(tab, open_tab):
    tab.generates("one & two? #3 + %41", seed=11, temperature=1.25, top_k=7, stop="END\nsecond")
    other = open_tab()
    other.opens(tab.shown["strip"]["link"])
    assert other.ids == tab.ids
    assert other.shown["prompt"] == "one & two? #3 + %41"
    assert other.shown["strip"]["record"]["settings"] == tab.shown["strip"]["record"]["settings"]
