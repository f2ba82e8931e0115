"""The compiled exponentials and logarithms: how many roundings they are off, measured."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from glassnet import catalog
from glassnet.engines.compiled import elementwise, mathematics

from support import kernels

DATA = Path(__file__).parent.parent / "data"
DTYPES = [np.float32, np.float64]
LIMITS = {  # in units in the last place, over the whole range
    "sigmoid": 3,
    "tanh": 4,
    "elu": 3,
    "swish": 4,
    "gelu": 5,
    "softplus": 3,
    "selu": 4,
    "mish": 5,
    "exp": 2,
}


def worst(function, x, exact):
    """Return the greatest error, in units in the last place of the exact value."""

    @njit(error_model="numpy")
    def each(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    found = np.empty_like(x)
    each(x, found)
    unit = np.spacing(np.abs(exact).astype(x.dtype)).astype(np.longdouble)
    return float(np.max(np.abs(found.astype(np.longdouble) - exact) / unit))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "low", "high", "limit"),
    [
        ("exp", -87.0, 88.0, 1.5),
        ("expm1", -40.0, 60.0, 2.5),
        ("tanh", -25.0, 25.0, 4.0),
        ("log1p", 0.0, 1e4, 2.0),
        ("log", 1e-30, 1e30, 2.0),
        ("exp_negative", -87.0, 0.0, 1.5),
        ("log1p_unit", 0.0, 1.0, 2.0),
    ],
)
def test_error_over_the_range(name, low, high, limit, dtype):
    rng = np.random.default_rng(0)
    low, high = (-708.0, high) if (name, dtype) == ("exp_negative", np.float64) else (low, high)
    small = rng.uniform(-1, 1, 20_000) * 10.0 ** rng.uniform(-7, 0, 20_000)
    x = np.concatenate([rng.uniform(low, high, 100_000), np.abs(small) if low >= 0 else small])
    x = x[(x >= low) & (x <= high)].astype(dtype)
    x = x[x <= 0] if name == "exp_negative" else x
    exact = getattr(np, name.split("_")[0])(x.astype(np.longdouble))
    assert worst(getattr(mathematics, name), x, exact) < limit


@pytest.mark.parametrize("dtype", DTYPES)
def test_ends(dtype):
    exp, tanh, log1p = mathematics.exp, mathematics.tanh, mathematics.log1p

    @njit(error_model="numpy")
    def at(x):
        return exp(x), tanh(x), log1p(abs(x))

    assert at(dtype(-np.inf))[:2] == (0, -1)
    assert at(dtype(np.inf))[:2] == (np.inf, 1)
    assert at(dtype(0)) == (1, 0, 0)
    assert np.isnan(at(dtype(np.nan))).all()


@njit(error_model="numpy")
def cdf(z):
    return mathematics.normal(z)[0]


@njit(error_model="numpy")
def density(z):
    return mathematics.normal(z)[1]


@pytest.mark.judge
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_normal_distribution_keeps_its_digits_far_in_the_tail(dtype):
    mp = pytest.importorskip("mpmath")
    last = {np.float32: 13.0, np.float64: 37.0}[dtype]
    rng = np.random.default_rng(0)
    z = np.concatenate([rng.uniform(-last, last, 3000), rng.uniform(-1, 1, 500)]).astype(dtype)

    def longer(number):
        high = np.longdouble(float(number))
        return high + np.longdouble(float(number - mp.mpf(float(high))))

    with mp.workdps(40):
        points = [mp.mpf(float(one)) for one in z]
        below = np.array([longer(mp.ncdf(one)) for one in points])
        near = np.array([longer(mp.npdf(one)) for one in points])
    assert worst(cdf, z, below) < 5
    assert worst(density, z, near) < 3


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LIMITS)
def test_activations_match_mpmath_in_the_last_places(name, dtype):
    with np.load(DATA / "activations.npz") as table:  # record_activations.py, mpmath 1.3
        z, exact = table[f"z_{dtype.__name__}"], table[f"{name}_value_{dtype.__name__}"]
    with np.errstate(over="ignore"):
        exact = exact.astype(dtype)
    numbers = [value for _, value in catalog.activation(name).parameters]
    found = kernels.mapped(elementwise.activation_forward(name), z, numbers=numbers)
    sizes = np.finfo(dtype)
    least = 1000 * sizes.tiny  # below it, swish and mish are z times an exponential that is 0
    some = (np.abs(exact) >= least) & (np.abs(exact) <= sizes.max / 4)
    units = np.abs(found[some] - exact[some]) / np.spacing(np.abs(exact[some]))
    assert np.max(units) <= LIMITS[name]
    assert np.all(np.abs(found[np.abs(exact) < least]) <= least)
    np.testing.assert_array_equal(found[np.isinf(exact)], exact[np.isinf(exact)])
