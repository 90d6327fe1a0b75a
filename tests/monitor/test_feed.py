"""Headlines from a feed, asked of a server on this machine, and never from inside somebody's network by accident."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gpt2demo.errors import BadInput
from gpt2demo.monitor.feed import MOST_BYTES, anywhere, fetch, get, in_folder, is_public

RSS = """<rss version="2.0"><channel><title>News</title>
<item><title>Oil &amp; gas rise</title><pubDate>Fri, 03 Apr 2026 10:00:00 GMT</pubDate></item>
<item><title>&lt;script&gt;alert(1)&lt;/script&gt;</title><pubDate>Sat, 04 Apr 2026 10:00:00 +0200</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><updated>2026-04-03T10:00:00Z</updated></entry></feed>"""
PAGES = {"/rss": RSS, "/atom": ATOM, "/page": "<html><body>no feed</body></html>", "/large": "x" * (MOST_BYTES + 1)}


@contextmanager
def serving(pages=PAGES):
    """A web server on this machine that has these pages."""

    class News(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "http://169.254.169.254/secret")
                self.end_headers()
                return
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, "").encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), News)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@pytest.fixture(scope="module")
def host():
    with serving() as url:
        yield url


def here(address: str) -> bool:
    return address == "127.0.0.1"


def test_a_private_address_is_asked_where_all_are_allowed(host):
    assert [h.text for h in fetch(f"{host}/atom", anywhere)] == ["One"]


def test_rss_and_atom_give_dated_headlines(host):
    assert [h.text for h in fetch(f"{host}/rss", here)] == ["Oil & gas rise", "<script>alert(1)</script>"]
    assert fetch(f"{host}/rss", here)[1].moment.hour == 8
    assert [h.text for h in fetch(f"{host}/atom", here)] == ["One"]


@pytest.mark.parametrize(
    ("path", "says"), [("/page", "no RSS or Atom"), ("/large", "larger than"), ("/gone", "cannot be fetched")]
)
def test_what_is_no_feed_is_one_sentence(path, says, host):
    with pytest.raises(BadInput, match=says):
        fetch(f"{host}{path}", here)


def test_a_redirection_into_a_private_network_is_refused(host):
    with pytest.raises(BadInput, match="private network"):
        get(f"{host}/away", here)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://[::1]/", "http://10.0.0.1/", "http://192.168.1.1/", "http://localhost/"]
)
def test_private_addresses_are_refused(url):
    with pytest.raises(BadInput, match="private network"):
        get(url)


@pytest.mark.parametrize("url", ["", "feed", "file:///etc/passwd", "ftp://a/b", "http://", "http://a:99999/"])
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(BadInput):
        get(url)


@pytest.mark.parametrize(
    ("address", "public"), [("8.8.8.8", True), ("100.64.0.1", False), ("::ffff:10.0.0.1", False), ("fd00::1", False)]
)
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public


def test_a_folder_gives_the_headlines_of_its_files_and_names_those_that_cannot_be_read(tmp_path):
    (tmp_path / "a.csv").write_text("date,headline\n2026-01-01,one\n")
    (tmp_path / "b.csv").write_text("nothing")
    (tmp_path / "c.md").write_text("not looked at")
    headlines, wrong = in_folder(tmp_path)
    assert [h.text for h in headlines] == ["one"]
    assert len(wrong) == 1 and "b.csv" in wrong[0]
