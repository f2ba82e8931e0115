"""Activations against mpmath, PyTorch, finite differences and the facts in their records."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.catalog import ACTIVATIONS, activation

from support import torch_net

DATA = Path(__file__).parent.parent / "data"
DTYPES = [np.float32, np.float64]
ELEMENTWISE = [record for record in ACTIVATIONS if not record.rowwise]
ROWWISE = [record for record in ACTIVATIONS if record.rowwise]
# Products with z that cross zero: an absolute error is what can be asked of them.
ABSOLUTE = {"swish", "gelu", "gelu_tanh", "mish"}
VARIANTS = [*ELEMENTWISE, activation("leaky_relu(0.2)"), activation("elu(0.5)")]

each = pytest.mark.parametrize("record", ELEMENTWISE, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


@pytest.fixture(scope="module")
def table():
    """Values of mpmath 1.3, recorded by `tests/data/record_activations.py`."""
    with np.load(DATA / "activations.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def recorder():
    """The recording script as a module: the same definitions, for a live comparison."""
    pytest.importorskip("mpmath")
    spec = importlib.util.spec_from_file_location("recorder", DATA / "record_activations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def strict_floating_point():
    """Make any overflow, invalid operation or division by zero an error in every test."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


def slope(record, z, a=None):
    return record.slope(z, record(z) if a is None else a, **dict(record.parameters))


def ulps_apart(x, y):
    """Return how many representable numbers lie from x to y, each; 0 between -0 and 0."""
    bits = np.int32 if x.dtype == np.float32 else np.int64

    def place(number):
        pattern = number.view(bits).astype(object)
        return np.where(pattern >= 0, pattern, -(pattern - int(np.iinfo(bits).min)))

    return np.abs(place(np.ascontiguousarray(x)) - place(np.ascontiguousarray(y)))


def check_value(record, z, exact):
    a = record(z)
    assert a.dtype == z.dtype
    if record.name in ABSOLUTE:
        allowed = 4 * np.finfo(z.dtype).eps * np.maximum(1, np.abs(z.astype(np.float64)))
        error = np.abs(a.astype(np.float64) - exact.astype(np.float64))
        np.testing.assert_array_less(error, allowed)
        np.testing.assert_array_equal(np.signbit(a), np.signbit(z))  # -0 where it underflows
    else:
        apart = ulps_apart(a, exact)
        worst = np.argmax(apart)
        assert apart.max() <= 4, (z[worst], a[worst], exact[worst])


def check_slope(record, z, exact):
    got = slope(record, z)
    assert got.dtype == z.dtype
    finite = np.isfinite(exact)  # the exponential's slope leaves the range as its value does
    np.testing.assert_array_equal(got[~finite], exact[~finite])
    error = np.abs(got[finite].astype(np.float64) - exact[finite].astype(np.float64))
    allowed = 8 * np.finfo(z.dtype).eps * np.maximum(1, np.abs(exact[finite]))
    assert np.all(error <= allowed), z[finite][np.argmax(error / allowed)]


# --- truth: mpmath --------------------------------------------------------------------


@each
@each_dtype
def test_value_matches_mpmath_over_the_whole_range(record, dtype, table):
    kind = dtype.__name__
    check_value(record, table[f"z_{kind}"], table[f"{record.name}_value_{kind}"])


@each
@each_dtype
def test_slope_matches_mpmath_over_the_whole_range(record, dtype, table):
    kind = dtype.__name__
    check_slope(record, table[f"z_{kind}"], table[f"{record.name}_slope_{kind}"])


@pytest.mark.parametrize("record", ROWWISE, ids=str)
@each_dtype
def test_rowwise_value_matches_mpmath(record, dtype, table):
    kind = dtype.__name__
    a = record(table[f"rows_{kind}"])
    assert a.dtype == dtype
    assert ulps_apart(a, table[f"{record.name}_value_{kind}"]).max() <= 4


@pytest.mark.judge
@each
@each_dtype
def test_matches_live_mpmath_at_fresh_points(record, dtype, recorder):
    rng = np.random.default_rng()
    bits = np.uint32 if dtype is np.float32 else np.uint64
    anything = rng.integers(np.iinfo(bits).max, size=60, dtype=bits).view(dtype)
    z = np.concatenate([anything[np.isfinite(anything)], rng.uniform(-45, 45, 60)], dtype=dtype)
    value, truth_slope = recorder.TRUTH[record.name]
    check_value(record, z, recorder.rounded(value, z))
    check_slope(record, z, recorder.rounded(truth_slope, z))


@pytest.mark.judge
@each_dtype
def test_rowwise_matches_live_mpmath_at_fresh_points(dtype, recorder):
    rng = np.random.default_rng()
    rows = (rng.choice([0.1, 1, 30], (60, 1)) * rng.standard_normal((60, 7))).astype(dtype)
    for record, exact in zip(ROWWISE, recorder.softmax_rows(rows), strict=True):
        assert ulps_apart(record(rows), exact).max() <= 4


# --- slopes: differences, PyTorch -----------------------------------------------------


@pytest.mark.parametrize("record", VARIANTS, ids=str)
def test_slope_is_the_central_difference(record):
    z, h = np.linspace(-8.0, 8.0, 641), 1e-6
    for kink in record.kinks:
        z = z[np.abs(z - kink) > 2 * h]
    difference = (record(z + h) - record(z - h)) / (2 * h)
    # softsign's second derivative jumps at 0, which costs it one order there
    np.testing.assert_allclose(slope(record, z), difference, rtol=1e-8, atol=2e-6)
    smooth = np.abs(z) > 0.01
    np.testing.assert_allclose(
        slope(record, z)[smooth], difference[smooth], rtol=1e-8, atol=2e-9
    )


@pytest.mark.parametrize("record", ROWWISE, ids=str)
def test_rowwise_slope_is_the_central_difference(record):
    rng = np.random.default_rng(1)
    z, delta, h = 3 * rng.standard_normal((4, 5)), rng.standard_normal((4, 5)), 1e-6
    difference = np.empty_like(z)
    for i, shift in enumerate(np.eye(5) * h):
        change = record(z + shift) - record(z - shift)
        difference[:, i] = np.sum(delta * change, axis=1) / (2 * h)
    np.testing.assert_allclose(record.backward(delta, z, record(z)), difference, atol=1e-8)


@pytest.mark.judge
@pytest.mark.parametrize(
    "record", [r for r in (*VARIANTS, *ROWWISE) if r.name != "step"], ids=str
)
@each_dtype
def test_value_and_gradient_match_pytorch(record, dtype):
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    judges = {**torch_net.activations(torch), "log_softmax": lambda z: torch.log_softmax(z, -1)}
    rng = np.random.default_rng(2)
    z, delta = rng.uniform(-12, 12, (200, 6)).astype(dtype), rng.standard_normal((200, 6))
    delta = delta.astype(dtype)
    leaf = torch.tensor(z, requires_grad=True)
    a = judges[record.name](leaf, **dict(record.parameters))
    a.backward(torch.tensor(delta))
    slack = 200 * np.finfo(dtype).eps  # PyTorch's: 1 + tanh cancels in its gelu_tanh
    np.testing.assert_allclose(record(z), a.detach().numpy(), rtol=slack, atol=slack)
    gradient = record.backward(delta, z, record(z))
    np.testing.assert_allclose(gradient, leaf.grad.numpy(), rtol=slack, atol=slack)


# --- extreme input --------------------------------------------------------------------

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


# --- shapes and properties ------------------------------------------------------------


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
