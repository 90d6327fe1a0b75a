"""The Engine tab: which engine runs, whether two of them choose the same words, and which is faster and smaller."""

import functools
import json
from collections.abc import Callable, Iterator

import gradio as gr

from gpt2demo.bench.side_by_side import POSITIONS, compare, race
from gpt2demo.engine.contract import Engine
from gpt2demo.engine.loading import BENCH, DAMAGED, OFFERED, choice, parts_of, title, why_not
from gpt2demo.errors import BadInput, DemoError
from gpt2demo.page import events
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.parts import engine_bench, engine_choice, engines, part
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.parts.status import status as status_line
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services

TEXT = (
    "The ferry was late again. On the pier the people put down their bags and watched the fog, and nobody said a word"
    " until the bell rang twice and a light came slowly out of the grey water. Then the children began to shout, and the"
    " old dog got up from under the bench to see what all the noise was about."
)
CHOICES = {"ONNX Runtime": "onnx", "ONNX Runtime, int8": "onnx-int8"}


class EngineTab:
    """The tab: its layout, then what happens at each click."""

    title = "Engine"

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.status = status
        self.room = gr.context.Context.block
        self.lay_out()

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown("One set of weights, several programs that can run them.", elem_id="engine-lead")
        self.choosing = part("engine_choice", engine_choice.EMPTY, "engine-choice")
        self.chosen = part("notice", notices.NONE, "engine-chosen")
        self.bench = part("engine_bench", engine_bench.EMPTY, "engine-bench")
        gr.Markdown(
            "### Do they choose the same words?\nPress Compare: both read your text and write on from it in turns, here and"
            " now.",
            elem_id="engine-compared",
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

    def follow(self, playground: Playground) -> None:
        """Connect the tab; it is about the model that the playground writes with, and chooses what that is."""
        self.model, self.names = playground.model, playground.names
        on = functools.partial(events.on, notice=self.notice)
        shown = [self.engines, self.notice]
        opened = [*shown, self.choosing, self.chosen, self.bench]
        on(self.room.select, self.on_open, [self.engines, self.bench, self.model], opened, **QUICK)
        measured = [self.bench, self.chosen]
        events.on(self.bench.race, self.on_race, [self.bench, self.text, self.model], measured, self.chosen)
        events.on(self.bench.halt, self.on_halt, [], [self.chosen], self.chosen, **QUICK)
        chosen = [self.model, self.names, self.status, self.choosing, self.chosen, self.engines]
        events.on(self.choosing.use, self.on_use, [self.model], chosen, self.chosen)
        on(self.compare.click, self.on_compare, [self.text, self.choice, playground.model], shown)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_open(self, shown: dict, bench: dict, model: str) -> Update:
        """Open with what runs, what else could, and how fast each is; what was measured here already stays."""
        opened = {self.choosing: self.choice_of(model), self.notice: notices.NONE, self.chosen: notices.NONE}
        if not bench.get("own"):
            opened[self.bench] = engine_bench.shipped(measured(), self.services.engine(model).info.name)
        if shown.get("bars"):
            return opened
        return opened | {self.engines: engines.facts(self.services.engine(model).info)}

    def on_use(self, event: gr.EventData, model: str) -> Iterator[Update]:
        """Make another engine ready, telling how far it is; if that fails, the one that there was goes on."""
        wanted, shown, said, ready = choice(str(event.model), str(event.backend)), self.choice_of(model), set(), []
        yield {self.choosing: engine_choice.working(shown, "Loading", 0.0), self.chosen: notices.NONE}
        try:
            for share, what in events.reported(lambda tell: ready.append(self.services.engine(wanted, tell))):
                said.add(what)
                yield {self.choosing: engine_choice.working(shown, what, share)}
        except Exception as error:
            yield {self.choosing: shown, self.chosen: notices.problem(error, went_on(model, self.services))}
            return
        yield self.now_running(wanted, ready[0], *(said & {DAMAGED}))

    def on_race(self, shown: dict, text: str, model: str, request: gr.Request) -> Iterator[Update]:
        """Let every engine that works here write in turns, telling how far it is; the picture changes when all is done."""
        ids = readable_ids(self.services.engine(model), text)
        cancelled = self.services.visitor(request.session_hash or "").begin("race")
        yield {self.bench: engine_bench.working(shown, "Loading", 0.0), self.chosen: notices.NONE}
        try:
            yield from self.in_turns(shown, ids, self.name_of(model), cancelled)
        except Exception as error:
            yield {self.bench: shown, self.chosen: notices.problem(error)}

    def in_turns(self, shown: dict, ids: list[int], model: str, cancelled: Callable[[], bool]) -> Iterator[Update]:
        engines, said, paces, done = [], [], [], 0.0
        backends = [one.name for one in OFFERED if one.name != "auto" and not why_not(one.name)]
        for i, backend in enumerate(backends):
            load = functools.partial(self.services.engine, choice(model, backend))
            try:
                for share, what in events.reported(lambda tell, load=load: engines.append(load(tell))):
                    yield {self.bench: engine_bench.working(shown, what, (i + share) / len(backends))}
            except DemoError as error:
                said.append(str(error))
            if cancelled():
                break
        for done, paces in race(engines, ids, cancelled):
            yield {self.bench: engine_bench.working(shown, "Each writes in turn", done)}
        finished = engine_bench.own([engine.info for engine in engines], paces) if done == 1 else shown
        yield {self.bench: finished, self.chosen: notices.hints(*said)}

    def on_halt(self, request: gr.Request) -> Update:
        """Stop this visitor's measuring."""
        self.services.visitor(request.session_hash or "").stop("race")
        return {self.chosen: notices.NONE}

    def now_running(self, name: str, engine: Engine, *said: str) -> Update:
        """The page with this engine on all its tabs."""
        model, backend = parts_of(name)
        inside = engine.microscope is not None
        sentence = engine_choice.done_sentence(engine.info.name, backend, engine.info.backend, inside)
        return {
            self.model: name,
            self.names: model,
            self.status: status_line(engine, None),
            self.choosing: self.choice_of(name),
            self.chosen: notices.hints(*said, sentence),
            self.engines: engines.facts(engine.info),
        }

    def choice_of(self, name: str) -> dict:
        """The choices, with those marked that a name like "gpt2 on onnx" stands for."""
        backend = parts_of(name)[1] or self.services.settings.backend
        return engine_choice.view(self.services.model, self.name_of(name), backend)

    def name_of(self, name: str) -> str:
        """The model alone in such a name."""
        return parts_of(name)[0] or self.services.model

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
            load = functools.partial(self.services.engine, choice(self.name_of(model), wanted))
            for share, what in events.reported(lambda tell, load=load: pair.append(load(tell))):
                yield {self.engines: engines.working(what, share)}
        one, other = pair
        yield {self.engines: engines.working("Both read your text", 0.0)}
        for found in compare(one, other, readable_ids(one, text)):
            yield {self.engines: engines.view(one.info, other.info, found)}


def measured() -> dict:
    """What `bench --out` wrote."""
    return json.loads(BENCH.read_text(encoding="utf-8")) if BENCH.exists() else {}


def went_on(name: str, services: Services) -> str:
    """Half of a notice about a choice that failed: what runs on."""
    info = services.engine(name).info
    return f"{info.name} goes on with {title(info.backend)}."


def readable_ids(engine: Engine, text: str) -> list[int]:
    """The tokens of a text; raises `BadInput` if there are none."""
    ids = engine.tokenizer.encode(text[: 20 * POSITIONS])
    if not ids:
        raise BadInput("There is no text to compare the engines on.", "Write a few words.")
    return ids
