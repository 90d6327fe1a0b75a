"""The Monitor tab: the sample watched, replayed, its alarms seen; headlines of one's own."""

import re

import pytest
from gradio_client import Client
from playwright.sync_api import expect

from gpt2demo.sentiment.table import MOST_BYTES
from tests.browser.conftest import in_tab, serving, visiting
from tests.monitor.test_feed import serving as serving_feed

SLOWLY = 60_000  # milliseconds, for what the model has to read first


@pytest.fixture(scope="module")
def desk(chromium, server):
    """A visitor who has opened the tab, the sample read."""
    for visitor in in_tab(chromium, server, "Monitor"):
        expect(visitor.page.locator("#opinion .sentence")).to_contain_text("about 9 topics", timeout=SLOWLY)
        expect(visitor.page.locator("#monitor-notice p")).to_have_count(0, timeout=SLOWLY)
        yield visitor


def shows(desk, source: str) -> None:
    desk.page.locator("#monitor-source").get_by_label(source).check()


def topics(desk) -> list[str]:
    return desk.page.locator("#opinion .topic .name bdi").all_inner_texts()


def test_the_tab_opens_with_the_sample_watched(desk):
    assert "energy" in topics(desk) and "technology" in topics(desk)
    expect(desk.page.locator("#opinion svg")).to_have_count(9)
    expect(desk.page.locator("#opinion .legend")).to_contain_text("95 % band")


def test_both_planted_surges_raise_an_alarm_and_the_busy_day_does_not(desk):
    cards = desk.page.locator("#opinion .card summary").all_inner_texts()
    assert any(re.search(r"energy, 12 Sept? 2026", card) for card in cards), cards
    assert any(re.search(r"technology, 5 Oct 2026", card) for card in cards), cards
    assert not any("mergers" in card for card in cards), cards


def test_an_alarm_that_was_seen_stays_seen_over_a_reload(desk):
    card = desk.page.locator("#opinion .card").first
    card.get_by_role("button", name="Mark as seen").click()
    expect(card.get_by_role("button", name="Seen")).to_be_disabled()
    desk.opens()
    desk.page.get_by_role("tab", name="Monitor").click()
    expect(desk.page.locator("#opinion .card").first.get_by_role("button", name="Seen")).to_be_disabled()


def test_the_picture_has_a_table_with_the_same_numbers(desk):
    desk.page.get_by_text("The same as a table").click()
    expect(desk.page.locator("#opinion .twin tbody tr")).not_to_have_count(0)
    assert desk.offers("#opinion", "CSV of the windows").decode().startswith("topic,start,headlines")
    assert desk.offers("#opinion", "CSV of the alarms").decode().startswith("topic,start,count")


def test_the_picture_can_be_saved(desk):
    assert desk.offers("#opinion", "PNG").startswith(b"\x89PNG")
    drawing = desk.offers("#opinion", "SVG").decode()
    assert "energy" in drawing and drawing.count("<polyline") == 9 and "Opinion over time" in drawing


def test_a_replay_goes_through_the_days_and_stops_when_told(desk):
    desk.page.locator("#monitor-replay").click()
    expect(desk.page.locator("#monitor-notice p")).to_contain_text("As on")
    desk.page.locator("#monitor-stop").click()
    expect(desk.page.locator("#monitor-notice p")).to_have_count(0)
    shows(desk, "Your headlines")
    shows(desk, "The sample")
    expect(desk.page.locator("#opinion .sentence")).to_contain_text("about 9 topics")


def test_a_watch_list_of_ones_own_makes_other_rows(desk):
    desk.unfolds("The watch list")
    field = desk.page.locator("#watch-list textarea")
    shipped = field.input_value()
    field.fill("oil: oil, gas\nbanks: bank")
    desk.page.locator("#apply-watch-list").click()
    expect(desk.page.locator("#opinion .topic")).to_have_count(2)
    field.fill("oil")
    desk.page.locator("#apply-watch-list").click()
    expect(desk.page.locator("#monitor-notice p")).to_contain_text("watch list is empty")
    expect(desk.page.locator("#opinion .topic")).to_have_count(2)
    field.fill(shipped)
    desk.page.locator("#apply-watch-list").click()
    expect(desk.page.locator("#opinion .topic")).to_have_count(9)


def test_headlines_of_ones_own_are_read_and_unreadable_dates_listed(desk, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "date,headline\n2026-01-01,<script>window.hacked=1</script> oil\n2.1.2026,Oil falls\nsoon,Gas rises\n"
        '"Jan 3, 2026 10:30 +02:00","=HYPERLINK(""http://x"") oil"\n'
    )
    desk.unfolds("Your headlines")
    desk.page.locator("#monitor-upload input[type=file]").set_input_files(path)
    expect(desk.page.locator("#monitor-notice p")).to_have_text(
        ["3 headlines read.", "1 row has a date that cannot be read and was left out: 'soon'."]
    )
    assert topics(desk) == ["energy"]
    desk.page.get_by_text("The latest headlines").first.click()
    saved = desk.offers("#opinion .latest", "CSV").decode()
    assert "2026-01-03 08:30" in saved and "'=HYPERLINK(" in saved
    desk.page.locator("#monitor-clear").click()
    expect(desk.page.locator("#opinion .sentence")).to_contain_text("No headline")
    shows(desk, "The sample")
    expect(desk.page.locator("#opinion .topic")).to_have_count(9)


def test_windows_of_each_length_are_held_against_the_same_past(desk):
    desk.page.get_by_text("How an alarm is decided").click()
    rows = desk.page.locator("#alarm-rule .one").first.locator("tbody tr")
    expect(rows).to_have_count(3)
    before = rows.all_inner_texts()
    alarms = {
        "6 hours": 2,
        "1 week": 1,
        "1 day": 2,
    }  # in a week the first surge drowns among what the model hears in other days
    for length, cards in alarms.items():
        desk.page.locator("#monitor-length").get_by_label(length, exact=True).check()
        expect(desk.page.locator("#alarm-rule tr.chosen td").first).to_have_text(length)
        assert rows.all_inner_texts() == before
        expect(desk.page.locator("#opinion .card")).to_have_count(cards)
        said = {"6 hours": "6 hours", "1 week": "one week", "1 day": "one day"}[length]
        expect(desk.page.locator("#opinion .legend")).to_contain_text(f"a column is {said},")


def uploads_many(desk, tmp_path, name: str) -> None:
    path = tmp_path / "many.csv"
    lines = (f"2026-01-{1 + i % 28:02},Oil of {name} rises for the {i}th time" for i in range(4000))
    path.write_text("date,headline\n" + "\n".join(lines))
    desk.unfolds("Your headlines")
    if desk.page.locator("#monitor-upload [aria-label=Clear]").count():
        desk.page.locator("#monitor-upload [aria-label=Clear]").click()
    desk.page.locator("#monitor-upload input[type=file]").set_input_files(path)
    expect(desk.page.locator("#opinion .sentence")).to_contain_text("the rest is not read yet")


def test_stopped_in_the_middle_it_keeps_what_is_read_and_claims_no_more(desk, tmp_path):
    uploads_many(desk, tmp_path, "Ambridge")
    desk.page.locator("#monitor-stop").click()
    expect(desk.page.locator("#monitor-notice p")).to_contain_text("Stopped. What is read stays")
    expect(desk.page.locator("#opinion .sentence")).to_contain_text("So far")
    desk.page.locator("#monitor-clear").click()
    expect(desk.page.locator("#opinion .sentence")).to_contain_text("No headline")


def test_who_turns_to_other_headlines_while_some_are_read_sees_those(desk, tmp_path):
    uploads_many(desk, tmp_path, "Borchester")
    shows(desk, "The sample")
    expect(desk.page.locator("#opinion .topic")).to_have_count(9)
    desk.page.wait_for_timeout(1500)  # for what was being read to end
    assert len(topics(desk)) == 9
    expect(desk.page.locator("#monitor-source").get_by_label("The sample")).to_be_checked()
    desk.page.locator("#monitor-clear").click()
    expect(desk.page.locator("#opinion .sentence")).to_contain_text("No headline")
    shows(desk, "The sample")
    expect(desk.page.locator("#opinion .topic")).to_have_count(9)


def test_a_feed_inside_a_private_network_is_refused(desk, server):
    desk.unfolds("Your headlines")
    desk.page.locator("#monitor-feed input, #monitor-feed textarea").first.fill(server.url)
    desk.page.locator("#monitor-check").click()
    expect(desk.page.locator("#monitor-notice p")).to_contain_text("private network")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "holds no rows"),
        ("binary.csv", b"\x00\x01\x02\n\x00", "is not a text file"),
        ("columns.csv", b"when,what\n2026-01-01,Oil falls\n", "no column for the date"),
        ("dates.csv", b"date,headline\nsoon,Oil falls\n", "no headline with a date"),
        ("large.csv", b"date,headline\n" + b"x" * (MOST_BYTES + 1), "more than the 20 MB that can be read at once"),
    ],
    ids=["empty", "binary", "wrong columns", "no date", "too large"],
)
def test_a_file_without_headlines_is_one_sentence(name, content, says, desk, tmp_path):
    (tmp_path / name).write_bytes(content)
    desk.unfolds("Your headlines")
    expect(desk.page.locator("#monitor-own")).to_contain_text("at most 20 MB and 100,000 rows")
    if desk.page.locator("#monitor-upload [aria-label=Clear]").count():
        desk.page.locator("#monitor-upload [aria-label=Clear]").click()
    desk.page.locator("#monitor-upload input[type=file]").set_input_files(tmp_path / name)
    expect(desk.page.locator("#monitor-notice p")).to_contain_text(says)


def watching(desk, which: str, where: str) -> None:
    """Name a feed or a folder, read it, and ask for it to be read again and again."""
    desk.unfolds("Your headlines")
    desk.page.locator(f"#monitor-{which} input, #monitor-{which} textarea").first.fill(where)
    desk.page.locator("#monitor-check").click()
    expect(desk.page.locator("#monitor-notice p")).to_contain_text("there at")
    desk.page.locator("#monitor-keep input").check()


def passes_half_a_minute(desk) -> None:
    desk.page.wait_for_timeout(500)  # for the timer to be switched on
    desk.page.clock.fast_forward(31_000)


def opens_the_monitor(visit):
    """A visitor whose clock the test can move."""
    visitor = visit()
    visitor.page.clock.install()
    visitor.opens()
    visitor.page.get_by_role("tab", name="Monitor").click()
    expect(visitor.page.locator("#opinion .topic")).to_have_count(9, timeout=SLOWLY)
    return visitor


def test_a_folder_is_looked_at_again_while_one_watches_it(visit, tmp_path):
    (tmp_path / "a.csv").write_text("date,headline\n2026-01-01,Oil falls\n")
    visitor = opens_the_monitor(visit)
    watching(visitor, "folder", str(tmp_path))
    expect(visitor.page.locator("#opinion .sentence")).to_contain_text("1 headline about 1 topic")
    (tmp_path / "b.csv").write_text("date,headline\n2026-01-02,Oil falls again\n2026-01-02,Banks cut loans\n")
    passes_half_a_minute(visitor)
    expect(visitor.page.locator("#opinion .sentence")).to_contain_text("3 headlines about 2 topics")
    shows(visitor, "The sample")
    expect(visitor.page.locator("#opinion .topic")).to_have_count(9)
    passes_half_a_minute(visitor)
    visitor.page.wait_for_timeout(1000)
    expect(visitor.page.locator("#monitor-source").get_by_label("The sample")).to_be_checked()
    visitor.page.locator("#monitor-clear").click()
    expect(visitor.page.locator("#opinion .sentence")).to_contain_text("No headline")


def test_a_feed_of_ones_own_network_is_read_where_the_host_allows_it(chromium, tmp_path, monkeypatch):
    monkeypatch.setenv("GPT2DEMO_PRIVATE_FEEDS", "1")
    pages = {"/rss": feed_of("Oil falls")}
    with serving_feed(pages) as host, serving(tmp_path) as home:
        for visit in visiting(chromium, home):
            visitor = opens_the_monitor(visit)
            watching(visitor, "feed", f"{host}/rss")
            expect(visitor.page.locator("#opinion .sentence")).to_contain_text("1 headline about 1 topic")
            pages["/rss"] = feed_of("Oil falls", "Banks cut loans")
            passes_half_a_minute(visitor)
            expect(visitor.page.locator("#opinion .sentence")).to_contain_text("2 headlines about 2 topics")


def feed_of(*titles: str) -> str:
    items = (f"<item><title>{t}</title><pubDate>Fri, 03 Apr 2026 10:00:00 GMT</pubDate></item>" for t in titles)
    return f'<rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'


def test_the_endpoint_answers_programs(server):
    rows = [["2026-01-01", "Oil spill poisons a river"], ["2026-01-02", "Gas prices fall"]]
    found = Client(server.url, verbose=False).predict(rows, "1d", "", api_name="/monitor")
    assert [topic["topic"] for topic in found["topics"]] == ["energy"]
    assert [window["count"] for window in found["topics"][0]["windows"]] == [1, 1]
