"""Which engine a perceptron takes, and that it makes no difference but in speed."""

import copy
import pickle
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Perceptron as Judge

from glassnet.estimators.perceptron import Perceptron

from support.perceptron_cases import CORNERS, OR, XOR, noisy, quietly

pytest.importorskip("numba")


def blobs(n, d, n_classes=2, seed=0):
    """Continuous features with noisy labels: no score comes near to 0."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    scores = X @ rng.normal(size=(d, n_classes)) + rng.normal(size=(n, n_classes))
    return X, scores.argmax(axis=1)


def same(a, b):
    np.testing.assert_array_equal(a.coef_, b.coef_)
    np.testing.assert_array_equal(a.intercept_, b.intercept_)
    assert a.mistakes_ == b.mistakes_
    assert a.coef_.dtype == b.coef_.dtype


# --- the choice -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "n_classes", "engine"),
    [(499, 2, "numpy"), (500, 2, "numba"), (166, 3, "numpy"), (167, 3, "numba")],
)
@pytest.mark.parametrize("container", [np.asarray, scipy.sparse.csr_array])
def test_auto_goes_by_rows_and_classes(n, n_classes, engine, container):
    X, y = blobs(n, 4, n_classes)
    for settings_ in ({"n_iterations": 1}, {"n_iterations": 9, "shuffle": True}):
        perceptron = quietly(Perceptron(**settings_), container(X), y)
        assert perceptron.engine_ == engine
        assert ("fewer than 500" in perceptron.engine_reason_) == (engine == "numpy")
        assert (perceptron.engine_reason_ == "") == (engine == "numba")


def test_one_may_ask_for_an_engine():
    X, y = blobs(600, 4)
    assert quietly(Perceptron(n_iterations=2, engine="numpy"), X, y).engine_ == "numpy"
    small = Perceptron(engine="numba").fit(CORNERS, OR)
    assert (small.engine_, small.engine_reason_) == ("numba", "")
    assert clone(small).engine == "numba"
    assert small.set_params(engine="numpy").fit(CORNERS, OR).engine_reason_ == "engine='numpy'"


def test_partial_fit_stays_with_compiled_code():
    X, y = blobs(600, 4)
    perceptron = Perceptron().partial_fit(X[:10], y[:10], classes=[0, 1])
    assert perceptron.engine_ == "numpy"
    assert perceptron.partial_fit(X, y).engine_ == "numba"
    assert perceptron.partial_fit(X[:10], y[:10]).engine_ == "numba"
    assert quietly(perceptron, X[:10], y[:10]).engine_ == "numpy"  # fit begins anew


def test_without_numba_auto_takes_numpy(monkeypatch):
    X, y = blobs(600, 4)
    compiled = quietly(Perceptron(n_iterations=3), X, y)
    assert compiled.engine_ == "numba"
    monkeypatch.setitem(sys.modules, "glassnet.engines.numba_perceptron", None)
    plain = quietly(Perceptron(n_iterations=3), X, y)
    assert plain.engine_ == "numpy"
    assert plain.engine_reason_.startswith("Numba cannot be imported: ")
    same(plain, quietly(Perceptron(n_iterations=3, engine="numpy"), X, y))
    with pytest.raises(ImportError, match="engine='numba' needs the package Numba"):
        Perceptron(engine="numba").fit(X, y)
    np.testing.assert_array_equal(compiled.predict(X), plain.predict(X))  # as if unpickled
    compiled.partial_fit(X, y)
    assert compiled.engine_ == "numpy"


@pytest.mark.parametrize(("n", "loads"), [(400, False), (500, True)])
def test_numba_is_loaded_for_large_work_only(n, loads):
    code = f"""
import sys
import numpy as np
from glassnet import Perceptron
X = np.linspace(-1, 1, {n})[:, None]
perceptron = Perceptron().fit(X, X[:, 0] >= 0)
perceptron.predict(X)
print("numba" in sys.modules)
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.stdout.strip() == str(loads), shown.stderr


# --- one result -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("container", [np.asarray, scipy.sparse.csr_array])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_engines_agree_bit_for_bit(n_classes, container, dtype, shuffle):
    X, y = blobs(400, 9, n_classes)
    X[np.abs(X) < 0.2] = 0
    X = container(X.astype(dtype))
    settings_ = {"n_iterations": 4, "shuffle": shuffle, "random_state": 0}
    a, b = (quietly(Perceptron(**settings_, engine=name), X, y) for name in ("numpy", "numba"))
    same(a, b)
    np.testing.assert_allclose(
        a.decision_function(X), b.decision_function(X), rtol=0, atol=300 * np.finfo(dtype).eps
    )
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    a.partial_fit(X, y), b.partial_fit(X, y)
    same(a, b)


@settings(max_examples=300, deadline=None)
@given(
    n=st.integers(4, 40),
    d=st.integers(1, 12),
    n_classes=st.integers(2, 4),
    dtype=st.sampled_from([np.float32, np.float64]),
    rate=st.sampled_from([2.0**-5, 1.0]),
    sparse=st.booleans(),
    shuffle=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_engines_agree_where_sums_are_exact(
    n, d, n_classes, dtype, rate, sparse, shuffle, seed
):
    rng = np.random.default_rng(seed)
    X, y = rng.integers(-3, 4, (n, d)).astype(dtype), rng.integers(0, n_classes, n)
    y[:n_classes] = range(n_classes)
    X = scipy.sparse.csr_array(X) if sparse else X
    settings_ = {"n_iterations": 6, "shuffle": shuffle, "random_state": seed}
    a, b = (quietly(Perceptron(rate, **settings_, engine=e), X, y) for e in ("numpy", "numba"))
    same(a, b)
    np.testing.assert_array_equal(a.decision_function(X), b.decision_function(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_follows_scikit_learn_on_many_samples(dtype):
    # From a first sample of class 0 on, the rules are the same: no score is exactly 0.
    X, y = blobs(5000, 20)
    start = np.flatnonzero(y == 0)[0]
    X, y = X[start:].astype(dtype), y[start:]
    ours = quietly(Perceptron(1.0, n_iterations=3), X, y)
    judge = Judge(shuffle=False, tol=None, max_iter=3).fit(X, y)
    assert ours.engine_ == "numba"
    tolerance = 2000 * np.finfo(dtype).eps
    np.testing.assert_allclose(ours.coef_, judge.coef_, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(ours.predict(X), judge.predict(X))
    for n_classes in (2, 3):
        X, y = blobs(5000, 20, n_classes, seed=1)
        scores = [quietly(Perceptron(n_iterations=9), X, y).score(X, y)]
        scores.append(Judge(shuffle=False, tol=None, max_iter=9).fit(X, y).score(X, y))
        assert abs(scores[0] - scores[1]) < 0.06


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_go_on_alike(copier):
    X, y = blobs(600, 5, 3)
    ours = quietly(Perceptron(shuffle=True, random_state=1, n_iterations=3), X, y)
    other = copier(ours)
    assert other.engine_ == "numba"
    np.testing.assert_array_equal(ours.decision_function(X), other.decision_function(X))
    same(ours.partial_fit(X, y), other.partial_fit(X, y))


def test_fits_in_threads():
    cases = [blobs(800, 6, seed % 3 + 2, seed) for seed in range(6)]
    alone = [quietly(Perceptron(n_iterations=20), X, y) for X, y in cases]
    models = [Perceptron(n_iterations=20).partial_fit(X, y, np.unique(y)) for X, y in cases]

    def work(model, X, y):
        for _ in range(19):
            model.partial_fit(X, y)

    threads = [
        threading.Thread(target=work, args=(model, *case))
        for model, case in zip(models, cases, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model, expected in zip(models, alone, strict=True):
        same(model, expected)


# --- interrupts -------------------------------------------------------------------------


@pytest.fixture
def ctrl_c():
    """Let SIGINT interrupt, also in a run in the background, where it would be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_within_a_pass_keeps_the_passes_before_it(monkeypatch, ctrl_c):
    from glassnet.engines import numba_perceptron as fast

    X, y = blobs(500, 3)
    expected = quietly(Perceptron(n_iterations=2), X, y)
    old = quietly(Perceptron(n_iterations=4), CORNERS, XOR)
    calls, made = [], fast.function

    def pressed(kernel, precision):
        run = made(kernel, precision)

        def call(*arguments):
            calls.append(run(*arguments))
            if len(calls) == press:
                signal.raise_signal(signal.SIGINT)

        return call

    monkeypatch.setattr(fast, "function", pressed)
    monkeypatch.setattr(fast, "_STRETCH", 4)  # a row
    for press, kept in ((100, old), (1250, expected)):
        calls.clear()
        perceptron = copy.deepcopy(old)
        with pytest.raises(KeyboardInterrupt):
            quietly(perceptron, X, y)
        assert press <= len(calls) <= press + 1
        same(perceptron, kept)
        assert perceptron.engine_ == kept.engine_
        assert perceptron.n_iter_ == len(perceptron.mistakes_)


def test_sparse_data_that_point_nowhere_change_nothing():
    X, y = noisy()
    sparse = scipy.sparse.csr_array(X)
    perceptron = quietly(Perceptron(n_iterations=2, engine="numba"), sparse, y)
    before = vars(perceptron).copy()
    sparse.indices[9] = 6
    for call in (perceptron.fit, perceptron.partial_fit):
        with pytest.raises(ValueError, match=r"X\.indices must lie from 0 to 5"):
            call(sparse, y)
        assert all(vars(perceptron)[name] is before[name] for name in before)
