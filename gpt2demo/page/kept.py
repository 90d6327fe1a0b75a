"""Routes beside the page: bytes and documents that a part fetches by their unguessable name."""

from fastapi import FastAPI, Response

from gpt2demo.services import Services

ONCE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
GONE = "This picture is no longer kept. Draw it again.\n"
# A document in a world of its own: it may run its script, and reach neither the page around it nor any host.
SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
)


def add(application: FastAPI, services: Services) -> None:
    """Register `/kept/NAME` (raw bytes) and `/kept/NAME.html` (a document in a sandbox)."""

    @application.get("/kept/{name}.html", include_in_schema=False)
    def document(name: str) -> Response:
        return answer(services.parcels.get(name), "text/html; charset=utf-8", {"Content-Security-Policy": SANDBOX})

    @application.get("/kept/{name}", include_in_schema=False)
    def raw(name: str) -> Response:
        return answer(services.parcels.get(name), "application/octet-stream")


def answer(data: bytes | None, kind: str, headers: dict[str, str] | None = None) -> Response:
    """The bytes, or 404 with a sentence once they have left."""
    if data is None:
        return Response(GONE, 404, media_type="text/plain")
    return Response(data, media_type=kind, headers=ONCE | (headers or {}))
