"""The Monitor: what is said about which topic, over time, and an alarm when the bad news about one surges."""

import datetime as dt
import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from gpt2demo.catalogue import ASSETS
from gpt2demo.errors import BadInput
from gpt2demo.monitor.feed import anywhere, fetch, in_folder, is_public
from gpt2demo.monitor.headlines import Headline, left_out, read_file
from gpt2demo.monitor.topics import Topic, parse, shipped, written
from gpt2demo.monitor.watch import RULE, View, take_in, view
from gpt2demo.monitor.windows import Scored, length_of, start_of
from gpt2demo.page import events
from gpt2demo.page.events import KEEP, QUICK, Update
from gpt2demo.page.parts import notice as notices
from gpt2demo.page.parts import opinion_lines, part
from gpt2demo.page.parts.alarm_rule import EMPTY as NO_RULE
from gpt2demo.page.parts.alarm_rule import rule_view
from gpt2demo.page.tab import Tab
from gpt2demo.sentiment.table import MOST_BYTES, MOST_ROWS
from gpt2demo.services import Visitor
from gpt2demo.wording import counted

LENGTHS = {"6 hours": "6h", "1 day": "1d", "1 week": "1w"}
SAMPLE, OWN = "The sample", "Your headlines"
CHECK_EVERY = 30  # seconds, for a feed or folder that is watched
UPDATE_EVERY = 0.25  # seconds
STOPPED = "Stopped. What is read stays; to read on, open this tab again or load the file again."


@dataclass(frozen=True)
class Asked:
    """What the visitor wants to see: whose headlines, in windows of which length, by which topics, read by which model."""

    source: str
    length: dt.timedelta
    topics: tuple[Topic, ...]
    model: str

    @staticmethod
    def of(source: str, length: str, watch_list: str, model: str) -> "Asked":
        return Asked(source, length_of(LENGTHS[length]), parse(watch_list), model)


class Monitor(Tab):
    """The tab: its layout, then what happens at each click."""

    title = "Monitor"

    # layout -----------------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        gr.Markdown(
            "What is said about which topic, and when it turns bad. GPT-2 reads each headline and says whether it is negative,"
            " neutral or positive; a watch list says which topics it is about; where no word of the list matches, GPT-2"
            " guesses the topic if it is sure enough. A headline for which no label is more likely than not counts as neutral.",
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
        self.rule = part("alarm_rule", NO_RULE, "alarm-rule")
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

    def follow(self, model: gr.Radio) -> None:
        """Connect the tab; headlines are read by the model with which the playground writes."""
        on = functools.partial(events.on, notice=self.notice)
        shown = [self.lines, self.rule, self.notice]
        asked = [self.source, self.length, self.watch_list, model]
        opening = (self.room.select, self.source.input, self.length.input, self.apply.click)
        for event in opening:
            on(event, self.on_open, asked, shown, trigger_mode="multiple")
        on(self.replay.click, self.on_replay, [*asked, self.speed], shown)
        on(self.upload.upload, self.on_upload, [self.upload, *asked], [self.source, *shown])
        sources = [self.feed, self.folder]
        for event, handler in ((self.check.click, self.on_check), (self.timer.tick, self.on_tick)):
            on(event, handler, [*sources, *asked], [self.source, *shown])
        on(self.stop.click, self.on_stop, [], [self.notice], **QUICK)
        on(self.keep.input, self.on_keep, [self.keep], [self.timer])
        on(self.clear.click, self.on_clear, asked, [self.source, *shown])
        on(self.lines.acknowledge, self.on_acknowledge, asked, shown)

    # what happens at a click ------------------------------------------------------------------------------------------

    def on_open(self, request: gr.Request, *asked: str) -> Iterator[Update]:
        """Show a source; the model reads what it has not read yet."""
        self.visitor(request).turns_away("reading")  # from what was asked for before
        asked = Asked.of(*asked)
        yield from self.take_in(request, asked, self.headlines(request, asked), notices.NONE)

    def on_upload(self, request: gr.Request, path: str, *asked: str) -> Iterator[Update]:
        """Take in the headlines of a file."""
        asked = replace(Asked.of(*asked), source=OWN)
        reading = read_file(Path(path))
        said = notices.hints(f"{counted(len(reading.headlines), 'headline')} read.", left_out(reading.unreadable))
        yield {self.source: OWN}
        yield from self.take_in(request, asked, reading.headlines, said)

    def on_check(self, request: gr.Request, feed: str, folder: str, *asked: str) -> Iterator[Update]:
        """Take in what a feed or a folder has now."""
        self.only_at_home()
        if not feed.strip() and not folder.strip():
            raise BadInput("There is no feed and no folder to read.", "Write the address of one above.")
        asked = replace(Asked.of(*asked), source=OWN)
        if feed.strip():
            headlines, said = fetch(feed.strip(), anywhere if self.services.settings.private_feeds else is_public), []
        else:
            headlines, said = in_folder(Path(folder.strip()).expanduser())
        at = dt.datetime.now().strftime("%H:%M:%S")
        known = notices.hints(f"{counted(len(headlines), 'headline')} there at {at}.", *said)
        yield {self.source: OWN}
        yield from self.take_in(request, asked, headlines, known)

    def on_tick(self, request: gr.Request, feed: str, folder: str, *asked: str) -> Iterator[Update]:
        """Look again at what is watched, unless the visitor looks at something else now."""
        if Asked.of(*asked).source == OWN:
            yield from self.on_check(request, feed, folder, *asked)
        else:
            yield {self.notice: KEEP}

    def on_keep(self, keep: bool) -> Update:
        """Watch on, or no longer."""
        return {self.timer: gr.Timer(active=keep)}

    def on_replay(self, request: gr.Request, *asked: object) -> Iterator[Update]:
        """Go through the windows one after another, as if each moment were now."""
        *asked, speed = asked
        asked = Asked.of(*asked)
        scored, by, seen = self.held(request, asked)
        if not scored:
            raise BadInput("There is nothing to replay yet.", "Load some headlines first.")
        now, last = (start_of(s.headline.moment, asked.length) for s in (scored[0], scored[-1]))
        cancelled = self.visitor(request).begin("reading")
        while now <= last and not cancelled():
            began = time.monotonic()
            found = view(scored, asked.topics, asked.length, now + asked.length - dt.timedelta(microseconds=1))
            said = notices.hints(f"As on {now:%d %B %Y}.")
            yield {self.lines: opinion_lines.lines(found, asked.topics, seen, by), self.notice: said}
            time.sleep(max(0.0, max(UPDATE_EVERY, 1 / speed) - (time.monotonic() - began)))
            now += asked.length * max(1, round(speed * (time.monotonic() - began)))  # several at once if they come fast
        if self.visitor(request).is_latest("reading", cancelled):
            yield self.shown(request, asked) | {self.notice: notices.NONE}
        else:
            yield {self.notice: KEEP}

    def on_stop(self, request: gr.Request) -> Update:
        """Stop reading or replaying; what is done stays, and all of it is shown."""
        self.visitor(request).stop("reading")
        return {self.notice: notices.NONE}

    def on_clear(self, request: gr.Request, *asked: str) -> Update:
        """Forget the visitor's own headlines."""
        asked = replace(Asked.of(*asked), source=OWN)
        self.services.headlines.clear(self.owner(OWN, request))
        return self.shown(request, asked) | {self.source: OWN, self.notice: notices.NONE}

    def on_acknowledge(self, request: gr.Request, event: gr.EventData, *asked: str) -> Update:
        """Remember that an alarm was seen."""
        asked = Asked.of(*asked)
        stream, start = self.stream(request, asked), dt.datetime.fromisoformat(str(event.start))
        self.services.headlines.acknowledge(stream, str(event.topic), start)
        return self.shown(request, asked)

    # who and what -----------------------------------------------------------------------------------------------------

    def owner(self, source: str, request: gr.Request) -> str:
        """Whose the headlines are: at home one desk that everybody sees, among strangers one for each page load."""
        if source == SAMPLE:
            return "sample"
        return str(request.session_hash) if self.services.settings.public else "desk"

    def stream(self, request: gr.Request, asked: Asked) -> str:
        """Where the headlines are kept with what this model thinks of them."""
        return f"{self.owner(asked.source, request)} {self.services.reader(asked.model).fingerprint}"

    def visitor(self, request: gr.Request) -> Visitor:
        return self.services.visitor(request.session_hash or "")

    def only_at_home(self) -> None:
        if self.services.settings.public:
            raise BadInput("On a public host the demo reads neither feeds nor folders.", "Upload a file.")

    def headlines(self, request: gr.Request, asked: Asked) -> list[Headline]:
        """All that a source holds, read by this model or not."""
        return sample() if asked.source == SAMPLE else self.services.headlines.known(self.owner(OWN, request))

    def take_in(self, request: gr.Request, asked: Asked, headlines: list[Headline], said: dict) -> Iterator[Update]:
        """Let the model read what is new, showing the picture grow; `said` is the notice once all is read."""
        store, stream, visitor = self.services.headlines, self.stream(request, asked), self.visitor(request)
        label, guess = self.services.reader(asked.model).probabilities, self.services.guesser(asked.topics, asked.model)
        store.touch(stream, dt.datetime.now())
        due, cancelled = 0.0, visitor.begin("reading")
        for done, total in take_in(store, stream, headlines, asked.topics, label, guess, cancelled):
            began = time.monotonic()
            if done < total and began > due and not cancelled():
                progress = notices.hints(f"GPT-2 is reading: {done:,} of {counted(total, 'headline')} …")
                yield self.growing(request, asked) | {self.notice: progress}
                due = time.monotonic() + max(
                    UPDATE_EVERY, 4 * (time.monotonic() - began)
                )  # drawing must not slow reading
        if not visitor.is_latest("reading", cancelled):
            yield {self.notice: KEEP}
            return
        yield self.shown(request, asked, cancelled()) | {self.notice: notices.hints(STOPPED) if cancelled() else said}

    def held(self, request: gr.Request, asked: Asked) -> tuple[list[Scored], str, set]:
        """What is known of a stream: its headlines with labels and topics, who read them, which alarms were seen."""
        store, stream, reader = self.services.headlines, self.stream(request, asked), self.services.reader(asked.model)
        guesser = self.services.guesser(asked.topics, asked.model)
        return store.scored(stream, guesser.key), f"{reader.about}. {reader.trust}", store.acknowledged(stream)

    def growing(self, request: gr.Request, asked: Asked) -> Update:
        """The picture of a stream that is being read."""
        scored, by, seen = self.held(request, asked)
        found = view(scored, asked.topics, asked.length)
        return {self.lines: opinion_lines.lines(found, asked.topics, seen, by, unread=True)}

    def shown(self, request: gr.Request, asked: Asked, stopped: bool = False) -> Update:
        """The picture of a stream as it is now, and how its alarms are decided."""
        scored, by, seen = self.held(request, asked)
        views = by_length(scored, asked)
        chosen = next(name for name, found in views.items() if found.length == asked.length)
        unread = stopped or bool(
            self.services.headlines.missing(self.stream(request, asked), self.headlines(request, asked))
        )
        lines = opinion_lines.lines(views[chosen], asked.topics, seen, by, scored, unread)
        return {self.lines: lines, self.rule: rule_view(views, chosen, RULE)}


def by_length(scored: list[Scored], asked: Asked) -> dict[str, View]:
    """The same headlines in windows of each length, but for those that would be too many to look at."""
    views = {}
    for name, length in LENGTHS.items():
        try:
            views[name] = view(scored, asked.topics, length_of(length))
        except BadInput:
            if length_of(length) == asked.length:
                raise
    return views


@functools.cache
def sample() -> list[Headline]:
    """The headlines that come with the demo."""
    return read_file(ASSETS / "streams" / "headlines.csv").headlines
