"""int8 for ONNX graphs: every weight matrix in 8 bits, the embedding too, and so is what it is multiplied with.

A weight column is scaled by its largest value, a token's vector by its own: nothing that a token meets depends on the
tokens beside it, and sums of integers have no rounding, so a text comes out the same alone and among others. Weights keep
to -63..63, since on processors without VNNI instructions two products are added in 16 bits: 2 * 255 * 63 just fits.
"""

import numpy as np

from gpt2demo.engine.onnx_graph import FUSED, Arithmetic, Graph

WEIGHT_LEVELS = 63  # on either side of zero
VECTOR_LEVELS = 127
VECTOR_ZERO = 128


def quantized(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A matrix (in, out) as whole numbers -63..63 and the scale of each column (out,): their product is the matrix."""
    scale = np.abs(matrix).max(0) / WEIGHT_LEVELS
    scale[scale == 0] = 1
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32)


def int8_linear(graph: Graph, x: str, name: str, weight: np.ndarray) -> str:
    values, scale = quantized(weight)
    return product(graph, x, name, graph.constant(f"{name}.q", values), graph.constant(f"{name}.scale", scale))


def int8_embed(graph: Graph, wte: np.ndarray) -> str:
    """Look up columns of the very matrix that writes tokens out, so that it is kept once."""
    values, scale = quantized(wte.T)
    columns = graph.add("Gather", [graph.constant("wte.q", values), "ids"], "tokens.columns", axis=1)
    rows = graph.add("Transpose", [columns], "tokens.rows", perm=[1, 2, 0])
    steps = graph.add("Cast", [rows], "tokens.steps", to=1)  # 1: float32
    scales = graph.add("Gather", [graph.constant("wte.scale", scale), "ids"], "tokens.scales")
    last_axis = graph.constant("last_axis", np.array([-1], np.int64))
    return graph.add("Mul", [steps, graph.add("Unsqueeze", [scales, last_axis], "tokens.scale")], "tokens")


def int8_unembed(graph: Graph, x: str, wte: np.ndarray) -> str:
    return product(graph, x, "logits", "wte.q", "wte.scale")


def product(graph: Graph, x: str, name: str, values: str, scale: str) -> str:
    """Scale each token's vector to -1..1, round it to 255 steps, multiply in integers, scale back."""
    last_axis = graph.constant("last_axis", np.array([-1], np.int64))
    step = graph.constant("step", np.array(1 / VECTOR_LEVELS, np.float32))
    zero = graph.constant("zero", np.array(VECTOR_ZERO, np.uint8))
    sizes = graph.add("Abs", [x], f"{name}.sizes")
    largest = graph.add("ReduceMax", [sizes, last_axis], f"{name}.largest", keepdims=1)
    unit = graph.add("Div", [x, largest], f"{name}.unit")
    rounded = graph.add("QuantizeLinear", [unit, step, zero], f"{name}.rounded")
    scaled = graph.add("MatMulIntegerToFloat", [rounded, values, step, scale, zero], f"{name}.scaled", FUSED)
    return graph.add("Mul", [scaled, largest], name)


INT8 = Arithmetic(int8_linear, int8_embed, int8_unembed)
