"""A model hub on this machine: serves one folder as if it were any repository, as `huggingface_hub` asks for it."""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0" * 40


def oid(file: Path) -> str:
    return hashlib.sha1(file.read_bytes()).hexdigest()


@contextmanager
def serving(folder: Path):
    """Serve the files of `folder`; yields the address to put into HF_ENDPOINT."""

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body: bool):
            path = self.path.split("?")[0]
            file = folder / path.rsplit("/", 1)[-1]
            if "/tree/" in path:
                tree = [
                    {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": oid(f)}
                    for f in folder.iterdir()
                    if f.is_file()
                ]
                self.send(200, json.dumps(tree).encode(), "application/json", body, {})
            elif path.startswith("/api/models/"):
                siblings = [{"rfilename": f.name} for f in sorted(folder.iterdir()) if f.is_file()]
                repository = "/".join(path.split("/")[3:5])
                info = {"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings}
                self.send(200, json.dumps(info).encode(), "application/json", body, {})
            elif "/resolve/" in path and file.is_file():
                data = file.read_bytes()
                headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{oid(file)}"'}
                self.send(200, data, "application/octet-stream", body, headers)
            else:
                self.send(404, b"", "text/plain", body, {"X-Error-Code": "EntryNotFound"})

        def send(self, code: int, data: bytes, kind: str, body: bool, headers: dict):
            self.send_response(code)
            for name, value in ({"Content-Type": kind, "Content-Length": str(len(data))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
