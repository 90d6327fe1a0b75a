"""What a process needs that only generates, measured in a process of its own: `python -m gpt2demo.bench.alone NAME FOLDER`."""

import json
import math
import subprocess
import sys
import time
from pathlib import Path

BEGAN = time.perf_counter()  # before anything heavy is imported
PROMPT, NEW = 64, 32


def ask(name: str, folder: Path, threads: int) -> dict:
    """Seconds to import and load (`load_s`) and peak memory after writing (`peak_mb`) of a candidate."""
    command = [sys.executable, "-m", __name__, name, str(folder), str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def peak_megabytes() -> float:
    """The most memory that this process ever held; not a number where the system does not tell."""
    status = Path("/proc/self/status")  # on Linux getrusage also counts what the parent held when it started us
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
        return int(told["VmHWM"].split()[0]) * 1024 / 1e6
    try:
        import resource
    except ImportError:
        return math.nan
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def main(name: str, folder: str, threads: str) -> None:
    from gpt2demo.bench.candidates import CANDIDATES, REFERENCE

    candidate = next(one for one in (REFERENCE, *CANDIDATES) if one.name == name)
    writer = candidate.open(Path(folder), int(threads))
    loaded = time.perf_counter() - BEGAN
    writer(list(range(PROMPT)), NEW, lambda: None)
    print(json.dumps({"load_s": loaded, "peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
