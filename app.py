"""The demo's front door: read the flags, build the page, serve it."""

import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it asks nobody for anything

from gpt2demo import settings
from gpt2demo.errors import DemoError
from gpt2demo.services import Services


def main() -> int:
    """Serve the page until interrupted; returns 2 for flags or a model that cannot be used."""
    failed: list[DemoError] = []
    try:
        told = settings.read()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 2
    services = Services(told)

    def load() -> None:
        try:
            services.opening()
        except DemoError as error:
            failed.append(error)

    loading = threading.Thread(target=load)  # torch and the weights load while gradio is imported
    loading.start()
    import uvicorn

    from gpt2demo.page import page

    application = page.build(services)
    loading.join()
    if failed:
        print(failed[0], file=sys.stderr)
        return 2
    print(f"gpt2demo is ready on http://{told.host}:{told.port}", flush=True)
    uvicorn.run(application, host=told.host, port=told.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
