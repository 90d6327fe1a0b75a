"""From logits to a token, in the order in which it happens: penalties, temperature, top-k, top-p, draw.

Everything is float64 over the whole vocabulary. Ties are broken towards the lower id everywhere, so that a rank is one
number and top-k keeps exactly k tokens.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from gpt2demo.engine.tokenizer import readable
from gpt2demo.errors import BadInput

ROUNDING = 1e-12  # sums of float64 probabilities may miss their target by this much
TOP_P_FIRST_LOOK = 1024  # sorting this many is enough for top-p unless the model is very unsure

# the range of each setting, and what "off" is for it
RANGES = {
    "temperature": (0.0, 5.0, "0 always takes the likeliest token"),
    "top_k": (0, 1_000_000, "0 switches it off"),
    "top_p": (0.0, 1.0, "1 switches it off"),
    "repetition_penalty": (0.1, 10.0, "1 switches it off"),
    "presence_penalty": (-10.0, 10.0, "0 switches it off"),
    "frequency_penalty": (-10.0, 10.0, "0 switches it off"),
    "seed": (0, 2**53, "any whole number from 0 on"),
    "max_new_tokens": (1, 4096, "the model's context sets a limit of its own"),
}
MOST_STOPS, LONGEST_STOP = 8, 200


@dataclass(frozen=True)
class Decoding:
    """How to choose the next token. Raises `BadInput` for a value that is no number or out of its range."""

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    repetition_penalty: float = 1.1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    seed: int = 0
    max_new_tokens: int = 80
    stop: tuple[str, ...] = ()

    def __post_init__(self):
        for field in fields(self):
            if field.name != "stop":
                object.__setattr__(self, field.name, _checked(field.name, getattr(self, field.name), field.type is int))
        if not isinstance(self.stop, list | tuple) or not all(isinstance(stop, str) for stop in self.stop):
            raise BadInput("The stop texts must be a list of texts.")
        stops = tuple(dict.fromkeys(readable(stop) for stop in self.stop if stop))
        if len(stops) > MOST_STOPS or any(len(stop) > LONGEST_STOP for stop in stops):
            raise BadInput(f"At most {MOST_STOPS} stop texts of at most {LONGEST_STOP} characters can be used.")
        object.__setattr__(self, "stop", stops)


def _checked(name: str, value: object, whole: bool) -> float | int:
    low, high, hint = RANGES[name]
    label = name.replace("_", " ")
    if value is None or value == "":
        raise BadInput(f"The {label} is empty.", f"Give a number from {low:,} to {high:,}; {hint}.")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput(
            f"The {label} {value!r:.80} is not a number.", f"Give one from {low:,} to {high:,}; {hint}."
        ) from None
    if not math.isfinite(number) or not low <= number <= high or (whole and number != int(number)):
        kind = "a whole number" if whole else "a number"
        raise BadInput(
            f"The {label} must be {kind} from {low:,} to {high:,}, not {value!s:.80}.", f"({hint.capitalize()}.)"
        )
    return int(number) if whole else number


@dataclass(frozen=True, eq=False)
class Distribution:
    """The next token's probabilities at three stages, each (vocabulary,) float64 and adding up to 1."""

    raw: np.ndarray  # softmax of the logits: what the model thinks
    tempered: np.ndarray  # after penalties and temperature
    cut: np.ndarray  # after top-k and top-p: what the draw is made from


@dataclass(frozen=True)
class Score:
    """What the model thought of one token: all three are taken from the raw softmax."""

    probability: float
    rank: int  # 1 is the likeliest
    entropy: float  # of the whole distribution, in bits: 0 is certain


@dataclass(frozen=True)
class Choice:
    """One candidate for the next token, at the three stages of a `Distribution`."""

    id: int
    rank: int
    raw: float
    tempered: float
    cut: float


def distribution(logits: np.ndarray, seen: Sequence[int], decoding: Decoding) -> Distribution:
    """The three stages for logits (vocabulary,) after the ids `seen` so far, prompt included."""
    logits = logits.astype(np.float64)
    raw = softmax(logits)
    penalised = penalties(logits, seen, decoding)
    if decoding.temperature == 0:
        tempered = np.zeros_like(raw)
        tempered[penalised.argmax()] = 1.0
    else:
        tempered = softmax((penalised - penalised.max()) / decoding.temperature)
    return Distribution(raw, tempered, cut(tempered, decoding.top_k, decoding.top_p))


def softmax(logits: np.ndarray) -> np.ndarray:
    """exp(x) / sum(exp(x)), shifted so that nothing overflows."""
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def penalties(logits: np.ndarray, seen: Sequence[int], decoding: Decoding) -> np.ndarray:
    """Logits (vocabulary,) with the tokens of the text so far made less likely.

    Repetition divides a positive logit and multiplies a negative one (Keskar et al., 2019, CTRL); presence takes a
    fixed amount once, frequency takes its amount for every time the token has stood there.
    """
    off = (decoding.repetition_penalty, decoding.presence_penalty, decoding.frequency_penalty) == (1.0, 0.0, 0.0)
    if off or not len(seen):
        return logits
    ids, counts = np.unique(np.asarray(seen), return_counts=True)
    x, penalty = logits[ids], decoding.repetition_penalty
    x = np.where(x > 0, x / penalty, x * penalty)
    penalised = logits.copy()
    penalised[ids] = x - decoding.presence_penalty - decoding.frequency_penalty * counts
    return penalised


def cut(p: np.ndarray, top_k: int, top_p: float) -> np.ndarray:
    """Keep the `top_k` likeliest tokens, of these the smallest set whose share reaches `top_p`; shares add up to 1 again.

    A top-p of 0 keeps the likeliest token alone.
    """
    if top_k > 0:
        p = _keep(p, likeliest(p, top_k))
    if top_p < 1:
        order = likeliest(p, TOP_P_FIRST_LOOK)
        if p[order].sum() < top_p:
            order = likeliest(p, len(p))
        reached = np.cumsum(p[order]) >= top_p - ROUNDING
        p = _keep(p, order[: int(reached.argmax()) + 1] if reached.any() else order)
    return p


def likeliest(p: np.ndarray, k: int) -> np.ndarray:
    """The ids of the k largest probabilities, largest first, ties by lower id."""
    if k < len(p):
        threshold = np.partition(p, -k)[-k]
        above = np.flatnonzero(p > threshold)
        ids = np.concatenate([above, np.flatnonzero(p == threshold)[: k - len(above)]])
    else:
        ids = np.arange(len(p))
    return ids[np.lexsort((ids, -p[ids]))]


def _keep(p: np.ndarray, ids: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(p)
    kept[ids] = p[ids] / p[ids].sum()
    return kept


def draw(p: np.ndarray, seed: int, position: int) -> int:
    """Draw an id from `p` for the token at `position` of the text, prompt included.

    The random number depends on seed and position alone (counter-based: Salmon et al., 2011, Philox), so a text that
    was cut and continued, or written beside others, comes out the same.
    """
    uniform = np.random.Generator(np.random.Philox(key=[seed, position])).random()
    sums = np.cumsum(p)
    last = int(np.flatnonzero(p)[-1])  # where rounding would carry the draw past the end
    return min(last, int(np.searchsorted(sums, uniform * sums[-1], side="right")))


def score(raw: np.ndarray, id: int) -> Score:
    """How probable, how highly ranked and how expected one token was under the raw probabilities."""
    return Score(float(raw[id]), rank(raw, id), entropy(raw))


def rank(p: np.ndarray, id: int) -> int:
    """The place of a token in the order of probabilities, from 1, ties by lower id."""
    return 1 + int((p > p[id]).sum()) + int((p[:id] == p[id]).sum())


def entropy(p: np.ndarray) -> float:
    """The entropy in bits: how many yes-or-no questions the next token is worth."""
    positive = p[p > 0]
    return float(max(0.0, -(positive * np.log2(positive)).sum()))


def choices(stages: Distribution, top: int, chosen: int | None = None) -> list[Choice]:
    """The `top` likeliest tokens by raw probability, and the chosen one wherever it ranks."""
    ids = [int(id) for id in likeliest(stages.raw, top)]
    ranks = range(1, len(ids) + 1)
    listed = list(zip(ids, ranks))
    if chosen is not None and chosen not in ids:
        listed.append((chosen, rank(stages.raw, chosen)))
    return [
        Choice(id, place, float(stages.raw[id]), float(stages.tempered[id]), float(stages.cut[id]))
        for id, place in listed
    ]
