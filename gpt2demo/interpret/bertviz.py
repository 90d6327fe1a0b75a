"""BertViz's three views of our own numbers, each as one HTML document that needs no network and trusts no token.

BertViz's scripts come from the installed package and are given what its own Python functions would give them; d3 and
jQuery lie beside this file. The neuron view of the package runs models of its own, so its parameters are made here too.
Vig (2019), "A Multiscale Visualization of Attention in the Transformer Model".
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from gpt2demo.engine.contract import Engine, Ids
from gpt2demo.errors import BackendUnavailable, BadInput
from gpt2demo.interpret.heads import check_text, microscope

ASSETS = Path(__file__).parent / "bertviz_assets"
DECIMALS = 3  # of every number in a document: what an eye can tell apart, at half the size


@dataclass(frozen=True)
class Limit:
    """What a browser still draws without a long wait."""

    tokens: int
    weights: int  # layers x heads x tokens x tokens


LIMITS = {  # measured in Chromium with 12 heads: each is drawn in about 3 s at most
    "head": Limit(64, 12 * 12 * 48 * 48),
    "model": Limit(32, 4 * 12 * 32 * 32),
    "neuron": Limit(16, 12 * 12 * 16 * 16),
}

DOCUMENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<style>body {{ margin: 8px; background: #fff; color: #000; font-family: Helvetica, Arial, sans-serif; }}
#vis {{ overflow-x: auto; }} </style>
<script>{jquery}</script><script>{d3}</script>
<script>window.require = {{config() {{}}}}; window.requirejs = (names, run) => run(window.jQuery, window.d3);</script>
</head><body><div id="bertviz">
{menus}<div id="vis"></div></div>
<script>{script}</script></body></html>
"""
LAYER = '<label class="dropdown-label">Layer: <select id="layer"></select></label> '
HEAD = '<label class="dropdown-label">Head: <select id="att_head"></select></label>'


def document(engine: Engine, ids: Ids, view: str, layers: Sequence[int], place: tuple[int, int] | None = None) -> str:
    """The HTML document of a view (`head`, `model`, `neuron`) of some layers of a text, opened at a head (layer, head).

    Raises `BadInput` with a sentence where BertViz could not draw so much, before anything is computed, and
    `BackendUnavailable` for the neuron view without a microscope.
    """
    check_text(ids)
    check_size(view, len(ids), engine.info.heads, layers)
    tokens = [text.replace("\n", "↵") or "…" for text in engine.tokenizer.texts(ids)]  # "…": a part of a character
    attention = engine.attention(ids, layers)
    if view == "head":
        return head_view(attention, tokens, layers, place)
    if view == "model":
        return model_view(attention, tokens, layers)
    vectors = np.stack([microscope(engine).queries_keys_values(ids, layer) for layer in layers])
    return neuron_view(attention, vectors[:, 0], vectors[:, 1], tokens, layers, place)


def check_size(view: str, tokens: int, heads: int, layers: Sequence[int]) -> None:
    """Raise `BadInput` if a browser could not draw so many weights in a reasonable time."""
    limit = LIMITS[view]
    if tokens > limit.tokens:
        raise BadInput(
            f"BertViz's {view} view draws at most {limit.tokens} tokens, this text has {tokens}.",
            "Shorten the text for it; the atlas shows all of them.",
        )
    fitting = layers_that_fit(view, tokens, heads)
    if not layers or len(layers) > fitting:
        raise BadInput(
            f"BertViz's {view} view draws 1 to {fitting} layers of {tokens} tokens at a time, not {len(layers)}.",
            "Choose other layers.",
        )


def layers_that_fit(view: str, tokens: int, heads: int) -> int:
    """How many layers a view can show together."""
    return max(1, LIMITS[view].weights // (heads * tokens**2))


def head_view(
    attention: np.ndarray, tokens: Sequence[str], layers: Sequence[int], place: tuple[int, int] | None = None
) -> str:
    """Lines between the tokens, all heads of a layer in colours: `attention` (len(layers), heads, n, n).

    With a `place` it opens at that layer, with that head alone.
    """
    layer, heads = (place[0], [place[1]]) if place else (None, None)
    params = _params(attention, tokens, layers) | {"layer": layer, "heads": heads}
    return _document("BertViz: head view", "head_view.js", params, LAYER)


def model_view(attention: np.ndarray, tokens: Sequence[str], layers: Sequence[int]) -> str:
    """All heads of some layers as thumbnails, one of them large on a click: `attention` (len(layers), heads, n, n)."""
    heads = attention.shape[1]
    params = _params(attention, tokens, layers) | {"include_heads": list(range(heads)), "total_heads": heads}
    return _document("BertViz: model view", "model_view.js", params | {"display_mode": "light"})


def neuron_view(
    attention: np.ndarray,
    queries: np.ndarray,
    keys: np.ndarray,
    tokens: Sequence[str],
    layers: Sequence[int],
    place: tuple[int, int] | None = None,
) -> str:
    """How a head's queries and keys, each (len(layers), heads, n, d), make its attention (len(layers), heads, n, n)."""
    numbers = {"attn": _rounded(attention), "queries": _rounded(queries), "keys": _rounded(keys)}
    params = {
        "attention": {"all": numbers | {"left_text": list(tokens), "right_text": list(tokens)}},
        "default_filter": "all",
        "root_div_id": "bertviz",
        "bidirectional": False,
        "display_mode": "light",
        "layer": list(layers).index(place[0]) if place else None,  # it counts the layers that it was given
        "head": place[1] if place else None,
        "include_layers": list(layers),
    }
    return _document("BertViz: neuron view", "neuron_view.js", params, LAYER + HEAD)


def _params(attention: np.ndarray, tokens: Sequence[str], layers: Sequence[int]) -> dict:
    """What the scripts of the head and the model view both read."""
    texts = {"left_text": list(tokens), "right_text": list(tokens)}
    return {
        "attention": [{"name": None, "attn": _rounded(attention)} | texts],
        "default_filter": "0",
        "root_div_id": "bertviz",
        "include_layers": list(layers),
    }


def _rounded(numbers: np.ndarray) -> list:
    return np.round(numbers.astype(np.float64), DECIMALS).tolist()


def _document(title: str, script: str, params: dict, menus: str = "") -> str:
    jquery, d3 = ((ASSETS / name).read_text() for name in ("jquery-3.7.1.min.js", "d3-5.16.0.min.js"))
    code = _scripts_folder().joinpath(script).read_text(encoding="utf-8")
    if script == "neuron_view.js":
        # this one numbers the layers it was given from 0; its menu shall say which layers of the model they are
        code = _replaced(code, ".val(i).text(i)", ".val(i).text(params.include_layers[i])")
        code = _replaced(code, "window.bertviz_params", _json(params))
    else:
        code = _replaced(code, "PYTHON_PARAMS", _json(params))
    return DOCUMENT.format(title=title, jquery=jquery, d3=d3, menus=menus, script=code)


def _json(params: dict) -> str:
    """JSON that can stand inside a script element: no token in it can end the element or begin a comment."""
    return json.dumps(params, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")


def _replaced(code: str, mark: str, by: str) -> str:
    """The script with the first `mark` replaced; raises `BackendUnavailable` if it is another script than we know."""
    if mark not in code:
        raise BackendUnavailable("The installed BertViz is another version.", "Install bertviz 1.4.1.")
    return code.replace(mark, by, 1)


def _scripts_folder() -> Path:
    """Where BertViz keeps its scripts, found without importing it, which would bring in IPython."""
    spec = find_spec("bertviz")
    if spec is None:
        raise BackendUnavailable("BertViz is not installed.", "pip install bertviz")
    return Path(spec.submodule_search_locations[0])
