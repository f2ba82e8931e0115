"""The normal distribution against SciPy and mpmath, recorded and live."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from glassnet.formulas import special

from support.namespaces import rebound

DATA = Path(__file__).parent.parent / "data"
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(autouse=True)
def strict_floating_point():
    """Make any overflow, invalid operation or division by zero an error in every test."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        yield


@each_dtype
def test_match_mpmath_over_the_whole_range(dtype):
    with np.load(DATA / "activations.npz") as table:  # record_activations.py, mpmath 1.3
        z = table[f"z_{dtype.__name__}"]
        cdf, density = (table[f"normal_cdf_{k}_{dtype.__name__}"] for k in ("value", "slope"))
    found = special.normal_cdf(z), special.normal_density(z)
    eps = np.finfo(dtype).eps
    for got, exact in zip(found, (cdf, density), strict=True):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, exact, rtol=0, atol=2 * eps)
    # the lower tail keeps its digits, but for those that exp(-z²/2) loses
    tail = (z < 0) & (cdf > np.finfo(dtype).tiny)
    error = np.abs(found[0][tail] / cdf[tail] - 1)
    assert np.all(error <= eps * (4 + z[tail].astype(np.float64) ** 2 / 2))


def test_polynomial_is_accurate_between_the_recorded_points():
    z = np.linspace(-9, 9, 100_001)
    exact = stats.norm.cdf(z)
    np.testing.assert_allclose(special.normal_cdf(z), exact, rtol=0, atol=4.5e-16)
    single = special.normal_cdf(z.astype(np.float32))
    np.testing.assert_allclose(
        single, stats.norm.cdf(z.astype(np.float32).astype(np.float64)), rtol=0, atol=2.4e-7
    )


@pytest.mark.judge
@pytest.mark.parametrize(("bits", "last", "digits"), [(32, 15, 1e-9), (64, 39, 1e-17)])
def test_coefficients_are_those_of_the_derivation(bits, last, digits):
    pytest.importorskip("mpmath")
    spec = importlib.util.spec_from_file_location("derivation", DATA / "derive_normal_cdf.py")
    derivation = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(derivation)
    found = special.SCALED_TAIL[bits]
    derived = derivation.coefficients(len(found) - 1, last)[::-1]
    for mine, exact in zip(found, derived, strict=True):
        assert abs(mine - exact) <= digits * max(1e-3, abs(exact) * 10)


@each_dtype
def test_limits_and_nan(dtype):
    z = np.array([-np.inf, -1e30, 0, 1e30, np.inf, np.nan], dtype)
    np.testing.assert_allclose(
        special.normal_cdf(z), [0, 0, 0.5, 1, 1, np.nan], atol=np.finfo(dtype).eps / 4
    )
    density = special.normal_density(z)
    np.testing.assert_array_equal(density[[0, 1, 3, 4, 5]], [0, 0, 0, 0, np.nan])


@settings(deadline=None)
@given(z=hnp.arrays(np.float64, 6, elements=st.floats(allow_nan=False)))
def test_a_distribution_function_rises_and_mirrors(z):
    cdf = special.normal_cdf(np.sort(z))
    assert np.all(np.diff(cdf) >= -(2.0**-52))
    assert np.all((cdf >= 0) & (cdf <= 1))
    np.testing.assert_array_equal(special.normal_density(z), special.normal_density(-z))
    np.testing.assert_allclose(special.normal_cdf(z) + special.normal_cdf(-z), 1, rtol=2.3e-16)


@pytest.mark.judge
@each_dtype
def test_use_only_the_array_api_standard(dtype):
    strict = pytest.importorskip("array_api_strict")
    z = np.linspace(-6, 6, 25).astype(dtype)
    for function in (special.normal_cdf, special.normal_density):
        portable = rebound(function, strict)(strict.asarray(z))
        np.testing.assert_array_equal(np.asarray(portable), function(z))
