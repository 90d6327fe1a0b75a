"""What a running demo owns: its engines and its visitors' runs. Built once, passed down."""

import functools
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from gpt2demo import catalogue, classify
from gpt2demo.catalogue import Progress
from gpt2demo.chat import classifier, knowledge, manners
from gpt2demo.chat.desk import Desk
from gpt2demo.chat.dialogue import Turn
from gpt2demo.chat.knowledge import Knowledge, Passage
from gpt2demo.chat.orders import Orders
from gpt2demo.chat.pipeline import Cancelled, Parts, converse
from gpt2demo.chat.store import Store as ChatStore
from gpt2demo.chat.understanding import Understanding
from gpt2demo.chat.writer import write_reply
from gpt2demo.classify import Head
from gpt2demo.engine.contract import Engine
from gpt2demo.engine.loading import adapter_of, chosen, load_engine, parts_of
from gpt2demo.engine.scheduler import Scheduler
from gpt2demo.engine.tokenizer import Tokenizer
from gpt2demo.errors import ModelNotFound
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Branch, Shelf, from_prompt, score_prompt
from gpt2demo.generation.sampling import Decoding
from gpt2demo.interpret import heads, sample
from gpt2demo.monitor.guess import Guesser
from gpt2demo.monitor.store import Store as HeadlineStore
from gpt2demo.monitor.topics import Topic
from gpt2demo.sentiment.opinion import MEASURED, TRAINED, Reader, held_out, measured, opinion
from gpt2demo.sentiment.table import Table
from gpt2demo.settings import Settings

ENGINES_KEPT = 6  # with and without an adapter, and each backend, counted apart
MOST_VISITORS = 200
MOODS_KEPT = 2000  # messages of customers
MOST_BRANCHES = 24
LOGITS_BYTES = 64 * 2**20  # for each visitor
PARCEL_BYTES = 96 * 2**20  # maps and documents on their way to the browsers of all visitors
VISITOR_TIMEOUT = 3600.0  # seconds without a click


@dataclass(frozen=True, eq=False)
class Scores:
    """A file of texts with the opinions on the first of them: `probabilities` (done, 3), `labels` (rows,) or None."""

    table: Table
    texts: list[str]
    probabilities: np.ndarray
    threshold: float
    labels: np.ndarray | None
    by: str  # which model gave them, in words


@dataclass
class Visitor:
    """One page load: what it wrote, and the events that stop what is being done for it now."""

    shelf: Shelf = field(default_factory=lambda: Shelf(LOGITS_BYTES))
    branches: dict[int, Branch] = field(default_factory=dict)  # by the number under which the page knows them
    models: dict[int, str] = field(default_factory=dict)  # of each branch, as `Services.engine` knows it
    follows: bool = True  # the panel follows the newest token until the visitor clicks another
    cancels: dict[str, threading.Event] = field(default_factory=dict)  # by task, so that none stops another
    seen: float = field(default_factory=time.monotonic)
    scores: Scores | None = None
    visit: str = ""  # the unguessable name by which the next page load of the same browser tab refers to this one

    def continues(self, before: "Visitor") -> None:
        """Begin with what the page load before had written, which keeps its own."""
        self.branches = {n: replace(b, stopped_by=b.stopped_by or "visitor") for n, b in before.branches.items()}
        self.models, self.shelf = dict(before.models), before.shelf.copy()

    def begin(self, task: str = "writing") -> Callable[[], bool]:
        """Stop what is under way of this task; returns the question whether the new one should stop in turn."""
        self.stop(task)
        if task == "writing":
            self.follows = True
        self.cancels[task] = threading.Event()
        return self.cancels[task].is_set

    def is_latest(self, task: str, cancelled: Callable[[], bool]) -> bool:
        """Whether what asks `cancelled` is still what was begun last of its task; only that may show where it ended."""
        return task in self.cancels and self.cancels[task].is_set == cancelled

    def turns_away(self, task: str = "writing") -> None:
        """Stop what is under way of this task and let it show nothing more: the page shows something else now."""
        self.stop(task)
        self.cancels.pop(task, None)

    def stop(self, *tasks: str) -> None:
        """Stop what is under way: these tasks, or all of them."""
        for task in tasks or list(self.cancels):
            if task in self.cancels:
                self.cancels[task].set()

    def add(self, branch: Branch, model: str = "") -> int:
        """Keep a new branch beside the others, the oldest leaving first; returns its number."""
        place = max(self.branches, default=-1) + 1
        self.branches[place], self.models[place] = branch, model
        while len(self.branches) > MOST_BRANCHES:
            oldest = min(self.branches)
            del self.branches[oldest], self.models[oldest]
        return place


class Parcels:
    """Bytes that a page fetches by an unguessable name; the oldest leave first once they exceed the budget."""

    def __init__(self, most_bytes: int = PARCEL_BYTES):
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def put(self, data: bytes) -> str:
        """Keep these bytes for a while; returns their name."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[name] = data
            self._bytes += len(data)
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest)
        return name

    def get(self, name: str) -> bytes | None:
        """The bytes of that name, unless they have left."""
        return self._kept.get(name)


class Services:
    """Engines by model name, loaded when first asked for, and visitors by page load."""

    def __init__(self, settings: Settings, load: Callable[..., Engine] = load_engine):
        self.settings = settings
        self._load = load
        self._engines: OrderedDict[tuple[str, str, str], Engine] = OrderedDict()  # by model, backend and task
        self._heads: dict[tuple[str, str], Head] = {}
        self._opened: tuple[Branch, Shelf] | None = None
        self._opening = threading.Lock()
        self._samples: dict[str, dict[str, np.ndarray]] = {}  # by the weights' SHA-256
        self._loading: dict[tuple[str, str, str], threading.Lock] = {}  # so that a large model holds up nobody else
        self._ledger = threading.Lock()
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()
        self._visiting = threading.Lock()
        self.parcels = Parcels()

    @cached_property
    def headlines(self) -> HeadlineStore:
        """The monitor's streams, kept over a restart."""
        return HeadlineStore(self.settings.state / "monitor.sqlite")

    @cached_property
    def model(self) -> str:
        """The name of the model that the demo was started with, `auto` decided once."""
        return chosen(self.settings)

    def engine(self, name: str = "", progress: Progress = lambda share, what: None, task: str = "") -> Engine:
        """The engine for a model, shared by all visitors; `name` may say on which backend: "gpt2 on onnx-int8".

        By default it is the model that the demo was started with, on the backend that it was started with.
        """
        model, backend, _ = key = self._key(name, task)
        options = {"task": task} if task else {}
        with self._ledger:
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            told = replace(self.settings, backend=backend)
            engine = self._engines.get(key) or Scheduler(self._load(model, told, progress, **options))
            with self._ledger:
                self._engines[key] = engine
                self._engines.move_to_end(key)
                while len(self._engines) > ENGINES_KEPT:
                    self._engines.popitem(last=False)
            return engine

    def _key(self, name: str, task: str) -> tuple[str, str, str]:
        """The model, the backend and the task by which an engine is kept."""
        model, backend = parts_of(name)
        return model or self.model, backend or self.settings.backend, task

    def classifier(
        self, task: str, name: str = "", progress: Progress = lambda share, what: None
    ) -> tuple[Engine, Head]:
        """A model with its adapter for a task ("sentiment", "intent") and the head that names the labels.

        Raises `ModelNotFound` for a model without such an adapter, `ModelBroken` for one that belongs to another base.
        """
        model, _, _ = self._key(name, task)
        if (model, task) not in self._heads:
            self._heads[model, task] = classify.load(adapter_of(model, self.settings, task))
        return self.engine(name, progress, task), self._heads[model, task]

    @cached_property
    def desk(self) -> Desk:
        """The customer service's conversations, kept over a restart; a person can join where the agents' page is on."""
        people = bool(self.settings.agent_password)
        store = ChatStore(self.settings.state / "chat.sqlite")
        return Desk(store, lambda faq: replace(self.chat_parts(faq), people=people), self.write_reply, self.mood)

    @cached_property
    def mood(self) -> Callable[[str], str]:
        """How a customer's words sound to the sentiment adapter: one of its labels, or nothing where it is unsure."""

        @functools.lru_cache(maxsize=MOODS_KEPT)
        def heard(text: str) -> str:
            reader = self.reader()
            found = opinion(reader, text) if reader.head else None
            return found.label if found and not found.abstained else ""

        return heard

    def write_reply(self, passage: Passage, history: Sequence[tuple[str, str]], question: str, cancelled: Cancelled):
        """GPT-2's own words on a passage as they grow, for the pipeline to check."""
        return write_reply(self.engine(), passage, history, question, cancelled)

    @cached_property
    def short_chat(self) -> list[Turn]:
        """A finished short conversation, so that the tab opens with something to read."""
        return converse(self.chat_parts(), (example["text"] for example in examples("chat")[:2]))

    def chat_parts(self, faq: Knowledge | None = None) -> Parts:
        """What the customer service works with: the shop's own knowledge, or a visitor's FAQ instead."""
        if faq is None:
            return self._shop
        rules = replace(self._shop.manners, templates={})
        understanding = Understanding(faq, rules, known=self._shop.understanding.known)
        return replace(self._shop, understanding=understanding, manners=rules, orders=None)

    @cached_property
    def _shop(self) -> Parts:
        tokenizer = Tokenizer(catalogue.ASSETS / "models" / catalogue.SHIPPED)

        def known(word: str) -> bool:
            """A word that the tokenizer has as one token is no slip of the pen."""
            return len(tokenizer.encode(f" {word}")) == 1

        rules = manners.shipped()
        understanding = Understanding(knowledge.shipped(), rules, classifier.read(knowledge.FOLDER), known=known)
        return Parts(understanding, rules, Orders())

    def reader(self, name: str = "") -> Reader:
        """The model that reads opinions, by its adapter or, where it has none, by guessing."""
        try:
            reader = Reader(*self.classifier("sentiment", name))
        except ModelNotFound:
            return Reader(self.engine(name), None)
        return replace(reader, measured=self._measured(name, reader.fingerprint), right=self._right(name))

    def _measured(self, name: str, reader: str) -> str:
        """What was measured of a reader's attribution; "" where nothing was, or of other weights."""
        file = adapter_of(self._key(name, "")[0], self.settings, "sentiment") / MEASURED
        found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return measured(found) if found.get("reader") == reader else ""

    def _right(self, name: str) -> str:
        """How often a reader was right on the texts that were held out from its training; "" where that is not known."""
        file = adapter_of(self._key(name, "")[0], self.settings, "sentiment") / TRAINED
        try:
            return held_out(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):  # an adapter from elsewhere
            return ""

    def guesser(self, topics: tuple[Topic, ...], name: str = "") -> Guesser:
        """The model that guesses a headline's topic: by an adapter called `topics`, or zero-shot where it has none."""
        try:
            return Guesser(*self.classifier("topics", name), topics)
        except ModelNotFound:
            return Guesser(self.engine(name), None, topics)

    def opening(self) -> tuple[Branch, Shelf]:
        """A finished run on the first example, so that a page opens with something to click; written once."""
        engine = self.engine()
        with self._opening:  # a page that asks early waits for the writing under way
            if self._opened is None:
                example = examples()[0]
                decoding = Decoding()
                shelf = Shelf(LOGITS_BYTES)
                branch = from_prompt(engine, example["prompt"], decoding, example["name"])
                for branch in write(engine, branch, decoding, shelf):
                    pass
                branch = replace(score_prompt(engine, branch), pace=None)  # a cold start's pace says nothing
                self._opened = branch, shelf
            return self._opened

    def sample(self, engine: Engine) -> tuple[list[int], dict[str, np.ndarray]]:
        """The sample text's ids and what every head does on it: kept beside these very weights, or computed once."""
        text, kept = examples("sample")[0]["text"], self._samples
        ids, weights = engine.tokenizer.encode(text)[: engine.info.positions], engine.info.sha256
        if weights not in kept:
            file = catalogue.ASSETS / "models" / engine.info.name / sample.FILE
            kept[weights] = sample.read(file, engine, text) or heads.survey(engine, ids).scores
        return ids, kept[weights]

    def visitor(self, session: str) -> Visitor:
        """The visitor of this page load, new if never seen or long gone; who has been away longest leaves first."""
        now = time.monotonic()
        with self._visiting:
            visitor = self._visitors.setdefault(session, Visitor())
            visitor.seen = now
            self._visitors.move_to_end(session)
            while len(self._visitors) > MOST_VISITORS or self._oldest_is_stale(now):
                _, gone = self._visitors.popitem(last=False)
                gone.stop()
            return visitor

    def arrives(self, session: str, visit: str, before: str) -> Visitor:
        """The visitor of a new page load, with what was written in the same browser tab if the visit before is known."""
        visitor = self.visitor(session)
        with self._visiting:
            last = next((v for v in reversed(self._visitors.values()) if before and v.visit == before), None)
            visitor.visit = visit
            if last:
                visitor.continues(last)
        return visitor

    def _oldest_is_stale(self, now: float) -> bool:
        return now - next(iter(self._visitors.values())).seen > VISITOR_TIMEOUT


def examples(kind: str = "prompts") -> list[dict]:
    """What the page offers first: `prompts` (name, prompt); `looks`, `sample`, `opinions`, `chat` (name, text)."""
    return json.loads((catalogue.ASSETS / "examples.json").read_text(encoding="utf-8"))[kind]
