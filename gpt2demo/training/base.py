"""The pretraining recipe: a GPT-2 of `engine/gpt2.py` learns to foresee the next token of a corpus.

A run is a folder: `last.pt` (everything needed to go on), `steady.pt` (the same, from just before the rate began to
fall, so that a finished run can be prolonged), `log.jsonl`, `loss.svg`, `model/` (what the demo opens, as of the last
validation).
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gpt2demo.engine import gpt2
from gpt2demo.engine.contract import Engine
from gpt2demo.errors import BadInput, Busy
from gpt2demo.generation.generate import write
from gpt2demo.generation.run import Shelf, from_prompt, ids_of
from gpt2demo.generation.sampling import Decoding
from gpt2demo.interpret.likelihood import tallies
from gpt2demo.training import curve, schedule
from gpt2demo.training.corpus import Mix
from gpt2demo.training.export import export
from gpt2demo.training.state import Place, State, load, save

PROMPTS = ("Once upon a time", "Customer: My order has not arrived.\n", "The king opened the letter and")


@dataclass(frozen=True)
class Recipe:
    """How to train; the defaults are those of the shipped run."""

    tokens: int = 0  # in all; 0 goes on until it is stopped
    decay: int = 0  # so many of them, the last, with a rate that falls to zero
    batch: int = 8  # windows that go through the model together
    accumulate: int = 4  # batches a step
    length: int = 256  # tokens a window
    clip: float = 1.0  # the longest gradient
    rate: float = 1.0  # factor on both optimizers' rates
    seed: int = 0
    validate_every: int = 500_000  # tokens
    validation_tokens: int = 4096  # of each source
    save_every: float = 300.0  # seconds
    log_every: int = 1  # steps


def native_precision() -> torch.dtype:
    """bfloat16 where the processor multiplies it (AVX-512 BF16, AMX, a GPU's), else float32.

    Without such units it is emulated: measured 15 times slower than float32 on AVX2.
    """
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def loss_of(model: gpt2.GPT2, ids: Tensor, targets: Tensor) -> Tensor:
    """Mean cross entropy of the next token, in nats: ids and targets (batch, n)."""
    stream = model.ln_f(model.hidden(ids, torch.arange(ids.shape[1])))
    logits = F.linear(stream.flatten(0, 1), model.wte.weight)
    return F.cross_entropy(logits.float(), targets.flatten())


def one_step(state: State, recipe: Recipe, mix: Mix, loss_of: Callable, precision: torch.dtype) -> dict:
    """Draw the batches of this step, follow their gradient, count on; returns the row for the log."""
    place, began = state.place, time.monotonic()
    share = recipe.rate * schedule.rate(place.step, place.tokens, recipe.tokens, recipe.decay)
    total = 0.0
    for part in range(recipe.accumulate):
        window = torch.from_numpy(mix.batch(recipe.batch, recipe.length, recipe.seed, place.step, part))
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
            loss = loss_of(state.model, window[:, :-1], window[:, 1:]) / recipe.accumulate
        loss.backward()
        total += loss.item()
    norm = nn.utils.clip_grad_norm_(state.model.parameters(), recipe.clip).item()
    if schedule.diverged(total, place.average, place.lowest):
        raise BadInput(
            f"The loss diverged at step {place.step:,} ({total:.2f} nats); the last checkpoint is from before.",
            "Go on from it with --resume and a lower --rate.",
        )
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = share * group.setdefault("full_rate", group["lr"])
        optimizer.step()
        optimizer.zero_grad()
    tokens = recipe.batch * recipe.length * recipe.accumulate
    count(place, tokens, total, time.monotonic() - began)
    speed = round(tokens / (time.monotonic() - began), 1)
    row = {"step": place.step, "tokens": place.tokens, "loss": round(total, 4), "average": round(place.average, 4)}
    return row | {"norm": round(norm, 3), "rate": round(share, 4), "tokens_per_second": speed}


def count(place: Place, tokens: int, loss: float, seconds: float) -> None:
    """Take one step into the account; the average follows a twentieth of each new loss."""
    place.step += 1
    place.tokens += tokens
    place.seconds += seconds
    place.average = loss if place.average is None else 0.95 * place.average + 0.05 * loss
    place.lowest = min(place.lowest, place.average)


def train(
    state: State,
    recipe: Recipe,
    mix: Mix,
    held_out: dict[str, np.ndarray],
    run: Path,
    tokenizer: Path,
    stopped: Callable[[], bool] = lambda: False,
    compiled: bool = False,
    precision: torch.dtype | None = None,
) -> Iterator[dict]:
    """Train until the recipe's tokens are seen, `stopped()` says so or validation has settled; yields rows of the log.

    Raises `Busy` if another trainer works in the folder, `BadInput` if the loss diverges or the disk is full.
    """
    run.mkdir(parents=True, exist_ok=True)
    precision = precision or native_precision()
    loss = torch.compile(loss_of) if compiled else loss_of
    place = state.place
    with alone(run), open_log(run / "log.jsonl", place.step) as log:
        saved, validated = time.monotonic(), place.tokens
        while not stopped() and (not recipe.tokens or place.tokens < recipe.tokens):
            if recipe.decay and not place.decaying and place.tokens >= recipe.tokens - recipe.decay:
                save(run / "steady.pt", state)
                place.decaying = True
            row = one_step(state, recipe, mix, loss, precision)
            if place.step % recipe.log_every == 0:
                yield note(log, row)
            if time.monotonic() - saved > recipe.save_every:
                save(run / "last.pt", state)
                saved = time.monotonic()
            if place.tokens - validated >= recipe.validate_every:
                validated = place.tokens
                yield note(log, validate(state, recipe, held_out, run, tokenizer))
                curve.draw(run / "log.jsonl", run / "loss.svg")
                if schedule.settled(place.means):
                    break
        save(run / "last.pt", state)
        if place.tokens > validated and not stopped():
            yield note(log, validate(state, recipe, held_out, run, tokenizer))
            save(run / "last.pt", state)
        curve.draw(run / "log.jsonl", run / "loss.svg")


def validate(state: State, recipe: Recipe, held_out: dict[str, np.ndarray], run: Path, tokenizer: Path) -> dict:
    """Export the model, score each source's held-out text with it and let it write; returns the row for the log."""
    from gpt2demo.engine.torch_engine import TorchEngine

    export(state.model, tokenizer, run / "model")
    engine = TorchEngine(run / "model", "in training")
    scored = {
        name: round(bits_per_byte(engine, ids[: recipe.validation_tokens].tolist()), 4)
        for name, ids in held_out.items()
        if len(ids) > 1
    }
    mean = round(sum(scored.values()) / len(scored), 4) if scored else None
    state.place.means += [mean] if mean else []
    row = {"step": state.place.step, "tokens": state.place.tokens, "hours": round(state.place.seconds / 3600, 3)}
    return row | {"mean": mean, "bits_per_byte": scored, "samples": [sample(engine, prompt) for prompt in PROMPTS]}


def bits_per_byte(engine: Engine, ids: list[int]) -> float:
    """Of one text, in windows of all that the model can read, moved by half of it."""
    for tally in tallies(engine, ids, engine.info.positions, engine.info.positions // 2):
        pass
    return tally.bits_per_byte


def sample(engine: Engine, prompt: str) -> str:
    """Forty tokens after a prompt (after its beginning, if the model is short), default settings, seed 0."""
    decoding = Decoding(max_new_tokens=40)
    beginning = engine.tokenizer.decode(engine.tokenizer.encode(prompt)[: engine.info.positions // 2])
    branch = from_prompt(engine, beginning, decoding, "")
    for branch in write(engine, branch, decoding, Shelf(0)):
        pass
    return engine.tokenizer.decode(ids_of(branch.leaf))


def resume(run: Path, recipe: Recipe, precision: torch.dtype) -> State:
    """The run's last checkpoint; if that one's rate has fallen for an earlier end, the one from before it fell.

    Raises `BadInput` if there is none.
    """
    if not (run / "last.pt").is_file():
        raise BadInput(f"{run} holds no checkpoint to go on from.", "Begin without --resume.")
    state = load(run / "last.pt", precision)
    start_of_decay = recipe.tokens - recipe.decay
    if state.place.decaying and not (recipe.decay and start_of_decay <= state.place.tokens <= recipe.tokens):
        state = load(run / "steady.pt", precision)
    return state


def note(log, row: dict) -> dict:
    """Write a row to the log at once."""
    print(json.dumps(row), file=log, flush=True)
    return row


def open_log(path: Path, step: int):
    """The log, opened to write on after `step`; rows of steps that will be done again are dropped."""
    rows = [row for row in curve.read_log(path) if row["step"] <= step] if path.exists() else []
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path.open("a", encoding="utf-8")


@contextlib.contextmanager
def alone(run: Path) -> Iterator[None]:
    """Hold the run's folder against a second trainer; raises `Busy` if one is at work. (Windows has no such lock.)"""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another trainer is at work in {run}.", "Take another folder.") from None
        yield
