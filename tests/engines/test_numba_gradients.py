"""The compiled engine's loss and gradient, and L-BFGS that asks for them.

Judges: the NumPy engine, which PyTorch's autograd and central differences check elsewhere.
"""

import numpy as np
import pytest

from glassnet import MLP, MLPClassifier, MLPRegressor, optimizers
from glassnet.engines import cores, numpy_engine
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan

from support import network_cases

fast = pytest.importorskip("glassnet.engines.numba_engine")
DTYPES = [np.float64, np.float32]
CASES = [
    {"activation": "relu", "loss": "squared_error", "alpha": 0.3},
    {"activation": "tanh", "loss": "categorical_cross_entropy", "norm": "layer"},
    {"activation": "gelu", "loss": "binary_cross_entropy", "norm": "batch", "alpha": 0.1},
    {"activation": "sigmoid", "loss": "squared_error", "output": "softmax"},
]
RNG = np.random.default_rng(0)


def agree(found, expected, dtype):
    loss, gradient, kept = found
    assert kept == {}
    assert isinstance(loss, float)
    assert gradient.dtype == dtype
    assert not gradient.flags.writeable
    tolerance = 200 * np.finfo(dtype).eps
    np.testing.assert_allclose(loss, expected[0], rtol=tolerance)
    size = np.max(np.abs(expected[1]))
    np.testing.assert_allclose(gradient, expected[1], rtol=tolerance, atol=tolerance * size)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("which", CASES, ids=str)
def test_every_kind_of_network(which, dtype):
    plan, state, X, y, weight = network_cases.build(which)
    state.astype(np.dtype(dtype))
    X, y, weight = (one.astype(dtype) for one in (X, y, weight))
    before = state.theta.copy(), state.buffers.copy(), state.step
    for weights in (None, weight):
        expected = numpy_engine.loss_and_gradients(plan, state, X, y, weights)
        agree(fast.loss_and_gradients(plan, state, X, y, weights), expected, dtype)
    np.testing.assert_array_equal(state.theta, before[0])
    np.testing.assert_array_equal(state.buffers, before[1])
    assert state.step == before[2]


def large(dtype, rows=900, **settings):
    plan = build_plan([30, 90, 80, 3], "tanh", loss="categorical_cross_entropy", **settings)
    theta = RNG.normal(0, 0.1, plan.n_parameters).astype(dtype)
    X = RNG.normal(size=(rows, 30)).astype(dtype)
    y = np.eye(3, dtype=dtype)[RNG.integers(0, 3, rows)]
    return plan, State(theta, np.zeros(plan.n_buffers, dtype)), X, y


@pytest.mark.parametrize("dtype", DTYPES)
def test_dropout_and_large_products(dtype):
    plan, state, X, y = large(dtype, dropout=0.4)
    for key in (None, 7):
        expected = numpy_engine.loss_and_gradients(plan, state, X, y, None, key)
        agree(fast.loss_and_gradients(plan, state, X, y, None, key), expected, dtype)
    state.step = 5  # other coins
    agree(
        fast.loss_and_gradients(plan, state, X, y, None, 7),
        numpy_engine.loss_and_gradients(plan, state, X, y, None, 7),
        dtype,
    )


@pytest.mark.parametrize("before", ["i4", "u1"], ids=["half a number", "a byte"])
def test_fields_of_packed_records(before):
    """Their rows lie a fraction of a number apart."""
    plan, state, X, y = large(np.float64, 20)
    table = np.zeros(20, [("id", before), ("x", "f8", 30), ("y", "f8", 3)])
    table["x"], table["y"] = X, y
    loss, gradient, _ = fast.loss_and_gradients(plan, state, X, y)
    again = fast.loss_and_gradients(plan, state, table["x"], table["y"])
    assert again[0] == loss
    np.testing.assert_array_equal(again[1], gradient)


def test_same_bits_for_any_number_of_threads(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 4)
    monkeypatch.setattr(fast, "_MOST_ROWS", 128)
    for which in (large(np.float64), large(np.float32, 700, alpha=0.1)):
        loss, gradient, _ = fast.loss_and_gradients(*which)
        for threads in (2, 3):
            again = fast.loss_and_gradients(*which, threads=threads)
            assert again[0] == loss
            np.testing.assert_array_equal(again[1], gradient)


def test_what_it_has_not_comes_from_numpy():
    plan, state, X, y = large(np.float64, 20)
    _, _, kept = fast.loss_and_gradients(plan, state, X, y, keep=("z0",))
    assert kept["z0"].shape == (20, 90)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("norm", [None, "batch"])
def test_l_bfgs_of_a_network(norm, threads):
    X = RNG.normal(size=(80, 3))
    y = np.sin(X).sum(axis=1)

    def fitted(engine):
        net = MLP([3, 12, 1], "tanh", norm=norm, seed=1, engine=engine, n_threads=threads)
        return net.fit(X, y, optimizer="lbfgs", epochs=12)

    slow, quick = fitted("numpy"), fitted("numba")
    assert (quick.engine_, quick.engine_reason_) == ("numba", "")
    np.testing.assert_allclose(quick.history.loss, slow.history.loss, rtol=1e-8)
    np.testing.assert_allclose(quick.theta, slow.theta, rtol=1e-5, atol=1e-7)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_l_bfgs_of_an_estimator(kind):
    X = RNG.normal(size=(80, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    settings = {"solver": "lbfgs", "max_iter": 12, "alpha": 0.1, "random_state": 0}
    slow, quick = (
        kind(hidden_layer_sizes=8, engine=engine, **settings).fit(X, y)
        for engine in ("numpy", "numba")
    )
    assert quick.engine_ == "numba"
    np.testing.assert_allclose(quick.loss_curve_, slow.loss_curve_, rtol=1e-8)
    for a, b in zip(quick.coefs_, slow.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_data_of_another_shape_are_refused():
    """Machine code would read what is not there."""
    plan, state, X, y, weight = network_cases.build({"activation": "tanh"})
    n = len(y)
    for wrong in (
        (X[:, :-1], y, weight),
        (X[:-1], y, weight),
        (X, y[:, :-1], weight),
        (X, y, weight[:-1]),
    ):
        with pytest.raises(ValueError, match=rf"must have the shapes \(\({n}, 4\), "):
            fast.loss_and_gradients(plan, state, *wrong)


@pytest.mark.parametrize(("epochs", "n"), [(3, 9), (2, 8)])
def test_rates_and_orders_that_do_not_fit_are_refused(epochs, n):
    plan, state, X, y, weight = network_cases.build({"activation": "tanh"})
    rule, order = optimizers.SGD(0.1), [np.arange(n)] * 2
    state.slots = rule.start(state.theta)
    with pytest.raises(ValueError, match=r"rates must have shape \(2, 3\), and each order 9"):
        fast.train(
            plan,
            state,
            Data(X, y, weight),
            rule,
            Block(order, np.ones((epochs, 3)), Batches(9, 4)),
        )
