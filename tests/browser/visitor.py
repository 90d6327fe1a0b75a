"""A visitor of the page: what one does there and what one sees, in the words of the tests."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

PATIENCE = 60_000  # milliseconds; for a busy machine, no test waits for it to pass
FINISHED = """([id]) => {
  const strip = document.querySelector(`#${id} .token-strip`);
  return strip && strip.querySelector('.token') && !strip.classList.contains('is-writing');
}"""
COUNT = """() => {
  window.counted = [];
  const words = document.querySelector("#strip .words");
  new MutationObserver(() => window.counted.push(words.querySelectorAll(".token").length)).observe(words, {childList: true});
}"""
ENDLESS = {"temperature": 0, "frequency_penalty": -2, "top_k": 0, "top_p": 1}  # every token makes itself likelier


class Visitor:
    def __init__(self, page: Page, url: str):
        self.page, self.url = page, url
        self.prompt = page.locator("#prompt textarea")
        self.tokens = page.locator("#strip .token")
        self.notice = page.locator("#notice")
        self.panel = page.locator("#panel")
        self.sentence = page.locator("#panel .sentence")
        self.effect = page.locator("#panel .effect")
        self.choices = page.locator("#panel .choice")
        self.branches = page.locator("#strip .branch")
        self.status = page.locator("#status .facts")

    # coming -----------------------------------------------------------------------------------------------------------

    def opens(self, address: str = "", **query: object) -> "Visitor":
        """Open the page, or the link that these settings make, and wait for the text to be finished."""
        self.page.goto(address or self.address(**query))
        self.waits_until_written()
        return self

    def starts(self, **query: object) -> "Visitor":
        """Open a link and be there while its text is being written."""
        self.page.goto(self.address(**query))
        expect(self.page.locator("#strip .is-writing")).to_be_attached()
        return self

    def address(self, **query: object) -> str:
        return f"{self.url}/" + (f"?{urlencode(query, doseq=True)}" if query else "")

    def waits_until_written(self, strip: str = "strip") -> None:
        self.page.wait_for_function(FINISHED, arg=[strip])

    # doing ------------------------------------------------------------------------------------------------------------

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def generates(self, prompt: str | None = None) -> None:
        """Press Generate and wait for the new text to be finished."""
        if prompt is not None:
            self.prompt.fill(prompt)
        self.expecting_a_new_text(self.button("Generate").click)

    def expecting_a_new_text(self, act) -> None:
        """Do something that begins a text of its own, and wait for its end."""
        before = self.place
        act()
        self.page.wait_for_function(
            "before => document.querySelector('#strip .branch[aria-pressed=true]').dataset.place !== before", arg=before
        )
        self.waits_until_written()

    def goes_on(self) -> None:
        before = self.tokens.count()
        self.button("Continue").click()
        self.waits_for_tokens(more_than=before)
        self.waits_until_written()

    def undoes(self) -> None:
        before = self.tokens.count()
        self.button("Undo").click()
        self.page.wait_for_function("n => document.querySelectorAll('#strip .token').length < n", arg=before)

    def waits_for_tokens(self, more_than: int) -> int:
        self.page.wait_for_function("n => document.querySelectorAll('#strip .token').length > n", arg=more_than)
        return self.tokens.count()

    def stops(self, after: int) -> None:
        """Press Stop as soon as so many tokens stand there: in the page itself, since a whole text is written in 3 s."""
        self.page.wait_for_function(
            """n => document.querySelectorAll('#strip .token').length > n
              && (document.querySelector('#stop').click(), true)""",
            arg=after,
        )
        self.waits_until_written()

    def counts_tokens(self) -> None:
        """Take down from here on how many tokens stand there after each update."""
        self.page.evaluate(COUNT)

    def clicks(self, index: int) -> None:
        """Click a token and wait for its panel."""
        self.tokens.nth(index).click()
        self.waits_for_panel_of(index)

    def waits_for_panel_of(self, index: int) -> None:
        """The panel's chosen row is the token of the text."""
        id = self.ids[index]
        expect(self.page.locator(f"#panel .choice.chosen[data-id='{id}']")).to_be_attached()

    def unfolds(self, name: str) -> None:
        line = self.page.locator("button.label-wrap", has_text=re.compile(f"^\\s*{re.escape(name)}"))
        if "open" not in (line.get_attribute("class") or "").split():
            line.click()

    def sets(self, field: str, value: object) -> None:
        """Type into a number field, by its id."""
        if field in ("repetition", "presence", "frequency", "seed", "max-new-tokens", "stops"):
            self.unfolds("More")
        entry = self.page.locator(f"#{field} input[type=number], #{field} textarea, #{field} input[type=text]").first
        entry.fill(str(value))
        entry.blur()

    def chooses(self, preset: str) -> None:
        self.page.locator("#preset").get_by_label(preset, exact=True).check()

    def saves(self, kind: str) -> str:
        """The content of the file that a button offers."""
        with self.page.expect_download() as offered:
            self.page.locator(f"#strip [data-kind={kind}]").click()
        return Path(offered.value.path()).read_bytes().decode("utf-8")

    def offers(self, where: str, kind: str) -> bytes:
        """The content of the file that a button of a part offers."""
        with self.page.expect_download() as offered:
            self.page.locator(where).locator(f"[data-kind='{kind}']").click()
        return Path(offered.value.path()).read_bytes()

    # seeing -----------------------------------------------------------------------------------------------------------

    @property
    def counted(self) -> list[int]:
        return self.page.evaluate("window.counted")

    @property
    def place(self) -> str | None:
        return self.page.locator("#strip .branch[aria-pressed=true]").get_attribute("data-place")

    def titles(self, strip: str = "strip") -> list[str]:
        return self.page.locator(f"#{strip} .token").evaluate_all("all => all.map(node => node.title)")

    def bytes_of(self, strip: str = "strip") -> list[bytes]:
        """The bytes of each token, as its tooltip gives them."""
        found = [re.search(r"bytes ((?:[0-9A-F]{2} ?)*)", title)[1] for title in self.titles(strip)]
        return [bytes.fromhex(digits) for digits in found]

    @property
    def ids(self) -> list[int]:
        return [int(re.search(r"token ([\d,]+)", title)[1].replace(",", "")) for title in self.titles()]

    @property
    def text(self) -> str:
        """The whole text, exactly: prompt and what was written."""
        return self.text_of("strip")

    def text_of(self, strip: str) -> str:
        return b"".join(self.bytes_of(strip)).decode("utf-8", "replace")

    @property
    def prompt_tokens(self) -> int:
        return self.page.locator("#strip .token.prompt").count()

    @property
    def record(self) -> dict:
        return json.loads(self.saves("JSON"))

    def columns(self) -> list[list[float]]:
        """The panel's numbers in full, from their tooltips: a row each, the rest last, three stages in percent."""
        titles = self.page.locator("#panel .numbers").evaluate_all(
            "rows => rows.map(row => [...row.children].map(cell => cell.title))"
        )
        return [[float(title.rpartition(": ")[2].removesuffix(" %")) for title in row] for row in titles]

    def says(self, sentence: str | re.Pattern) -> None:
        """One sentence stands in the notice."""
        expect(self.notice.locator("p")).to_have_text([sentence])

    def is_writing(self) -> None:
        expect(self.page.locator("#strip .is-writing")).to_be_attached()

    def fits_the_screen(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
