"""Predictions of the compiled engine, and models bound for them.

Judge: the NumPy engine, which PyTorch checks elsewhere.
"""

import copy
import pickle
import threading
import weakref

import numpy as np
import pytest
import scipy.sparse

from glassnet import MLP, MLPClassifier, MLPRegressor, catalog
from glassnet.engines import cores, numpy_engine
from glassnet.network import State, build_plan

from support import network_cases
from support.network_cases import CASES
from support.predictions import close

numba_prediction = pytest.importorskip("glassnet.engines.numba_prediction")
Bound = numba_prediction.Bound
RNG = np.random.default_rng(0)
DTYPES = [np.float64, np.float32]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (5, 1), (5, 5), (4,), (1, 1, 4)])
def test_rows_of_another_width_are_refused(shape):
    plan, state, _, _, _ = network_cases.build({})
    with pytest.raises(ValueError, match=r"X must have shape \(n, 4\); got"):
        Bound(plan, state)(np.zeros(shape))
    with pytest.raises(ValueError, match=r"X must have shape \(n, 4\); got"):
        Bound(plan, state).with_logits(np.zeros(shape))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", CASES, ids=str)
def test_every_kind_of_network(which, dtype):
    plan, state, X, _, _ = network_cases.build(which)
    state.astype(np.dtype(dtype))
    state.buffers[...] = RNG.uniform(0.5, 2, state.buffers.shape)
    X = X.astype(dtype)
    bound = Bound(plan, state)
    close(bound(X), numpy_engine.forward(plan, state, X)[0])
    for k in range(3):
        row = X[k : k + 1]
        close(bound(row), numpy_engine.forward(plan, state, row)[0])
    state.theta *= dtype(0.5)  # both are read where they lie
    state.buffers += dtype(1)
    expected = numpy_engine.forward(plan, state, X)[0]
    close(bound(X), expected)
    close(bound(X[:1]), numpy_engine.forward(plan, state, X[:1])[0])


def large(dtype=np.float64):
    plan = build_plan([40, 90, 80, 3], "relu", loss="categorical_cross_entropy")
    theta = RNG.normal(0, 0.2, plan.n_parameters).astype(dtype)
    return plan, State(theta, np.zeros(0, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 1000])
def test_large_products_and_several_chunks(n, dtype):
    plan, state = large(dtype)
    X = RNG.normal(size=(n, 40)).astype(dtype)
    close(Bound(plan, state)(X), numpy_engine.forward(plan, state, X)[0])


def test_same_bits_for_any_number_of_threads(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    monkeypatch.setattr(numba_prediction, "_WORTH", 1)
    plan, state = large()
    X = RNG.normal(size=(1500, 40))
    alone, logits = Bound(plan, state).with_logits(X)
    for threads in (2, 3, 9):
        for bound in (Bound(plan, state), Bound(plan, state)):
            np.testing.assert_array_equal(bound(X, threads), alone)
            np.testing.assert_array_equal(bound.with_logits(X, threads)[1], logits)


def test_any_array_will_do_and_none_is_written():
    plan, state = large()
    X, bound = RNG.normal(size=(300, 40)), Bound(plan, state)
    expected = bound(X)
    packed = np.zeros(300, [("id", "u1"), ("x", "f8", 40)])
    packed["x"] = X
    backwards = np.ascontiguousarray(X[::-1])[::-1]
    for other in (
        np.asfortranarray(X),
        backwards,
        packed["x"],
        np.repeat(X, 2, axis=1)[:, ::2],
        np.ascontiguousarray(X[:, ::-1])[:, ::-1],
    ):
        other.flags.writeable = False
        close(bound(other), expected)
        close(bound(other[7:8]), expected[7:8])


def as_of_a_data_frame(row):
    """Return a row with the strides of a frame's: those of neither axis say anything."""
    found = np.empty(row.shape, order="F")
    found[...] = row
    assert found.strides == (8, 8)
    return found


def test_one_feature_or_one_row_whose_strides_say_nothing():
    """NumPy calls such views contiguous, whatever stride the axis of length one has."""
    rng = np.random.default_rng(0)
    for sizes, X in (
        ([1, 3000, 1], rng.normal(size=1500)[:, None]),
        ([50, 100, 1], rng.normal(size=50)[None]),
        ([70, 80, 3], as_of_a_data_frame(rng.normal(size=(1, 70)))),
    ):
        plan = build_plan(sizes)
        theta = rng.normal(size=plan.n_parameters)
        state = State(theta, np.zeros(0))
        outputs, _ = Bound(plan, state).with_logits(X)
        expected, _ = numpy_engine.forward(plan, state, X)
        close(outputs, expected)


def test_rows_that_overlap():
    plan, state = large()
    bound, numbers = Bound(plan, state), RNG.normal(size=339)
    for rows in (
        np.lib.stride_tricks.sliding_window_view(numbers, 40),
        np.lib.stride_tricks.sliding_window_view(numbers, 300).T[:, :40],
        np.broadcast_to(numbers[:40], (300, 40)),
    ):
        close(bound(rows), numpy_engine.forward(plan, state, rows.copy())[0])


def test_what_blas_can_read_in_place():
    X = np.zeros((6, 4))
    row, column = 2**31 * X.itemsize, X.itemsize
    far = np.lib.stride_tricks.as_strided(X, (2, 4), (row, column))
    apart = np.lib.stride_tricks.as_strided(X, (2, 4), (column, row))
    fit = numba_prediction._fit_for_blas
    assert all(map(fit, (X, X[::2], X[:, 1:], X.T, X.T[:, ::2])))
    assert not any(map(fit, (X[::-1], X[:, ::2], far, apart, np.broadcast_to(X[0], X.shape))))


def test_nan_stays_in_its_row():
    plan, state = large()
    X = RNG.normal(size=(300, 40))
    X[17, 3] = np.nan
    rows = np.flatnonzero(np.isnan(Bound(plan, state)(X)).any(axis=1))
    assert rows.tolist() == [17]
    assert np.isnan(Bound(plan, state)(X[17:18])).all()


def test_threads_may_share_one():
    plan, state = large()
    X, bound = RNG.normal(size=(64, 40)), Bound(plan, state)
    expected = [bound(row[None]) for row in X]
    wrong = []

    def work(begin):
        for k in range(500):
            i = (begin + k) % 64
            if not np.array_equal(bound(X[i : i + 1]), expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(7 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- models -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "squared_error"},
        {"loss": "binary_cross_entropy"},
        {"loss": "categorical_cross_entropy"},
        {"loss": "hinge"},
    ],
    ids=str,
)
def test_a_network_bound(settings):
    k = 3 if "categorical" in settings["loss"] else 1
    net = MLP([4, 6, k], "tanh", seed=1, **settings)
    X = RNG.normal(size=(50, 4))
    ready = net.predictor()
    assert ready.engine_ == "numba"
    close(ready(X), net.forward(X))
    if net.classification:
        np.testing.assert_array_equal(ready.predict(X), net.predict(X))
    else:
        close(ready.predict(X), net.predict(X))
    if "cross" in settings["loss"]:
        close(ready.predict_proba(X), net.predict_proba(X))
    else:
        with pytest.raises(ValueError, match="cross-entropy"):
            ready.predict_proba(X)
    before = ready(X[:1])
    net.theta = np.zeros(len(net.theta))
    np.testing.assert_array_equal(ready(X[:1]), before)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier_bound(classes):
    X = RNG.normal(size=(90, 4))
    y = np.array(["a", "b", "c"])[np.arange(90) % classes]
    model = MLPClassifier(5, max_iter=3, random_state=0).fit(X, y)
    ready = model.predictor()
    np.testing.assert_array_equal(ready.predict(X), model.predict(X))
    close(ready.predict_proba(X), model.predict_proba(X))
    if classes == 2:
        model.set_params(threshold=0.9)
        np.testing.assert_array_equal(model.predictor().predict(X), model.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_other_targets_bound():
    X = RNG.normal(size=(60, 4))
    several = (RNG.uniform(size=(60, 3)) > 0.5).astype(int)
    model = MLPClassifier(5, max_iter=3, random_state=0).fit(X, several)
    np.testing.assert_array_equal(model.predictor().predict(X), model.predict(X))
    for y in (X[:, 0], X[:, :2]):
        numbers = MLPRegressor(hidden_layer_sizes=5, max_iter=3, random_state=0).fit(X, y)
        close(numbers.predictor().predict(X), numbers.predict(X))


def test_what_cannot_be_used_is_refused():
    net = MLP([4, 6, 3], loss="categorical_cross_entropy", seed=1)
    ready = net.predictor()
    for wrong in ([1.0, 2, 3, 4], [[1.0, 2, 3]], np.zeros((2, 2, 4))):
        with pytest.raises(ValueError, match=r"X must have shape \(n, 4\); got"):
            ready.predict(wrong)
    for predict in (ready.forward, ready.predict, ready.predict_proba, net.forward):
        with pytest.raises(ValueError, match=r"at least one sample; got shape \(0, 4\)"):
            predict(np.zeros((0, 4)))
    with pytest.raises(ValueError, match="not finite"):
        ready.predict([[np.nan, 0, 0, 0]])
    with pytest.raises(ValueError, match="threshold"):
        net.predictor(threshold=0.3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (scipy.sparse.csr_array(np.eye(4)), "dense"),
        (np.eye(4) + 1j, "real numbers"),
        (np.ma.masked_array(np.eye(4), mask=True), "masked"),
        ([["a", "b", "c", "d"]], "numbers"),
    ],
    ids=["sparse", "complex", "masked", "text"],
)
def test_what_are_no_rows_of_numbers_is_refused(wrong, words):
    ready = MLP([4, 6, 1], seed=1).predictor()
    with pytest.raises((TypeError, ValueError), match=words):
        ready(wrong)


def test_other_numbers_and_frames_are_read():
    net = MLP([4, 6, 1], seed=1)
    ready, whole = net.predictor(), np.arange(8).reshape(2, 4)
    for X in (whole, whole.tolist(), whole.astype(np.float32), whole.astype(object)):
        close(ready(X), net.forward(X))


def test_it_does_not_travel():
    ready = MLP([4, 6, 1], seed=1).predictor()
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="pickle or copy the model"):
            copied(ready)


def test_rows_are_let_go():
    plan, state = large()
    bound, X = Bound(plan, state), RNG.normal(size=(600, 40))
    kept = weakref.ref(X)
    bound(X)
    del X
    assert kept() is None


def test_formulas_of_your_own_run_on_numpy():
    own = catalog.Activation("own_square", lambda z: z * z, lambda z, a: 2 * z)
    net = MLP([4, 6, 1], own, seed=1)
    ready = net.predictor()
    assert ready.engine_ == "numpy"
    X = RNG.normal(size=(5, 4))
    expected = net.forward(X)
    net.theta = np.zeros(len(net.theta))
    np.testing.assert_array_equal(ready(X), expected)
