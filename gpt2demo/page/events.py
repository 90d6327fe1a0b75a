"""How a click reaches the code: every handler is guarded, shows no spinner and is no part of the public API."""

import functools
import inspect
import queue
import threading
from collections.abc import Callable, Iterator

import gradio as gr

from gpt2demo.catalogue import Progress
from gpt2demo.page.parts import notice as notices

Update = dict  # component -> its new value; what is not named stays as it is
KEEP = gr.skip()  # Gradio sends a generator's last update once more at its end: this one leaves what stands there alone
QUICK = {"queue": False}  # for what takes no engine time worth waiting for


def on(
    event: Callable, handler: Callable, inputs: list, outputs: list, notice: gr.HTML, **options: object
) -> gr.events.Dependency:
    """Connect a component's event (`button.click`) to a handler that gives an `Update`, or several by `yield`.

    What it returns is what another event names to cancel this one.
    """
    return event(guarded(handler, notice), inputs, outputs, show_progress="hidden", api_visibility="private", **options)


def guarded(handler: Callable, notice: gr.HTML) -> Callable:
    """A handler whose errors are shown as one sentence in `notice`, the rest of the page staying as it is."""

    @functools.wraps(handler)
    def stream(*arguments: object) -> Iterator[Update]:
        try:
            yield from handler(*arguments)
        except Exception as error:
            yield {notice: notices.problem(error)}

    @functools.wraps(handler)
    def once(*arguments: object) -> Update:
        try:
            return handler(*arguments)
        except Exception as error:
            return {notice: notices.problem(error)}

    return stream if inspect.isgeneratorfunction(handler) else once


def reported(work: Callable[[Progress], object]) -> Iterator[tuple[float, str]]:
    """Do something slow in a thread beside us and pass on what it reports (share done, in words); raises what it raises."""
    said: queue.Queue = queue.Queue()

    def run() -> None:
        try:
            work(lambda share, what: said.put((share, what)))
            said.put(None)
        except Exception as error:
            said.put(error)

    threading.Thread(target=run, daemon=True).start()
    while (what := said.get()) is not None:
        if isinstance(what, Exception):
            raise what
        yield what
