"""A FAQ of one's own: what is taken, what is merged, what is refused, each in one sentence."""

import json

import pytest

from gpt2demo.chat.upload import MOST_PASSAGES, from_bytes, read
from gpt2demo.errors import BadInput

CSV = "Question,Answer,Label\nDo you sell tea?,Yes.,shop\n"


def test_csv_json_and_markdown_give_the_same_passage():
    files = {
        "faq.csv": CSV,
        "faq.json": json.dumps([{"question": "Do you sell tea?", "answer": "Yes.", "topic": "shop"}]),
        "faq.md": "# FAQ\n\n## Do you sell tea?\n\nYes.\n",
    }
    for name, text in files.items():
        (passage,) = from_bytes(text.encode(), name).passages
        assert (passage.title, passage.text, passage.asked) == ("Do you sell tea?", "Yes.", ("Do you sell tea?",))


def test_one_answer_to_several_questions_is_one_passage_and_found_by_each():
    knowledge = from_bytes(
        b"question,answer\nIs there tea?,Yes.\nAny oolong?,yes.\nIs there tea?,Yes.\nMilk?,No.\n", "f.csv"
    )
    assert [passage.asked for passage in knowledge.passages] == [("Is there tea?", "Any oolong?"), ("Milk?",)]
    assert knowledge.search("oolong")[0].passage.text == "Yes."


def test_html_is_taken_out():
    knowledge = from_bytes(
        b"question,answer\n<b>Tea</b>?,<script>x()</script>Yes &amp; <img src=x onerror=y>no\n", "f.csv"
    )
    assert (knowledge.passages[0].title, knowledge.passages[0].text) == ("Tea ?", "Yes & no")


def test_semicolons_tabs_and_a_byte_order_mark_are_understood():
    assert from_bytes("\ufeffquestion;answer\nTea?;Yes.\n".encode(), "f.csv").passages[0].text == "Yes."
    assert from_bytes(b"question\tanswer\nTea?\tYes.\n", "f.csv").passages[0].text == "Yes."


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("f.csv", b"question,reply\nTea?,Yes.\n", "no column answer"),
        ("f.csv", b"", "no column question"),
        ("f.csv", b"question,answer\n", "no entry"),
        ("f.csv", b"question,answer\nTea?,\n", "Entry 1 of f.csv has no answer"),
        ("f.csv", b"id,question,answer\n1,Tea?,Yes.\n1,Milk?,No.\n", "the id '1' for two different answers"),
        ("f.csv", b"\xff\xfe\x00binary", "not UTF-8"),
        ("f.json", b"{", "no valid JSON"),
        ("f.json", b"[1, 2]", "not a list of objects"),
        ("f.json", b'[{"question": "Tea?"}]', "no column answer"),
        ("f.md", b"only text", "no headings"),
        ("f.exe", b"MZ", "none of the kinds"),
    ],
)
def test_a_bad_file_is_one_sentence_with_the_way_out(name, content, sentence):
    with pytest.raises(BadInput, match=sentence) as caught:
        from_bytes(content, name)
    assert caught.value.way_out


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadInput, match="There is no file"):
        read(tmp_path / "none.csv")


def test_too_many_answers_are_refused():
    rows = "".join(f"q{i},a{i}\n" for i in range(MOST_PASSAGES + 1))
    with pytest.raises(BadInput, match="20,001 different answers"):
        from_bytes(f"question,answer\n{rows}".encode(), "f.csv")


def test_a_hundred_thousand_rows_and_more_are_refused():
    rows = "".join(f"q{i},a{i}\n" for i in range(5 * MOST_PASSAGES + 1))
    with pytest.raises(BadInput, match="more than 100,000 entries"):
        from_bytes(f"question,answer\n{rows}".encode(), "f.csv")
