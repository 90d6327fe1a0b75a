"""Headlines from outside: an RSS or Atom feed, or a folder into which files fall."""

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from gpt2demo.errors import BadInput, DemoError
from gpt2demo.monitor.headlines import Headline, read_file, reading

MOST_BYTES = 2 * 2**20
MOST_REDIRECTS = 3
PATIENCE = 10.0  # seconds
FILE_ENDINGS = (".csv", ".tsv", ".xlsx")

Allowed = Callable[[str], bool]  # an IP address -> whether the demo may ask it


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, not to this machine or a network behind it."""
    return ipaddress.ip_address(address).is_global


def anywhere(address: str) -> bool:
    """Any address, for a host whose owner allows feeds from inside his own network."""
    return True


def fetch(url: str, allowed: Allowed = is_public) -> list[Headline]:
    """The dated headlines of an RSS or Atom feed; raises `BadInput` for what is none, or lies on a private address."""
    import feedparser

    entries = feedparser.parse(get(url, allowed)).entries
    rows = [(entry.get("published") or entry.get("updated") or "", entry.get("title", "")) for entry in entries]
    if not rows:
        raise BadInput(f"There is no RSS or Atom feed at {url:.200}.", "Give the address of the feed, not of the page.")
    return reading(rows, url).headlines


def get(url: str, allowed: Allowed = is_public) -> bytes:
    """The body at a URL, at most 2 MB of it.

    The name is looked up once, the address is checked and then asked itself, so that a name cannot change its meaning
    between the check and the request; each redirection is checked in the same way.
    """
    import httpx

    for _ in range(MOST_REDIRECTS + 1):
        address, host = resolved(url, allowed)
        try:
            with (
                httpx.Client(timeout=PATIENCE, trust_env=False) as client,
                client.stream(
                    "GET", address, headers={"Host": host}, extensions={"sni_hostname": host.split(":")[0]}
                ) as answer,
            ):
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["location"])
                    continue
                answer.raise_for_status()
                return _body(answer, url)
        except httpx.HTTPError as error:
            raise BadInput(f"{url:.200} cannot be fetched ({error}).", "Check the address, or try later.") from error
    raise BadInput(f"{url:.200} redirects too often.", "Give the address of the feed itself.")


def _body(answer, url: str) -> bytes:
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadInput(f"{url:.200} is larger than {MOST_BYTES // 2**20} MB.", "Give the address of a feed.")
    return body


def resolved(url: str, allowed: Allowed) -> tuple[str, str]:
    """The URL with the host's address in the place of its name, and the name with its port; raises `BadInput`."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (KeyError, ValueError, TypeError, UnicodeError):
        raise BadInput(f"{url!r:.200} is not a web address.", "Begin with https://") from None
    except OSError:
        raise BadInput(f"The host of {url:.200} is not known, or there is no network.", "Check the address.") from None
    address = found[0][4][0]
    if not all(allowed(entry[4][0]) for entry in found):
        raise BadInput(f"{parts.hostname} is an address inside a private network.", "Only public feeds can be read.")
    literal = f"[{address}]" if ":" in address else address
    host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    return parts._replace(netloc=f"{literal}:{port}").geturl(), host


def in_folder(folder: Path) -> tuple[list[Headline], list[str]]:
    """The headlines of all files in a folder, and a sentence for each file that could not be read."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.", "Name one that exists.")
    headlines, wrong = [], []
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in FILE_ENDINGS):
        try:
            headlines += read_file(path).headlines
        except (DemoError, OSError) as error:
            wrong.append(str(error))
    return headlines, wrong
