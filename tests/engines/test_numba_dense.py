"""Tiles of products, gradients along rows and transposition, beside NumPy's in float64."""

import numpy as np
import pytest

pytest.importorskip("numba")

from hypothesis import example, given, settings
from hypothesis import strategies as st

from glassnet import MLP, optimizers
from glassnet.engines.compiled import tiles

from support.kernels import run

DTYPES = [np.float32, np.float64]
GUARD = 7  # what stands around a result, and is to stay
SIZES = st.integers(1, 70)


def memory_of(*blocks, room):
    """Return blocks one after another with guards between, then room; and their places."""
    places, parts, at = [], [], 0
    for block in blocks:
        places.append(at + GUARD)
        parts += [np.full(GUARD, np.nan, block.dtype), block.ravel()]
        at += GUARD + block.size
    dtype = blocks[0].dtype
    parts += [np.full(GUARD, 5, dtype), np.full(room, 3, dtype), np.full(GUARD, 5, dtype)]
    return np.concatenate(parts), places, at + GUARD


def result(memory, place, size):
    """Return what was written, after a look at what stands around it."""
    np.testing.assert_array_equal(memory[place - GUARD : place], 5)
    np.testing.assert_array_equal(memory[place + size : place + size + GUARD], 5)
    return memory[place : place + size]


def close(found, expected, scale, terms):
    eps = np.finfo(found.dtype).eps
    assert np.max(np.abs(found - expected)) <= 2 * eps * np.sqrt(terms) * max(scale, 1)


@settings(max_examples=80, deadline=None)
@given(SIZES, SIZES, SIZES, st.sampled_from(DTYPES), st.booleans(), st.booleans())
@example(8, 48, 1, np.float32, False, False)
@example(15, 47, 300, np.float32, False, True)  # terms in two stretches, all kinds of tiles
@example(15, 25, 257, np.float64, True, False)
@example(1, 1, 1, np.float32, True, True)
def test_products(units, places, terms, dtype, transposed, adds):
    rng = np.random.default_rng(units + 71 * places + 5041 * terms)
    c, x = (rng.normal(size=shape).astype(dtype) for shape in [(units, terms), (terms, places)])
    given_c = np.ascontiguousarray(c.T) if transposed else c
    memory, (at_c, at_x), out = memory_of(given_c, x, room=units * places)
    steps = (1, units) if transposed else (terms, 1)
    at = [units, places, terms, out, at_x, at_c, 0, *steps, int(adds)]
    run(tiles.multiply, memory, at, adding=int(adds))
    found = result(memory, out, units * places).reshape(units, places)
    exact = c.astype(np.float64) @ x.astype(np.float64) + (3 if adds else 0)
    close(found, exact, np.max(np.abs(exact)), terms)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_number_of_a_product_is_one_sum_whatever_the_tile(dtype):
    rng = np.random.default_rng(0)
    c, x = rng.normal(size=(23, 300)).astype(dtype), rng.normal(size=(300, 61)).astype(dtype)
    memory, (at_c, at_x), out = memory_of(c, x, room=23 * 61)
    run(tiles.multiply, memory, [23, 61, 300, out, at_x, at_c, 0, 300, 1, 0])
    whole = result(memory, out, 23 * 61).reshape(23, 61).copy()
    for j in range(23):  # unit by unit
        run(tiles.multiply, memory, [1, 61, 300, out, at_x, at_c + 300 * j, 0, 300, 1, 0])
        np.testing.assert_array_equal(memory[out : out + 61], whole[j])


@settings(max_examples=80, deadline=None)
@given(SIZES, SIZES, st.integers(1, 150), st.sampled_from(DTYPES), st.booleans())
@example(7, 6, 33, np.float32, False)
@example(7, 6, 33, np.float32, True)
@example(3, 1, 16, np.float64, False)
def test_gradients_along_rows(rows, units, n, dtype, adds):
    rng = np.random.default_rng(rows + 71 * units + 5041 * n)
    a, delta = (rng.normal(size=shape).astype(dtype) for shape in [(rows, n), (units, n)])
    memory, (at_a, at_delta), out = memory_of(a, delta, room=rows * units)
    at = [rows, units, out, at_a, at_delta]
    run(tiles.gradient_along_rows, memory, at, rows=n, adding=int(adds))
    found = result(memory, out, rows * units).reshape(rows, units)
    exact = a.astype(np.float64) @ delta.astype(np.float64).T + (3 if adds else 0)
    close(found, exact, np.max(np.abs(exact)), n)


@settings(max_examples=60, deadline=None)
@given(SIZES, SIZES, st.sampled_from(DTYPES))
@example(32, 16, np.float32)
@example(17, 33, np.float32)
def test_transposition(rows, columns, dtype):
    x = np.arange(rows * columns, dtype=dtype).reshape(rows, columns)
    memory, (at_x,), out = memory_of(x, room=x.size)
    run(tiles.transpose, memory, [rows, columns, at_x, out])
    np.testing.assert_array_equal(result(memory, out, x.size).reshape(columns, rows), x.T)


def test_zero_stands_for_the_rows_of_the_chunk():
    x = np.arange(12.0).reshape(3, 4)
    memory, (at_x,), out = memory_of(x, room=12)
    run(tiles.transpose, memory, [0, 4, at_x, out], rows=3)
    np.testing.assert_array_equal(result(memory, out, 12).reshape(4, 3), x.T)


@pytest.mark.filterwarnings("ignore::UserWarning")  # the data are constant
@pytest.mark.parametrize("dtype", DTYPES)
def test_training_takes_numbers_below_the_normal_ones_for_zero(dtype):
    """And leaves the thread's arithmetic as it was."""
    tiny = np.finfo(dtype).tiny
    X, y = np.full((4, 1), tiny / 8, dtype), np.full(4, -1, dtype)
    moved = {}
    for engine in ("numpy", "numba"):
        net = MLP([1, 1], engine=engine, initializer="zeros")
        net.fit(X, y, optimizer=optimizers.SGD(0.5), epochs=1)
        moved[engine] = float(net.weights[0][0, 0])
    assert moved["numpy"] < 0 == moved["numba"]
    assert float(np.array(tiny, dtype) / 2) > 0
