"""Sparse data in the compiled engine.

Judges: the NumPy engine, which multiplies through SciPy, and the same data made dense.
"""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse

pytest.importorskip("numba")

from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import optimizers
from glassnet.engines import cores
from glassnet.engines import numba_engine as fast
from glassnet.engines import numpy_engine as slow
from glassnet.engines.compiled import compilation, dense, program, sparse, stages
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan

from support import network_cases
from support.two_engines import agree, both

DTYPES = [np.float32, np.float64]
INDICES = [np.int32, np.int64]


def rows_of(rng, n, d, dtype=np.float64, index=np.int32, most=5):
    """Return CSR rows with places named twice, in no order, zeros, empty rows and columns."""
    counts = rng.integers(0, most + 1, n) * (rng.random(n) < 0.8)
    used = np.flatnonzero(rng.random(d) < 0.7)
    used = used if used.size else np.array([d - 1])
    columns = rng.choice(used, counts.sum()).astype(index)
    values = rng.normal(size=counts.sum()) * (rng.random(counts.sum()) < 0.9)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(index)
    found = scipy.sparse.csr_array((n, d), dtype=dtype)
    found.data, found.indices, found.indptr = values.astype(dtype), columns, starts
    return found


def network(rng, plan, dtype=np.float64):
    theta = rng.normal(0, 0.3, plan.n_parameters).astype(dtype)
    return State(theta, np.ones(plan.n_buffers, dtype), key=network_cases.KEY)


def gradients_agree(plan, state, data, key=None):
    """Compare loss and gradient with the reference's on the entries, and on dense rows."""
    found = fast.loss_and_gradients(plan, state, data.X, data.y, data.weight, key)
    tolerance = 500 * np.finfo(state.theta.dtype).eps
    for X in (data.X, data.X.toarray()):
        loss, expected, _ = slow.loss_and_gradients(plan, state, X, data.y, data.weight, key)
        np.testing.assert_allclose(found[0], loss, rtol=tolerance)
        atol = tolerance * np.max(np.abs(expected), initial=0.0)
        np.testing.assert_allclose(found[1], expected, rtol=tolerance, atol=atol)


# --- the numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", network_cases.CASES, ids=str)
def test_every_kind_of_network(which, dtype):
    plan, state, X, y, weight = network_cases.build(which)
    state.astype(np.dtype(dtype))
    state.key = network_cases.KEY
    X[np.abs(X) < 0.6] = 0
    rows = scipy.sparse.csr_array(X.astype(dtype))
    data = Data(rows, y.astype(dtype), weight.astype(dtype))
    assert fast.lacks(plan, optimizers.SGD(0.05), data) == ""
    gradients_agree(plan, state, data)
    agree(both(plan, state, data, optimizers.SGD(0.05)), dtype)
    agree(both(plan, state, Data(rows, data.y), optimizers.SGD(0.05), size=9), dtype)


@settings(max_examples=250, deadline=None)
@given(
    n=st.integers(1, 40),
    sizes=st.lists(st.integers(1, 21), min_size=2, max_size=4),
    size=st.integers(1, 40),
    most=st.sampled_from([0, 1, 6, 40]),
    dtype=st.sampled_from(DTYPES),
    index=st.sampled_from(INDICES),
    norm=st.sampled_from([None, "layer"]),
    dropout=st.sampled_from([0.0, 0.4]),
    alpha=st.sampled_from([0.0, 0.1]),
    weighted=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_rows(n, sizes, size, most, dtype, index, norm, dropout, alpha, weighted, seed):
    rng = np.random.default_rng(seed)
    plan = build_plan(
        sizes, "tanh", loss="squared_error", norm=norm, dropout=dropout, alpha=alpha
    )
    weight = rng.uniform(0.1, 2, n).astype(dtype) if weighted else None
    rows = rows_of(rng, n, sizes[0], dtype, index, most)
    data = Data(rows, rng.normal(size=(n, sizes[-1])).astype(dtype), weight)
    state = network(rng, plan, dtype)
    if norm is None:  # it divides what is nearly equal by nearly 0, and so enlarges rounding
        gradients_agree(plan, state, data, key=7 if dropout else None)
    rule = optimizers.Momentum(0.01)
    agree(both(plan, state, data, rule, epochs=2, size=min(size, n)), dtype, 1e5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", INDICES)
def test_places_named_twice_in_any_order_add_up_by_hand(dtype, index):
    plan = build_plan([3, 2], loss="squared_error")
    rows = scipy.sparse.csr_array((2, 3), dtype=dtype)
    rows.data = np.array([5, 1, 2, 0], dtype)
    rows.indices, rows.indptr = np.array([2, 0, 2, 1], index), np.array([0, 0, 4], index)
    theta = np.array([1, 2, 3, 4, 5, 6, 10, 20], dtype)  # W by rows, b
    y = np.array([[9, 18], [45, 62]], dtype)  # outputs are 10, 20 and 46, 64
    loss, gradient, _ = fast.loss_and_gradients(plan, State(theta, theta[:0]), rows, y)
    assert loss == (1 + 4 + 1 + 4) / 4
    np.testing.assert_array_equal(gradient, [0.5, 1, 0, 0, 3.5, 7, 1, 2])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("norm", [None, "batch", "layer"])
def test_several_chunks_to_a_lane(norm, weighted, dtype, monkeypatch):
    """Of 25 chunks on 8 lanes some are the second or third of their lane, and add."""
    rng = np.random.default_rng(0)
    monkeypatch.setattr(dense, "_IN_CACHE", 10)
    plan = build_plan(
        [40, 9, 3], "tanh", loss="categorical_cross_entropy", norm=norm, dropout=0.2
    )
    y = np.eye(3, dtype=dtype)[rng.integers(0, 3, 250)]
    weight = rng.uniform(0, 2, 250).astype(dtype) if weighted else None
    data, state = Data(rows_of(rng, 250, 40, dtype), y, weight), network(rng, plan, dtype)
    lanes = fast._shape(plan, Batches(250, 250))[1]
    assert lanes == (1 if norm == "batch" else 8)
    agree(both(plan, state, data, optimizers.SGD(0.1), size=171), dtype)
    agree(both(plan, state, data, optimizers.SGD(0.1), size=250, shuffled=False), dtype)


def test_data_of_the_other_precision_are_cast():
    rng = np.random.default_rng(0)
    plan = build_plan([6, 4, 2], "tanh", loss="squared_error")
    state, rows, y = network(rng, plan, np.float32), rows_of(rng, 30, 6), np.ones((30, 2))
    rows.sum_duplicates()  # as `astype` does
    found = fast.loss_and_gradients(plan, state, rows, y)
    again = fast.loss_and_gradients(plan, state, rows.astype(np.float32), y)
    assert found[0] == again[0]
    np.testing.assert_array_equal(found[1], again[1])
    assert rows.dtype == np.float64


# --- threads ----------------------------------------------------------------------------


@pytest.fixture
def eager(monkeypatch):
    """Have eight cores, and products cut that are too small for it otherwise."""
    monkeypatch.setattr(cores, "_cores", lambda: 8)
    monkeypatch.setattr(fast, "_WORTH_IN_PARTS", 0)
    monkeypatch.setattr(stages, "_PACKED_WORK", 200_000)
    program.build.cache_clear()
    yield
    program.build.cache_clear()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("sizes", "size", "told"),
    [
        ([700, 70, 40, 3], 150, {"dropout": 0.2, "alpha": 0.1}),
        ([700, 70, 40, 3], 150, {"norm": "batch"}),
        ([300, 12, 3], 1500, {"norm": "layer"}),
    ],
    ids=["cut", "cut, batch norm", "lanes"],
)
def test_same_bits_for_any_number_of_threads(sizes, size, told, dtype, eager):
    rng = np.random.default_rng(0)
    plan = build_plan(sizes, "relu", loss="categorical_cross_entropy", **told)
    n, rule = 2000, optimizers.Adam(0.01)
    batches = Batches(n, size, no_single=bool(plan.buffers))
    y = np.eye(3, dtype=dtype)[rng.integers(0, 3, n)]
    data, state = Data(rows_of(rng, n, sizes[0], dtype), y), network(rng, plan, dtype)
    built = program.build(plan, rule, "float64", *fast._shape(plan, batches), sparse=True)
    assert fast._useful(built, plan, batches, 2) == 2
    order, rates = [rng.permutation(n)] * 2, np.full((2, batches.per_epoch), 0.01)

    def trained(threads):
        own = state.copy()
        own.slots = rule.start(own.theta)
        found = fast.train(plan, own, data, rule, Block(order, rates, batches), threads=threads)
        loss = fast.loss_and_gradients(plan, own, data.X, y, None, 7, threads=threads)
        return [own.theta, own.buffers, found.losses, loss[0], loss[1]]

    alone = trained(1)
    for threads in (2, 3, 8):
        for got, expected in zip(trained(threads), alone, strict=True):
            np.testing.assert_array_equal(got, expected)


def test_the_first_layer_is_cut_over_its_units(eager):
    rng, rule = np.random.default_rng(0), optimizers.SGD(0.01)
    plan = build_plan([700, 70, 3], "tanh", loss="squared_error")
    built = program.build(plan, rule, "float64", 150, 1, (150, 150), sparse=True)
    of_forward, of_backward = (
        compilation.address(kernel, "float64") for kernel in (sparse.forward, sparse.backward)
    )
    for kernel in (of_forward, of_backward):
        assert built.at[built.kernels == kernel, :2].tolist() == [[32, 70], [38, 70]]
    data = Data(rows_of(rng, 150, 700), rng.normal(size=(150, 3)))
    gradients_agree(plan, network(rng, plan), data)


# --- arrays -----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", INDICES)
def test_any_arrays_will_do_and_none_is_written(index, dtype):
    rng = np.random.default_rng(0)
    plan = build_plan([9, 4, 2], "tanh", loss="squared_error")
    state, rows = network(rng, plan, dtype), rows_of(rng, 30, 9, dtype, index)
    y = rng.normal(size=(30, 2)).astype(dtype)
    loss, gradient, _ = fast.loss_and_gradients(plan, state, rows, y)
    compiled = compilation.n_compiled()
    odd = rows.copy()
    odd.data = np.repeat(rows.data, 2)[::2]
    odd.indices = np.frombuffer(b"." + rows.indices.tobytes(), index, offset=1)
    frozen = [odd.data, odd.indices, odd.indptr]
    before = [array.copy() for array in frozen]
    for array in frozen:
        array.flags.writeable = False
    again = fast.loss_and_gradients(plan, state, odd, y)
    for other in (rows.tocsc(), rows.tocoo()):
        expected = slow.loss_and_gradients(plan, state, other.tocsr(), y)
        found = fast.loss_and_gradients(plan, state, other, y)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-4, atol=1e-6)
    assert again[0] == loss
    np.testing.assert_array_equal(again[1], gradient)
    for array, old in zip(frozen, before, strict=True):
        np.testing.assert_array_equal(array, old)
    assert compilation.n_compiled() == compiled


def test_nothing_is_made_dense():
    n, d = 1000, 200_000  # 1.6 GB, if it were
    rows = scipy.sparse.csr_array(
        (np.ones(n), (np.arange(n), np.arange(n) * 199)), shape=(n, d)
    )
    plan, rule = build_plan([d, 2, 1], loss="squared_error"), optimizers.SGD(0.1)
    state, y = network(np.random.default_rng(0), plan), np.ones((n, 1))
    args = (
        plan,
        state,
        Data(rows, y),
        rule,
        Block([None], np.full((1, 5), 0.1), Batches(n, 200)),
    )
    fast.train(*args)
    tracemalloc.start()
    fast.train(*args)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * state.theta.nbytes  # 32 MB


@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("indices", 3, 7, "X.indices must lie from 0 to 6"),
        ("indices", 3, -1, "X.indices must lie from 0 to 6"),
        ("indptr", 2, 100, "X.indptr must rise"),
        ("indptr", 5, 36, "X.indptr must rise from 0 to at most 35"),
        ("indptr", 0, -1, "X.indptr must rise"),
    ],
)
def test_a_matrix_that_points_nowhere_changes_nothing(name, place, value, message):
    plan, rule = build_plan([7, 3, 1]), optimizers.Adam(0.1)
    state, rows = (
        network(np.random.default_rng(0), plan),
        scipy.sparse.csr_array(np.ones((5, 7))),
    )
    state.slots, before = rule.start(state.theta), state.copy()
    getattr(rows, name)[place] = value
    args = plan, state, Data(rows, np.ones((5, 1))), rule
    with pytest.raises(ValueError, match=message):
        fast.train(*args, Block([None], np.full((1, 1), 0.1), Batches(5, 5)))
    np.testing.assert_array_equal(state.theta, before.theta)
    assert state.step == before.step
