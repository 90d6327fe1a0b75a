"""The demo's front door: read the flags, build the page, serve it."""

import contextlib
import inspect
import os
import socket
import sys
import threading
from collections.abc import Iterator

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it asks nobody for anything

from gpt2demo import settings
from gpt2demo.errors import BadInput, DemoError
from gpt2demo.services import Services


def main() -> int:
    """Serve the page until interrupted; returns 2 for flags, an address or a model that cannot be used."""
    try:
        told = settings.read()
        check_address(told.host, told.port)
        services = Services(told)
        services.engine()
        threading.Thread(target=prepare, args=(services,), daemon=True).start()  # writes while gradio is imported
        with gradio_without_stubs():
            import uvicorn

            from gpt2demo.page import page

        application = page.build(services)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"gpt2demo is ready on http://{told.host}:{told.port}", flush=True)
    uvicorn.run(application, host=told.host, port=told.port, log_level="warning")
    return 0


def check_address(host: str, port: int) -> None:
    """Raise `BadInput` if nothing can listen there, before a model is loaded for it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server((address[0], port), family=family).close()
    except (OSError, OverflowError) as error:
        reason = str(getattr(error, "strerror", error)).partition(" (")[0]
        raise BadInput(
            f"The demo cannot listen on {host}, port {port} ({reason}).",
            "Stop what runs there, or choose another with --port.",
        ) from error


def prepare(services: Services) -> None:
    """Write the text that the page opens with; what goes wrong is told by whoever asks for it next."""
    with contextlib.suppress(DemoError):
        services.opening()


@contextlib.contextmanager
def gradio_without_stubs() -> Iterator[None]:
    """Import Gradio in about half the time: it parses the source of every component anew to keep its type stubs current,
    and leaves alone a class of which `inspect` knows no file."""
    getfile = inspect.getfile

    def hidden(thing: object) -> str:
        if isinstance(thing, type) and thing.__module__.startswith("gradio."):
            raise OSError
        return getfile(thing)

    inspect.getfile = hidden
    try:
        yield
    finally:
        inspect.getfile = getfile


if __name__ == "__main__":
    sys.exit(main())
