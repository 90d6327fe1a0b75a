"""What a model writes is as little to be trusted as what a visitor types: an engine that writes programs."""

import threading
import time

import pytest
import uvicorn
from playwright.sync_api import expect

from gpt2demo.engine.fake import FakeEngine
from tests.browser.conftest import Server, free_port, visiting

PIECES = [
    b"<img src=x onerror=window.hacked=1>",
    b"<script>window.hacked=1</script>",
    b"${window.hacked=1}",
    b"{{x}}",
    b"`",
]
GLYPH = "🦊".encode()
WRITTEN = [*PIECES, GLYPH[:2], GLYPH[2:], b"\n", b"\xff", b" end"]
VOCABULARY = [*(bytes([byte]) for byte in range(256)), *(piece for piece in WRITTEN if len(piece) > 1)]


def chances(ids):
    """After any prompt, the pieces in their order; where the count is kept by the last piece that was written."""
    after = {VOCABULARY.index(piece): WRITTEN[(i + 1) % len(WRITTEN)] for i, piece in enumerate(WRITTEN)}
    weights = [1e-6] * (len(VOCABULARY) + 1)
    weights[VOCABULARY.index(after.get(ids[-1], WRITTEN[0]))] = 1.0
    return weights


@pytest.fixture(scope="module")
def mischief(tmp_path_factory):
    """A demo, in this process, over the engine that writes programs."""
    from gpt2demo.page import page
    from gpt2demo.services import Services
    from gpt2demo.settings import Settings

    services = Services(Settings(offline=True), load=lambda *_: FakeEngine(VOCABULARY, chances))
    application = page.build(services)
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    log = tmp_path_factory.mktemp("mischief") / "server.log"
    log.touch()
    yield Server(f"http://127.0.0.1:{port}", log)
    running.should_exit = True
    thread.join(20)


@pytest.fixture
def visitor(chromium, mischief):
    for visit in visiting(chromium, mischief):
        yield visit()


def test_programs_that_the_model_writes_are_shown_and_not_run(visitor):
    visitor.opens(prompt="x", max_new_tokens=20, temperature=0)
    for piece in PIECES:
        expect(visitor.page.locator("#strip .words")).to_contain_text(piece.decode().replace(" ", "·"))
    expect(visitor.page.locator("#strip img, #strip script, #panel img, #panel script")).to_have_count(0)


def test_the_panel_shows_them_as_text_too(visitor):
    visitor.opens(prompt="x", max_new_tokens=len(WRITTEN), temperature=0)
    for index in range(1, len(WRITTEN)):
        visitor.clicks(index)
        expect(visitor.sentence).to_contain_text("had")


def test_a_branch_named_after_a_program_is_a_button_with_that_text(visitor):
    visitor.opens(prompt="x", max_new_tokens=4, temperature=0)
    visitor.clicks(3)
    visitor.sets("seed", 8)
    evil = visitor.page.locator("#panel .choice:not(.chosen)").first
    visitor.expecting_a_new_text(evil.click)
    expect(visitor.branches).to_have_count(2)
    expect(visitor.page.locator("#strip .branches img")).to_have_count(0)


def test_a_glyph_in_several_tokens_appears_once_and_a_lost_byte_does_no_harm(visitor):
    visitor.opens(prompt="x", max_new_tokens=len(WRITTEN), temperature=0)
    assert visitor.page.locator("#strip .words").inner_text().count("🦊") == 1
    assert visitor.record["text"].count("🦊") == 1


def test_exports_hold_the_programs_as_data(visitor):
    visitor.opens(prompt="x", max_new_tokens=len(WRITTEN), temperature=0)
    assert PIECES[0].decode() in visitor.record["text"]
    assert PIECES[0].decode() in visitor.saves("Text")
