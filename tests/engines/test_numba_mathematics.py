"""The compiled exponentials and logarithms: how many roundings they are off, measured."""

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from glassnet.engines.compiled import mathematics

DTYPES = [np.float32, np.float64]


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
    ],
)
def test_error_over_the_range(name, low, high, limit, dtype):
    rng = np.random.default_rng(0)
    small = rng.uniform(-1, 1, 20_000) * 10.0 ** rng.uniform(-7, 0, 20_000)
    x = np.concatenate([rng.uniform(low, high, 100_000), np.abs(small) if low >= 0 else small])
    x = x[(x >= low) & (x <= high)].astype(dtype)
    exact = getattr(np, name)(x.astype(np.longdouble))
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
