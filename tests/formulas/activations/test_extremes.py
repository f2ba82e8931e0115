"""Activations of what is infinite, huge, tiny or NaN: the limit, a number, or NaN."""

import numpy as np

from glassnet.catalog import activation

from support.activation_cases import ABSOLUTE, ROWWISE, each, each_dtype, slope

INF = float("inf")
SELU_FLOOR = -1.7580993408473768
# value at -inf and inf, slope at -inf and inf
LIMITS = {
    "identity": (-INF, INF, 1, 1),
    "step": (0, 1, 0, 0),
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, INF, 0, 1),
    "leaky_relu": (-INF, INF, 0.01, 1),
    "elu": (-1, INF, 0, 1),
    "swish": (0, INF, 0, 1),
    "gelu": (0, INF, 0, 1),
    "gelu_tanh": (0, INF, 0, 1),
    "softplus": (0, INF, 0, 1),
    "softsign": (-1, 1, 0, 0),
    "selu": (SELU_FLOOR, INF, 0, 1.0507009873554805),
    "mish": (0, INF, 0, 1),
    "hard_sigmoid": (0, 1, 0, 0),
    "hard_swish": (0, INF, 0, 1),
    "relu6": (0, 6, 0, 0),
    "exp": (0, INF, 0, INF),
}


@each
@each_dtype
def test_infinite_input_gives_the_limit(record, dtype):
    z = np.array([-INF, INF], dtype)
    expected = np.array(LIMITS[record.name]).astype(dtype)
    np.testing.assert_array_equal(record(z), expected[:2])
    np.testing.assert_array_equal(slope(record, z), expected[2:])


@each
@each_dtype
def test_extreme_input_gives_numbers(record, dtype):
    info = np.finfo(dtype)
    tiny = info.smallest_subnormal
    z = np.array([0, tiny, 7 * tiny, info.tiny, 1e30, info.max, info.max / 2, INF], dtype)
    for signed in (z, -z):
        assert not np.isnan(record(signed)).any()
        assert not np.isnan(slope(record, signed)).any()
        if record.name in ABSOLUTE:
            np.testing.assert_array_equal(np.signbit(record(signed)), np.signbit(signed))


@each
@each_dtype
def test_nan_passes_through(record, dtype):
    z = np.array([np.nan, 0.5], dtype)
    assert np.isnan(record(z)).tolist() == [True, False]
    constant = record.name in ("identity", "step")
    assert np.isnan(slope(record, z)).tolist() == [not constant, False]


@each
@each_dtype
def test_ordinary_input_raises_no_floating_point_flag(record, dtype):
    z = np.linspace(-9, 9, 1000).astype(dtype)
    with np.errstate(all="raise"):
        slope(record, z)


@each_dtype
def test_softmax_of_extreme_rows(dtype):
    most = np.finfo(dtype).max
    z = np.array([[INF, 0, -INF], [INF, INF, 0], [-INF, -INF, -INF], [most, -most, 0]], dtype)
    probabilities = np.array([[1, 0, 0], [0.5, 0.5, 0], [1 / 3, 1 / 3, 1 / 3], [1, 0, 0]])
    a = activation("softmax")(z)
    np.testing.assert_array_equal(a, probabilities.astype(dtype))
    logarithms = activation("log_softmax")(z)
    with np.errstate(divide="ignore"):
        expected = np.log(probabilities)
    expected[3] = 0, -INF, -most
    np.testing.assert_allclose(logarithms, expected, rtol=2 * np.finfo(dtype).eps)
    delta = np.ones_like(z)
    for record in ROWWISE:
        assert np.isfinite(record.backward(delta, z, record(z))).all()
        broken = record(np.array([[np.nan, 1], [0, 1]], dtype))
        assert np.isnan(broken).tolist() == [[True, True], [False, False]]
