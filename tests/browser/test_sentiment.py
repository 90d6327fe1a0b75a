"""The Sentiment tab: one text judged and questioned, a file scored."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import expect

from gpt2demo.sentiment.table import MOST_BYTES
from tests.browser.conftest import in_tab
from tests.browser.test_attention import EVIL

LABELS = ("negative", "neutral", "positive")


@pytest.fixture(scope="module")
def room(chromium, server):
    """A visitor who has opened the tab."""
    for visitor in in_tab(chromium, server, "Sentiment"):
        expect(visitor.page.locator("#judged .sentence")).to_contain_text("GPT-2")
        yield visitor


def judges(room, text: str, field: str = "opinion-text", button: str = "judge") -> None:
    where = "judged" if field == "opinion-text" else "judged-other"
    room.page.locator(f"#{field} textarea").fill(text)
    room.page.locator(f"#{button}").click()
    expect(room.page.locator(f"#{where} .text")).to_have_text(text)


def shares(room, where: str = "judged") -> list[float]:
    titles = room.page.locator(f"#{where} .shares span").evaluate_all("all => all.map(node => node.title)")
    return [float(re.search(r"([\d.]+) %", title)[1]) for title in titles]


def test_the_tab_opens_with_a_judged_text(room):
    assert sum(shares(room)) == pytest.approx(100, abs=0.5)
    expect(room.page.locator("#judged .word")).not_to_have_count(0)
    expect(room.page.locator("#judged .because")).not_to_be_empty()


def test_plain_praise_and_plain_blame_are_told_apart(room):
    judges(room, "A wonderful, warm and funny film. I loved it.")
    praise = shares(room)
    judges(room, "A terrible, boring and stupid film. I hated it.")
    blame = shares(room)
    assert praise[2] > praise[0] and blame[0] > blame[2]


def test_two_texts_stand_side_by_side(room):
    judges(room, "I loved it.")
    judges(room, "I hated it.", "other-text", "judge-other")
    assert shares(room)[2] > shares(room, "judged-other")[2]


def test_programs_in_a_text_are_shown_and_not_run(room):
    judges(room, EVIL)
    assert room.page.evaluate("window.hacked") is None


def test_an_empty_text_is_one_sentence_and_the_last_opinion_stays(room):
    judges(room, "I loved it.")
    room.page.locator("#opinion-text textarea").fill("   ")
    room.page.locator("#judge").click()
    expect(room.page.locator("#sentiment-notice p")).to_have_text(
        ["There is no text to judge. Write a sentence or two."]
    )
    expect(room.page.locator("#judged .text")).to_have_text("I loved it.")


def test_what_would_turn_it_really_turns_it(room):
    judges(room, "The food was good but the service was awful.")
    room.page.locator("#turn").click()
    expect(room.page.locator("#judged .flips .title")).to_be_visible()
    for line in room.page.locator("#judged .flips li").all():
        assert line.locator("del").count() >= 1
        assert re.match(
            r"[−·+] (negative|neutral|positive) [\d.]+ %, was [\d.]+ %", line.locator(".turned").inner_text()
        )


def test_the_other_method_says_what_it_compared_with(room):
    judges(room, "I loved it.")
    room.page.get_by_label("Integrated gradients").check()
    expect(room.page.locator("#judged .how")).to_contain_text("steps")
    room.page.get_by_label("Leave a word out").check()
    expect(room.page.locator("#judged .how")).to_contain_text("left out")


def test_an_opinion_can_be_saved(room):
    judges(room, "I loved it.")
    assert room.offers("#judged", "PNG").startswith(b"\x89PNG")
    assert "positive" in room.offers("#judged", "SVG").decode()
    assert json.loads(room.offers("#judged", "JSON"))["text"] == "I loved it."


def test_one_click_leads_to_the_attention_and_to_the_probabilities_of_a_text(room):
    text = "I loved it more than I can say."
    judges(room, text)
    room.page.locator("#judged").get_by_role("button", name="Its attention").click()
    expect(room.page.locator("#look-text textarea")).to_have_value(text)
    expect(room.page.locator("#look-text textarea")).to_be_visible()
    room.page.get_by_role("tab", name="Sentiment").click()
    room.page.locator("#judged").get_by_role("button", name="Its tokens and their probabilities").click()
    expect(room.prompt).to_have_value(text)
    expect(room.prompt).to_be_visible()
    room.says(re.compile("Every token of your text"))
    assert room.text == text
    room.page.get_by_role("tab", name="Sentiment").click()


def test_how_often_the_model_is_wrong_stands_at_the_top(room):
    expect(room.page.locator("#sentiment-trust p")).to_have_text(
        re.compile(r"On [\d,]+ texts held out from training it was right on \d+ %")
    )


def test_a_click_while_a_long_text_is_read_stops_that_and_is_answered(room):
    room.page.locator("#opinion-text textarea").fill("I loved it. " * 4000)
    room.page.locator("#judge").click()
    expect(room.page.locator("#judged .sentence")).to_be_hidden()
    expect(room.page.locator("#sentiment-notice p")).to_have_text(["GPT-2 is reading …"])
    judges(room, "I hated it.")
    expect(room.page.locator("#sentiment-notice p")).to_have_count(0)
    expect(room.page.locator("#judged .text")).to_have_text("I hated it.")


def test_a_very_long_text_is_read_in_parts_and_says_so(room):
    judges(room, "I loved it. " * 400 + "I hated it.")
    expect(room.page.locator("#judged .sentence")).to_contain_text("parts and averaged")
    room.page.locator("#turn").click()
    expect(room.page.locator("#sentiment-notice p")).to_contain_text("longer than the model reads at once")


# many texts -----------------------------------------------------------------------------------------------------------


def uploads(room, path: Path) -> None:
    room.unfolds("Many texts")
    if room.page.locator("#texts-file [aria-label=Clear]").count():
        room.page.locator("#texts-file [aria-label=Clear]").click()
    room.page.locator("#texts-file input[type=file]").set_input_files(path)


def written(tmp_path, rows: list[list[str]], name="texts.csv") -> Path:
    with (tmp_path / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return tmp_path / name


def test_a_file_is_scored_checked_against_its_labels_and_given_back_without_formulas(room, tmp_path):
    texts = [
        '=HYPERLINK("http://x") I loved it',
        "I hated it <script>window.hacked=1</script>",
        "It is on Monday at ten",
    ]
    uploads(
        room,
        written(tmp_path, [["note", "label"], *([t, label] for t, label in zip(texts, ("pos", "neg", "neutral")))]),
    )
    expect(room.page.locator("#many-notice")).to_contain_text("3 rows")
    room.page.locator("#score-file").click()
    expect(room.page.locator("#scored .sentence").first).to_contain_text("3 texts")
    expect(room.page.locator("#scored tbody .words bdi")).to_have_text(texts)
    expect(room.page.locator("#scored .confusion td")).to_have_count(9)
    for i, figure in enumerate(("What the texts say", "Which labels", "Calibration", "Answering less")):
        saves = f"#scored .saves >> nth={i}"
        assert room.offers(saves, "PNG").startswith(b"\x89PNG")
        assert figure in room.offers(saves, "SVG").decode()
    with room.page.expect_download() as offered:
        room.page.locator("#scored-csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(offered.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row["note"] for row in rows] == ["'" + texts[0], *texts[1:]]
    assert all(sum(float(row[label]) for label in LABELS) == pytest.approx(1, abs=1e-4) for row in rows)


def test_rows_can_be_put_in_another_order(room, tmp_path):
    uploads(room, written(tmp_path, [["text"], ["I loved it so much"], ["I hated it so much"]]))
    expect(room.page.locator("#many-notice")).to_contain_text("2 rows")
    room.page.locator("#score-file").click()
    expect(room.page.locator("#scored .sentence").first).to_contain_text("2 texts")
    room.page.locator("#scored-order").get_by_label("most negative first").check()
    expect(room.page.locator("#scored tbody .words").first).to_have_text("I hated it so much")
    room.page.locator("#scored-order").get_by_label("as in the file").check()
    expect(room.page.locator("#scored tbody .words").first).to_have_text("I loved it so much")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "holds no rows"),
        ("binary.csv", b"\x00\x01\x02\n\x00", "is not a text file"),
        ("bad.xlsx", b"PK", "not a workbook"),
        ("large.csv", b"text\n" + b"x" * (MOST_BYTES + 1), "more than the 20 MB that can be read at once"),
    ],
    ids=["empty", "binary", "no workbook", "too large"],
)
def test_a_file_that_is_no_table_is_one_sentence(name, content, says, room, tmp_path):
    (tmp_path / name).write_bytes(content)
    uploads(room, tmp_path / name)
    expect(room.page.locator("#many-notice p")).to_contain_text(says)


def test_the_limit_stands_there_before_anything_is_sent(room):
    room.unfolds("Many texts")
    expect(room.page.locator("#many")).to_contain_text("at most 20 MB and 100,000 rows")


def test_a_column_that_holds_no_labels_is_one_sentence_and_another_can_be_picked(room, tmp_path):
    rows = [["what", "where"], ["I loved it so much", "in the old town"], ["x y z", "a b c"]]
    uploads(room, written(tmp_path, rows))
    expect(room.page.locator("#many-notice p")).to_contain_text("Say which column holds the texts.")
    room.page.locator("#score-file").click()
    expect(room.page.locator("#many-notice p")).to_contain_text("not clear which column")
    room.page.locator("#texts-column").get_by_label("where", exact=True).check()
    room.page.locator("#labels-column").get_by_label("what", exact=True).check()
    room.page.locator("#score-file").click()
    expect(room.page.locator("#many-notice p")).to_contain_text("The label column holds")
    room.page.locator("#labels-column").get_by_label("none", exact=True).check()
    room.page.locator("#score-file").click()
    expect(room.page.locator("#scored tbody .words").first).to_have_text("in the old town")


def test_encodings_that_change_from_line_to_line_are_read(room, tmp_path):
    (tmp_path / "mixed.csv").write_bytes("text\nDas schöne Café\n".encode() + "Die müde Übung\n".encode("cp1252"))
    uploads(room, tmp_path / "mixed.csv")
    expect(room.page.locator("#many-notice")).to_contain_text("2 rows")
    room.page.locator("#score-file").click()
    expect(room.page.locator("#scored tbody .words bdi")).to_have_text(["Das schöne Café", "Die müde Übung"])


# programs -------------------------------------------------------------------------------------------------------------


def test_the_endpoints_give_what_the_page_shows(room, server):
    judges(room, "A wonderful, warm and funny film. I loved it.")
    client = Client(server.url, verbose=False)
    found = client.predict("A wonderful, warm and funny film. I loved it.", api_name="/sentiment")
    assert found["label"] == "positive" and found["model"] == "gpt2-mini"
    assert [100 * found["probabilities"][label] for label in LABELS] == pytest.approx(shares(room), rel=0.01)
    many = client.predict(["I loved it.", ""], api_name="/sentiment_batch")
    assert [row["text"] for row in many["rows"]] == ["I loved it.", ""]
