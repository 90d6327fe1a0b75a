"""The Engine tab: the same text in two engines, whether they agree, and which is faster and smaller."""

import functools
import queue
import threading
from collections.abc import Callable, Iterator

import gradio as gr

from gpt2demo.bench.side_by_side import POSITIONS, compare
from gpt2demo.catalogue import Progress
from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BadInput
from gpt2demo.page import events
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.parts import engines, part
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services

TEXT = (
    "The ferry was late again. On the pier the people put down their bags and watched the fog, and nobody said a word"
    " until the bell rang twice and a light came slowly out of the grey water. Then the children began to shout, and the"
    " old dog got up from under the bench to see what all the noise was about."
)
CHOICES = {"ONNX Runtime": "onnx", "ONNX Runtime, int8": "onnx-int8"}
ABOUT = (
    "**PyTorch** is the engine that can look inside: heads, layers and what they do need it."
    " **ONNX Runtime** runs the same weights in fewer, larger steps and chooses the same words; it shows attention too."
    " **int8** rounds every weight to 8 bits: a quarter of the size, less to fetch from memory for every token, and now and"
    " then another word. To start the demo with one of them: `--backend onnx` or `--backend onnx-int8`."
)


class EngineTab:
    """The tab: its layout, then what happens at each click."""

    title = "Engine"

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.room = gr.context.Context.block
        self.lay_out()

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown(
            "One set of weights, two programs that run them. Do they choose the same words, and which is faster? Press"
            " Compare: both read your text and write on from it in turns, here and now.",
            elem_id="engine-lead",
        )
        self.text = gr.Textbox(
            TEXT,
            label=f"The text that both read: its first {POSITIONS} tokens",
            lines=3,
            max_lines=8,
            elem_id="engine-text",
        )
        with gr.Row(elem_id="engine-actions"):
            self.choice = gr.Radio(
                list(CHOICES), value="ONNX Runtime", label="PyTorch against", elem_id="engine-choice", scale=3
            )
            self.compare = gr.Button("Compare", variant="primary", elem_id="engine-compare", min_width=110, scale=0)
        self.notice = part("notice", notices.NONE, "engine-notice")
        self.engines = part("engines", engines.EMPTY, "engines")
        gr.Markdown(ABOUT, elem_id="engine-about")

    def follow(self, playground: Playground) -> None:
        """Connect the tab; it compares engines for the model that the playground writes with."""
        on = functools.partial(events.on, notice=self.notice)
        shown = [self.engines, self.notice]
        on(self.room.select, self.on_open, [self.engines, playground.model], shown, **QUICK)
        on(self.compare.click, self.on_compare, [self.text, self.choice, playground.model], shown)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_open(self, shown: dict, model: str) -> Update:
        """Open with what the model is; a comparison that is there already stays."""
        if shown.get("bars"):
            return {self.notice: notices.NONE}
        return {self.engines: engines.facts(self.services.engine(model).info), self.notice: notices.NONE}

    def on_compare(self, text: str, choice: str, model: str) -> Iterator[Update]:
        """Load both engines, telling how far it is, and let them read and write in turns."""
        yield {self.engines: engines.working("Loading", 0.0), self.notice: notices.NONE}
        try:
            yield from self.side_by_side(text, CHOICES[choice], model)
        except Exception as error:  # the engine that there was goes on
            info = self.services.engine(model).info
            yield {self.engines: engines.facts(info), self.notice: notices.problem(error)}

    def side_by_side(self, text: str, backend: str, model: str) -> Iterator[Update]:
        pair: list[Engine] = []
        for wanted in ("torch", backend):
            load = functools.partial(self.services.engine_on, wanted, model)
            for share, what in told(lambda tell, load=load: pair.append(load(tell))):
                yield {self.engines: engines.working(what, share)}
        one, other = pair
        yield {self.engines: engines.working("Both read your text", 0.0)}
        for found in compare(one, other, readable_ids(one, text)):
            yield {self.engines: engines.view(one.info, other.info, found)}


def told(load: Callable[[Progress], None]) -> Iterator[tuple[float, str]]:
    """Run `load(tell)` beside us and pass on what it tells; raises what it raises."""
    said: queue.Queue = queue.Queue()

    def work() -> None:
        try:
            load(lambda share, what: said.put((share, what)))
            said.put(None)
        except Exception as error:
            said.put(error)

    threading.Thread(target=work, daemon=True).start()
    while (what := said.get()) is not None:
        if isinstance(what, Exception):
            raise what
        yield what


def readable_ids(engine: Engine, text: str) -> list[int]:
    """The tokens of a text; raises `BadInput` if there are none."""
    ids = engine.tokenizer.encode(text[: 20 * POSITIONS])
    if not ids:
        raise BadInput("There is no text to compare the engines on.", "Write a few words.")
    return ids
