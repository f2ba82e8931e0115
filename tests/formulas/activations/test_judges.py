"""Activations: against mpmath (recorded and live), finite differences and PyTorch."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from support import torch_net
from support.activation_cases import (
    ABSOLUTE,
    ROWWISE,
    VARIANTS,
    each,
    each_dtype,
    slope,
    ulps_apart,
)

DATA = Path(__file__).parents[2] / "data"


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
def test_value_and_gradient_match_pytorch(record, dtype, torch):
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
