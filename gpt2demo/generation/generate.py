"""The loop that writes: read, look at the distribution, draw, once more."""

import codecs
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace

from gpt2demo.engine.contract import Engine
from gpt2demo.generation.run import Branch, Node, Pace, Shelf, ids_of, path, read, shares, shown_length
from gpt2demo.generation.sampling import Decoding, distribution, draw, score


def write(
    engine: Engine, branch: Branch, decoding: Decoding, shelf: Shelf, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Branch]:
    """Write on from the end of a branch: yields it after every token, the last time with `stopped_by` set.

    A stop text counts from where it ends, so one that began in an earlier stretch is found as if all had been written at
    once. Where the text fills the context already, the branch comes back as it was, stopped by the context.
    """
    began = time.perf_counter()
    ids, first_at = ids_of(branch.leaf), began
    if len(ids) >= engine.info.positions:
        yield replace(branch, decoding=decoding, stopped_by="context")
        return
    step = read(engine, branch.leaf)
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    before = decoder.decode(b"".join(map(engine.tokenizer.bytes, ids[branch.prompt_length :])))
    text = before = "" if branch.stopped_by == "stop" else before
    branch = replace(branch, decoding=decoding, starts=(*branch.starts, len(ids)))
    for written in range(1, decoding.max_new_tokens + 1):
        stages = distribution(step.logits, ids, decoding)
        id = draw(stages.cut, decoding.seed, len(ids))
        sampled = float(stages.tempered[id]), float(stages.cut[id])
        leaf = Node(branch.leaf, id, "sampler", step.past, score(stages.raw, id), decoding, sampled)
        shelf.put(leaf, step.logits)
        ids.append(id)
        text += decoder.decode(engine.tokenizer.bytes(id))
        stop_at = first_stop(text, decoding.stop, len(before))
        if stop_at is not None:
            stopped_by = "stop"
            text += decoder.decode(b"", final=True)  # bytes after the stop text that are no character yet
        else:
            stopped_by = reason(engine, ids, written, decoding, cancelled)

        now = time.perf_counter()
        first_at = now if written == 1 else first_at
        rate = (written - 1) / (now - first_at) if written > 1 else 0.0
        hidden = len(text) - stop_at if stop_at is not None else 0 if stopped_by else begun_stop(text, decoding.stop)
        branch = replace(
            branch, leaf=leaf, stopped_by=stopped_by, hidden=hidden, pace=Pace((first_at - began) * 1000, rate)
        )
        yield branch
        if stopped_by:
            return
        step = engine.step(step.past, [id])


def reason(
    engine: Engine, ids: Sequence[int], written: int, decoding: Decoding, cancelled: Callable[[], bool]
) -> str | None:
    """Why writing ends after these ids, `written` of them new, apart from a stop text; nothing if it goes on."""
    if ids[-1] == engine.tokenizer.end:
        return "end"
    if len(ids) >= engine.info.positions:
        return "context"
    if written == decoding.max_new_tokens:
        return "length"
    return "visitor" if cancelled() else None


def first_stop(text: str, stops: Sequence[str], before: int = 0) -> int | None:
    """Where the first stop text begins that ends after the first `before` characters of `text`, if there is one."""
    found = (text.find(stop, max(0, before - len(stop) + 1)) for stop in stops)
    return min((at for at in found if at >= 0), default=None)


def begun_stop(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end of `text` may be the beginning of a stop text."""
    lengths = (n for stop in stops for n in range(1, len(stop)) if text.endswith(stop[:n]))
    return max(lengths, default=0)


def facts(engine: Engine, branch: Branch, prompt: str) -> dict:
    """How a text was written, as plain data."""
    pace = branch.pace
    return {
        "model": engine.info.name,
        "backend": engine.info.backend,
        "device": engine.info.device,
        "prompt": prompt,
        "settings": asdict(branch.decoding) | {"stop": list(branch.decoding.stop)},
        "stopped_by": branch.stopped_by,
        "first_token_ms": round(pace.first_token_ms, 1) if pace else None,
        "tokens_per_second": round(pace.tokens_per_second, 1) if pace else None,
    }


def record(engine: Engine, branch: Branch, prompt: str) -> dict:
    """What was written and how, in the form that `generate --json`, the endpoint and the exports share."""
    nodes, texts = path(branch.leaf), shares(engine, branch)
    written = range(branch.prompt_length, shown_length(engine, branch, texts))
    tokens = [{"id": nodes[i].id, "text": texts[i]} | scored(nodes[i]) for i in written]
    return facts(engine, branch, prompt) | {"text": "".join(texts[branch.prompt_length :]), "tokens": tokens}


def scored(node: Node) -> dict:
    """A token's score as plain data."""
    return dict(vars(node.score)) if node.score else {"probability": None, "rank": None, "entropy": None}
