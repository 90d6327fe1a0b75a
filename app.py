"""The demo's front door: read the flags, build the page, serve it."""

import contextlib
import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it asks nobody for anything

from gpt2demo import settings
from gpt2demo.errors import DemoError
from gpt2demo.services import Services


def main() -> int:
    """Serve the page until interrupted; returns 2 for flags or a model that cannot be used."""
    try:
        services = Services(settings.read())
        preparing = threading.Thread(target=prepare, args=(services,), daemon=True)
        preparing.start()  # torch and the weights load while gradio is imported
        import uvicorn

        from gpt2demo.page import page

        application = page.build(services)
        services.engine()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2
    told = services.settings
    print(f"gpt2demo is ready on http://{told.host}:{told.port}", flush=True)
    uvicorn.run(application, host=told.host, port=told.port, log_level="warning")
    return 0


def prepare(services: Services) -> None:
    """Load the model and write the text that the page opens with; what goes wrong is told by whoever asks for it next."""
    with contextlib.suppress(DemoError):
        services.opening()
    services.short_chat  # noqa: B018 - learns what customers talk about, so that the first one does not wait for it


if __name__ == "__main__":
    sys.exit(main())
