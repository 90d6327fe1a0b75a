"""Which model runs, and on what: every choice with what it means, those that cannot work here with the reason."""

from gpt2demo.catalogue import CATALOGUE
from gpt2demo.engine.loading import OFFERED, title, why_not

EMPTY: dict = {"models": [], "backends": [], "model": "", "backend": "", "doing": "", "done": 0.0, "busy": False}


def view(first: str, model: str, backend: str) -> dict:
    """What the script draws: `first` is the model that the demo was started with, the other two what runs now."""
    about = {entry.name: f"{entry.sentence} {entry.megabytes:,} MB." for entry in CATALOGUE}
    models = {first: "The model that the demo was started with.", model: "A folder of this machine."} | about
    return EMPTY | {
        "models": [{"name": name, "title": name, "sentence": says, "why": ""} for name, says in models.items()],
        "backends": [
            {
                "name": b.name,
                "title": f"{b.program} {b.numbers}".strip(),
                "sentence": b.sentence,
                "why": why_not(b.name),
            }
            for b in OFFERED
        ],
        "model": model,
        "backend": backend,
    }


def working(shown: dict, doing: str, done: float) -> dict:
    """The same while another engine is made ready: what is being done, and how far it is (0..1)."""
    return shown | {"doing": doing, "done": done, "busy": True}


def done_sentence(model: str, backend: str, running: str, inside: bool) -> str:
    """One sentence on what runs from now on; `running` is the backend that `auto` came to."""
    how = title(running) + (", chosen automatically" if backend == "auto" else "")
    looks = "" if inside else " Experiments inside the model are greyed on the other tabs until PyTorch runs it."
    return f"{model} now runs on {how}: the playground writes with it, and the other tabs read with it.{looks}"
