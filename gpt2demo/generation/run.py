"""What was written: a tree of tokens in which every branch that a visitor took stays.

A `Node` is one token and knows the one before it, so branches share their beginning. Nodes and branches are values:
writing on, going back or branching off gives a new branch and leaves the old one as it was.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gpt2demo.engine.contract import Engine, Past, Step
from gpt2demo.errors import BadInput
from gpt2demo.generation.sampling import Decoding, Score, score, softmax

LOOP_NGRAM, LOOP_COPIES, LOOP_SPAN = 20, 3, 12


@dataclass(frozen=True, eq=False)
class Node:
    """One token of a text. `past` is what the engine remembered just before it; a prompt's tokens have none."""

    parent: "Node | None"
    id: int
    chosen_by: str  # prompt, sampler or visitor
    past: Past | None = None
    score: Score | None = None
    decoding: Decoding | None = None  # the settings with which the sampler drew it
    sampled: tuple[float, float] | None = (
        None  # with these: its probability after penalties and temperature, and after the cut
    )


@dataclass(frozen=True)
class Pace:
    """How fast a stretch was written."""

    first_token_ms: float
    tokens_per_second: float


@dataclass(frozen=True, eq=False)
class Branch:
    """One text from its first token to its last, and how its end came about."""

    leaf: Node
    prompt_length: int  # tokens
    decoding: Decoding
    label: str
    starts: tuple[int, ...] = ()  # the lengths at which each stretch of writing began, for undo
    stopped_by: str | None = None  # length, stop, end, context, visitor; None while it is being written
    hidden: int = 0  # characters at the end that may be, or are, a stop text and are not shown
    pace: Pace | None = None
    prompt_scores: tuple[Score | None, ...] | None = None


def path(leaf: Node | None) -> list[Node]:
    """The nodes from the first token to this one."""
    nodes = []
    while leaf is not None:
        nodes.append(leaf)
        leaf = leaf.parent
    return nodes[::-1]


def ids_of(leaf: Node | None) -> list[int]:
    """The token ids from the first token to this one."""
    return [node.id for node in path(leaf)]


def from_prompt(engine: Engine, prompt: str, decoding: Decoding, label: str) -> Branch:
    """A branch that holds the prompt and nothing else; a blank prompt begins at the end-of-text token.

    Raises `BadInput` where the prompt leaves the model no room to write, saying by how many tokens.
    """
    ids = engine.tokenizer.encode(prompt) if prompt.strip() else [engine.tokenizer.end]
    over = len(ids) - (engine.info.positions - 1)
    if over > 0:
        raise BadInput(
            f"The prompt is {len(ids):,} tokens long, {over:,} too many: {engine.info.name} reads"
            f" {engine.info.positions:,} at once and needs room for one more.",
            "Shorten the prompt.",
        )
    return from_ids(ids, len(ids), decoding, label)


def from_ids(ids: Sequence[int], prompt_length: int, decoding: Decoding, label: str) -> Branch:
    """A branch made of known ids, the first `prompt_length` of them the prompt; scores and pasts are found when asked for."""
    leaf = None
    for i, id in enumerate(ids):
        leaf = Node(leaf, int(id), "prompt" if i < prompt_length else "sampler")
    return Branch(leaf, prompt_length, decoding, label, starts=(prompt_length,), stopped_by="length")


def read(engine: Engine, leaf: Node) -> Step:
    """Let the engine read up to and including this token, from what it remembers if it does."""
    return engine.start(ids_of(leaf)) if leaf.past is None else engine.step(leaf.past, [leaf.id])


def branch_off(engine: Engine, branch: Branch, index: int, id: int, logits: np.ndarray, label: str) -> Branch:
    """The same text up to token `index`, which becomes `id` instead; `logits` are those that predicted it."""
    node = path(branch.leaf)[index]
    past = node.past
    if past is None and node.parent is not None:
        past = read(engine, node.parent).past
    other = Node(node.parent, id, "visitor", past, score(softmax(logits.astype(np.float64)), id))
    in_prompt = index < branch.prompt_length
    return Branch(
        other,
        index if in_prompt else branch.prompt_length,
        branch.decoding,
        label,
        starts=tuple(start for start in branch.starts if start < index) + (index,),
        stopped_by="visitor",
        prompt_scores=None if in_prompt else branch.prompt_scores,
    )


def undo(branch: Branch) -> Branch:
    """The branch as it was before its last stretch was written; raises `BadInput` where nothing was."""
    nodes = path(branch.leaf)
    starts = [start for start in branch.starts if start < len(nodes)]
    if not starts or starts[-1] == 0:
        raise BadInput("There is nothing to undo: nothing has been written yet.")
    leaf = nodes[starts[-1] - 1]
    return replace(branch, leaf=leaf, starts=tuple(starts[:-1]), stopped_by="visitor", hidden=0, pace=None)


def shares(engine: Engine, branch: Branch) -> list[str]:
    """Each token's share of the text that is shown: what belongs to a stop text is left out."""
    texts = engine.tokenizer.texts(ids_of(branch.leaf), final=branch.stopped_by is not None)
    hidden = branch.hidden
    for i in reversed(range(len(texts))):
        if hidden <= 0:
            break
        cut = min(hidden, len(texts[i]))
        texts[i] = texts[i][: len(texts[i]) - cut]
        hidden -= cut
    return texts


def shown_length(engine: Engine, branch: Branch, texts: Sequence[str]) -> int:
    """How many tokens of the branch are shown: those wholly inside a stop text are not."""
    length = len(texts)
    if branch.hidden:
        while length > branch.prompt_length and not texts[length - 1]:
            length -= 1
    return length


def score_prompt(engine: Engine, branch: Branch) -> Branch:
    """The branch with a score for each token of its prompt; the first has none, since nothing stands before it."""
    ids = ids_of(branch.leaf)[: branch.prompt_length]
    scores: list[Score | None] = [None]
    for first in range(0, len(ids) - 1, 64):
        positions = range(first, min(first + 64, len(ids) - 1))
        for i, logits in zip(positions, engine.logits(ids, positions)):
            scores.append(score(softmax(logits.astype(np.float64)), ids[i + 1]))
    return replace(branch, prompt_scores=tuple(scores[: len(ids)]))


def loop(ids: Sequence[int]) -> int:
    """The length of the n-gram (at most 20 tokens) that a text ends in three copies of; 0 if it does not loop.

    The copies must span at least 12 tokens together; a shorter n-gram counts once its copies do (six times two tokens are
    three times four).
    """
    ids = list(ids)
    for n in range(LOOP_SPAN // LOOP_COPIES, LOOP_NGRAM + 1):
        tail = ids[-n * LOOP_COPIES :]
        if len(tail) == n * LOOP_COPIES and tail == tail[:n] * LOOP_COPIES:
            return n
    return 0


class Shelf:
    """The logits behind each token, so that they can be looked at again; the oldest leave first when it is full."""

    def __init__(self, most_bytes: int):
        self._most_bytes = most_bytes
        self._bytes = 0
        self._logits: OrderedDict[Node, np.ndarray] = OrderedDict()

    def copy(self) -> "Shelf":
        """Another shelf that begins with what lies on this one; the arrays themselves are shared."""
        other = Shelf(self._most_bytes)
        other._bytes, other._logits = self._bytes, self._logits.copy()
        return other

    def put(self, node: Node, logits: np.ndarray) -> None:
        replaced = self._logits.pop(node, None)
        self._logits[node] = logits
        self._bytes += logits.nbytes - (0 if replaced is None else replaced.nbytes)
        while self._bytes > self._most_bytes and len(self._logits) > 1:
            _, oldest = self._logits.popitem(last=False)
            self._bytes -= oldest.nbytes

    def logits(self, engine: Engine, node: Node) -> np.ndarray:
        """The logits (vocabulary,) from which this token was chosen, computed again if they are no longer here."""
        if node.parent is None:
            raise BadInput("The model made no prediction here: nothing stands before the first token.")
        logits = self._logits.get(node)
        if logits is None:
            ids = ids_of(node.parent)
            logits = engine.logits(ids, [len(ids) - 1])[0]
            self.put(node, logits)
        return logits
