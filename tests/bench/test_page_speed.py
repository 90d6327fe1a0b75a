"""What the page costs, counted from what its readers saw."""

from gpt2demo.bench.page_speed import Writing, as_text, observed, summary

BARE = [Writing(20.0, 100.0), Writing(20.0, 50.0), Writing(20.0, 200.0)]


def test_the_pace_counts_from_the_first_sight_to_the_last():
    assert observed(10.0, [(10.5, 2), (11.0, 12), (12.5, 42)]) == Writing(500.0, 20.0)


def test_a_cost_compares_the_runs_of_the_same_round():
    client = [Writing(90.0, 90.0), Writing(110.0, 45.0), Writing(100.0, 150.0)]
    found = summary([7.0, 9.0, 8.0], {"bare loop": BARE, "gradio_client": client})
    assert found["cost_through_client"] == 0.1
    assert found["first_token_ms"] == 100
    assert all(found["bars_hold"].values())
    assert "10 %" in as_text(found)


def test_what_needs_a_browser_is_left_out_without_one():
    found = summary([], {"bare loop": BARE, "gradio_client": BARE})
    assert found["interactive_s"] is None
    assert as_text(found).count("no Chromium here") == 2


def test_a_missed_bar_is_called_missed():
    found = summary([20.0], {"bare loop": BARE, "gradio_client": [Writing(400.0, 50.0)] * 3})
    assert as_text(found).count("missed") == 3
