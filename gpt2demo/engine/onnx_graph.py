"""A GPT-2 as an ONNX graph, node by node, from the fused operators of ONNX Runtime (`com.microsoft`).

One graph reads a prompt and writes on: `past_key_i` and `past_value_i` (batch, heads, capacity, d) may be bound to the
same memory as `present_key_i` and `present_value_i`, and new tokens are then written in place behind the old ones.

Inputs: `ids` and `positions` (batch, n); `last` (batch,), the index of each text's last token, old ones counted; `total`
(1,), the length of the longest; `rows` (m,), flat indices into batch * n of the tokens whose outcome is wanted.
Outputs: `logits` (m, vocabulary), `hidden` (m, width) after `ln_f`, the presents, and in the graph that shows its
attention also `attention_i` (batch, heads, n, total).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from gpt2demo.engine.checkpoint import Config

FUSED = "com.microsoft"
TYPES = {
    "float32": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "int32": TensorProto.INT32,
    "uint8": TensorProto.UINT8,
}


@dataclass
class Graph:
    """Nodes and constants, in the order in which they were added."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, np.ndarray] = field(default_factory=dict)

    def add(
        self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], domain: str = "", **options
    ) -> str:
        """Add a node; returns the name of its first output."""
        outputs = [outputs] if isinstance(outputs, str) else list(outputs)
        name = f"{operator}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), outputs, name=name, domain=domain, **options))
        return outputs[0]

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, np.ascontiguousarray(value))
        return name


@dataclass(frozen=True)
class Arithmetic:
    """How products with a weight matrix are written into a graph: in float32 here, in int8 by `quantize.py`."""

    # (graph, input, name, weight (in, out)) -> the product without its bias
    linear: Callable[[Graph, str, str, np.ndarray], str]
    embed: Callable[[Graph, np.ndarray], str]  # (graph, wte (vocabulary, width)) -> the embeddings of `ids`
    unembed: Callable[[Graph, str, np.ndarray], str]  # (graph, stream, wte) -> `logits`


def float_linear(graph: Graph, x: str, name: str, weight: np.ndarray) -> str:
    return graph.add("MatMul", [x, graph.constant(f"{name}.weight", weight)], name)


def float_embed(graph: Graph, wte: np.ndarray) -> str:
    return graph.add("Gather", [graph.constant("wte", wte), "ids"], "tokens")


def float_unembed(graph: Graph, x: str, wte: np.ndarray) -> str:
    return graph.add("Gemm", [x, graph.constant("wte", wte)], "logits", transB=1)


FLOAT32 = Arithmetic(float_linear, float_embed, float_unembed)


def build(config: Config, weights: dict[str, np.ndarray], arithmetic: Arithmetic, attention: bool) -> Graph:
    """The whole model; with `attention` it also puts out every attention map."""
    graph, d = Graph(), config.width // config.heads

    def bias(name: str) -> str:
        return graph.constant(f"{name}.bias", weights[f"{name}.bias"])

    def linear(x: str, name: str) -> str:
        return arithmetic.linear(graph, x, name, weights[f"{name}.weight"])

    def add_and_norm(x: str, stream: str, norm: str, biases: Sequence[str] = ()) -> tuple[str, str]:
        """(ln(x + bias + stream), x + bias + stream): each sub-layer ends with the normalisation that the next begins with."""
        scale = graph.constant(f"{norm}.weight", weights[f"{norm}.weight"])
        outputs = [norm, "", "", f"{norm}.stream"]
        inputs = [x, stream, scale, bias(norm), *biases]
        graph.add("SkipLayerNormalization", inputs, outputs, FUSED, epsilon=config.epsilon)
        return outputs[0], outputs[3]

    tokens = arithmetic.embed(graph, weights["wte.weight"])
    places = graph.add("Gather", [graph.constant("wpe", weights["wpe.weight"]), "positions"], "places")
    x, stream = add_and_norm(tokens, places, "h.0.ln_1")
    for layer in range(config.layers):
        h, last_layer = f"h.{layer}", layer == config.layers - 1
        qkv = graph.add("Add", [linear(x, f"{h}.attn.c_attn"), bias(f"{h}.attn.c_attn")], f"{h}.qkv")
        heads = heads_of(config, weights, layer)
        mixed = attend(graph, config, layer, heads, qkv, attention)
        if last_layer:  # nothing looks at the other tokens any more
            mixed, stream = wanted_rows(graph, mixed, heads * d), wanted_rows(graph, stream, config.width)
        x, stream = add_and_norm(linear(mixed, f"{h}.attn.c_proj"), stream, f"{h}.ln_2", [bias(f"{h}.attn.c_proj")])
        inner = graph.add("FastGelu", [linear(x, f"{h}.mlp.c_fc"), bias(f"{h}.mlp.c_fc")], f"{h}.gelu", FUSED)
        norm = "ln_f" if last_layer else f"h.{layer + 1}.ln_1"
        x, stream = add_and_norm(linear(inner, f"{h}.mlp.c_proj"), stream, norm, [bias(f"{h}.mlp.c_proj")])
    hidden = graph.add("Squeeze", [x, graph.constant("first_axis", np.array([0], np.int64))], "hidden")
    arithmetic.unembed(graph, hidden, weights["wte.weight"])
    return graph


def heads_of(config: Config, weights: dict[str, np.ndarray], layer: int) -> int:
    """How many heads a layer has: pruned ones are no longer in its weights."""
    return weights[f"h.{layer}.attn.c_proj.weight"].shape[0] // (config.width // config.heads)


def attend(graph: Graph, config: Config, layer: int, heads: int, qkv: str, attention: bool) -> str:
    """Causal attention over the past and the new tokens; GPT-2's own order of queries, keys, values is the operator's."""
    inputs = [qkv, "", "", f"past_key_{layer}", f"past_value_{layer}", "last", "total"]
    outputs = [f"h.{layer}.mixed", f"present_key_{layer}", f"present_value_{layer}"]
    options = {"num_heads": heads, "kv_num_heads": heads, "scale": (config.width // config.heads) ** -0.5}
    if attention:
        outputs.append(f"attention_{layer}")
        options["qk_output"] = 2  # what the softmax gave
    return graph.add("GroupQueryAttention", inputs, outputs, FUSED, **options)


def wanted_rows(graph: Graph, x: str, width: int) -> str:
    """The tokens that `rows` names, as a batch of one: (1, m, width)."""
    flat = graph.add("Reshape", [x, graph.constant(f"flat.{width}", np.array([-1, width], np.int64))], f"{x}.flat")
    chosen = graph.add("Gather", [flat, "rows"], f"{x}.chosen")
    return graph.add("Unsqueeze", [chosen, graph.constant("first_axis", np.array([0], np.int64))], f"{x}.wanted")


def model(
    graph: Graph, config: Config, heads: Sequence[int], attention: bool, tensors: Sequence[TensorProto]
) -> ModelProto:
    """The graph with its inputs, outputs and constants declared; `heads` are those of each layer."""
    pasts, presents = [], []
    for layer in range(config.layers):
        kept = (heads[layer], "capacity", config.width // config.heads)
        for kind in ("key", "value"):
            pasts.append(value(f"past_{kind}_{layer}", "float32", "batch", *kept))
            presents.append(value(f"present_{kind}_{layer}", "float32", "batch", *kept))
    inputs = [
        value("ids", "int64", "batch", "n"),
        value("positions", "int64", "batch", "n"),
        value("last", "int32", "batch"),
        value("total", "int32", 1),
        value("rows", "int64", "m"),
    ]
    outputs = [value("logits", "float32", "m", config.vocabulary), value("hidden", "float32", "m", config.width)]
    maps = [value(f"attention_{i}", "float32", "batch", heads[i], "n", "all") for i in range(config.layers)]
    everything = helper.make_graph(
        graph.nodes, "gpt2", inputs + pasts, outputs + presents + (maps if attention else []), list(tensors)
    )
    operators = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(everything, opset_imports=operators, ir_version=10, producer_name="gpt2demo")


def value(name: str, kind: str, *shape: int | str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TYPES[kind], list(shape))
