"""The compiled perceptron against the formula, against exact sums, and on any array."""

import threading
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

from glassnet.engines import numba_perceptron as fast
from glassnet.engines.compiled import compilation
from glassnet.estimators import row_sums as slow
from glassnet.formulas.perceptron import perceptron_epoch

DTYPES = [np.float32, np.float64]


def csr(X, index):
    """`X` by its entries, in columns of either width, with zeros among them left out."""
    sparse = scipy.sparse.csr_array(X)
    sparse.indices, sparse.indptr = sparse.indices.astype(index), sparse.indptr.astype(index)
    return sparse


CONTAINERS = {
    "dense": np.asarray,
    "int32": lambda X: csr(X, np.int32),
    "int64": lambda X: csr(X, np.int64),
}
containers = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS)


def learnt(engine, X, wanted, rate, orders):
    """Weights and bias from zero, and the mistakes of each pass."""
    w, b, samples = np.zeros(X.shape[1], X.dtype), np.zeros(1, X.dtype), engine.samples_of(X)
    return w, b, [engine.one_pass(w, b, samples, wanted, rate, order) for order in orders]


def by_the_formula(X, wanted, rate, orders):
    W, b, y = np.zeros((X.shape[1], 1), X.dtype), np.zeros(1, X.dtype), wanted[:, None]
    shown = [slice(None) if order is None else order for order in orders]
    return W, b, [perceptron_epoch(W, b, X[o], y[o].astype(X.dtype), rate)[0] for o in shown]


def equal(found, expected):
    """Compare bit by bit."""
    assert found[0].dtype == expected[0].dtype
    np.testing.assert_array_equal(found[0], np.ravel(expected[0]))
    np.testing.assert_array_equal(found[1], expected[1])
    assert found[2] == expected[2]


def blobs(n, d, dtype, seed=0):
    """Continuous features with noisy labels: no score comes near to 0."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(dtype)
    return X, X @ rng.normal(size=d) + rng.normal(size=n) > 0.3


# --- the numbers ------------------------------------------------------------------------


@settings(max_examples=1500, deadline=None)
@given(
    n=st.integers(1, 25),
    d=st.integers(1, 70),
    dtype=st.sampled_from(DTYPES),
    container=st.sampled_from(list(CONTAINERS.values())),
    rate=st.sampled_from([2.0**-7, 1.0, 4.0]),
    shuffled=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_is_the_formula_where_sums_are_exact(n, d, dtype, container, rate, shuffled, seed):
    rng = np.random.default_rng(seed)
    X, wanted = rng.integers(-3, 4, (n, d)).astype(dtype), rng.random(n) < 0.5
    orders = [rng.permutation(n) if shuffled else None for _ in range(4)]
    found = learnt(fast, container(X), wanted, rate, orders)
    equal(found, by_the_formula(X, wanted, rate, orders))
    scores = fast.scores(container(X), found[0][None], found[1])
    np.testing.assert_array_equal(scores, (X @ found[0] + found[1])[:, None])


@settings(max_examples=300, deadline=None)
@given(
    n=st.integers(1, 25),
    d=st.integers(1, 70),
    dtype=st.sampled_from(DTYPES),
    container=st.sampled_from(list(CONTAINERS.values())),
    integers=st.booleans(),
    rate=st.sampled_from([0.01, 0.3]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_answer_is_that_of_the_exact_score(n, d, dtype, container, integers, rate, seed):
    """Sample by sample: answers, updates, and that a pass is no more than its samples."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) if not integers else rng.integers(-3, 4, (n, d))
    X, wanted = X.astype(dtype), rng.random(n) < 0.5
    whole = learnt(fast, container(X), wanted, rate, [None, None])
    w, b, mistakes = np.zeros(d, dtype), np.zeros(1, dtype), 0
    for i in [*range(n), *range(n)]:
        terms = [Fraction(float(x)) * Fraction(float(v)) for x, v in zip(X[i], w, strict=True)]
        exact = sum(terms) + Fraction(float(b[0]))
        error = float(sum(map(abs, terms)) + abs(Fraction(float(b[0])))) * (d + 1)
        old = w.copy(), b.copy()
        row = fast.samples_of(container(X[i : i + 1]))
        made = fast.one_pass(w, b, row, wanted[i : i + 1], rate, None)
        answer = wanted[i] != bool(made)
        assert answer == (exact >= 0) or abs(exact) <= error * np.finfo(dtype).eps
        update = made * (rate if wanted[i] else -rate)
        np.testing.assert_array_equal(w, old[0] + update * X[i])
        np.testing.assert_array_equal(b, old[1] + update)
        mistakes += made
    equal((w, b, mistakes), (*whole[:2], sum(whole[2])))


@pytest.mark.parametrize("dtype", DTYPES)
@containers
def test_learning_and_predicting_make_the_same_sums(container, dtype):
    # A bias that is minus the predicted product makes the score 0, a hair less makes it
    # negative: so the product that the rule answers by is the predicted one, bit for bit.
    rng, other_order = np.random.default_rng(0), 0
    for d in [*range(1, 100), 257, 1000]:
        x, w = rng.normal(size=(1, d)).astype(dtype), rng.normal(size=d).astype(dtype)
        sparse = container(x)
        product = fast.scores(sparse, w[None], np.zeros(1, dtype))[0, 0]
        samples, yes = fast.samples_of(sparse), np.array([True])
        for bias, wrong in ((-product, 0), (np.nextafter(-product, dtype(-np.inf)), 1)):
            assert fast.one_pass(w.copy(), np.array([bias]), samples, yes, 0.1, None) == wrong
        other_order += product != sum(x[0] * w)
    assert container is not np.asarray or other_order > 50  # which would be noticed


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", [1, 5, 50, 333])
def test_scores_of_several_perceptrons(d, dtype):
    X, _ = blobs(40, d, dtype)
    coef, intercept = blobs(3, d, dtype, 1)[0], np.array([0.5, -2, 0], dtype)
    exact = X.astype(np.longdouble) @ coef.astype(np.longdouble).T + intercept
    size = np.abs(X) @ np.abs(coef).T + np.abs(intercept)
    for container in CONTAINERS.values():
        found = fast.scores(container(X), coef, intercept)
        assert found.dtype == dtype
        assert (np.abs(found - exact) <= (d + 1) * np.finfo(dtype).eps * size).all()
    wider = fast.scores(X, coef.astype(np.float64), intercept)
    assert wider.dtype == np.float64
    np.testing.assert_allclose(wider, exact.astype(float), rtol=1e-12, atol=1e-12 * size.max())


def test_weights_may_lie_in_any_order():
    rng = np.random.default_rng(0)
    X, coef, intercept = rng.normal(size=(9, 5)), rng.normal(size=(3, 5)), rng.normal(size=3)
    expected = fast.scores(X, coef, intercept)
    np.testing.assert_array_equal(fast.scores(X, np.asfortranarray(coef), intercept), expected)
    np.testing.assert_array_equal(
        fast.scores(X, coef[::-1][::-1].astype(">f8"), intercept), expected
    )


def test_tiny_rates_and_entries_underflow_as_in_numpy():
    X, wanted = blobs(30, 4, np.float32)
    for scale, rate in ((1, 1e-50), (1e-38, 0.01), (1e-20, 1e-20), (1, 1e-42)):
        args = X * np.float32(scale), wanted, rate, [None] * 3
        equal(learnt(fast, *args), learnt(slow, *args))


# --- arrays -----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_array_will_do_none_is_written_and_nothing_is_compiled_anew(dtype, tmp_path):
    X, wanted = blobs(60, 7, dtype)
    order = np.random.default_rng(0).permutation(60)
    expected = learnt(fast, X, wanted, 0.1, [order])
    score = fast.scores(X, expected[0][None], expected[1])
    compiled = compilation.n_compiled()
    mapped = np.memmap(tmp_path / "X", dtype, "w+", shape=X.shape)
    mapped[...] = X
    unaligned = np.frombuffer(b"." + X.tobytes(), dtype, offset=1).reshape(X.shape)
    for array in (np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], mapped, unaligned):
        array.flags.writeable = False
        equal(learnt(fast, array, wanted, 0.1, [order]), expected)
        np.testing.assert_array_equal(fast.scores(array, expected[0][None], expected[1]), score)
    small = order.astype(np.int32)
    equal(learnt(fast, X, np.repeat(wanted, 2)[::2], 0.1, [small]), expected)
    assert compilation.n_compiled() == compiled
    np.testing.assert_array_equal(mapped, X)


@pytest.mark.parametrize("index", [np.int32, np.int64])
def test_frozen_sparse_matrices_in_any_order_of_columns(index):
    X, wanted = blobs(60, 7, np.float64)
    X[np.abs(X) < 0.7] = 0
    X[5] = 0
    expected = by_the_formula(X, wanted, 0.1, [None] * 3)
    sparse = csr(X, index)
    for row in range(60):  # each row's entries from the last column to the first
        place = slice(*sparse.indptr[row : row + 2])
        sparse.indices[place] = sparse.indices[place][::-1].copy()
        sparse.data[place] = sparse.data[place][::-1].copy()
    for array in (sparse.data, sparse.indices, sparse.indptr):
        array.flags.writeable = False
    equal(learnt(fast, sparse, wanted, 0.1, [None] * 3), expected)
    np.testing.assert_array_equal(sparse.toarray(), X)


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
def test_a_sparse_matrix_that_points_nowhere_is_refused(name, place, value, message):
    sparse = csr(np.ones((5, 7)), np.int32)
    getattr(sparse, name)[place] = value
    with pytest.raises(ValueError, match=message):
        fast.samples_of(sparse)


# --- stretches --------------------------------------------------------------------------


@containers
def test_stretches_change_nothing(container, monkeypatch):
    X, wanted = blobs(50, 6, np.float64)
    orders = [np.random.default_rng(k).permutation(50) for k in range(3)]
    expected = learnt(fast, container(X), wanted, 0.1, orders)
    scores = fast.scores(container(X), expected[0][None], expected[1])
    calls, made = [], fast.function
    counted = lambda *which: lambda *given: calls.append(made(*which)(*given))  # noqa: E731
    monkeypatch.setattr(fast, "function", counted)
    for stretch, count in ((1, 50), (7, 50), (8, 25), (10**6, 1)):  # a row counts 6 + 1
        monkeypatch.setattr(fast, "_STRETCH", stretch)
        equal(learnt(fast, container(X), wanted, 0.1, orders), expected)
        found = fast.scores(container(X), expected[0][None], expected[1])
        np.testing.assert_array_equal(found, scores)
        assert len(calls) == 4 * count
        calls.clear()


def test_threads_do_not_meet():
    cases = [blobs(3000, 20, dtype, seed) for seed in range(4) for dtype in DTYPES]
    alone = [learnt(fast, X, wanted, 0.1, [None] * 20) for X, wanted in cases]
    found = [None] * len(cases)

    def work(k):
        found[k] = learnt(fast, *cases[k], 0.1, [None] * 20)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, expected in zip(found, alone, strict=True):
        equal(one, expected)


def test_an_order_or_answers_of_another_length_are_refused():
    """Machine code would read what is not there."""
    w, b = np.zeros(2), np.zeros(1)
    rows = fast.samples_of(np.ones((4, 2)))
    answers = np.ones(4, bool)
    with pytest.raises(ValueError, match=r"order must have shape \(4,\); got \(3,\)"):
        fast.one_pass(w, b, rows, answers, 1.0, np.arange(3))
    with pytest.raises(ValueError, match=r"wanted must have shape \(4,\); got \(3,\)"):
        fast.one_pass(w, b, rows, answers[:3], 1.0, None)
    assert not w.any()
