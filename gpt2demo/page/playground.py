"""The Playground: write with GPT-2 in front of one's eyes, look behind every token, take another way."""

import functools
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import gradio as gr
from starlette.datastructures import QueryParams

from gpt2demo import catalogue
from gpt2demo.engine.contract import Engine
from gpt2demo.engine.loading import parts_of
from gpt2demo.errors import BadInput
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Branch, branch_off, from_ids, from_prompt, ids_of, path, score_prompt, undo
from gpt2demo.generation.sampling import Decoding
from gpt2demo.page import decoding_controls, events
from gpt2demo.page.decoding_controls import SLIDERS, decoding_from, decoding_values
from gpt2demo.page.endpoints import UPDATE_EVERY, within_limits
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.parts import part, probability_bars, token_strip
from gpt2demo.page.parts.status import status as status_line
from gpt2demo.page.presets import PRESETS, preset_of
from gpt2demo.page.remarks import remarks
from gpt2demo.services import MOST_BRANCHES, VISITOR_TIMEOUT, Services, Visitor, examples

LABEL_CHARACTERS = 22
COMPETING = (2.0, 5.0)  # bits of entropy: 4 to 32 equally likely tokens would have it


class Playground:
    """The tab: its layout, then what happens at each click."""

    title = "Playground"

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.status = status
        self.lay_out()
        self.connect()

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown(
            "**Click a word**: what else could GPT-2 have said? Or write a beginning and press **Generate**.",
            elem_id="invitation",
        )
        self.arrival = gr.JSON(visible=False)  # which page load this is, as the browser tells it
        with gr.Row(elem_id="playground", equal_height=False):
            with gr.Column(elem_id="writing"):
                self.prompt = gr.Textbox(
                    label="Your text: GPT-2 goes on from its end", lines=2, max_lines=12, elem_id="prompt"
                )
                self.lay_out_examples()
                with gr.Row(elem_id="actions"):
                    self.generate = gr.Button("Generate", variant="primary", elem_id="generate", min_width=96)
                    self.stop = gr.Button("Stop", elem_id="stop", min_width=64)
                    self.go_on = gr.Button("Continue", elem_id="continue", min_width=84)
                    self.undo = gr.Button("Undo", elem_id="undo", min_width=64)
                self.notice = part("notice", notices.NONE, "notice")
                with gr.Row(elem_id="strips", equal_height=False):
                    self.strip = part("token_strip", token_strip.EMPTY, "strip", scale=1, min_width=280)
                    self.other_strip = part("token_strip", token_strip.EMPTY, "strip-b", scale=1, min_width=280)
                gr.Markdown(
                    f"Your last {MOST_BRANCHES} texts stay with this browser tab, over a reload too, for"
                    f" {VISITOR_TIMEOUT / 60:.0f} minutes after your last click, unless the demo is restarted or very busy."
                    " To keep one longer, save it or copy its link.",
                    elem_id="kept",
                )
            with gr.Column(elem_id="side"):
                self.panel = part("probability_bars", probability_bars.EMPTY, "panel")
            with gr.Column(elem_id="choosing"):
                self.controls = decoding_controls.lay_out(self.services.settings.most_new_tokens)
                self.lay_out_comparison()
                self.lay_out_models()

    def lay_out_examples(self) -> None:
        with gr.Row(elem_id="examples"):
            self.examples = [
                gr.Button(example["name"], size="sm", elem_classes="example", min_width=40) for example in examples()
            ]

    def lay_out_comparison(self) -> None:
        with gr.Accordion("A/B: the same prompt and seed, two settings", open=False, elem_id="comparison"):
            gr.Markdown("A takes the settings above, B takes these. The first token where they part is underlined.")
            self.other = decoding_controls.lay_out_other()
            self.compare = gr.Button("Write both", elem_id="compare", min_width=96)

    def lay_out_models(self) -> None:
        first, names = self.services.model, [entry.name for entry in catalogue.CATALOGUE]
        about = "\n".join(f"- **{e.name}**: {e.sentence} {e.megabytes:,} MB." for e in catalogue.CATALOGUE)
        with gr.Accordion("Model", open=False, elem_id="models"):
            choices = list(dict.fromkeys([first, *names]))
            self.names = gr.Radio(choices, value=first, label="Which GPT-2 writes", elem_id="model")
            self.model_notice = part("notice", notices.NONE, "model-notice")
            self.model = gr.Textbox(first, visible="hidden")  # this and the backend that was chosen on the Engine tab
            gr.Markdown(about)

    # wiring -----------------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        written = [self.strip, self.other_strip, self.panel, self.notice, self.status]
        settings = [*self.controls.inputs, self.model]
        fields = [self.prompt, *self.controls.inputs, self.controls.preset]

        on = functools.partial(events.on, notice=self.notice)
        for press in (self.generate.click, self.prompt.submit):
            on(press, self.on_generate, [self.prompt, *settings], written)
        on(self.compare.click, self.on_compare, [self.prompt, *settings, *self.other.inputs], written)
        on(self.go_on.click, self.on_continue, [self.strip, *settings], written)
        on(self.panel.take, self.on_take, [self.panel, *settings], written)
        on(self.stop.click, self.on_stop, [], [self.notice], **QUICK)
        on(self.undo.click, self.on_undo, [self.strip, *settings], written, **QUICK)
        for strip in (self.strip, self.other_strip):
            on(strip.pick, self.on_pick, settings, written, **QUICK)
            on(strip.turn, self.on_turn, settings, [self.model, self.names, *written], **QUICK)
        for moved in self.controls.sliders:
            on(
                moved.input,
                self.on_slide,
                [self.panel, *settings],
                [self.panel, self.controls.preset, self.notice],
                trigger_mode="always_last",
                **QUICK,
            )
        on(
            self.controls.preset.input,
            self.on_preset,
            [self.controls.preset, self.panel, *settings],
            [*self.controls.sliders, self.panel],
            **QUICK,
        )
        on(self.other.preset.input, self.on_preset_b, [self.other.preset], self.other.inputs, **QUICK)
        for button, example in zip(self.examples, examples()):
            button.click(
                functools.partial(self.on_example, example["prompt"]),
                None,
                [self.prompt],
                show_progress="hidden",
                api_visibility="private",
                queue=False,
            )
        named = [self.prompt, *self.controls.inputs, self.model, self.names]
        on(self.names.input, self.on_model, named, [self.model, self.names, self.model_notice, *written])
        arrive, opened = gr.context.Context.root_block.load, [*fields, self.model, self.names, *written]
        on(arrive, self.on_load, [self.arrival], opened, js="() => gpt2demo.steps.arrival()")

    def follow(self, tabs: gr.Tabs, texts: Sequence[gr.HTML]) -> None:
        """Take a text from parts of other tabs, which send it by their event `unfold`."""
        self.tabs = tabs
        taken = [tabs, self.prompt, self.strip, self.other_strip, self.panel, self.notice, self.status]
        for source in texts:
            events.on(source.unfold, self.on_text, [*self.controls.inputs, self.model], taken, self.notice)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_load(self, request: gr.Request, arrival: dict) -> Iterator[Update]:
        """Open with what this browser tab showed before a reload, with the text of a link, or with something finished."""
        visitor = self.services.arrives(request.session_hash or "", arrival["visit"], arrival["before"])
        place, query = arrival["place"], request.query_params
        if isinstance(place, int) and place in visitor.branches:
            yield self.shown_again(visitor, place)
        elif "prompt" in query:
            yield from self.write_link(query, request)
        elif visitor.branches:
            yield self.shown_again(visitor, max(visitor.branches))
        else:
            branch, shelf = self.services.opening()
            visitor.shelf = shelf.copy()
            yield self.shown_again(visitor, visitor.add(branch))

    def write_link(self, query: QueryParams, request: gr.Request) -> Iterator[Update]:
        """Write the text that a link carries."""
        yield {self.prompt: query["prompt"], self.status: status_line(self.services.engine(), None)}
        given = {name: query[name] for name in Decoding.__dataclass_fields__ if name in query and name != "stop"}
        decoding = Decoding(**given, stop=tuple(query.getlist("stop")))
        yield self.shown_fields(query["prompt"], decoding)
        yield from self.write_new(query["prompt"], decoding, "", request)

    def shown_again(self, visitor: Visitor, place: int) -> Update:
        """A finished text with its prompt, its settings, its model and one token opened."""
        branch, model = visitor.branches[place], visitor.models[place]
        engine = self.services.engine(model)
        index = most_interesting(branch)
        shown = self.shown(engine, visitor, place)
        return {
            **self.shown_fields(prompt_of(engine, branch), branch.decoding),
            **self.shown_model(model or self.services.model),
            **shown,
            self.strip: shown[self.strip] | {"opened": index},
            **self.shown_choices(engine, visitor, place, index),
        }

    def on_generate(self, request: gr.Request, prompt: str, *settings: object) -> Iterator[Update]:
        """Write on from the prompt with the settings of the moment."""
        *values, model = settings
        yield from self.write_new(prompt, decoding_from(*values), model, request)

    def on_text(self, request: gr.Request, event: gr.EventData, *settings: object) -> Update:
        """Show how likely each token of a text was, without writing on; opened is the most surprising one."""
        *values, model = settings
        engine, visitor, text = self.ready(str(event.text), decoding_from(*values), model, request)
        visitor.turns_away()
        start = " ".join(text.split())[:LABEL_CHARACTERS]
        branch = score_prompt(engine, from_prompt(engine, text, decoding_from(*values), f"{start} · as it stands"))
        place, scores = visitor.add(branch, model), branch.prompt_scores
        index = min(range(len(scores)), key=lambda i: scores[i].probability if scores[i] else 1.0)
        return {
            self.tabs: gr.Tabs(selected=self.title),
            self.prompt: text,
            **self.shown(engine, visitor, place),
            self.other_strip: token_strip.EMPTY,
            **self.shown_choices(engine, visitor, place, index),
            self.notice: notices.hints(
                "Every token of your text, as likely as GPT-2 found it. Continue writes on from its end."
            ),
        }

    def on_compare(self, request: gr.Request, prompt: str, *settings: object) -> Iterator[Update]:
        """Write two texts with the same prompt and seed side by side, a token of each in turn."""
        *values, model, temperature, top_k, top_p, repetition = settings
        a = decoding_from(*values)
        b = replace(a, temperature=temperature, top_k=top_k, top_p=top_p, repetition_penalty=repetition)
        engine, visitor, prompt = self.ready(prompt, a, model, request)
        branches = [
            from_prompt(engine, prompt, d, f"{name} · {preset_of(d) or 'own'}") for name, d in (("A", a), ("B", b))
        ]
        places = [visitor.add(branch, model) for branch in branches]
        yield from self.write_all(engine, visitor, places, [a, b], prompt)

    def on_continue(self, request: gr.Request, strip: dict, *settings: object) -> Iterator[Update]:
        """Write on from the end of the text on the screen."""
        *values, model = settings
        decoding = decoding_from(*values)
        visitor = self.visitor(request)
        within_limits(self.services, "", decoding)
        engine, place = self.find_shown(visitor, strip, decoding, model)
        yield from self.write_all(engine, visitor, [place], [decoding])

    def on_take(self, request: gr.Request, event: gr.EventData, panel: dict, *settings: object) -> Iterator[Update]:
        """Put another token in the place of the one in the panel and write on from there, as a branch of its own."""
        *values, model = settings
        decoding = decoding_from(*values)
        visitor = self.visitor(request)
        within_limits(self.services, "", decoding)
        engine, place = self.find(
            visitor, panel.get("place"), panel.get("ids"), panel.get("prompt_length"), decoding, model
        )
        branch, index, id = visitor.branches[place], len(panel["ids"]) - 1, self.valid(engine, [event.id])[0]
        logits = visitor.shelf.logits(engine, path(branch.leaf)[index])
        label = f"… {probability_bars.quoted(probability_bars.label(engine, id))} at {index + 1}"
        other = visitor.add(branch_off(engine, branch, index, id, logits, label), visitor.models[place])
        yield from self.write_all(engine, visitor, [other], [decoding])

    def on_stop(self, request: gr.Request) -> Update:
        """Stop writing; the engine is free within one token."""
        self.visitor(request).stop("writing")
        return {self.notice: notices.NONE}

    def on_undo(self, request: gr.Request, strip: dict, *settings: object) -> Update:
        """Take back the last stretch that was written, or is being written."""
        *values, model = settings
        decoding = decoding_from(*values)
        visitor = self.visitor(request)
        engine, place = self.find_shown(visitor, strip, decoding, model)
        visitor.turns_away()
        visitor.branches[place] = undo(visitor.branches[place])
        return {
            **self.shown(engine, visitor, place),
            self.panel: probability_bars.EMPTY,
            self.notice: notices.hints("Taken back. Continue writes the same text again, unless you change a setting."),
        }

    def on_pick(self, request: gr.Request, event: gr.EventData, *settings: object) -> Update:
        """Open the panel for a token of the strip, with the settings with which that token was drawn."""
        *values, model = settings
        visitor = self.visitor(request)
        engine, place = self.find(visitor, event.place, event.ids, event.prompt_length, decoding_from(*values), model)
        visitor.follows = False
        return {
            **self.shown_choices(engine, visitor, place, int(event.index), decoding_from(*values)),
            self.notice: notices.NONE,
        }

    def on_turn(self, request: gr.Request, event: gr.EventData, *settings: object) -> Update:
        """Show another branch."""
        visitor = self.visitor(request)
        if event.place not in visitor.branches:
            raise BadInput("That branch is no longer kept: the demo keeps the last ones only.", "Press Generate.")
        visitor.turns_away()
        model = visitor.models[event.place] or self.services.model
        return {
            **self.shown_model(model),
            **self.shown(self.services.engine(model), visitor, event.place),
            self.other_strip: token_strip.EMPTY,
            self.panel: probability_bars.EMPTY,
        }

    def on_slide(self, request: gr.Request, panel: dict, *settings: object) -> Update:
        """Re-shape the open distribution: the same logits, other settings, no new forward pass."""
        *values, model = settings
        decoding = decoding_from(*values)
        update = {self.controls.preset: preset_of(decoding), self.notice: notices.NONE}
        if not panel.get("ids"):
            return update
        visitor = self.visitor(request)
        engine, place = self.find(visitor, panel["place"], panel["ids"], panel["prompt_length"], decoding, model)
        return update | self.shown_choices(engine, visitor, place, len(panel["ids"]) - 1, decoding, as_drawn=False)

    def on_preset(self, request: gr.Request, preset: str, panel: dict, *settings: object) -> Update:
        """Move the sliders to a preset."""
        *values, model = settings
        decoding = replace(decoding_from(*values), presence_penalty=0.0, frequency_penalty=0.0, **PRESETS[preset][0])
        update = self.on_slide(request, panel, *decoding_values(decoding), model)
        update = {component: value for component, value in update.items() if component is self.panel}
        return update | {moved: getattr(decoding, name) for moved, name in zip(self.controls.sliders, SLIDERS)}

    def on_preset_b(self, preset: str) -> Update:
        """Move B's sliders to a preset."""
        return dict(zip(self.other.inputs, PRESETS[preset][0].values()))

    def on_example(self, prompt: str) -> str:
        """Put an example into the prompt."""
        return prompt

    def on_model(self, request: gr.Request, prompt: str, *settings: object) -> Iterator[Update]:
        """Load another model, telling how far it is, and write the prompt with it; if that fails, the one before goes on."""
        *values, before, wanted = settings
        try:
            for _, what in events.reported(lambda report: self.services.engine(wanted, report)):
                yield {self.model_notice: notices.hints(f"{what} …")}
        except Exception as error:
            goes_on = f"{self.services.engine(before).info.name} goes on."
            yield {**self.shown_model(before), self.model_notice: notices.problem(error, goes_on)}
            return
        writes = f"{self.services.engine(wanted).info.name} writes from now on: see your prompt above."
        yield {**self.shown_model(wanted), self.model_notice: notices.hints(writes)}
        yield from self.write_new(prompt, decoding_from(*values), wanted, request)

    # writing ----------------------------------------------------------------------------------------------------------

    def write_new(self, prompt: str, decoding: Decoding, model: str, request: gr.Request) -> Iterator[Update]:
        engine, visitor, prompt = self.ready(prompt, decoding, model, request)
        start = " ".join(prompt.split())[:LABEL_CHARACTERS] or "from nothing"
        place = visitor.add(
            from_prompt(engine, prompt, decoding, f"{start} · {preset_of(decoding) or 'own'} {decoding.seed}"), model
        )
        yield from self.write_all(engine, visitor, [place], [decoding], prompt)

    def write_all(
        self, engine: Engine, visitor: Visitor, places: list[int], decodings: list[Decoding], prompt: str | None = None
    ) -> Iterator[Update]:
        """Write on from one or two branches in turn, showing them a few times a second."""
        cancelled, sent = visitor.begin(), 0.0
        ours, last = visitor.cancels["writing"], {place: visitor.branches[place] for place in places}
        writers = {
            place: write(engine, last[place], decoding, visitor.shelf, cancelled)
            for place, decoding in zip(places, decodings)
        }
        while writers:
            for place in list(writers):
                branch = next(writers[place])
                if visitor.branches.get(place) is not last[place]:  # taken back or dropped meanwhile
                    return
                visitor.branches[place] = last[place] = branch
                if branch.stopped_by:
                    del writers[place]
            now = time.monotonic()
            if writers and now - sent >= UPDATE_EVERY and visitor.cancels.get("writing") is ours:
                sent = now
                yield self.shown_while_writing(engine, visitor, places, prompt)
        said: list[str] = []
        for place in places:
            visitor.branches[place] = branch = score_prompt(engine, last[place])
            said += remarks(engine, branch, prompt_of(engine, branch) if prompt is None else prompt)
        if visitor.cancels.get("writing") is ours:  # else the page shows something else by now
            shown = self.shown_while_writing(engine, visitor, places, prompt)
            yield shown | {self.notice: notices.hints(*dict.fromkeys(said))}

    def shown_while_writing(self, engine: Engine, visitor: Visitor, places: list[int], prompt: str | None) -> Update:
        update = self.shown(engine, visitor, *places, prompt=prompt) | {self.notice: notices.NONE}
        if visitor.follows:
            length = len(path(visitor.branches[places[0]].leaf))
            update |= self.shown_choices(engine, visitor, places[0], length - 1)
        return update

    # from values to what the parts draw -------------------------------------------------------------------------------

    def shown(
        self, engine: Engine, visitor: Visitor, place: int, beside: int | None = None, prompt: str | None = None
    ) -> Update:
        """The strip for a branch, perhaps another beside it, and the status line."""
        labels = [[number, branch.label] for number, branch in visitor.branches.items()]
        differs_at = None if beside is None else parting(visitor.branches[place], visitor.branches[beside])
        views = []
        for number in (place, beside):
            if number is None:
                views.append(token_strip.EMPTY)
                continue
            branch = visitor.branches[number]
            text = prompt if prompt is not None else prompt_of(engine, branch)
            views.append(token_strip.view(engine, branch, number, labels, text, differs_at))
        pace = visitor.branches[place].pace
        return {self.strip: views[0], self.other_strip: views[1], self.status: status_line(engine, pace)}

    def shown_choices(
        self,
        engine: Engine,
        visitor: Visitor,
        place: int,
        index: int,
        decoding: Decoding | None = None,
        as_drawn: bool = True,
    ) -> Update:
        """The panel for one token, with the settings that drew it or with those of the sliders."""
        branch = visitor.branches[place]
        nodes = path(branch.leaf)
        if not 0 <= index < len(nodes):
            raise BadInput("That token is not in the text any more.", "Click another one.")
        if nodes[index].parent is None:
            return {
                self.panel: probability_bars.EMPTY
                | {"sentence": probability_bars.FIRST, "place": place, "index": index}
            }
        drawn_with = nodes[index].decoding if as_drawn else None
        logits = visitor.shelf.logits(engine, nodes[index])
        return {
            self.panel: probability_bars.panel(
                engine, branch, index, logits, drawn_with or decoding or branch.decoding, place
            )
        }

    def shown_model(self, model: str) -> Update:
        """Which model writes from now on, as `Services.engine` takes it."""
        return {self.model: model, self.names: parts_of(model)[0]}

    def shown_fields(self, prompt: str, decoding: Decoding) -> Update:
        """The prompt box and all settings."""
        values = dict(zip(self.controls.inputs, decoding_values(decoding)))
        return {self.prompt: prompt, self.controls.preset: preset_of(decoding), **values}

    # who and what -----------------------------------------------------------------------------------------------------

    def visitor(self, request: gr.Request) -> Visitor:
        return self.services.visitor(request.session_hash or "")

    def ready(self, prompt: str, decoding: Decoding, model: str, request: gr.Request) -> tuple[Engine, Visitor, str]:
        """The engine and the visitor for a writing, and the prompt as valid text; raises `BadInput` over the limits."""
        prompt = within_limits(self.services, prompt or "", decoding)
        return self.services.engine(model), self.visitor(request), prompt

    def find(
        self, visitor: Visitor, place: object, ids: object, prompt_length: object, decoding: Decoding, model: str
    ) -> tuple[Engine, int]:
        """A branch on the screen: the engine that writes it and its number among the visitor's.

        One that the server no longer has is taken up again from its tokens, by the model of the moment.
        """
        model = visitor.models.get(place, model)
        engine = self.services.engine(model)
        ids = self.valid(engine, ids)
        branch = visitor.branches.get(place)
        if branch is not None and ids_of(branch.leaf)[: len(ids)] == ids:
            return engine, place
        again = from_ids(ids, min(int(prompt_length or 0), len(ids)), decoding, "taken up again")
        return engine, visitor.add(again, model)

    def find_shown(self, visitor: Visitor, strip: dict, decoding: Decoding, model: str) -> tuple[Engine, int]:
        """The branch in the strip, as `find` gives it."""
        ids = token_strip.ids_in(strip)
        return self.find(visitor, strip.get("place"), ids, strip.get("prompt_length"), decoding, model)

    def valid(self, engine: Engine, ids: object) -> list[int]:
        """Token ids as they came from the browser; raises `BadInput` for anything else."""
        fine = isinstance(ids, list) and all(isinstance(id, int) and 0 <= id < engine.info.vocabulary for id in ids)
        if not fine or not 0 < len(ids) <= engine.info.positions:
            raise BadInput("There is no text to go on from yet.", "Press Generate first.")
        return ids


def prompt_of(engine: Engine, branch: Branch) -> str:
    """The prompt of a branch as text."""
    return engine.tokenizer.decode(ids_of(branch.leaf)[: branch.prompt_length])


def parting(a: Branch, b: Branch) -> int:
    """The first token in which two texts differ."""
    pairs = zip(ids_of(a.leaf), ids_of(b.leaf))
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(ids_of(a.leaf)), len(ids_of(b.leaf))))


def most_interesting(branch: Branch) -> int:
    """The token to open first: the first written one at which a few choices competed and the likeliest was passed over.

    Where there is none such, the one whose entropy is nearest the middle of `COMPETING`; the last one where none was written.
    """
    nodes, (few, many) = path(branch.leaf), COMPETING
    scores = {i: node.score for i, node in enumerate(nodes) if node.score and i >= branch.prompt_length}
    fitting = (i for i, score in scores.items() if score.rank > 1 and few <= score.entropy <= many)
    middle = sorted(scores, key=lambda i: abs(scores[i].entropy - (few + many) / 2))
    return next(fitting, next(iter(middle), len(nodes) - 1))
