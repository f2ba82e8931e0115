"""Models predict from the numbers they hold now, in any thread and wherever they travel.

Judge: the NumPy engine, which PyTorch checks elsewhere.
"""

import copy
import gc
import pickle
import threading

import numpy as np
import pytest

from glassnet import MLP, optimizers
from glassnet.engines import numpy_engine
from glassnet.engines.kept import Kept
from glassnet.network import build_plan

from support.predictions import close, reference

numba_prediction = pytest.importorskip("glassnet.engines.numba_prediction")
numba_engine = pytest.importorskip("glassnet.engines.numba_engine")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))


def changes():
    def fit(net):
        net.fit(X, X[:, 0], epochs=2, batch_size=7, optimizer=optimizers.SGD(0.1))

    def weights(net):
        net.weights[0] = 0.5 * net.weights[0] + 0.1

    def theta(net):
        net.theta[...] = 0.3

    def vector(net):
        net.theta = np.full(len(net.theta), -0.2)

    def precision(net):
        net.state.astype(np.dtype(np.float32))

    def running(net):
        net.state.buffers[...] = 2.0

    def state(net):
        net.state = net.state.copy()
        net.theta *= 0.7

    def plan(net):
        net.plan = build_plan([4, 6, 1], "relu", norm="batch")

    return [fit, weights, theta, vector, precision, running, state, plan]


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("change", changes(), ids=lambda change: change.__name__)
def test_what_is_written_is_seen(change, engine):
    net = MLP([4, 6, 1], "tanh", norm="batch", seed=0, engine=engine)
    rows = [X[:1], X]
    before = [net.forward(some) for some in rows]
    change(net)
    for some, old in zip(rows, before, strict=True):
        fresh = MLP.of(net.plan, net.state.copy(), net.rng)
        expected = reference(fresh, some.astype(net.theta.dtype))
        close(net.forward(some), expected)
        assert np.max(np.abs(expected - old)) > 1e-12  # else the test shows nothing


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("travel", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_has_numbers_of_its_own(travel, engine):
    net = MLP([4, 6, 1], "tanh", norm="batch", seed=0, engine=engine)
    held, before = vars(net) | vars(net.state), net.forward(X)
    other = travel(net)
    assert vars(net) | vars(net.state) == held  # what is kept stands beside them
    assert vars(other).keys() | vars(other.state).keys() == held.keys()
    np.testing.assert_array_equal(other.forward(X), before)
    other.theta *= 2
    other.state.buffers += 1
    assert np.all(other.forward(X) != before)
    np.testing.assert_array_equal(net.forward(X), before)
    net.theta[...] = 0
    assert np.all(other.forward(X) != net.forward(X))


def test_what_is_kept_goes_with_its_state():
    kept = Kept(lambda plan, state: object())
    plan = build_plan([1, 1])
    states = [MLP.of(plan, MLP([1, 1]).state, None).state for _ in range(3)]
    first = kept.of(plan, states[0])
    assert kept.of(plan, states[0]) is first
    assert kept.of(plan, states[1]) is not first
    assert len(kept._entries) == 2
    del states
    gc.collect()
    assert len(kept._entries) == 0


@pytest.mark.parametrize("engine", [numba_prediction._bound, numpy_engine._passes])
def test_no_engine_holds_on_to_a_network(engine):
    gc.collect()
    before = len(engine._entries)
    net = MLP([4, 6, 1], seed=0)
    for module in (numba_engine, numpy_engine):
        module.forward(net.plan, net.state, X)
    assert len(engine._entries) == before + 1
    del net
    gc.collect()
    assert len(engine._entries) == before


# --- threads, and looks in between --------------------------------------------------------


@pytest.mark.parametrize("norm", ["batch", "layer"])
@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_several_threads_predict_at_once(engine, norm):
    net = MLP([4, 30, 3], "tanh", norm=norm, seed=0, engine=engine)
    parts = [X[i : i + k] for i in range(12) for k in (1, 2, 9, 25)]
    expected, wrong = [net.forward(part) for part in parts], []

    def work(begin):
        for k in range(300):
            i = (begin + k) % len(parts)
            if not np.array_equal(net.forward(parts[i]), expected[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(7 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_call_within_a_call_has_memory_of_its_own(monkeypatch):
    """As of a signal's handler that predicts while the network it knows does."""
    net, made, inner = MLP([4, 6, 1], seed=0, engine="numba"), numba_prediction.function, []

    def interrupted(kernel, precision):
        call = made(kernel, precision)

        def run(*given):
            if not inner:
                inner.append(None)
                inner[0] = net.forward(X[1:2])
            call(*given)

        return run

    monkeypatch.setattr(numba_prediction, "function", interrupted)
    close(net.forward(X[:1]), reference(net, X[:1]))
    close(inner[0], reference(net, X[1:2]))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_a_callback_sees_the_network_of_its_epoch(engine):
    seen = []

    def look(epoch):
        net = epoch.model
        for rows in (X[:1], X):
            close(net.forward(rows), reference(MLP.of(net.plan, net.state.copy(), None), rows))
        seen.append(net.forward(X))

    net = MLP([4, 6, 1], norm="batch", seed=0, engine=engine)
    net.fit(X, X[:, 0], epochs=4, batch_size=10, callbacks=[look])
    assert len(seen) == 4
    assert np.all(seen[0] != seen[3])


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_parameters_that_are_not_to_be_written_are_not(engine):
    net = MLP([4, 6, 1], engine=engine, seed=0)
    before = net.theta.copy()
    net.theta.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        net.fit(X, X[:, 0], epochs=2)
    np.testing.assert_array_equal(net.theta, before)
    close(net.forward(X), reference(net, X))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_parameters_that_cannot_be_written_are_not(engine, tmp_path):
    """As those of a model that joblib has mapped into memory: machine code would crash."""
    net, other = (MLP([4, 6, 1], engine=engine, seed=0) for _ in range(2))
    np.save(tmp_path / "theta.npy", net.theta)
    theta = net.state.theta = np.load(tmp_path / "theta.npy", mmap_mode="r")
    before = theta.copy()
    net.fit(X, X[:, 0], epochs=2)
    np.testing.assert_array_equal(net.theta, other.fit(X, X[:, 0], epochs=2).theta)
    np.testing.assert_array_equal(theta, before)
    close(net.forward(X), reference(net, X))


def test_little_memory_is_kept_after_large_predictions():
    net = MLP([50, 400, 400, 1], engine="numba", seed=0)
    rows = np.zeros((3000, 50))
    threads = [threading.Thread(target=net.forward, args=(rows,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = numba_prediction._bound.of(net.plan, net.state)._many
    assert sum(one.nbytes for one in kept) <= 8e6
    small = MLP([4, 6, 1], engine="numba", seed=0)
    small.forward(X)
    assert len(numba_prediction._bound.of(small.plan, small.state)._many) == 1
