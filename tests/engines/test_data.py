"""Looks at whole arrays: right for any numbers, and without memory of their size."""

import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet import MLP, inputs
from glassnet.engines import data
from glassnet.engines.data import all_finite, pieces
from glassnet.network.state import aligned

RNG = np.random.default_rng(0)


def layouts(X):
    """Return arrays of the numbers of `X`, laid out in memory in other ways."""
    return (X, np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X[::-1].copy()[::-1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_finite_or_not(dtype, data):
    shape = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
    x = data.draw(
        hnp.arrays(dtype, shape, elements=st.floats(width=np.dtype(dtype).itemsize * 8))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all_finite(x) == bool(np.isfinite(x).all())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [5, 70_000])
def test_one_number_in_many(n, dtype):
    for X in layouts(RNG.normal(size=(n, 3)).astype(dtype)):
        assert all_finite(X)
        for place in ((0, 0), (n // 2, 1), (n - 1, 2)):
            kept = X[place]
            for bad in (np.nan, np.inf, -np.inf):
                X[place] = bad
                assert not all_finite(X)
            X[place] = kept
        X[0], X[-1] = np.finfo(dtype).max, np.finfo(dtype).min  # their sums overflow
        assert all_finite(X)


@pytest.mark.parametrize("shape", [(7,), (7, 0), (0, 3), (200_000,), (1000, 300), (3, 100_000)])
def test_pieces_are_all_of_the_rows_and_small(shape):
    X = np.arange(np.prod(shape)).reshape(shape)
    found = list(pieces(X))
    np.testing.assert_array_equal(np.concatenate([X[:0], *found]), X)
    assert all(len(one) == 1 or one.size <= data._PIECE for one in found)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_where_parameters_begin(dtype):
    for n in (1, 7, 100):
        x = RNG.normal(size=n).astype(dtype)
        own = aligned(x)
        assert own.ctypes.data % 64 == 0
        assert own.dtype == dtype
        np.testing.assert_array_equal(own, x)
        assert not np.shares_memory(own, x)
    state = MLP([3, 5, 1]).state
    state.astype(np.dtype(dtype))
    assert state.theta.ctypes.data % 64 == state.copy().theta.ctypes.data % 64 == 0


# --- the scale of the features ------------------------------------------------------------


def words(X):
    """Return what is said of the scale of `X`."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        inputs.warn_of_scale(X, np.broadcast_to(0.0, (len(X), 1)), MLP([3, 1]).plan)
    return " ".join(str(one.message) for one in said)


def test_the_largest_number_is_found_wherever_it_stands():
    for X in layouts(RNG.uniform(-1, 1, size=(70_000, 3))):
        assert words(X) == ""
        for place in ((0, 0), (35_000, 1), (69_999, 2)):
            kept = X[place]
            for sign in (-1, 1):
                X[place] = sign * 1000.0
                assert words(X) == ""
                X[place] = sign * 4321.0
                assert words(X).startswith("X reaches 4.32e+03")
            X[place] = kept


def test_a_column_may_vary_late():
    for X in layouts(np.full((70_000, 3), 5.0)):
        assert words(X).startswith("no column of X varies")
        for place in ((0, 0), (35_000, 1), (69_999, 2)):
            for by, said in ((-2e-8, False), (2e-8, False), (0.9e-8, True)):
                X[place] = 5 + by
                assert words(X).startswith("no column of X varies") == said
            X[place] = 5


def test_a_drift_too_slow_for_any_block_is_seen():
    X = np.repeat(np.linspace(0, 2e-8, 70_000)[:, None], 3, axis=1)
    assert words(X) == ""


def test_nothing_as_large_as_the_data_is_made():
    for X in layouts(RNG.normal(size=(200_000, 3))):
        for look in (all_finite, words):
            look(X[:10])
            tracemalloc.start()
            look(X)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert peak < X.nbytes / 4
