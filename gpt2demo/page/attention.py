"""The Attention tab: all heads of the model at a glance, each head in detail, and whether it matters."""

import functools
from collections import OrderedDict
from collections.abc import Sequence

import gradio as gr
import numpy as np

from gpt2demo.engine.contract import Engine
from gpt2demo.engine.tokenizer import readable
from gpt2demo.errors import BadInput
from gpt2demo.interpret import heads
from gpt2demo.interpret.words import merge, words
from gpt2demo.page import events
from gpt2demo.page.events import QUICK, Update
from gpt2demo.page.experiments import BertViz, Layers, Matter, Reasons, TwoTexts
from gpt2demo.page.looking import MOST_TOKENS, same_model, valid
from gpt2demo.page.parts import atlas, effect_bars, head_finder, head_ranking, one_head, part
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services, examples

SURVEYS_KEPT = 64


class Attention:
    """The tab: its layout, then what happens at each click."""

    title = "Attention"

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.room = gr.context.Context.block
        self.surveys: OrderedDict[tuple, dict] = OrderedDict()  # the scores of texts that were looked at lately
        self.lay_out()

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown(
            "Before each next token GPT-2 looks back at its text with many heads, each with a habit of its own. **Click a"
            " small map** to see what that head looks at.",
            elem_id="look-invitation",
        )
        with gr.Row(elem_id="look-row", equal_height=False):
            self.text = gr.Textbox(
                label="The text that the model reads", lines=2, max_lines=8, elem_id="look-text", scale=6
            )
            self.look = gr.Button("Look", variant="primary", elem_id="look-button", min_width=96, scale=0)
        with gr.Row(elem_id="looks"):
            self.looks = [
                gr.Button(example["name"], size="sm", elem_classes="example", min_width=40) for example in offered()
            ]
        self.before = gr.Textbox(visible=False)  # the text before a reload, as the browser tells it
        self.notice = part("notice", notices.NONE, "look-notice")
        with gr.Row(elem_id="look-pictures", equal_height=False):
            with gr.Column(scale=5, min_width=320):
                self.atlas = part("atlas", atlas.EMPTY, "atlas")
            with gr.Column(scale=5, min_width=320, elem_id="head-side"):
                self.head = part("one_head", one_head.EMPTY, "head")
        self.matter = Matter(self.services)
        with gr.Tabs(elem_id="deeper", overflow_behavior="wrap"):
            with gr.Tab("Find a head", id="finder"):
                self.finder = part("head_finder", head_finder.EMPTY, "finder")
            with gr.Tab("Layer by layer", id="layers"):
                self.layers = Layers(self.services)
            with gr.Tab("What made it likely", id="reasons"):
                self.reasons = Reasons(self.services)
            with gr.Tab("Two texts", id="two-texts"):
                self.two_texts = TwoTexts(self.services)
            with gr.Tab("BertViz", id="bertviz"):
                self.bertviz = BertViz(self.services)

    def follow(self, playground: Playground, tabs: gr.Tabs, texts: Sequence[gr.HTML] = ()) -> None:
        """Connect the tab; it reads with the model that the playground writes with, and takes its text by one click.

        `texts` are parts of other tabs that send a text by their event `look`.
        """
        self.tabs, model = tabs, playground.model
        self.effect, self.ranking = self.matter.effect, self.matter.ranking
        looked = [self.text, self.atlas, self.head, self.finder, self.effect, self.ranking, self.notice]
        on = functools.partial(events.on, notice=self.notice)
        for press in (self.look.click, self.text.submit):
            on(press, self.on_look, [self.text, model], looked)
        kept = "(shown, model) => [shown, model, gpt2demo.steps.kept('look') ?? '']"
        on(self.room.select, self.on_open, [self.atlas, model, self.before], looked, js=kept)
        on(playground.strip.look, self.on_follow, [model], [tabs, *looked])
        for source in texts:
            on(source.look, self.on_text, [model], [tabs, *looked])
        for button, example in zip(self.looks, offered()):
            on(button.click, functools.partial(self.on_example, example["text"]), [model], looked)
        on(self.finder.score, self.on_score, [model], [self.finder, self.notice], trigger_mode="multiple", **QUICK)
        self.matter.connect(model, self.atlas, self.notice)
        self.layers.connect(model, self.notice)
        self.reasons.connect(model, self.notice)
        self.bertviz.connect(model, self.notice)
        self.two_texts.connect(model)
        for source in (self.atlas, self.finder, self.head, self.ranking):
            on(source.pick, self.on_pick, [model], [self.head, self.notice], trigger_mode="multiple", **QUICK)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_open(self, shown: dict, model: str, before: str) -> Update:
        """Open with the text that was there before a reload, or with a finished example; what is there already stays."""
        if shown.get("n"):
            return {self.notice: notices.NONE}
        return self.on_example(before.strip() or offered()[0]["text"], model)

    def on_example(self, text: str, model: str) -> Update:
        """Look at an example."""
        return {self.text: text, **self.on_look(text, model)}

    def on_look(self, text: str, model: str) -> Update:
        """Read the text, draw the atlas, open the head that tells most."""
        engine = self.services.engine(model)
        return self.looked_at(engine, self.read(engine, text))

    def on_follow(self, event: gr.EventData, model: str) -> Update:
        """Take the text of a run from the playground to this tab."""
        engine = self.services.engine(model)
        ids = valid(engine, event.ids)
        return {
            self.tabs: gr.Tabs(selected=self.title),
            self.text: engine.tokenizer.decode(ids),
            **self.looked_at(engine, ids),
        }

    def on_text(self, event: gr.EventData, model: str) -> Update:
        """Take a text from another tab to this one."""
        return {self.tabs: gr.Tabs(selected=self.title), **self.on_example(str(event.text), model)}

    def on_pick(self, event: gr.EventData, model: str) -> Update:
        """Open a head, or the same one in another view."""
        engine = self.services.engine(model)
        ids = same_model(engine, event)
        shown = self.shown_head(engine, ids, int(event.layer), int(event.head), event.view, bool(event.words))
        return {**shown, self.notice: notices.NONE}

    def on_score(self, event: gr.EventData, model: str) -> Update:
        """Show the heads' habits on the sample, or on the text again."""
        engine = self.services.engine(model)
        ids = same_model(engine, event)
        if event.of != "sample":
            return {self.finder: head_finder.view(engine, ids, self.scores(engine, ids)), self.notice: notices.NONE}
        sample, scores = self.services.sample(engine)
        return {self.finder: head_finder.view(engine, ids, scores, sample), self.notice: notices.NONE}

    # from values to what the parts draw -------------------------------------------------------------------------------

    def looked_at(self, engine: Engine, ids: list[int]) -> Update:
        """The atlas, the finder and one head for the beginning of a text."""
        whole, ids = len(ids), ids[:MOST_TOKENS]
        survey = heads.survey(engine, ids)
        self.remember(engine, ids, survey.scores)
        layer, head = most_telling(survey.scores)
        key = self.services.parcels.put(survey.triangles)
        texts = engine.tokenizer.texts(ids)
        return {
            self.atlas: atlas.view(engine, ids, texts, survey, key, (layer, head), whole),
            self.finder: head_finder.view(engine, ids, survey.scores),
            **self.shown_head(engine, ids, layer, head, "raw", False),
            self.effect: effect_bars.invitation(ids, texts, engine.info.name),
            self.ranking: head_ranking.EMPTY,
            self.notice: notices.NONE,
        }

    def shown_head(self, engine: Engine, ids: list[int], layer: int, head: int, view: str, by_word: bool) -> Update:
        """One head over the tokens of a text, or over its words."""
        seen = heads.one_head(engine, ids, layer, head, view)
        texts, weights = engine.tokenizer.texts(ids), seen.weights
        if by_word:
            spans = words(engine.tokenizer, ids)
            weights = merge(weights, spans)
            texts = ["".join(texts[i] for i in span) for span in spans]
        said = heads.sentence(self.scores(engine, ids), heads.chances(ids), layer, head)
        return {
            self.head: one_head.view(
                ids, engine.info.name, layer, head, view, texts, weights, by_word, said, seen.sentence
            )
        }

    # what was read ----------------------------------------------------------------------------------------------------

    def read(self, engine: Engine, text: str) -> list[int]:
        """The ids of a visitor's text; raises `BadInput` for none and for more than this page takes."""
        text, most = readable(text or ""), self.services.settings.most_prompt_characters
        if not text.strip():
            raise BadInput("There is no text to look at yet.", "Type a few words, or take an example.")
        if len(text) > most:
            raise BadInput(f"The text has {len(text):,} characters, more than the {most:,} that this page takes.")
        return engine.tokenizer.encode(text)

    def remember(self, engine: Engine, ids: list[int], scores: dict[str, np.ndarray]) -> None:
        self.surveys[engine.info, tuple(ids)] = scores
        while len(self.surveys) > SURVEYS_KEPT:
            self.surveys.popitem(last=False)

    def scores(self, engine: Engine, ids: list[int]) -> dict[str, np.ndarray]:
        """Every head's scores on a text, computed again if they are no longer here."""
        scores = self.surveys.get((engine.info, tuple(ids)))
        if scores is None:
            scores = heads.survey(engine, ids).scores
            self.remember(engine, ids, scores)
        return scores


def offered() -> list[dict]:
    """The texts to look at that the page offers (name, text); the first one is there when it opens."""
    return [*examples("looks"), *examples("sample")]


def most_telling(scores: dict[str, np.ndarray]) -> tuple[int, int]:
    """The head to open first: the strongest induction head, or on a text without repetition one that looks just back."""
    try:
        return heads.find(scores, "induction")
    except BadInput:
        layer, head = np.unravel_index(scores["previous_token"].argmax(), scores["previous_token"].shape)
        return int(layer), int(head)
