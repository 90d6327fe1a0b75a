"""How a measurement is told: under which conditions, as a table for people and as one JSON line for programs."""

import json
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "transformers", "onnxruntime", "onnxruntime-gpu", "ctranslate2", "xllamacpp", "gradio")


def conditions(**own: object) -> dict:
    """Where and with what a measurement was made."""
    return {"cpu": processor(), "python": platform.python_version(), "packages": installed()} | own


def processor() -> str:
    """The processor's name, with those of its instruction sets that matter here."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = dict((part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)
    flags = told.get("flags", "").split()
    best = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8") if flag in flags]
    return f"{told.get('model name', platform.machine())} ({', '.join(best) or 'no AVX2'})"


def installed() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def sentence(told: dict) -> str:
    """The conditions as one line below a table."""
    packages = ", ".join(f"{name} {number}" for name, number in told["packages"].items())
    rest = ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in told.items() if name not in ("cpu", "packages")
    )
    return f"{told['cpu']}; {rest}; {packages}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines)


def show(found: dict, text: str, json_only: bool) -> None:
    """Print the table, unless only JSON was asked for, and the JSON line."""
    if not json_only:
        print(f"{text}\n\n{sentence(found['conditions'])}\n")
    print(json.dumps(found))


def progress(text: str) -> None:
    """One line on standard error that the next one overwrites."""
    print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
