"""Activations of any input: shape and dtype, bounds, monotony, symmetries, softmax's sum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.catalog import ACTIVATIONS, activation

from support.activation_cases import ABSOLUTE, DTYPES, ELEMENTWISE, each_dtype, ulps_apart


@pytest.mark.parametrize(
    ("record", "shape"),
    [(r, shape) for r in ACTIVATIONS for shape in [(3,), (2, 3), (0, 3), (2, 3, 4)]]
    + [(r, shape) for r in ELEMENTWISE for shape in [(), (0,)]],
    ids=str,
)
@each_dtype
def test_shape_and_dtype_are_kept(record, shape, dtype):
    z = np.full(shape, 0.5, dtype)
    a = record(z)
    gradient = record.backward(np.ones_like(z), z, a)
    assert a.shape == gradient.shape == shape
    assert a.dtype == gradient.dtype == dtype


arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=2, max_side=6))
)


@pytest.mark.parametrize("record", ACTIVATIONS, ids=str)
@settings(max_examples=40, deadline=None)
@given(z=arrays)
def test_any_input_stays_in_bounds_and_is_left_alone(record, z):
    before = z.copy()
    a = record(z)
    np.testing.assert_array_equal(z, before)
    nan = np.isnan(z)
    np.testing.assert_array_equal(
        np.isnan(a), nan.any(axis=-1, keepdims=True) | nan if record.rowwise else nan
    )
    low, high = record.bounds
    slack = 4 * np.finfo(z.dtype).eps
    known = a[~np.isnan(a)].astype(np.float64)
    assert np.all((known >= low - slack) & (known <= high + slack))


@pytest.mark.parametrize(
    "record", [r for r in ELEMENTWISE if r.name not in ABSOLUTE | {"hard_swish"}], ids=str
)
@settings(max_examples=40, deadline=None)
@given(z=arrays)
def test_monotone_activations_never_fall(record, z):
    z = np.sort(z[~np.isnan(z)])
    a = record(z)
    assert np.all((a[1:] >= a[:-1]) | (ulps_apart(a[1:], a[:-1]) <= 8))


@settings(deadline=None)
@given(z=hnp.arrays(np.float64, 8, elements=st.floats(-1e6, 1e6)))
def test_symmetries(z):
    for name in ("tanh", "softsign"):
        np.testing.assert_array_equal(activation(name)(-z), -activation(name)(z))
    sigmoid = activation("sigmoid")
    np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1, rtol=1e-15)
    for name in ("swish", "gelu", "gelu_tanh", "hard_swish", "softplus", "relu"):
        f = activation(name)
        np.testing.assert_allclose(f(z) - f(-z), z, rtol=1e-15, atol=1e-15)


@settings(deadline=None)
@given(z=hnp.arrays(np.float64, (3, 4), elements=st.floats(-500, 500)))
def test_softmax_rows_are_probabilities(z):
    a, tiny = activation("softmax")(z), np.finfo(np.float64).tiny
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(np.exp(activation("log_softmax")(z)), a, rtol=3e-13, atol=tiny)
    np.testing.assert_allclose(activation("softmax")(z + 64.0), a, rtol=3e-13, atol=tiny)
    equal = np.ones_like(a)  # raising all logits alike changes nothing
    np.testing.assert_allclose(activation("softmax").backward(equal, z, a), 0, atol=1e-15)
