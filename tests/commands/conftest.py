"""The command line in this process, over a model made on the spot."""

import json
from dataclasses import dataclass

import pytest
import torch

from gpt2demo.__main__ import main


@dataclass
class Told:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        """The one JSON object on stdout."""
        assert self.code == 0, self.err
        assert self.out.endswith("\n") and self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def command(capsys, monkeypatch, tiny):
    """Run `python -m gpt2demo` with these arguments, offline; the tiny model stands in for the usual one."""
    torch.set_num_threads(1)
    monkeypatch.setenv("GPT2DEMO_MODEL", str(tiny))
    monkeypatch.setenv("GPT2DEMO_OFFLINE", "1")
    monkeypatch.delenv("GPT2DEMO_DATA", raising=False)

    def run(*arguments: object) -> Told:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            code = exit.code
        return Told(code, *capsys.readouterr())

    return run


@pytest.fixture
def refusal(command):
    """The one sentence on stderr with which a command ends with 2."""

    def run(*arguments: object) -> str:
        told = command(*arguments)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith("gpt2demo: ") and told.err.count("\n") == 1
        assert "Traceback" not in told.err
        return told.err.removeprefix("gpt2demo: ").strip()

    return run
