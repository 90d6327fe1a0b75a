"""`sentiment` and `monitor`: what they leave out or cut up they say."""

import pytest

LONG = "a word and another " * 2500


def test_texts_longer_than_the_context_are_named(command):
    told = command("sentiment", "--text", LONG, "--text", "short", "--json")
    assert len(told.json["rows"]) == 2
    assert "1 text longer than the context, read in parts" in told.err
    assert "in parts" not in command("sentiment", "--text", "short", "--json").err


def test_dates_that_cannot_be_read_are_listed_and_the_rest_goes_on(command, tmp_path):
    path = tmp_path / "dates.csv"
    path.write_text("date,headline\n2026-01-01,Oil falls\nsoon,Oil rises\n2.1.2026,Gas rises\n99/99/2026,Gas\n")
    told = command("monitor", "--file", path, "--json")
    assert sum(window["count"] for window in told.json["topics"][0]["windows"]) == 2
    assert "2 rows have dates that cannot be read and were left out: 'soon', '99/99/2026'." in told.err


@pytest.mark.parametrize("content", [b"", b"\x00\x01\n", b"when,what\n2026-01-01,Oil\n", b"date,headline\nsoon,Oil\n"])
def test_a_file_without_headlines_is_one_sentence(content, refusal, tmp_path):
    (tmp_path / "bad.csv").write_bytes(content)
    assert refusal("monitor", "--file", tmp_path / "bad.csv")


def test_a_column_that_is_not_there_is_one_sentence(refusal, tmp_path):
    (tmp_path / "texts.csv").write_text("text\nI loved it\n")
    assert "'nope'" in refusal("sentiment", "--csv", tmp_path / "texts.csv", "--column", "nope")
