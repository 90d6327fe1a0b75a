"""The tab without a browser: an engine made by hand, and a visitor who presses buttons by calling their handlers."""

import inspect
from collections.abc import Iterator
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from starlette.datastructures import QueryParams

from gpt2demo.engine.fake import FakeEngine
from gpt2demo.generation.sampling import Decoding
from gpt2demo.page.decoding_controls import FIELDS, decoding_values
from gpt2demo.page.events import guarded
from gpt2demo.page.parts import part
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services
from gpt2demo.settings import Settings

BYTES = [bytes([byte]) for byte in range(256)]  # so that any text can be encoded
WORDS = [b" one", b" two", b" three", b" four", b" five", b" six", b" seven", b" eight"]


def random_engine(positions: int = 512) -> FakeEngine:
    """An engine whose next token depends on the last one and on the length, as if by chance; it never ends a text."""

    def weights(ids: tuple[int, ...]) -> np.ndarray:
        chances = np.random.default_rng([len(ids), ids[-1]]).random(256 + len(WORDS) + 1) ** 12
        chances[-1] = 0.0
        return chances

    return FakeEngine([*BYTES, *WORDS], weights, positions)


def engine_that_writes(*pieces: bytes) -> FakeEngine:
    """An engine that writes these pieces after any prompt, one after another and over again; `b""` ends the text."""
    vocabulary = [*BYTES, *dict.fromkeys(piece for piece in pieces if piece and piece not in BYTES)]
    engine = FakeEngine(vocabulary, lambda ids: weights(ids))

    def weights(ids: tuple[int, ...]) -> np.ndarray:
        chances = np.zeros(len(vocabulary) + 1)
        chances[engine.tokenizer.pieces.index(pieces[written(ids) % len(pieces)])] = 1.0
        return chances

    def written(ids: tuple[int, ...]) -> int:
        return len(ids) - engine.prompt_length

    engine.prompt_length = 1
    return engine


class Tab:
    """One page load. `shown` holds what stands on the page: a component's name in `Playground` -> its value."""

    def __init__(self, playground: Playground, session: str):
        self.playground = playground
        self.names = {
            component: name for name, component in vars(playground).items() if isinstance(component, gr.Component)
        }
        self.names |= dict(zip(playground.controls.inputs, FIELDS)) | {playground.controls.preset: "preset"}
        self.names |= dict(zip(playground.other.inputs, (f"{name}_b" for name in FIELDS)))
        self.names[playground.status] = "status"
        self.shown: dict = {}
        self.request = SimpleNamespace(session_hash=session, query_params=QueryParams(""))
        self.visit = f"visit of {session}"
        self.model = "fake"

    def settings(self, **changes: object) -> list:
        """The inputs that carry the settings, as the browser sends them; `stop` as the lines of its field."""
        values = dict(zip(FIELDS, decoding_values(Decoding(max_new_tokens=6)))) | changes
        return [*values.values(), self.model]

    def presses(self, handler: str, *inputs: object) -> Iterator[dict]:
        """Call a handler; gives each update by name, after it has reached the page."""
        outcome = guarded(getattr(self.playground, handler), self.playground.notice)(*inputs)
        for update in outcome if inspect.isgenerator(outcome) else [outcome]:
            named = {self.names[component]: value for component, value in update.items()}
            self.shown |= named
            yield named

    def press(self, handler: str, *inputs: object) -> list[dict]:
        return list(self.presses(handler, *inputs))

    # what a visitor does ----------------------------------------------------------------------------------------------

    def opens(self, query: str = "", before: str = "", place: int | None = None) -> list[dict]:
        """Load the page; `before` is the visit that the same browser tab had until then, `place` the branch on its screen."""
        self.request.query_params = QueryParams(query.removeprefix("?"))
        return self.press("on_load", self.request, {"visit": self.visit, "before": before, "place": place})

    def generates(self, prompt: str, **settings: object) -> list[dict]:
        return self.press("on_generate", self.request, prompt, *self.settings(**settings))

    def goes_on(self, **settings: object) -> list[dict]:
        return self.press("on_continue", self.request, self.shown["strip"], *self.settings(**settings))

    def undoes(self, **settings: object) -> list[dict]:
        return self.press("on_undo", self.request, self.shown["strip"], *self.settings(**settings))

    def clicks(self, index: int, strip: str = "strip", **settings: object) -> list[dict]:
        view = self.shown[strip]
        event = SimpleNamespace(
            index=index, place=view["place"], ids=[t[0] for t in view["tokens"]], prompt_length=view["prompt_length"]
        )
        return self.press("on_pick", self.request, event, *self.settings(**settings))

    def takes(self, id: int, **settings: object) -> list[dict]:
        event = SimpleNamespace(id=id)
        return self.press("on_take", self.request, event, self.shown["panel"], *self.settings(**settings))

    def turns_to(self, place: int) -> list[dict]:
        return self.press("on_turn", self.request, SimpleNamespace(place=place), *self.settings())

    def slides(self, **settings: object) -> list[dict]:
        return self.press("on_slide", self.request, self.shown["panel"], *self.settings(**settings))

    def chooses_preset(self, name: str, **settings: object) -> list[dict]:
        return self.press("on_preset", self.request, name, self.shown["panel"], *self.settings(**settings))

    def compares(self, prompt: str, b: tuple, **settings: object) -> list[dict]:
        return self.press("on_compare", self.request, prompt, *self.settings(**settings), *b)

    def chooses_model(self, name: str, prompt: str = "x") -> list[dict]:
        return list(self.choosing_model(name, prompt))

    def choosing_model(self, name: str, prompt: str = "x") -> Iterator[dict]:
        yield from self.presses("on_model", self.request, prompt, *self.settings(), name)
        self.model = self.shown["model"]

    # what stands on the page ------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return "".join(token[1] for token in self.shown["strip"]["tokens"])

    @property
    def ids(self) -> list[int]:
        return [token[0] for token in self.shown["strip"]["tokens"]]

    @property
    def place(self) -> int:
        return self.shown["strip"]["place"]

    @property
    def branches(self) -> list[int]:
        return [number for number, _ in self.shown["strip"]["branches"]]

    @property
    def said(self) -> str:
        return " ".join(self.shown["notice"]["sentences"])

    @property
    def said_of_the_model(self) -> str:
        return " ".join(self.shown["model_notice"]["sentences"])


@pytest.fixture(scope="session")
def playground():
    """The tab's components, made once: a test gives them services of its own."""
    services = Services(Settings(offline=True), load=lambda *_: random_engine())
    with gr.Blocks():
        return Playground(services, part("status", NO_STATUS, "status"))


@pytest.fixture
def engine():
    return random_engine()


@pytest.fixture
def services(engine):
    return Services(Settings(offline=True), load=lambda *_: engine)


@pytest.fixture
def open_tab(playground, services):
    """Page loads of one demo; `load` puts other engines in the place of the usual one."""
    sessions = (f"session {number}" for number in range(100))

    def open_one(load=None, settings: Settings | None = None) -> Tab:
        if load or settings:
            playground.services = Services(settings or services.settings, load=load or services._load)
        return Tab(playground, next(sessions))

    playground.services = services
    return open_one


@pytest.fixture
def tab(open_tab):
    return open_tab()
