"""Where a model comes from: shipped with the demo, a folder, or the hub, and there only from a list of known names."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gpt2demo.errors import HubUnreachable, ModelNotFound

SHIPPED = "gpt2-mini"
ASSETS = Path(__file__).resolve().parent.parent / "assets"
HUB_ANSWERS_WITHIN = 2.8  # seconds
FILES = ("config.json", "model.safetensors", "vocab.json", "merges.txt")

Progress = Callable[[float, str], None]  # share done 0..1, what is going on


@dataclass(frozen=True)
class Entry:
    """A model that the page offers."""

    name: str
    repository: str | None  # on the hub; None for the shipped one
    megabytes: int
    sentence: str


CATALOGUE = (
    Entry(SHIPPED, None, 56, "28 M parameters, trained by this project on stories and dialogues; works offline."),
    Entry("distilgpt2", "distilbert/distilgpt2", 353, "82 M parameters, GPT-2 distilled to half its layers."),
    Entry("gpt2", "openai-community/gpt2", 548, "124 M parameters, the smallest of OpenAI's four (2019)."),
    Entry("gpt2-medium", "openai-community/gpt2-medium", 1520, "355 M parameters; better prose, four times slower."),
    Entry("gpt2-large", "openai-community/gpt2-large", 3247, "774 M parameters; wants a GPU or patience."),
    Entry("gpt2-xl", "openai-community/gpt2-xl", 6432, "1.5 B parameters, the GPT-2 of the headlines; wants a GPU."),
)


def entry(name: str) -> Entry | None:
    """The catalogue's entry for a name, short (`gpt2`) or as on the hub (`openai-community/gpt2`)."""
    return next((e for e in CATALOGUE if name in (e.name, e.repository)), None)


def resolve(name: str, cuda: bool, offline: bool) -> str:
    """What `--model auto` means here: with a GPU and a hub that answers gpt2-medium, else the shipped model."""
    if name != "auto":
        return name
    if cuda and not offline and hub_answers(entry("gpt2-medium").repository):
        return "gpt2-medium"
    return SHIPPED


def locate(name: str, offline: bool, public: bool = False, progress: Progress = lambda share, what: None) -> Path:
    """The folder that holds a model, fetched from the hub if need be.

    Raises `ModelNotFound` for a name that is neither known nor a folder, `HubUnreachable` where the hub does not answer
    within three seconds or the demo runs offline. On a public host only the catalogue's names are taken.
    """
    known = entry(name)
    if known and known.repository is None:
        return ASSETS / "models" / SHIPPED
    if known:
        return _from_hub(known, offline, progress)
    if not public and _is_folder(name):
        return Path(name).expanduser()
    names = ", ".join(e.name for e in CATALOGUE)
    raise ModelNotFound(
        f"There is no model {name!r}.", f"Choose one of {names}" + ("." if public else ", or a folder.")
    )


def adapter_folder(name: str, folder: Path, task: str) -> Path:
    """Where a model's adapter for a task belongs: under `assets/models` for the catalogue's, else in the model's folder."""
    known = entry(name)
    return (ASSETS / "models" / known.name if known else folder) / "adapters" / task


def adapter(name: str, folder: Path, task: str) -> Path:
    """The folder of a model's adapter for a task; raises `ModelNotFound` if there is none."""
    found = adapter_folder(name, folder, task)
    if not found.is_dir():
        way_out = f"Choose {SHIPPED}, or train one: python -m gpt2demo train {task} --model {name}."
        raise ModelNotFound(f"{found.parent.parent.name} has no adapter for {task}.", way_out)
    return found


def _is_folder(name: str) -> bool:
    try:
        return name != "" and Path(name).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):  # too long, not ours to read, a user who does not exist, a NUL
        return False


def _from_hub(known: Entry, offline: bool, progress: Progress) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HTTPError, LocalEntryNotFoundError

    way_out = f"Choose {SHIPPED}, which is built in, or try again when the network is back."
    try:
        folder = Path(snapshot_download(known.repository, allow_patterns=list(FILES), local_files_only=True))
        if all((folder / file).exists() for file in FILES):
            return folder
    except LocalEntryNotFoundError:
        pass
    if offline:
        raise HubUnreachable(f"{known.name} is not on this machine and the demo runs offline.", way_out)
    progress(0.0, f"Asking the hub for {known.name}")
    if not hub_answers(known.repository):
        raise HubUnreachable(f"The hub does not answer, so {known.name} cannot be fetched.", way_out)
    try:
        return Path(
            snapshot_download(
                known.repository, allow_patterns=list(FILES), max_workers=2, tqdm_class=_reporting(known, progress)
            )
        )
    except (OSError, HTTPError, RuntimeError) as error:  # a full disk, a connection cut off, the hub's fast transfer
        raise HubUnreachable(f"Fetching {known.name} broke off ({type(error).__name__}: {error}).", way_out) from error


def hub_answers(repository: str) -> bool:
    """Whether the hub answers for a repository, decided within three seconds even where name look-up hangs."""
    import httpx
    from huggingface_hub import constants

    answered = threading.Event()

    def ask() -> None:
        url = f"{constants.ENDPOINT}/{repository}/resolve/main/config.json"
        try:
            if httpx.head(url, timeout=HUB_ANSWERS_WITHIN, follow_redirects=True).is_success:
                answered.set()
        except httpx.HTTPError:
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_ANSWERS_WITHIN)
    return answered.is_set()


def _reporting(known: Entry, progress: Progress) -> type:
    """A tqdm class that hands the bytes fetched so far to `progress`."""
    from tqdm.auto import tqdm

    total = known.megabytes * 1e6

    class Reporting(tqdm):
        most = 0.0  # the hub's client keeps two bars of bytes, received and written; the longer one is told

        def update(self, n: float = 1) -> None:
            super().update(n)
            if self.unit == "B" and self.n > Reporting.most:
                Reporting.most = self.n
                what = f"Fetching {known.name}: {self.n / 1e6:,.0f} of {known.megabytes:,} MB"
                progress(min(self.n / total, 1.0), what)

    return Reporting
