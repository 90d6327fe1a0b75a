"""A visitor of the Attention tab who presses buttons by calling their handlers."""

import base64
import inspect
from types import SimpleNamespace

import gradio as gr
import numpy as np

from gpt2demo.page.attention import Attention
from gpt2demo.page.events import guarded
from gpt2demo.page.parts import part
from gpt2demo.page.parts.status import EMPTY as NO_STATUS
from gpt2demo.page.playground import Playground
from gpt2demo.services import Services
from gpt2demo.settings import Settings

TEXT = "The fox looked at the heron, and the fox looked at the water."


def open_attention(model) -> Attention:
    """The tab beside the playground, over one engine."""
    services = Services(Settings(offline=True), load=lambda *_: model)
    with gr.Blocks():
        status = part("status", NO_STATUS, "status")
        with gr.Tabs() as tabs:
            with gr.Tab("Playground"):
                playground = Playground(services, status)
            with gr.Tab("Attention"):
                attention = Attention(services, status)
        attention.follow(playground, tabs)
    return attention


class Visit:
    """One page load; `shown` holds what stands in each component of the tab, by its name."""

    def __init__(self, tab: Attention):
        self.tab, self.shown = tab, {"atlas": {"n": 0}}
        self.names = {
            component: name for name, component in vars(tab).items() if isinstance(component, gr.blocks.Block)
        }

    def press(self, handler: str, *inputs: object) -> list[dict]:
        outcome = guarded(getattr(self.tab, handler), self.tab.notice)(*inputs)
        updates = []
        for update in outcome if inspect.isgenerator(outcome) else [outcome]:
            updates.append({self.names[component]: value for component, value in update.items()})
            self.shown |= updates[-1]
        return updates

    def picks(self, layer: int, head: int, **changes: object) -> None:
        atlas = self.shown["atlas"]
        event = {
            "ids": atlas["ids"],
            "model": atlas["model"],
            "layer": layer,
            "head": head,
            "view": "raw",
            "words": False,
        }
        self.press("on_pick", SimpleNamespace(**event | changes), "")

    @property
    def said(self) -> str:
        return " ".join(self.shown["notice"]["sentences"])

    @property
    def weights(self) -> np.ndarray:
        """The numbers of the opened head, as its script unpacks them."""
        head = self.shown["head"]
        matrix = np.zeros((head["n"], head["n"]), np.float32)
        matrix[np.tril_indices(head["n"])] = np.frombuffer(base64.b64decode(head["weights"]), "<f4")
        return matrix


def asks(visit, handler, component, **changes):
    """Press something below the atlas; gives all that `component` showed in turn."""
    atlas = visit.shown["atlas"]
    about = {"ids": atlas["ids"], "model": atlas["model"], "heads": [], "mlps": [], "position": None}
    request = [SimpleNamespace(session_hash="s")] if "request" in inspect.signature(handler).parameters else []
    outcome = guarded(handler, visit.tab.notice)(SimpleNamespace(**about | changes), "", *request)
    updates = list(outcome) if inspect.isgenerator(outcome) else [outcome]
    for update in updates:
        if visit.tab.notice in update:
            visit.shown["notice"] = update[visit.tab.notice]
    return [update[component] for update in updates if component in update]
