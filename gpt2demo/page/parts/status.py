"""The line that says what is running: model, backend, device, how fast it last wrote, and whether it can be looked into."""

from gpt2demo.engine.contract import Engine
from gpt2demo.engine.loading import title
from gpt2demo.generation.run import Pace

EMPTY = {"facts": [], "inside": True}


def status(engine: Engine, pace: Pace | None) -> dict:
    """What the status line's script draws."""
    info = engine.info
    backend, inside = title(info.backend), engine.microscope is not None
    if inside and info.backend.startswith("onnx"):
        backend = "ONNX"  # short, for a phone's first screen; PyTorch looks inside
    facts = [info.name, f"{info.parameters / 1e6:,.0f} M parameters", backend, info.device.upper()]
    if pace:
        facts += [f"{pace.tokens_per_second:,.0f} tokens/s", f"first token {pace.first_token_ms:,.0f} ms"]
    return {"facts": facts, "inside": inside}
