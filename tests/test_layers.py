"""The house keeps its floors: nothing imports upward or sideways, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# from the ground up; what shares a floor does not know of each other
FLOORS = (
    ("errors", "settings", "catalogue", "wording"),
    ("engine",),
    ("generation", "interpret", "classify"),
    ("sentiment",),
    ("monitor", "chat"),
    ("training", "evaluation", "bench"),
    ("services",),
    ("page", "commands"),
    ("__main__",),
    ("app",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FAMILIAR = {"catalogue": {"errors"}, "settings": {"errors"}, "__main__": {"commands"}}  # errors lie below all
TORCH = {"engine", "interpret", "training", "evaluation", "bench", "commands"}
FILES = sorted([*(ROOT / "gpt2demo").rglob("*.py"), ROOT / "app.py"])


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "gpt2demo" else parts[0]


def imports_of(path: Path) -> list[tuple[str, ast.stmt]]:
    """Every module that a file imports anywhere, names taken from a package counted as its modules."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(name.name, node) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found += [(f"{node.module}.{name.name}", node) for name in node.names]
    return found


def rooms_used(path: Path) -> set[str]:
    modules = [name.split(".") for name, _ in imports_of(path)]
    return {parts[1] for parts in modules if parts[0] == "gpt2demo" and len(parts) > 1} - {"__version__"}


def libraries_used(path: Path) -> set[str]:
    return {name.partition(".")[0] for name, _ in imports_of(path)}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at():
    assert len(FILES) > 40
    assert rooms_used(ROOT / "app.py") == {"settings", "errors", "services", "page"}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_file_stands_on_a_known_floor(path):
    assert room_of(path) in {*FLOOR, "__init__"}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_nothing_imports_upward_or_sideways(path):
    here = room_of(path)
    for used in rooms_used(path) - {here} - FAMILIAR.get(here, set()):
        assert FLOOR[used] < FLOOR[here], f"{named(path)} imports {used}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_heavy_libraries_stay_where_they_belong(path):
    here, used = room_of(path), libraries_used(path)
    if "torch" in used:
        assert here in TORCH or (here == "services" and within_functions(path, "torch"))
    if "gradio" in used:
        assert here == "page"
    assert not used & {"transformers", "peft"} or here in ("training", "evaluation", "bench")


def within_functions(path: Path, library: str) -> bool:
    top = ast.parse(path.read_text(encoding="utf-8")).body
    return not any(isinstance(node, ast.Import | ast.ImportFrom) and library in ast.unparse(node) for node in top)


LIGHT = ("gpt2demo.engine", "gpt2demo.engine.contract", "gpt2demo.engine.tokenizer", "gpt2demo.generation.generate")


@pytest.mark.parametrize("modules", [LIGHT, ("gpt2demo.services", "gpt2demo.__main__")], ids=["engine", "front"])
def test_without_a_model_neither_torch_nor_transformers_is_loaded(modules):
    script = f"import sys, {', '.join(modules)}; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"torch", "transformers", "gradio", "onnxruntime", "bertviz", "pandas"}
