"""What the Attention tab does to a text beyond looking: switch heads off, read layer by layer, compare, explain."""

import functools
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import gradio as gr

from gpt2demo.engine.contract import Engine
from gpt2demo.engine.tokenizer import readable
from gpt2demo.errors import BadInput
from gpt2demo.interpret import ablation, attribution, bertviz, heads, lens, patching
from gpt2demo.page import events
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.looking import MOST_TOKENS, same_model, valid
from gpt2demo.page.parts import (
    attribution_strip,
    before_after,
    bertviz_frame,
    effect_bars,
    head_ranking,
    lens_cell,
    lens_grid,
    part,
    patch_map,
)
from gpt2demo.page.parts import notice as notices
from gpt2demo.services import Services

FIRST_TEXT = "The old man was tired, so"
SECOND_TEXT = "The old woman was tired, so"
UPDATE_EVERY = 0.4  # seconds, while a map fills up
Step = TypeVar("Step")
EVERY = {"trigger_mode": "multiple", **QUICK}  # gradio drops what came with a click that it defers


class Matter:
    """Does it matter? Heads and layers switched off, and the ranking of all heads."""

    def __init__(self, services: Services):
        self.services = services
        self.effect = part("effect_bars", effect_bars.EMPTY, "effect")
        self.ranking = part("head_ranking", head_ranking.EMPTY, "ranking")

    def connect(self, model: gr.Radio, atlas: gr.HTML, notice: gr.HTML) -> None:
        self.notice = notice
        on = functools.partial(events.on, notice=notice)
        for source in (self.effect, atlas):
            on(source.switch, self.on_switch, [model], [self.effect, notice], **EVERY)
        on(self.ranking.rank, self.on_rank, [model], [self.ranking, notice])
        on(self.ranking.halt, self.on_halt, [], [notice], **QUICK)

    def on_switch(self, event: gr.EventData, model: str) -> Update:
        """Switch heads and layers off, or on again, and show what that does to one prediction."""
        engine = self.services.engine(model)
        ids, position = same_model(engine, event), place(event)
        off, mlps = {tuple(map(int, pair)) for pair in event.heads}, {int(layer) for layer in event.mlps}
        if not off and not mlps:
            texts = engine.tokenizer.texts(ids)
            return {self.effect: effect_bars.invitation(ids, texts, engine.info.name) | {"position": position}}
        return {self.effect: self.switched(engine, ids, position, off, mlps)}

    def switched(self, engine: Engine, ids: list[int], position: int, off: set, mlps: set[int]) -> dict:
        """The next token's chances at a position with heads and whole layers switched off."""
        whole = {(layer, head) for layer in mlps for head in range(engine.info.heads)}
        target = ids[position] if position < len(ids) else None
        effect = ablation.ablate(engine, ids[:position], off | whole, target, mlps)
        return effect_bars.view(engine, ids, position, sorted(off), sorted(mlps), effect)

    def on_rank(self, event: gr.EventData, model: str, request: gr.Request) -> Iterator[Update]:
        """Switch off every head alone, the map filling up as it goes."""
        engine = self.services.engine(model)
        ids, position = same_model(engine, event), place(event)
        target = wanted(engine, ids, position)
        cancelled, rows = self.services.visitor(request.session_hash or "").begin("ranking"), []
        for rows in now_and_then(ablation.rank_heads(engine, ids[:position], target, cancelled)):
            yield {self.ranking: head_ranking.view(engine, ids, position, target, rows, False)}
        yield {self.ranking: head_ranking.view(engine, ids, position, target, rows, True), self.notice: notices.NONE}

    def on_halt(self, request: gr.Request) -> Update:
        """Stop this visitor's ranking."""
        self.services.visitor(request.session_hash or "").stop("ranking")
        return {self.notice: notices.NONE}


class Layers:
    """The logit lens: what each layer would say."""

    def __init__(self, services: Services):
        self.services = services
        self.grid = part("lens_grid", lens_grid.EMPTY, "lens")
        self.cell = part("lens_cell", lens_cell.EMPTY, "lens-cell")

    def connect(self, model: gr.Radio, notice: gr.HTML) -> None:
        on = functools.partial(events.on, notice=notice)
        on(self.grid.wake, self.on_wake, [model], [self.grid, self.cell, notice], trigger_mode="multiple")
        on(self.grid.pick, self.on_pick, [model], [self.cell, notice], **EVERY)

    def on_wake(self, event: gr.EventData, model: str) -> Update:
        """Read the text layer by layer."""
        engine = self.services.engine(model)
        ids = same_model(engine, event)
        if engine.microscope is None:
            return {self.grid: lens_grid.EMPTY | {"sentence": str(heads.no_microscope(engine))}}
        return {self.grid: lens_grid.view(engine, ids, lens.lens(engine, ids)), self.cell: lens_cell.EMPTY}

    def on_pick(self, event: gr.EventData, model: str) -> Update:
        """List what the model would say in one cell."""
        engine = self.services.engine(model)
        ids, layer, position = same_model(engine, event), int(event.layer), int(event.position)
        listed = lens.cell(engine, ids, layer, position)
        return {self.cell: lens_cell.view(engine, ids, layer, position, listed, [int(rank) for rank in event.ranks])}


class Reasons:
    """Attribution beside attention."""

    def __init__(self, services: Services):
        self.services = services
        self.strip = part("attribution_strip", attribution_strip.EMPTY, "attribution")

    def connect(self, model: gr.Radio, notice: gr.HTML) -> None:
        self.notice = notice
        on = functools.partial(events.on, notice=notice)
        on(self.strip.explain, self.on_explain, [model], [self.strip, notice])
        on(self.strip.halt, self.on_halt, [], [notice], **QUICK)

    def on_explain(self, event: gr.EventData, model: str, request: gr.Request) -> Iterator[Update]:
        """Ask in three ways what made a token likely; the slowest answer comes last."""
        engine = self.services.engine(model)
        ids, position = same_model(engine, event), place(event)
        before, target = ids[:position], wanted(engine, ids, position)
        cancelled = self.services.visitor(request.session_hash or "").begin("attribution")
        at = (int(event.layer), int(event.head))
        looks = heads.one_head(engine, before, *at).weights[-1]
        left_out = attribution.leave_one_out(engine, before, target)
        shown = functools.partial(attribution_strip.view, engine, before, target, left_out, looks, at)
        yield {self.strip: shown(None), self.notice: notices.NONE}
        yield {self.strip: shown(attribution.integrated_gradients(engine, before, target, cancelled))}

    def on_halt(self, request: gr.Request) -> Update:
        """Stop this visitor's integrating."""
        self.services.visitor(request.session_hash or "").stop("attribution")
        return {self.notice: notices.NONE}


class BertViz:
    """BertViz' own views, of our numbers."""

    def __init__(self, services: Services):
        self.services = services
        self.frame = part("bertviz_frame", bertviz_frame.EMPTY, "bertviz")

    def connect(self, model: gr.Radio, notice: gr.HTML) -> None:
        self.notice = notice
        events.on(self.frame.wake, self.on_wake, [model], [self.frame, notice], notice, trigger_mode="multiple")

    def on_wake(self, event: gr.EventData, model: str) -> Update:
        """Draw as much of the text, and as many layers around the open head, as BertViz can."""
        engine = self.services.engine(model)
        ids, view, at = same_model(engine, event), event.view, (int(event.layer), int(event.head))
        if view not in bertviz.LIMITS:
            raise BadInput(f"BertViz has no view {view!r}.", "Choose head, model or neuron.")
        if view == "neuron" and engine.microscope is None:
            return {self.frame: bertviz_frame.EMPTY | {"view": view, "sentence": str(heads.no_microscope(engine))}}
        shown = ids[: bertviz.LIMITS[view].tokens]
        fit = min(engine.info.layers, bertviz.layers_that_fit(view, len(shown), engine.info.heads))
        first = min(max(0, at[0] - fit // 2), engine.info.layers - fit)
        layers = range(first, first + fit)
        key = self.services.parcels.put(bertviz.document(engine, shown, view, layers, at).encode())
        update = bertviz_frame.view(ids, engine.info.name, view, key, len(shown), layers, engine.info.layers, at)
        return {self.frame: update, self.notice: notices.NONE}


class TwoTexts:
    """Causal patching: one token's stream taken from another text."""

    def __init__(self, services: Services):
        self.services = services
        gr.Markdown(
            "Two texts of the same number of tokens, different in a word. Which layer and token carries the difference?"
        )
        with gr.Row():
            self.first = gr.Textbox(FIRST_TEXT, label="Text", elem_id="patch-first", min_width=240)
            self.second = gr.Textbox(SECOND_TEXT, label="The other text", elem_id="patch-second", min_width=240)
        self.compare = gr.Button("Find out", elem_id="patch", elem_classes="needs-pytorch", min_width=96)
        self.notice = part("notice", notices.NONE, "patch-notice")
        self.map = part("patch_map", patch_map.EMPTY, "patch-map")
        self.bars = part("before_after", before_after.EMPTY, "patch-bars")

    def connect(self, model: gr.Radio) -> None:
        on = functools.partial(events.on, notice=self.notice)
        on(self.compare.click, self.on_compare, [self.first, self.second, model], [self.map, self.bars, self.notice])
        on(self.map.pick, self.on_pick, [model], [self.bars, self.notice], **EVERY)
        on(self.map.halt, self.on_halt, [], [self.notice], **QUICK)

    def on_compare(self, first: str, second: str, model: str, request: gr.Request) -> Iterator[Update]:
        """Try every patch that can have an effect, the map filling up as it goes."""
        engine, most = self.services.engine(model), self.services.settings.most_prompt_characters
        if max(len(first or ""), len(second or "")) > most:
            raise BadInput(f"A text here has at most {most:,} characters.", "Shorten it.")
        ids, other = (engine.tokenizer.encode(readable(text or "")) for text in (first, second))
        check_pair(ids, other)
        target = wanted(engine, ids, len(ids))
        cancelled = self.services.visitor(request.session_hash or "").begin("patching")
        done, moved = 0.0, None
        for done, moved in now_and_then(patching.patch_map(engine, ids, other, target, cancelled)):
            yield {self.map: patch_map.view(engine, ids, other, target, done, moved, False)}
        if moved is not None:
            last = patch_map.view(engine, ids, other, target, done, moved, True)
            yield {self.map: last, self.bars: before_after.EMPTY, self.notice: notices.NONE}

    def on_halt(self, request: gr.Request) -> Update:
        """Stop this visitor's patching."""
        self.services.visitor(request.session_hash or "").stop("patching")
        return {self.notice: notices.NONE}

    def on_pick(self, event: gr.EventData, model: str) -> Update:
        """Show the whole answer under one patch."""
        engine = self.services.engine(model)
        layer, position = int(event.layer), int(event.position)
        ids, other = same_model(engine, event), valid(engine, event.other)
        effect = patching.patch(engine, ids, other, layer, position)
        token = effect_bars.quoted(engine.tokenizer.texts(ids)[position].strip())
        start = f"With the stream that enters layer {layer} at {token} taken from the other text, "
        return {self.bars: before_after.view(engine, effect, start), self.notice: notices.NONE}


def now_and_then(steps: Iterable[Step]) -> Iterator[Step]:
    """The first step, then one at most every `UPDATE_EVERY` seconds, and the last: drawing costs the browser time."""
    sent, step, shown = -UPDATE_EVERY, None, True
    for step in steps:
        shown = time.monotonic() - sent >= UPDATE_EVERY
        if shown:
            yield step
            sent = time.monotonic()
    if not shown:
        yield step


def place(event: gr.EventData) -> int:
    """The position whose token the model has to find; raises `BadInput` outside the text."""
    length, position = len(event.ids), event.position
    position = length if position is None else int(position)
    if not 0 < position <= length:
        raise BadInput("The model predicts the second token at the earliest.", "Choose a later one.")
    return position


def wanted(engine: Engine, ids: list[int], position: int) -> int:
    """The token at a position of a text; after its end the one that the model finds likeliest."""
    return ids[position] if position < len(ids) else int(engine.logits(ids, [len(ids) - 1])[0].argmax())


def check_pair(ids: list[int], other: list[int]) -> None:
    """Raise `BadInput` for two texts that are too long to compare here, or the same."""
    heads.check_text(ids)
    if len(ids) > MOST_TOKENS:
        raise BadInput(f"The text has {len(ids):,} tokens; this map shows at most {MOST_TOKENS}.", "Shorten both.")
    if ids == other:
        raise BadInput("The two texts are the same.", "Change a word in one of them.")
