"""How soon a visitor sees the attention microscope's pictures in Chromium: from the click until they are painted."""

import random
import string
from pathlib import Path
from statistics import median

from gpt2demo.bench import report
from gpt2demo.bench.page_speed import PATIENCE, browser_page, demo, wait_until_served

# Clicks what `click` names and gives the seconds until `of` has another `attribute` (or, for "text", one that matches
# `wanted`) and the browser has painted it: two frames later.
WATCH = """([click, of, attribute, wanted]) => new Promise((done) => {
  const node = document.querySelector(of), now = () => attribute === "text" ? node.textContent : node.getAttribute(attribute);
  const before = now(), began = performance.now();
  const look = () => {
    if (now() === before || !new RegExp(wanted).test(now())) return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - began) / 1000)));
  };
  const observer = new MutationObserver(look);
  observer.observe(node, {childList: true, subtree: true, characterData: true, attributes: true});
  document.querySelector(click).click();
})"""
ATLAS, HEAD = "#atlas .atlas", "#head .one-head"
RANKED = "^Of all"


def pictures(page, rounds: int) -> dict[str, float]:
    """The median seconds from a click to what it asks for, on random letters (a token each), warm."""
    seen: dict[str, list[float]] = {}
    letters = random.Random(1)

    def note(name: str, *what: str) -> None:
        seen.setdefault(name, []).append(page.evaluate(WATCH, [*what, *[""] * (4 - len(what))]))

    def look(tokens: int) -> None:
        page.fill("#look-text textarea", "".join(letters.choices(string.ascii_lowercase, k=tokens)))
        note(f"click to atlas, {tokens} tokens", "#look-button", ATLAS, "data-drawn")

    for _ in range(rounds + 1):  # the first one warms up
        look(128)
        look(32)
        note("click to ranking of all heads, 32 tokens", "#ranking .switch", "#ranking .sentence", "text", RANKED)
        look(64)
        for row in (3, 5):  # two heads, so that there is always another one to open
            note("click to one head, 64 tokens", f"#finder tbody tr:nth-child({row}) .open", HEAD, "data-drawn")
        note("click to before and after, 64 tokens", "#effect .switch", "#effect .sentence", "text")
    return {name: median(times[len(times) // (rounds + 1) :]) for name, times in seen.items()}


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """The pictures of a model in a demo of its own; nothing where there is no Chromium."""
    with browser_page() as page:
        if page is None:
            return {}
        with demo(str(folder)) as (url, _):
            report.progress(f"{folder.name}: the page")
            wait_until_served(url)
            page.set_default_timeout(1000 * PATIENCE)
            page.goto(url)
            page.get_by_role("tab", name="Attention").click()
            for part in (ATLAS, HEAD):
                page.wait_for_selector(f"{part}[data-drawn]")
            found = pictures(page, rounds)
            report.progress("")
            return found
