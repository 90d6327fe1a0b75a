"""Tables come in as people save them and go out so that no spreadsheet calculates a cell."""

import openpyxl
import pytest

from gpt2demo.errors import BadInput
from gpt2demo.sentiment import table
from gpt2demo.sentiment.table import read, text_column, write_csv, write_xlsx


def saved(tmp_path, name: str, content: str | bytes):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", 'id,text\n1,"a, b"\n2,c\n'),
        ("t.csv", "id;text\r\n1;a, b\r\n2;c\r\n"),
        ("t.tsv", "id\ttext\n1\ta, b\n2\tc\n"),
        ("t.csv", '\ufeffid,text\n1,"a, b"\n\n2,c'),
    ],
)
def test_commas_semicolons_tabs_and_marks_make_the_same_table(name, content, tmp_path):
    assert read(saved(tmp_path, name, content)).column("text") == ["a, b", "c"]


def test_a_workbook_is_a_table_too(tmp_path):
    write_xlsx(tmp_path / "t.xlsx", ["id", "text"], [[1, "a"], [2, None]])
    assert read(tmp_path / "t.xlsx").rows == [("1", "a"), ("2", "")]


def test_a_text_file_is_one_text_a_line(tmp_path):
    assert read(saved(tmp_path, "t.txt", "first, with a comma\n\nsecond\n")).column("text") == [
        "first, with a comma",
        "second",
    ]


def test_encodings_may_change_in_the_middle(tmp_path):
    content = "text\ncafé one two\n".encode() + "naïve one two\n".encode("cp1252")
    assert read(saved(tmp_path, "t.csv", content)).column("text") == ["café one two", "naïve one two"]


def test_rows_that_are_short_or_long_and_names_that_repeat_are_taken(tmp_path):
    found = read(saved(tmp_path, "t.csv", "a,a,\n1\n1,2,3,4\n"))
    assert found.columns == ("a", "a (2)", "column 3", "column 4")
    assert found.rows == [("1", "", "", ""), ("1", "2", "3", "4")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", "", "no rows"),
        ("t.csv", b"\x7fELF\x00\x00\x01", "not a text file"),
        ("t.xlsx", b"PK\x03\x04 cut short", "not a workbook"),
        ("t.xlsx", "a,b\n1,2\n", "not a workbook"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(name, content, says, tmp_path):
    with pytest.raises(BadInput, match=says):
        read(saved(tmp_path, name, content))


def test_a_file_over_the_limit_says_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "MOST_BYTES", 10)
    with pytest.raises(BadInput, match="more than"):
        read(saved(tmp_path, "t.csv", "text\n" + "a" * 20))


def test_the_column_of_texts_is_text_or_the_only_wordy_one_or_asked_for(tmp_path):
    found = read(saved(tmp_path, "t.csv", "id,note,mark\n1,this is a note,x\n2,and one more here,y\n"))
    assert text_column(found) == "note"
    assert text_column(found, "mark") == "mark"
    with pytest.raises(BadInput, match="no column 'nope'"):
        text_column(found, "nope")


def test_two_wordy_columns_are_not_guessed_between(tmp_path):
    with pytest.raises(BadInput, match="not clear"):
        text_column(read(saved(tmp_path, "t.csv", "a,b\none two three,four five six\n")))


DANGEROUS = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1"]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_no_cell_leaves_as_a_formula(cell, tmp_path):
    write_csv(tmp_path / "t.csv", ["text"], [[cell]])
    write_xlsx(tmp_path / "t.xlsx", ["text"], [[cell]])
    assert read(tmp_path / "t.csv").rows[0][0] == f"'{cell}"
    written = openpyxl.load_workbook(tmp_path / "t.xlsx").active["A2"]
    assert written.data_type == "s" and written.value.startswith("'")


def test_numbers_stay_numbers(tmp_path):
    write_xlsx(tmp_path / "t.xlsx", ["p"], [[-0.5]])
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").active["A2"].value == -0.5
