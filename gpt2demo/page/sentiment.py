"""Sentiment: a label that can be questioned, and files of texts scored at once."""

import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import numpy as np

from gpt2demo.classify import Stopped
from gpt2demo.engine.tokenizer import readable
from gpt2demo.errors import BadInput
from gpt2demo.page import events
from gpt2demo.page.events import KEEP, QUICK, Update
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.parts import opinion as opinions
from gpt2demo.page.parts import part, scored
from gpt2demo.page.tab import Tab
from gpt2demo.sentiment.opinion import LABELS, Opinion, Reader, in_batches, opinion
from gpt2demo.sentiment.question import (
    MOST_WORDS,
    Scorer,
    beginning,
    flips,
    gradients,
    leave_one_out,
    likely_words,
    words,
)
from gpt2demo.sentiment.summary import check, known_labels
from gpt2demo.sentiment.table import MOST_BYTES, MOST_ROWS, read, text_column, write_csv, write_xlsx
from gpt2demo.services import Scores, examples
from gpt2demo.wording import counted

UPDATE_EVERY = 0.3  # seconds
AT_ONCE = {"trigger_mode": "multiple"}  # a click that comes while another text is read stops that
NO_LABELS = "none"
BY_LEAVING_OUT, BY_GRADIENTS = "Leave a word out", "Integrated gradients"
LEFT_OUT = "Tint: how much the label's probability falls when a word is left out."
LEFT_OUT_OF_MANY = f"{LEFT_OUT[:-1]}; the first {MOST_WORDS} words were tried."
OTHER = "The acting is fine, and the story is warm, funny and never too long."  # beside the first example


class Sentiment(Tab):
    """The tab: its layout, then what happens at each click."""

    title = "Sentiment"

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        first = examples("opinions")[0]["text"]
        gr.Markdown(
            "Whether a text is negative, neutral or positive, how sure GPT-2 is of it, and which words it goes by.",
            elem_classes="explained",
        )
        self.trust = part("notice", notices.NONE, "sentiment-trust")
        with gr.Row(equal_height=False):
            with gr.Column(scale=1, min_width=320):
                self.text = gr.Textbox(first, label="A text", lines=3, max_lines=12, elem_id="opinion-text")
                with gr.Row(elem_classes="examples"):
                    self.examples = [
                        gr.Button(e["name"], size="sm", elem_classes="example", min_width=40)
                        for e in examples("opinions")
                    ]
                with gr.Row(elem_classes="buttons"):
                    self.judge = gr.Button("Judge", variant="primary", elem_id="judge")
                    self.turn = gr.Button("What would turn it?", elem_id="turn")
                self.how = gr.Radio(
                    [BY_LEAVING_OUT, BY_GRADIENTS],
                    value=BY_LEAVING_OUT,
                    label="Why: how each word's part is found",
                    info="two methods that need not agree; where they do, believe them more",
                    elem_id="why",
                    elem_classes="last-needs-pytorch",
                )
                self.notice = part("notice", notices.NONE, "sentiment-notice")
                self.opinion = part("opinion", opinions.EMPTY, "judged")
            with gr.Column(scale=1, min_width=320):
                self.other_text = gr.Textbox(
                    OTHER,
                    label="Another text, to compare",
                    lines=3,
                    max_lines=12,
                    elem_id="other-text",
                    placeholder="Change a word or two and see what it does",
                )
                with gr.Row(elem_classes="buttons"):
                    self.judge_other = gr.Button("Judge this one too", elem_id="judge-other")
                    self.copy = gr.Button("Copy the first text here", elem_id="copy-text")
                self.other_opinion = part("opinion", opinions.EMPTY, "judged-other")
        with gr.Accordion("Many texts: score a file", open=False, elem_id="many"):
            self.lay_out_many()

    def lay_out_many(self) -> None:
        self.file = gr.File(
            label=f"CSV, TSV, XLSX, or a .txt with a text a line (at most {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} rows)",
            file_types=[".csv", ".tsv", ".xlsx", ".txt"],
            elem_id="texts-file",
            height=110,
        )
        with gr.Row():
            self.column = gr.Radio([], label="The texts stand in the column", elem_id="texts-column", visible=False)
            self.truth = gr.Radio(
                [NO_LABELS],
                value=NO_LABELS,
                label="Labels to check against stand in",
                elem_id="labels-column",
                visible=False,
            )
        with gr.Row(elem_classes="buttons"):
            self.score = gr.Button("Score", variant="primary", elem_id="score-file")
            self.stop = gr.Button("Stop", elem_id="score-stop")
        self.many_notice = part("notice", notices.NONE, "many-notice")
        with gr.Row():
            self.only = gr.Radio(list(scored.FILTERS), value="all", label="Show", elem_id="scored-filter")
            self.order = gr.Radio(list(scored.ORDERS), value="as in the file", label="Order", elem_id="scored-order")
        self.scored = part("scored", scored.EMPTY, "scored")
        with gr.Row(elem_classes="buttons"):
            self.as_csv = gr.DownloadButton("Download CSV", elem_id="scored-csv", interactive=False)
            self.as_xlsx = gr.DownloadButton("Download XLSX", elem_id="scored-xlsx", interactive=False)

    # wiring -----------------------------------------------------------------------------------------------------------

    @property
    def opinions(self) -> tuple[gr.HTML, gr.HTML]:
        """The parts from which a text goes to another tab by one click."""
        return self.opinion, self.other_opinion

    def follow(self, model: gr.Radio) -> None:
        """Connect the tab; texts are read by the model with which the playground writes."""
        on = functools.partial(events.on, notice=self.notice)
        first, asked = [self.opinion, self.trust, self.notice], [self.text, self.how, model]
        other = [self.other_opinion, self.trust, self.notice]
        on(self.room.select, self.on_open, [*asked, self.other_text, self.opinion], [self.other_opinion, *first])
        for event in (self.judge.click, self.text.submit, self.how.input):
            on(event, self.on_judge, asked, first, **AT_ONCE)
        for event in (self.judge_other.click, self.other_text.submit):
            on(event, self.on_judge_other, [self.other_text, self.how, model], other, **AT_ONCE)
        on(self.turn.click, self.on_turn, [self.text, model], first, **AT_ONCE)
        on(self.copy.click, lambda text: {self.other_text: text}, [self.text], [self.other_text], **QUICK)
        for button in self.examples:
            on(button.click, self.on_example, [button, self.how, model], [self.text, *first], **AT_ONCE)
        self.follow_many(model)

    def follow_many(self, model: gr.Radio) -> None:
        many = functools.partial(events.on, notice=self.many_notice)
        picked = [self.column, self.truth, self.many_notice]
        many(self.file.upload, self.on_upload, [self.file], picked)
        inputs = [self.file, self.column, self.truth, self.only, self.order, model]
        files = [self.many_notice, self.as_csv, self.as_xlsx]
        many(self.score.click, self.on_score, inputs, [self.scored, *files])
        many(self.stop.click, self.on_stop, [], [self.many_notice], **QUICK)
        for event in (self.only.input, self.order.input):
            many(event, self.on_arrange, [self.only, self.order], [self.scored])

    # one text ---------------------------------------------------------------------------------------------------------

    def on_open(
        self, request: gr.Request, text: str, how: str, model: str, other: str, shown: dict
    ) -> Iterator[Update]:
        """Open with two judged texts on the screen, judged again if another model has been chosen since."""
        if shown and shown.get("model") == self.services.engine(model).info.name:
            yield {self.notice: notices.NONE}
            return
        yield from self.on_judge(request, text, how, model)
        if other.strip():
            yield from self.on_judge_other(request, other, how, model)

    def on_judge(self, request: gr.Request, text: str, how: str, model: str) -> Iterator[Update]:
        """The opinion on the first text."""
        yield from self.judged(request, self.opinion, text, how, model)

    def on_judge_other(self, request: gr.Request, text: str, how: str, model: str) -> Iterator[Update]:
        """The opinion on the text beside it."""
        yield from self.judged(request, self.other_opinion, text, how, model)

    def on_example(self, request: gr.Request, name: str, how: str, model: str) -> Iterator[Update]:
        """Put an example into the box and judge it."""
        text = next(example["text"] for example in examples("opinions") if example["name"] == name)
        yield {self.text: text}
        yield from self.on_judge(request, text, how, model)

    def judged(self, request: gr.Request, where: gr.HTML, text: str, how: str, model: str) -> Iterator[Update]:
        """The opinion on a text, with each word's part in it; what stood there of another text goes at once."""
        reader, text = self.services.reader(model), self.checked(text)
        cancelled = self.services.visitor(request.session_hash or "").begin(f"judging for {where.elem_id}")
        if text.strip():  # without a text, what stands there stays
            yield {where: opinions.EMPTY, self.notice: notices.hints("GPT-2 is reading …")}
        try:
            found = opinion(reader, text, cancelled)
            label = {where: opinions.view(found, reader), self.trust: notices.hints(reader.trust)}
            yield label | {self.notice: notices.hints("Finding each word's part in it …")}
            effects, said = explained(reader, found, how, cancelled)
        except Stopped:
            yield {self.notice: KEEP}
            return
        yield {where: opinions.view(found, reader, effects, None, said), self.notice: notices.NONE}

    def on_turn(self, request: gr.Request, text: str, model: str) -> Iterator[Update]:
        """The smallest changes that would give the text another label."""
        reader, text = self.services.reader(model), self.checked(text)
        cancelled = self.services.visitor(request.session_hash or "").begin(f"judging for {self.opinion.elem_id}")
        yield {self.notice: notices.hints("Trying what else could stand there …")}
        try:
            found = opinion(reader, text, cancelled)
            if found.windows > 1:
                raise BadInput("The text is longer than the model reads at once.", "Ask about a part of it.")
            effects, said = explained(reader, found, BY_LEAVING_OUT, cancelled)
            alternatives = functools.partial(likely_words, self.services.engine(model))
            turning = flips(found.text, scorer(reader, cancelled), effects, alternatives)
        except Stopped:
            yield {self.notice: KEEP}
            return
        yield {self.opinion: opinions.view(found, reader, effects, turning, said), self.notice: notices.NONE}

    def checked(self, text: str) -> str:
        """A visitor's text; raises `BadInput` for one that is longer than this page takes."""
        text, most = readable(text or ""), self.services.settings.most_prompt_characters
        if len(text) > most:
            raise BadInput(f"The text has {len(text):,} characters, more than the {most:,} that this page takes.")
        return text

    # many texts -------------------------------------------------------------------------------------------------------

    def on_upload(self, path: str) -> Update:
        """Read the file's columns and propose which holds the texts and which the labels."""
        table = read(Path(path))
        try:
            column = text_column(table)
        except BadInput:
            column = None
        labels = [name for name in table.columns if name != column and carries_labels(table.column(name))]
        said = f"{counted(len(table.rows), 'row')}." + ("" if column else " Say which column holds the texts.")
        return {
            self.column: gr.Radio(list(table.columns), value=column, visible=True),
            self.truth: gr.Radio([NO_LABELS, *table.columns], value=next(iter(labels), NO_LABELS), visible=True),
            self.many_notice: notices.hints(said),
        }

    def on_score(
        self, request: gr.Request, path: str | None, column: str | None, truth: str, only: str, order: str, model: str
    ) -> Iterator[Update]:
        """Score every text of the file; what is done stays when stopped."""
        if not path:
            raise BadInput("There is no file yet.", "Choose one above.")
        table = read(Path(path))
        texts = table.column(text_column(table, column))
        labels = known_labels(table.column(truth)) if truth != NO_LABELS else None
        reader, visitor, sent = self.services.reader(model), self.services.visitor(request.session_hash or ""), 0.0
        cancelled = visitor.begin("reading")
        for p in in_batches(reader, texts, cancelled):
            visitor.scores = Scores(table, texts, p, reader.threshold, labels, reader.about)
            if len(p) < len(texts) and time.monotonic() - sent > UPDATE_EVERY:
                sent = time.monotonic()
                said = notices.hints(f"{len(p):,} of {counted(len(texts), 'text')} …")
                yield {self.scored: self.shown(visitor.scores, only, order), self.many_notice: said}
        said = notices.NONE
        if cancelled():
            done = len(visitor.scores.probabilities)
            said = notices.hints(
                f"Stopped; {done:,} of {counted(len(texts), 'text')} are scored and can be downloaded."
            )
        shown = {self.scored: self.shown(visitor.scores, only, order), self.many_notice: said}
        yield shown | self.downloads(visitor.scores)

    def on_stop(self, request: gr.Request) -> Update:
        """Stop scoring; what is done stays."""
        self.services.visitor(request.session_hash or "").stop("reading")
        return {self.many_notice: notices.NONE}

    def on_arrange(self, request: gr.Request, only: str, order: str) -> Update:
        """Show other rows, or the same in another order."""
        found = self.services.visitor(request.session_hash or "").scores
        return {self.scored: self.shown(found, only, order) if found else scored.EMPTY}

    def downloads(self, found: Scores) -> Update:
        """The scored rows with all the columns they came with, ready to be saved."""
        folder = Path(tempfile.mkdtemp())
        columns = [*found.table.columns, "label", "unsure", *LABELS]
        update = {}
        for button, write, name in ((self.as_csv, write_csv, "scored.csv"), (self.as_xlsx, write_xlsx, "scored.xlsx")):
            write(folder / name, columns, rows(found))
            update[button] = gr.DownloadButton(value=str(folder / name), interactive=True)
        return update

    def shown(self, found: Scores, only: str, order: str) -> dict:
        """The table and the figures for what is scored so far."""
        p = found.probabilities
        checked = None
        if found.labels is not None and (found.labels[: len(p)] >= 0).any():
            checked = check(p, found.labels[: len(p)])
        return scored.view(found.texts, p, found.threshold, only, order, checked, len(found.texts), found.by)


def explained(reader: Reader, found: Opinion, how: str, cancelled: Callable[[], bool]) -> tuple[np.ndarray, str]:
    """Each word's part in the label, and in words what the tint means; raises `Stopped` once it is `cancelled`.

    Of a text over the context, the beginning alone is tried.
    """
    label = LABELS.index(found.label)
    if how == BY_GRADIENTS:
        effects, reason = gradients(reader, found.text, label, cancelled)
        return effects, f"Tint: each word's share of the score for {found.label} over the other two. {reason.baseline}"
    text, said = found.text, LEFT_OUT if len(words(found.text)) <= MOST_WORDS else LEFT_OUT_OF_MANY
    if found.windows > 1:
        text = beginning(text)
        said = (
            f"Tint: the text is too long to be read again without each word; its first {MOST_WORDS} were taken alone."
        )
    return leave_one_out(text, scorer(reader, cancelled), label), said


def scorer(reader: Reader, cancelled: Callable[[], bool]) -> Scorer:
    """What gives texts their probabilities; raises `Stopped` once it is `cancelled`."""
    return lambda texts: reader.probabilities(texts, cancelled)


def carries_labels(cells: list[str]) -> bool:
    """Whether a column holds labels that the model's can be checked against."""
    try:
        return bool((known_labels(cells) >= 0).mean() > 0.9)
    except BadInput:
        return False


def rows(found: Scores) -> Iterator[list[object]]:
    """The rows of a scored file for a download: what they held, then what the model says."""
    for row, p in zip(found.table.rows, found.probabilities):
        yield [*row, LABELS[int(p.argmax())], "yes" if p.max() < found.threshold else "no", *np.round(p, 6).tolist()]
