"""One demo and one browser for all tests; each visitor has a context of its own, watched until the test ends."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, expect, sync_playwright

from tests.browser.visitor import PATIENCE, Visitor

ROOT = Path(__file__).resolve().parents[2]
BROKEN_OFF = ("AbortError: signal is aborted", "Unexpected error Connection errored out")
AGENT_PASSWORD = "willow and wick"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"


@dataclass
class Server:
    """A running demo: its address, and the file into which it logs."""

    url: str
    log: Path

    def told(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """`python app.py --offline` on a port of its own."""
    with serving(tmp_path_factory.mktemp("demo")) as server:
        yield server


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[Server]:
    """A demo that keeps its state and its log in a folder, started with these flags."""
    server = Server(f"http://127.0.0.1:{free_port()}", folder / "server.log")
    port = server.url.rpartition(":")[2]
    with server.log.open("w") as log:
        threads = {"OMP_NUM_THREADS": "1"}  # the browser needs the rest
        own = {"GPT2DEMO_AGENT_PASSWORD": AGENT_PASSWORD, "GPT2DEMO_CACHE": str(folder / "cache")}
        told = os.environ | threads | own
        command = [sys.executable, "app.py", "--port", port, "--offline", "--state", str(folder / "state"), *flags]
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def wait_for(server: Server, process: subprocess.Popen) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"The demo did not start:\n{server.told()}")
        try:
            urllib.request.urlopen(f"{server.url}/config", timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The demo did not answer within two minutes:\n{server.told()}")


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, headless; there is nothing to test without one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail(
            "The browser tests need Chromium or Google Chrome: install one (Debian: apt-get install chromium), or set"
            " CHROMIUM to its path."
        )
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, NO_NAMES])
        yield browser
        browser.close()


class Watch:
    """What must not happen in a browser that looks at our page."""

    def __init__(self, context: BrowserContext, url: str):
        self.context, self.wrong, self.visits = context, [], Counter()
        self.ours = (url, f"blob:{url}", "data:", "about:")
        context.on("request", self.see)
        context.on("weberror", lambda error: self.wrong.append(f"page error: {error.error}"))
        context.on("console", self.hear)

    def see(self, request: Request) -> None:
        if not request.url.startswith(self.ours):
            self.wrong.append(f"asked for {request.url}")
        if request.is_navigation_request() and request.frame.parent_frame is None:
            self.visits[request.frame.page] += 1

    def hear(self, message: ConsoleMessage) -> None:
        """Note an error, unless a reload of this page broke off what Gradio was asking for."""
        reloaded = self.visits[message.page] > 1
        if message.type == "error" and not (reloaded and message.text.startswith(BROKEN_OFF)):
            self.wrong.append(f"console: {message.text}")

    def finish(self) -> list[str]:
        for page in self.context.pages:
            if "Traceback" in (page.locator("body").text_content() or ""):
                self.wrong.append("a traceback stands on the page")
            if page.evaluate("window.hacked") is not None:
                self.wrong.append("a text of a visitor or of the model was run as a program")
        self.context.close()
        return self.wrong


def visiting(chromium: Browser, server: Server):
    """A function that opens a browser at the server; at the end nothing foreign was asked for and nothing broke."""
    watches, before = [], len(server.told())

    def visit(**options: object) -> Visitor:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(PATIENCE)
        watches.append(Watch(context, server.url))
        return Visitor(context.new_page(), server.url)

    yield visit
    wrong = [what for watch in watches for what in watch.finish()]
    logged = server.told()[before:]
    assert not wrong
    assert "Traceback" not in logged, logged


def in_tab(chromium: Browser, server: Server, tab: str):
    """A visitor who has opened a tab, for the tests of a whole file."""
    for visit in visiting(chromium, server):
        visitor = visit().opens()
        visitor.page.get_by_role("tab", name=tab).click()
        yield visitor


@pytest.fixture
def visit(chromium, server):
    yield from visiting(chromium, server)


@pytest.fixture
def visitor(visit):
    """One visitor at a usual screen, not yet on the page."""
    return visit()
