"""What happens at each click, without a browser."""

import threading
import time
from dataclasses import dataclass

import pytest

from gpt2demo.errors import HubUnreachable
from gpt2demo.generation.run import Branch, Node
from gpt2demo.generation.sampling import Decoding, Score
from gpt2demo.page.decoding_controls import FIELDS, decoding_from
from gpt2demo.page.endpoints import UPDATE_EVERY
from gpt2demo.page.playground import most_interesting
from gpt2demo.page.presets import PRESETS
from gpt2demo.services import MOST_BRANCHES
from gpt2demo.settings import Settings
from tests.page.conftest import engine_that_writes, random_engine

# opening --------------------------------------------------------------------------------------------------------------


def test_the_page_opens_with_a_finished_run_an_open_panel_and_a_status_line(tab):
    tab.opens()
    assert tab.text.startswith(tab.shown["prompt"])
    assert not tab.shown["strip"]["writing"]
    assert len(tab.shown["panel"]["rows"]) >= 20
    assert tab.shown["status"]["facts"][0] == "fake"
    assert tab.shown["preset"] == "Balanced"


def test_the_page_opens_with_the_settings_that_the_command_line_and_the_endpoint_begin_with(tab):
    tab.opens()
    assert decoding_from(*(tab.shown[name] for name in FIELDS)) == Decoding()
    fields = dict(zip(FIELDS, tab.playground.controls.inputs))
    assert fields["seed"].value == Decoding().seed


def written(*scores):
    """A branch of one prompt token and written ones with these ranks and entropies."""
    leaf = Node(None, 0, "prompt")
    for rank, entropy in scores:
        leaf = Node(leaf, 0, "sampler", score=Score(0.1, rank, entropy))
    return Branch(leaf, 1, Decoding(), "")


def test_the_token_opened_first_is_one_where_a_few_choices_competed_and_the_likeliest_was_passed_over():
    assert most_interesting(written((1, 3.0), (2, 0.5), (7, 9.0), (2, 4.0), (3, 3.5))) == 4
    assert most_interesting(written((1, 0.1), (1, 3.0), (2, 9.0))) == 2


def test_the_opening_run_is_written_once_for_all_visitors(engine, tab, open_tab):
    tab.opens()
    reads = len(engine.reads)
    other = open_tab()
    other.opens()
    assert len(engine.reads) == reads
    assert other.ids == tab.ids


def test_a_link_with_an_impossible_setting_gives_one_sentence_and_keeps_the_prompt(tab):
    tab.opens("?prompt=Keep+me&temperature=nan")
    assert "temperature" in tab.said and "reference" not in tab.said
    assert tab.shown["prompt"] == "Keep me"
    assert tab.shown["status"]["facts"][0] == "fake"


def test_a_link_may_leave_settings_out(tab):
    tab.opens("?prompt=only+this&nonsense=1")
    assert tab.text.startswith("only this")
    assert tab.shown["temperature"] == 0.8


# writing --------------------------------------------------------------------------------------------------------------


def test_the_same_seed_writes_the_same_text_and_another_seed_another(tab):
    texts = []
    for seed in (5, 5, 6):
        tab.generates("abc", seed=seed, temperature=2.0, max_new_tokens=12)
        texts.append(tab.text)
    assert texts[0] == texts[1] != texts[2]


def test_the_panel_follows_the_newest_token(tab):
    for _ in tab.presses("on_generate", tab.request, "abc", *tab.settings()):
        assert tab.shown["panel"]["ids"] == tab.ids


def test_the_page_is_redrawn_at_most_ten_times_a_second(tab):
    began = time.monotonic()
    updates = tab.generates("abc", max_new_tokens=300)
    assert UPDATE_EVERY >= 0.1
    assert len(updates) <= (time.monotonic() - began) / UPDATE_EVERY + 2


def test_stop_ends_the_run_at_the_next_token_and_keeps_what_is_there(tab):
    run = tab.presses("on_generate", tab.request, "abc", *tab.settings(max_new_tokens=400))
    next(run)
    before = tab.ids
    tab.press("on_stop", tab.request)
    list(run)
    assert tab.ids[: len(before)] == before and len(tab.ids) <= len(before) + 1
    assert tab.shown["strip"]["record"]["stopped_by"] == "visitor"


def test_a_connection_that_breaks_off_stops_the_forward_passes(engine, tab):
    run = tab.presses("on_generate", tab.request, "abc", *tab.settings(max_new_tokens=400))
    next(run)
    run.close()
    reads = len(engine.reads)
    tab.press("on_stop", tab.request)
    assert len(engine.reads) == reads < 100


def test_a_new_run_ends_the_one_before(tab):
    first = tab.presses("on_generate", tab.request, "abc", *tab.settings(max_new_tokens=400))
    next(first)
    tab.generates("xyz")
    after = tab.ids
    list(first)
    branch = next(
        b for b in tab.playground.services.visitor(tab.request.session_hash).branches.values() if b.prompt_length == 3
    )
    assert branch.stopped_by == "visitor"
    assert after[:3] == [ord(c) for c in "xyz"]


def test_continue_goes_on_and_keeps_what_was_there(tab):
    tab.generates("abc")
    before = tab.ids
    tab.goes_on()
    assert tab.ids[: len(before)] == before and len(tab.ids) == len(before) + 6


def test_two_stretches_are_the_text_that_one_long_stretch_would_have_been(tab):
    tab.generates("abc", max_new_tokens=12, temperature=2.0)
    whole = tab.ids
    tab.generates("abc", max_new_tokens=6, temperature=2.0)
    tab.goes_on(max_new_tokens=6, temperature=2.0)
    assert tab.ids == whole


def test_undo_takes_back_a_stretch_at_a_time_and_continue_gives_the_same_again(tab):
    tab.generates("abc", temperature=2.0)
    first = tab.ids
    tab.goes_on(temperature=2.0)
    second = tab.ids
    tab.undoes()
    assert tab.ids == first
    tab.goes_on(temperature=2.0)
    assert tab.ids == second


def test_undo_to_the_prompt_and_no_further(tab):
    tab.generates("abc")
    tab.undoes()
    assert tab.text == "abc"
    before = tab.shown["strip"]
    tab.undoes()
    assert tab.said == "There is nothing to undo: nothing has been written yet."
    assert tab.shown["strip"] == before


def test_undo_while_it_writes_ends_the_writing(tab):
    run = tab.presses("on_generate", tab.request, "abc", *tab.settings(max_new_tokens=400))
    next(run)
    tab.undoes()
    assert tab.text == "abc"
    assert list(run) == []
    tab.goes_on(max_new_tokens=3)
    assert len(tab.ids) == 3 + 3


def test_turning_to_another_branch_ends_the_writing_and_it_comes_no_more(tab):
    tab.generates("abc")
    first, place = tab.ids, tab.place
    run = tab.presses("on_generate", tab.request, "xyz", *tab.settings(max_new_tokens=400))
    next(run)
    tab.turns_to(place)
    assert list(run) == []
    assert tab.ids == first


def test_continue_with_nothing_on_the_screen_says_what_to_do(tab):
    tab.shown["strip"] = {"tokens": []}
    tab.goes_on()
    assert tab.said == "There is no text to go on from yet. Press Generate first."


def test_continue_at_the_end_of_the_context_says_so_and_undo_still_works(open_tab):
    tab = open_tab(load=lambda *_: random_engine(positions=8))
    tab.generates("abcdef")
    assert "all 8 tokens" in tab.said
    tab.goes_on()
    assert "all 8 tokens" in tab.said
    assert len(tab.ids) == 8
    tab.undoes()
    assert tab.text == "abcdef"


def test_a_loop_is_remarked_when_the_run_has_ended(open_tab):
    tab = open_tab(load=lambda *_: engine_that_writes(b"a", b"b", b"c", b"d"))
    tab.generates("x", max_new_tokens=40, repetition_penalty=1.0)
    assert "repeat itself" in tab.said


# the panel ------------------------------------------------------------------------------------------------------------


def test_a_click_opens_the_panel_for_that_token_with_the_settings_that_drew_it(tab):
    tab.generates("abc", temperature=0.5)
    tab.clicks(4, temperature=1.7)
    assert tab.shown["panel"]["ids"] == tab.ids[:5]
    assert "Temperature 0.5" in tab.shown["panel"]["effect"]


def test_the_first_token_has_no_panel_and_says_why(tab):
    tab.generates("abc")
    tab.clicks(0)
    assert tab.shown["panel"]["rows"] == []
    assert "made no prediction here" in tab.shown["panel"]["sentence"]


def test_a_slider_reshapes_the_open_panel_without_a_forward_pass(engine, tab):
    tab.generates("abc")
    tab.clicks(5)
    reads, before = len(engine.reads), tab.shown["panel"]
    tab.slides(temperature=1.9, top_k=3)
    after = tab.shown["panel"]
    assert len(engine.reads) == reads
    assert [r["stages"][0] for r in after["rows"]] == [r["stages"][0] for r in before["rows"]]
    assert [r["stages"][1] for r in after["rows"]] != [r["stages"][1] for r in before["rows"]]
    assert sum(r["stages"][2] > 0 for r in after["rows"]) <= 3
    assert after["effect"] != before["effect"]


def test_a_slider_with_no_panel_open_only_names_the_preset(tab):
    tab.generates("abc")
    tab.clicks(0)
    assert tab.slides(temperature=0, top_k=0, top_p=1, repetition_penalty=1)[0]["preset"] == "Greedy"
    assert tab.slides(temperature=1.9)[0]["preset"] is None


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_moves_the_sliders_and_redraws_the_panel(name, engine, tab):
    tab.generates("abc")
    tab.clicks(5)
    reads = len(engine.reads)
    tab.chooses_preset(name, presence_penalty=1.5, frequency_penalty=1.5)
    assert {key: tab.shown[key] for key in PRESETS[name][0]} == PRESETS[name][0]
    assert tab.shown["presence_penalty"] == tab.shown["frequency_penalty"] == 0
    assert ("nothing to draw" in tab.shown["panel"]["effect"]) == (name == "Greedy")
    assert len(engine.reads) == reads


def test_a_token_whose_run_the_server_has_forgotten_is_found_again(tab, open_tab):
    tab.generates("abc")
    tab.request = open_tab().request
    tab.clicks(5)
    assert tab.shown["panel"]["ids"] == tab.ids[:6]


@pytest.mark.parametrize("ids", [None, [], ["1"], [-1], [10**6], [1.5], "abc", [0] * 600])
def test_ids_that_no_page_would_send_are_refused_with_a_sentence(ids, tab):
    tab.press("on_continue", tab.request, {"tokens": [], "place": 0, "prompt_length": 0}, *tab.settings())
    tab.press("on_slide", tab.request, {"ids": ids or [None], "place": 0, "prompt_length": 1}, *tab.settings())
    assert "reference" not in tab.said and tab.said


# branches -------------------------------------------------------------------------------------------------------------


def test_taking_an_alternative_begins_with_the_same_tokens_and_then_that_one(tab):
    tab.generates("abc")
    before, place = tab.ids, tab.place
    tab.clicks(5)
    other = next(row["id"] for row in tab.shown["panel"]["rows"] if not row["chosen"])
    tab.takes(other)
    assert tab.ids[:6] == [*before[:5], other] and len(tab.ids) == 12
    assert tab.shown["strip"]["tokens"][5][3] == "visitor"
    assert tab.branches == [place, tab.place]
    tab.turns_to(place)
    assert tab.ids == before


def test_a_branch_inside_the_prompt_leaves_the_rest_of_the_prompt_behind(tab):
    tab.generates("abcdef")
    tab.clicks(3)
    tab.takes(ord("Z"))
    assert tab.text.startswith("abcZ")
    assert tab.shown["strip"]["record"]["prompt"] == "abc"


def test_undo_after_a_branch_takes_back_the_writing_then_the_choice(tab):
    tab.generates("abc")
    tab.clicks(5)
    tab.takes(ord("Z"))
    tab.undoes()
    assert tab.text.endswith("Z") and len(tab.ids) == 6
    tab.undoes()
    assert len(tab.ids) == 5


def test_a_branch_can_be_taken_even_from_a_run_that_the_server_has_forgotten(tab, open_tab):
    tab.generates("abc")
    tab.clicks(5)
    kept = tab.ids[:5]
    tab.request = open_tab().request
    tab.takes(ord("Z"))
    assert tab.ids[:6] == [*kept, ord("Z")]


def test_every_run_stays_listed_until_there_are_very_many(tab):
    for n in range(MOST_BRANCHES + 2):
        tab.generates("abc", seed=n, max_new_tokens=1)
    assert len(tab.branches) == MOST_BRANCHES
    assert tab.place == tab.branches[-1]


def test_turning_to_a_branch_that_is_gone_is_a_sentence(tab):
    tab.generates("abc")
    before = tab.ids
    tab.turns_to(99)
    assert "no longer kept" in tab.said
    assert tab.ids == before


# A/B ------------------------------------------------------------------------------------------------------------------

WILD = (2.0, 0, 1.0, 1.0)


def test_two_texts_from_one_prompt_and_seed_and_where_they_part(tab):
    tab.compares("abc", WILD, temperature=0.3, max_new_tokens=10)
    a, b = tab.shown["strip"], tab.shown["other_strip"]
    first, second = ([t[0] for t in view["tokens"]] for view in (a, b))
    parts = a["differs_at"]
    assert first[:parts] == second[:parts] and first[parts] != second[parts]
    assert b["differs_at"] == parts
    assert a["record"]["settings"]["seed"] == b["record"]["settings"]["seed"]
    assert b["record"]["settings"]["temperature"] == 2.0


def test_b_is_what_generate_writes_with_bs_settings(tab):
    tab.compares("abc", WILD, temperature=0.3, max_new_tokens=10)
    b = [t[0] for t in tab.shown["other_strip"]["tokens"]]
    tab.generates("abc", temperature=2.0, top_k=0, top_p=1.0, repetition_penalty=1.0, max_new_tokens=10)
    assert tab.ids == b
    assert tab.shown["other_strip"]["tokens"] == []


def test_a_token_of_b_opens_bs_distribution(tab):
    tab.compares("abc", WILD, temperature=0.3)
    tab.clicks(5, "other_strip")
    assert "Temperature 2" in tab.shown["panel"]["effect"]


def test_a_loop_in_b_alone_is_remarked_too(open_tab):
    def chances(ids):
        weights = [0.0] * 257
        weights[97 + len(ids) % 4] = 0.5  # what is always likeliest goes round and round
        weights[int(len(ids) ** 2 % 26) + 65] += 0.4
        return weights

    from gpt2demo.engine.fake import FakeEngine

    tab = open_tab(load=lambda *_: FakeEngine([bytes([b]) for b in range(256)], chances))
    tab.compares("x", (0.0, 0, 1.0, 1.0), temperature=1.0, max_new_tokens=30, repetition_penalty=1.0)
    assert "repeat itself" in tab.said


# several visitors -----------------------------------------------------------------------------------------------------


def test_nobody_sees_anothers_text_or_branches(open_tab):
    one, two = open_tab(), open_tab()
    runs = [
        t.presses("on_generate", t.request, p, *t.settings(max_new_tokens=40)) for t, p in ((one, "abc"), (two, "xyz"))
    ]
    for run in (*runs, *runs):
        next(run, None)
    for run in runs:
        list(run)
    assert (one.text[:3], two.text[:3]) == ("abc", "xyz")
    assert len(one.branches) == len(two.branches) == 1


def test_a_text_is_the_same_alone_and_among_others(open_tab):
    alone, beside, other = open_tab(), open_tab(), open_tab()
    alone.generates("abc", max_new_tokens=40, temperature=2.0)
    runs = [
        t.presses("on_generate", t.request, "abc", *t.settings(max_new_tokens=40, temperature=2.0))
        for t in (beside, other)
    ]
    threads = [threading.Thread(target=list, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alone.ids == beside.ids == other.ids


# bad input ------------------------------------------------------------------------------------------------------------

BAD = [
    {"temperature": float("nan")}, {"temperature": -1}, {"temperature": 99}, {"temperature": None}, {"top_k": 1.5},
    {"top_p": 1.01}, {"repetition_penalty": 0}, {"presence_penalty": float("inf")}, {"frequency_penalty": "many"},
    {"seed": -1}, {"seed": None}, {"seed": 0.5}, {"seed": 2**60}, {"max_new_tokens": 0}, {"max_new_tokens": 100_000},
    {"stop": "\n".join("abcdefghij")}, {"stop": "x" * 1000},
]  # fmt: skip


@pytest.mark.parametrize("settings", BAD, ids=str)
def test_an_impossible_setting_is_one_sentence_and_loses_nothing(settings, tab):
    tab.generates("abc")
    before = {name: value for name, value in tab.shown.items() if name != "notice"}
    for updates in (tab.generates("abc", **settings), tab.goes_on(**settings), tab.slides(**settings)):
        assert updates[-1].keys() == {"notice"}
        assert tab.shown["notice"]["kind"] == "problem"
        assert len(tab.shown["notice"]["sentences"]) == 1 and "reference" not in tab.said
    assert {name: value for name, value in tab.shown.items() if name != "notice"} == before


@pytest.mark.parametrize("name", ["seed", "max_new_tokens", "temperature"])
def test_an_emptied_field_is_called_empty_and_not_none(name, tab):
    tab.generates("abc", **{name: None})
    assert "None" not in tab.said and name.replace("_", " ") in tab.said


def test_a_prompt_over_the_context_says_how_many_tokens_too_many(tab):
    tab.generates("x" * 600)
    assert "600 tokens long, 89 too many" in tab.said


def test_a_megabyte_of_prompt_is_refused_before_it_is_read(engine, tab):
    tab.generates("x" * 1_000_000)
    assert "1,000,000 characters" in tab.said
    assert engine.reads == []


def test_a_public_host_takes_less(open_tab):
    tab = open_tab(settings=Settings(offline=True, public=True))
    tab.generates("x" * 30_000)
    assert "20,000" in tab.said
    tab.generates("x", max_new_tokens=401)
    assert tab.said == "This page writes at most 400 tokens at a time. Ask for fewer."


@pytest.mark.parametrize(
    "prompt", ["\x00", "a\x00b", "\u202eright to left", "👩‍👩‍👧‍👦", "<|endoftext|>", "</textarea><script>"]
)
def test_odd_prompts_come_back_unchanged(prompt, tab):
    tab.generates(prompt)
    assert tab.text.startswith(prompt)
    assert tab.shown["strip"]["end"] not in tab.ids


def test_half_a_surrogate_pair_is_replaced_and_named(tab):
    tab.generates("a \ud83d b")
    assert tab.text.startswith("a \ufffd b")
    assert "not valid Unicode" in tab.said
    tab.shown["strip"]["record"]["prompt"].encode()


def test_half_a_surrogate_pair_in_a_stop_text_does_no_harm(tab):
    tab.generates("abc", stop="\ud83d")
    assert "reference" not in tab.said
    str(tab.shown["strip"]).encode()


def test_a_blank_prompt_begins_at_the_end_of_text_token_and_says_so(tab):
    tab.generates("   ")
    assert tab.ids[0] == tab.shown["strip"]["end"]
    assert "end-of-text token" in tab.said


# models ---------------------------------------------------------------------------------------------------------------


def only_the_usual(name, settings, progress):
    if name not in ("gpt2-mini", "fake"):
        raise HubUnreachable(f"{name} is not on this machine.", "Choose gpt2-mini.")
    return random_engine()


def test_a_model_that_cannot_be_had_is_a_sentence_and_the_one_that_there_was_goes_on(open_tab):
    tab = open_tab(load=only_the_usual)
    tab.generates("abc")
    before, tab.model = tab.ids, "fake on onnx"
    tab.chooses_model("gpt2")
    assert tab.said_of_the_model == "gpt2 is not on this machine. Choose gpt2-mini. fake goes on."
    assert (tab.shown["model"], tab.shown["names"]) == ("fake on onnx", "fake")
    assert tab.ids == before


@dataclass
class Gate:
    """A model that does not arrive until it is let in."""

    def __post_init__(self):
        self.asked, self.open = threading.Event(), threading.Event()

    def load(self, name, settings, progress):
        if name == "slow":
            progress(0.5, "Fetching slow: 1 of 2 MB")
            self.asked.set()
            self.open.wait(20)
        return random_engine()


def test_another_model_tells_how_far_it_is_and_writes_the_prompt(open_tab):
    gate = Gate()
    tab = open_tab(load=gate.load)
    steps = tab.choosing_model("slow", "abc")
    next(steps)
    assert tab.said_of_the_model == "Fetching slow: 1 of 2 MB …"
    gate.open.set()
    list(steps)
    assert tab.text.startswith("abc") and tab.said == ""


def test_while_one_visitor_fetches_a_model_the_others_go_on(open_tab):
    gate = Gate()
    patient, other = open_tab(load=gate.load), open_tab()
    other.generates("abc")
    fetching = threading.Thread(target=patient.chooses_model, args=("slow",))
    fetching.start()
    gate.asked.wait(20)
    writing = threading.Thread(target=other.generates, args=("xyz",))
    writing.start()
    writing.join(5)
    written = other.text
    gate.open.set()
    fetching.join(20)
    writing.join(20)
    assert written.startswith("xyz")


def test_a_branch_is_shown_and_continued_by_the_model_that_wrote_it(open_tab):
    capitals = engine_that_writes(b"AAA", b"BBB")
    small = engine_that_writes(b"a", b"b", b"ccc", b"ddd", b"eee")
    tab = open_tab(load=lambda name, *_: capitals if name == "capitals" else small)
    tab.model = "capitals"
    tab.generates("x", temperature=0)
    written, place = tab.text, tab.place
    tab.chooses_model("small", "x")
    tab.turns_to(place)
    assert tab.text == written
    tab.goes_on(temperature=0)
    assert set(tab.text) == set("xAB")


# links after branches -------------------------------------------------------------------------------------------------


def test_a_link_to_a_branch_leads_to_its_text_or_is_not_offered(tab, open_tab):
    tab.generates("abc")
    tab.clicks(5)
    tab.takes(ord("Z"))
    query = tab.shown["strip"]["link"]
    if query:
        other = open_tab()
        other.opens(query)
        assert other.text == tab.text


# over a reload --------------------------------------------------------------------------------------------------------


def test_a_reload_shows_the_branch_that_was_there_and_lists_all(tab, open_tab):
    tab.opens()
    tab.generates("abc", seed=5, temperature=1.5)
    first, place = tab.ids, tab.place
    tab.generates("xyz")
    again = open_tab()
    again.opens(before=tab.visit, place=place)
    assert again.ids == first and again.branches == tab.branches
    assert (again.shown["prompt"], again.shown["seed"], again.shown["temperature"]) == ("abc", 5, 1.5)
    assert again.shown["panel"]["rows"]


def test_a_reload_while_it_writes_shows_what_was_written_and_it_can_be_continued(tab, open_tab):
    tab.opens()
    run = tab.presses("on_generate", tab.request, "abc", *tab.settings(max_new_tokens=400))
    next(run)
    run.close()
    again = open_tab()
    again.opens(before=tab.visit, place=tab.place)
    assert again.shown["strip"]["record"]["stopped_by"] == "visitor"
    again.goes_on(max_new_tokens=3)
    assert again.ids[: len(tab.ids)] == tab.ids


def test_a_link_opened_in_the_same_browser_tab_is_written_beside_what_was_there(tab, open_tab):
    tab.opens()
    again = open_tab()
    again.opens("?prompt=only+this", before=tab.visit)
    assert again.text.startswith("only this") and len(again.branches) == len(tab.branches) + 1


def test_a_link_that_is_loaded_anew_is_not_written_twice(tab, open_tab):
    tab.opens("?prompt=only+this&seed=3")
    again = open_tab()
    again.opens("?prompt=only+this&seed=3", before=tab.visit, place=tab.place)
    assert again.ids == tab.ids and again.branches == tab.branches


@pytest.mark.parametrize("before", ["", "a visit that nobody made"])
def test_without_a_visit_before_the_page_opens_as_for_anybody(before, tab, open_tab):
    tab.opens()
    tab.generates("abc")
    other = open_tab()
    other.opens(before=before, place=tab.place)
    assert len(other.branches) == 1 and not other.text.startswith("abc")


def test_a_browser_tab_that_was_duplicated_leaves_the_first_ones_texts_alone(tab, open_tab):
    tab.opens()
    tab.generates("abc")
    before = tab.ids
    double = open_tab()
    double.opens(before=tab.visit, place=tab.place)
    double.undoes()
    tab.turns_to(tab.place)
    assert tab.ids == before
    again = open_tab()
    again.opens(before=tab.visit, place=tab.place)
    assert again.ids == before
