"""Models predict with the engine that is theirs, and fits are judged by the one that trains.

Judge: the NumPy engine, which PyTorch checks elsewhere.
"""

import numpy as np
import pytest
import scipy.sparse

from glassnet import MLP, MLPClassifier, MLPRegressor, catalog
from glassnet.engines import choice, cost, numpy_engine
from glassnet.engines.data import Data
from glassnet.network import build_plan

from support import network_cases
from support.network_cases import CASES
from support.predictions import close, reference

numba_engine = pytest.importorskip("glassnet.engines.numba_engine")
numba_prediction = pytest.importorskip("glassnet.engines.numba_prediction")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))


@pytest.fixture
def runs(monkeypatch):
    """Return a list that grows by one with every run of machine code for a prediction."""
    counted, made = [], numba_prediction.function

    def counting(kernel, precision):
        run = made(kernel, precision)
        return lambda *given: counted.append(1) or run(*given)

    monkeypatch.setattr(numba_prediction, "function", counting)
    return counted


# --- who predicts -------------------------------------------------------------------------


def test_the_rule():
    plan = build_plan([2, 10, 5, 1])
    enough = int(0.15 / cost.prediction_seconds(plan, 1)) + 1

    def compiled(asked, trained=None, rows=1):
        return choice.for_prediction(asked, trained, plan, rows) is numba_engine

    assert compiled("numba")
    assert compiled("numba", "numpy")
    assert not compiled("numpy", "numba", rows=enough)
    assert compiled("auto", "numba")
    for trained in (None, "numpy"):
        assert not compiled("auto", trained, rows=enough - 1)
        assert compiled("auto", trained, rows=enough)


def test_the_estimate_is_a_third_of_what_an_epoch_takes_for_its_rows():
    """By hand: 16 units and 75 weights for each row."""
    row = (16 * 20e-9 + 6 * 75 / 5e9) / 3
    found = cost.prediction_seconds(build_plan([2, 10, 5, 1]), 200)
    assert found == pytest.approx(200 * row, rel=1e-12)


@pytest.mark.parametrize("engine", ["numba", "numpy", "auto"])
def test_a_network_predicts_with_its_engine(engine, runs):
    net = MLP([4, 6, 1], "tanh", loss="binary_cross_entropy", seed=0, engine=engine)
    for rows in (X[:1], X):
        close(net.forward(rows), reference(net, rows))
        close(net.predict_proba(rows)[:, 1:], reference(net, rows))
        np.testing.assert_array_equal(net.predict(rows), reference(net, rows)[:, 0] > 0.5)
    assert len(runs) == (6 if engine == "numba" else 0)


def test_auto_goes_on_with_what_trained(runs):
    net = MLP([4, 6, 1], seed=0, engine="numba").fit(X, X[:, 0], epochs=1)
    net.engine = "auto"
    close(net.forward(X), reference(net, X))
    assert len(runs) == 1
    net.fit(X, X[:, 0], epochs=1)  # by NumPy: it is little work
    net.forward(X)
    assert len(runs) == 1


def test_a_long_prediction_is_compiled(runs, monkeypatch):
    net = MLP([4, 6, 1], seed=0)
    bar = cost.prediction_seconds(net.plan, 30)
    monkeypatch.setattr(choice, "_SMALL_SECONDS", bar)
    net.forward(X[:29])
    assert runs == []
    close(net.forward(X[:30]), reference(net, X[:30]))
    assert len(runs) == 1


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_estimators_predict_with_their_engine(dtype, runs):
    rows, labels = X.astype(dtype), np.array(["a", "b", "c"])[np.arange(40) % 3]
    model = MLPClassifier(5, max_iter=3, random_state=0, engine="numba").fit(rows, labels)
    values = MLPRegressor("huber", 5, max_iter=3, random_state=0, engine="numba")
    values.fit(rows, rows[:, :2])
    for some in (rows[:1], rows, rows.astype(np.float64)):
        p = numpy_engine.forward(model._plan, model._state, some.astype(dtype))[0]
        close(model.predict_proba(some), p)
        close(model.network_.forward(some), p)
        np.testing.assert_array_equal(model.predict(some), model.classes_[p.argmax(axis=1)])
        expected = numpy_engine.forward(values._plan, values._state, some.astype(dtype))[0]
        close(values.predict(some), expected)
    assert len(runs) == 12
    model.set_params(engine="numpy").predict(rows)
    assert len(runs) == 12


def test_sparse_rows_and_formulas_of_your_own_are_numpys(runs):
    own = catalog.Activation("own_cube", lambda z: z**3, lambda z, a: 3 * z * z)
    for net in (MLP([4, 6, 1], own, engine="numba"), MLP([4, 6, 1], engine="numba")):
        close(net.forward(scipy.sparse.csr_array(X)), reference(net, X))
    net = MLP([4, 6, 1], own, engine="numba")
    np.testing.assert_array_equal(net.forward(X), reference(net, X))
    assert runs == []


def test_without_numba_numpy_predicts(monkeypatch):
    monkeypatch.setattr(choice, "_compiled", lambda: None)
    net = MLP([4, 6, 1], seed=0, engine="numba")
    np.testing.assert_array_equal(net.forward(X), reference(net, X))


def test_parameters_that_do_not_lie_in_a_row_are_numpys(runs):
    net = MLP([4, 6, 1], seed=0, engine="numba")
    net.state.theta = np.repeat(net.theta, 2)[::2]
    np.testing.assert_array_equal(net.forward(X), reference(net, X))
    assert runs == []


# --- validation ---------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("which", CASES, ids=str)
def test_the_loss_of_held_out_samples(which, weighted):
    plan, state, rows, y, weight = network_cases.build(which)
    state.buffers[...] = RNG.uniform(0.5, 2, state.buffers.shape)
    data = Data(rows, y, weight if weighted else None)
    loss, outputs = numba_engine.evaluate(plan, state, data)
    expected, wanted = numpy_engine.evaluate(plan, state, data)
    assert loss == pytest.approx(expected, rel=1e-12)
    close(outputs, wanted)


@pytest.mark.parametrize(("engine", "count"), [("numba", 3), ("numpy", 0)])
def test_a_fit_is_judged_by_the_engine_that_trains(engine, count, runs):
    net = MLP([4, 6, 1], seed=0, engine=engine)
    net.fit(X, X[:, 0], epochs=3, X_val=X[:9], y_val=X[:9, 1])
    assert len(runs) == count
    loss, _ = numpy_engine.evaluate(net.plan, net.state, Data(X[:9], X[:9, 1:2]))
    assert net.history.validation_loss[-1] == pytest.approx(loss, rel=1e-12)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("engine", "count"), [("numba", 6), ("numpy", 0)])
def test_an_estimator_is_judged_by_the_engine_that_trains(engine, count, runs):
    model = MLPClassifier(5, max_iter=3, random_state=0, engine=engine, early_stopping=True)
    model.fit(X, X[:, 0] > 0)
    assert len(runs) == count  # a loss and a score for each epoch
