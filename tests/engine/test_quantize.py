"""int8: what rounding may do to a matrix, and that sums stay exact on every processor."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gpt2demo.engine.quantize import VECTOR_LEVELS, VECTOR_ZERO, WEIGHT_LEVELS, quantized

matrices = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-1e3, 1e3, width=32))


@given(matrices)
def test_every_weight_is_right_to_half_a_step_of_its_column(matrix):
    values, scale = quantized(matrix)
    assert (np.abs(values * scale - matrix) <= scale * 0.5001).all()


@given(matrices)
def test_zero_stays_zero_and_signs_stay(matrix):
    values, _ = quantized(matrix)
    assert (np.sign(values) * np.sign(matrix) >= 0).all() and (values[matrix == 0] == 0).all()


def test_two_products_fit_the_sixteen_bits_in_which_some_processors_add_them():
    assert 2 * (VECTOR_ZERO + VECTOR_LEVELS) * WEIGHT_LEVELS < 2**15
