"""The token strip: a text as the model reads and writes it, each token a button tinted by how sure the model was."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from gpt2demo.engine.contract import Engine
from gpt2demo.generation.generate import facts
from gpt2demo.generation.run import Branch, Node, path, shares, shown_length
from gpt2demo.generation.sampling import Decoding, Score

LONGEST_LINK = 6000  # characters; some chat programs cut longer addresses

EMPTY = {"tokens": [], "place": -1, "writing": False, "branches": [], "record": {}, "link": ""}


def view(
    engine: Engine, branch: Branch, place: int, branches: Sequence[list], prompt: str, differs_at: int | None = None
) -> dict:
    """What the strip's script draws; `place` is the branch's number among `branches` ([number, label] each),
    `differs_at` the token where it parts from the text beside it."""
    nodes, texts = path(branch.leaf), shares(engine, branch)
    scores = [
        *(branch.prompt_scores or [None] * branch.prompt_length),
        *(n.score for n in nodes[branch.prompt_length :]),
    ]
    tokens = [
        [node.id, text, engine.tokenizer.bytes(node.id).hex(" "), node.chosen_by, *_numbers(score), *_sampled(node)]
        for node, text, score in zip(nodes, texts, scores)
    ]
    return {
        "tokens": tokens[: shown_length(engine, branch, texts)],
        "prompt_length": branch.prompt_length,
        "end": engine.tokenizer.end,
        "vocabulary": engine.info.vocabulary,
        "place": place,
        "label": branch.label,
        "writing": branch.stopped_by is None,
        "branches": list(branches),
        "differs_at": differs_at,
        "record": facts(engine, branch, prompt),
        "link": link_to(engine, branch, prompt),
    }


def _numbers(score: Score | None) -> list[float | None]:
    return [score.probability, score.rank, score.entropy] if score else [None, None, None]


def _sampled(node: Node) -> list[float]:
    return list(node.sampled or ())  # nothing for a token that was not drawn


def ids_in(view: dict) -> list[int]:
    """The token ids that a strip shows, so that a run which the server no longer has can be taken up again."""
    return [int(token[0]) for token in view.get("tokens", [])]


def link_to(engine: Engine, branch: Branch, prompt: str) -> str:
    """The query that opens the page with this text: its last stretch is drawn anew, all before it is the link's prompt.

    Empty where no prompt gives those tokens, or where the query would be too long to travel.
    """
    nodes = path(branch.leaf)
    start = branch.starts[-1] if branch.starts else branch.prompt_length
    drawn = nodes[start:]
    if any(node.decoding is None for node in drawn):  # chosen by the visitor, or by settings that nobody knows any more
        return ""
    if start > branch.prompt_length:
        ids = [node.id for node in nodes[:start]]
        prompt = engine.tokenizer.decode(ids)
        if engine.tokenizer.encode(prompt) != ids:
            return ""
    decoding = drawn[-1].decoding if drawn else branch.decoding
    if branch.stopped_by == "visitor" and drawn:
        decoding = replace(decoding, max_new_tokens=len(drawn))
    return link(prompt, decoding)


def link(prompt: str, decoding: Decoding) -> str:
    """The query that opens the page with this prompt and these settings; empty where it would be too long to travel."""
    fields = {name: getattr(decoding, name) for name in Decoding.__dataclass_fields__ if name != "stop"}
    query = "?" + urlencode([("prompt", prompt), *fields.items(), *(("stop", stop) for stop in decoding.stop)])
    return query if len(query) <= LONGEST_LINK else ""
