"""The Monitor: what is said about which topic, over time, and an alarm when the bad news about one surges."""

import datetime as dt
import functools
import time
from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from gpt2demo.catalogue import ASSETS
from gpt2demo.errors import BadInput
from gpt2demo.monitor.feed import fetch, in_folder
from gpt2demo.monitor.headlines import Headline, read_file
from gpt2demo.monitor.topics import Topic, parse, shipped, written
from gpt2demo.monitor.watch import RULE, take_in, view
from gpt2demo.monitor.windows import length_of, start_of
from gpt2demo.page import events
from gpt2demo.page.events import Update
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.parts import opinion_lines, part
from gpt2demo.sentiment.table import MOST_BYTES, MOST_ROWS
from gpt2demo.services import Services

LENGTHS = {"6 hours": "6h", "1 day": "1d", "1 week": "1w"}
SAMPLE, OWN = "The sample", "Your headlines"
CHECK_EVERY = 30  # seconds, for a feed or folder that is watched
UPDATE_EVERY = 0.25  # seconds


class Monitor:
    """The tab: its layout, then what happens at each click."""

    title = "Monitor"

    def __init__(self, services: Services, status: gr.HTML):
        self.services = services
        self.room = gr.context.Context.block  # the gr.Tab in which this is laid out
        self.lay_out()
        self.connect()

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown(
            "What is said about which topic, and when it turns bad. GPT-2 reads each headline and says whether it is negative,"
            " neutral or positive; a watch list says which topics it is about.",
            elem_classes="explained",
        )
        with gr.Row():
            self.source = gr.Radio([SAMPLE, OWN], value=SAMPLE, label="Headlines", elem_id="monitor-source")
            self.length = gr.Radio(list(LENGTHS), value="1 day", label="A window is", elem_id="monitor-length")
        with gr.Row(elem_classes="buttons"):
            self.replay = gr.Button("Replay", elem_id="monitor-replay")
            self.stop = gr.Button("Stop", elem_id="monitor-stop")
            self.speed = gr.Slider(1, 30, 8, step=1, label="Windows a second", elem_id="monitor-speed", min_width=200)
        self.notice = part("notice", notices.NONE, "monitor-notice")
        self.lines = part("opinion_lines", opinion_lines.EMPTY, "opinion")
        with gr.Accordion("Your headlines: a file, a feed, a folder", open=False, elem_id="monitor-own"):
            self.lay_out_own()
        with gr.Accordion("The watch list: which topics, by which words", open=False, elem_id="monitor-topics"):
            self.watch_list = gr.Textbox(
                written(shipped()),
                lines=9,
                max_lines=20,
                label="A topic a line: its name, a colon, its words",
                info="whole words, with or without a plural s; a star stands for any ending: refiner* also finds refinery",
                elem_id="watch-list",
            )
            with gr.Row(elem_classes="buttons"):
                self.apply = gr.Button("Use this list", elem_id="apply-watch-list")

    def lay_out_own(self) -> None:
        limit = f"at most {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} rows"
        self.upload = gr.File(
            label=f"CSV, TSV or XLSX with the columns date and headline ({limit})",
            file_types=[".csv", ".tsv", ".xlsx"],
            elem_id="monitor-upload",
            height=110,
        )
        private = not self.services.settings.public
        with gr.Row():
            self.feed = gr.Textbox(
                label="An RSS or Atom feed", placeholder="https://…", lines=1, elem_id="monitor-feed", visible=private
            )
            self.folder = gr.Textbox(
                label="A folder on this machine", lines=1, elem_id="monitor-folder", visible=private
            )
        with gr.Row(elem_classes="buttons"):
            self.check = gr.Button("Read now", elem_id="monitor-check", visible=private)
            self.keep = gr.Checkbox(
                label=f"and again every {CHECK_EVERY} seconds", elem_id="monitor-keep", visible=private, min_width=200
            )
            self.clear = gr.Button("Forget these headlines", elem_id="monitor-clear")
        self.timer = gr.Timer(CHECK_EVERY, active=False)

    # wiring -----------------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        on = functools.partial(events.on, notice=self.notice)
        shown = [self.lines, self.notice]
        asked = [self.source, self.length, self.watch_list]
        on(self.room.select, self.on_open, asked, shown)
        for event in (self.source.input, self.length.input, self.apply.click):
            on(event, self.on_open, asked, shown)
        replaying = on(self.replay.click, self.on_replay, [*asked, self.speed], shown)
        loading = on(self.upload.upload, self.on_upload, [self.upload, *asked], [self.source, *shown])
        on(self.stop.click, self.on_stop, [], [self.notice], cancels=[replaying, loading])
        sources = [self.feed, self.folder]
        for event in (self.check.click, self.timer.tick):
            on(event, self.on_check, [*sources, *asked], [self.source, *shown])
        on(self.keep.input, self.on_keep, [self.keep], [self.timer])
        on(self.clear.click, self.on_clear, asked, [self.source, *shown])
        on(self.lines.acknowledge, self.on_acknowledge, asked, shown)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_open(self, request: gr.Request, source: str, length: str, watch_list: str) -> Iterator[Update]:
        """Show a source; the sample is read by the model when it is first asked for."""
        topics, stream = parse(watch_list), self.stream(source, request)
        if source == SAMPLE:
            yield from self.take_in(stream, read_file(ASSETS / "streams" / "headlines.csv").headlines, topics, length)
        yield self.shown(stream, topics, length) | {self.notice: notices.NONE}

    def on_upload(self, request: gr.Request, path: str, source: str, length: str, watch_list: str) -> Iterator[Update]:
        """Take in the headlines of a file."""
        topics, stream = parse(watch_list), self.stream(OWN, request)
        reading = read_file(Path(path))
        for update in self.take_in(stream, reading.headlines, topics, length):
            yield update | {self.source: OWN}
        said = f"{len(reading.headlines):,} headlines read."
        if reading.unreadable:
            some = ", ".join(repr(date)[:30] for date in reading.unreadable[:3])
            said += f" {len(reading.unreadable):,} rows had a date that cannot be read and were left out ({some})."
        yield self.shown(stream, topics, length) | {self.source: OWN, self.notice: notices.hints(said)}

    def on_check(
        self, request: gr.Request, feed: str, folder: str, source: str, length: str, watch_list: str
    ) -> Iterator[Update]:
        """Take in what a feed or a folder has now."""
        self.only_at_home()
        if not feed.strip() and not folder.strip():
            raise BadInput("There is no feed and no folder to read.", "Write the address of one above.")
        topics, stream = parse(watch_list), self.stream(OWN, request)
        headlines, said = (fetch(feed.strip()), []) if feed.strip() else in_folder(Path(folder.strip()).expanduser())
        for update in self.take_in(stream, headlines, topics, length):
            yield update | {self.source: OWN}
        at = dt.datetime.now().strftime("%H:%M:%S")
        known = f"{len(headlines):,} headlines there at {at}."
        yield self.shown(stream, topics, length) | {self.source: OWN, self.notice: notices.hints(known, *said)}

    def on_keep(self, keep: bool) -> Update:
        """Watch on, or no longer."""
        return {self.timer: gr.Timer(active=keep)}

    def on_replay(
        self, request: gr.Request, source: str, length: str, watch_list: str, speed: float
    ) -> Iterator[Update]:
        """Go through the windows one after another, as if each moment were now."""
        topics, stream, length = parse(watch_list), self.stream(source, request), length_of(LENGTHS[length])
        scored = self.services.headlines.scored(stream)
        if not scored:
            raise BadInput("There is nothing to replay yet.", "Load some headlines first.")
        now, last = (start_of(s.headline.moment, length) for s in (scored[0], scored[-1]))
        seen = self.services.headlines.acknowledged(stream)
        while now <= last:
            began = time.monotonic()
            until = now + length - dt.timedelta(microseconds=1)
            found = view(scored, topics, length, until)
            yield {
                self.lines: opinion_lines.lines(found, seen, RULE),
                self.notice: notices.hints(f"As on {now:%d %B %Y}."),
            }
            skipped = max(1, round(UPDATE_EVERY * speed))  # several windows at once where they would come too fast
            time.sleep(max(0.0, skipped / speed - (time.monotonic() - began)))
            now += length * skipped
        yield {self.lines: opinion_lines.lines(view(scored, topics, length), seen, RULE), self.notice: notices.NONE}

    def on_stop(self) -> Update:
        """Stop reading or replaying; what is done stays."""
        return {self.notice: notices.NONE}

    def on_clear(self, request: gr.Request, source: str, length: str, watch_list: str) -> Update:
        """Forget the visitor's own headlines."""
        stream = self.stream(OWN, request)
        self.services.headlines.clear(stream)
        return self.shown(stream, parse(watch_list), length) | {self.source: OWN, self.notice: notices.NONE}

    def on_acknowledge(
        self, request: gr.Request, event: gr.EventData, source: str, length: str, watch_list: str
    ) -> Update:
        """Remember that an alarm was seen."""
        stream = self.stream(source, request)
        self.services.headlines.acknowledge(stream, str(event.topic), dt.datetime.fromisoformat(str(event.start)))
        return self.shown(stream, parse(watch_list), length)

    # who and what -----------------------------------------------------------------------------------------------------

    def stream(self, source: str, request: gr.Request) -> str:
        """Where the headlines are kept: at home one desk that everybody sees, among strangers one for each page load."""
        model = self.services.engine().info.sha256[:16]
        if source == SAMPLE:
            return f"sample {model}"
        return f"{request.session_hash} {model}" if self.services.settings.public else f"desk {model}"

    def only_at_home(self) -> None:
        if self.services.settings.public:
            raise BadInput("On a public host the demo reads neither feeds nor folders.", "Upload a file.")

    def take_in(
        self, stream: str, headlines: list[Headline], topics: tuple[Topic, ...], length: str
    ) -> Iterator[Update]:
        """Let the model read what is new, showing the picture grow."""
        store, sent = self.services.headlines, 0.0
        store.touch(stream, dt.datetime.now())
        for done, total in take_in(store, stream, headlines, topics, self.services.reader().probabilities):
            if done < total and time.monotonic() - sent > UPDATE_EVERY:
                sent = time.monotonic()
                said = notices.hints(f"GPT-2 is reading the headlines: {done:,} of {total:,} …")
                yield self.shown(stream, topics, length) | {self.notice: said}

    def shown(self, stream: str, topics: tuple[Topic, ...], length: str) -> Update:
        """The picture of a stream as it is now."""
        store = self.services.headlines
        found = view(store.scored(stream), topics, length_of(LENGTHS[length]))
        return {self.lines: opinion_lines.lines(found, store.acknowledged(stream), RULE)}
