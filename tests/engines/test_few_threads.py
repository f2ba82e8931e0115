"""The system gives no more threads: all is done in those there are, to the same numbers."""

import signal
import threading

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import MLP, fit_many, optimizers
from glassnet.engines import cores
from glassnet.engines import numba_engine as fast
from glassnet.engines import numba_prediction as prediction
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan

RNG = np.random.default_rng(0)
PLAN = build_plan([20, 64, 3])
THETA = RNG.normal(0, 0.1, PLAN.n_parameters)
X, Y = RNG.normal(size=(3000, 20)), RNG.normal(size=(3000, 3))


@pytest.fixture(params=[0, 1, 2])
def few(request, monkeypatch):
    """Give so many threads, and no more; have eight cores and let every thread be worth it."""
    monkeypatch.setattr(cores, "_cores", lambda: 8)
    monkeypatch.setattr(fast, "_WORTH_IN_LANES", 0)
    monkeypatch.setattr(prediction, "_WORTH", 0)
    left, start = [None] * request.param, threading.Thread.start

    def start_if_there_is_one(self):
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()
        start(self)

    def begin():
        monkeypatch.setattr(threading.Thread, "start", start_if_there_is_one)

    return begin


def trained(threads, stop=None):
    state, rule = State(THETA.copy(), np.zeros(0)), optimizers.SGD(0.1)
    rates, batches = np.full((2, 1), 0.1), Batches(len(X), len(X))
    block = Block([None] * 2, rates, batches)
    assert fast.train(PLAN, state, Data(X, Y), rule, block, stop, threads).status == "ok"
    return state.theta


@pytest.mark.parametrize("stop", [None, np.zeros(1, np.int64)], ids=["plain", "may stop"])
def test_training(few, stop):
    expected = trained(1)
    few()
    np.testing.assert_array_equal(trained(4, stop), expected)


def test_prediction(few):
    bound = prediction.Bound(PLAN, State(THETA, np.zeros(0)))
    expected = bound(X)
    few()
    for _ in range(2):
        np.testing.assert_array_equal(bound(X, threads=4), expected)


def test_what_a_helper_raises_is_raised(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 8)
    monkeypatch.setattr(prediction, "_WORTH", 0)
    bound, run = prediction.Bound(PLAN, State(THETA, np.zeros(0))), prediction._Runner.run

    def failing(self):
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("no room")
        run(self)

    monkeypatch.setattr(prediction._Runner, "run", failing)
    with pytest.raises(MemoryError, match="no room"):
        bound(X, threads=4)


def test_many_fits(few):
    """A callback keeps them out of the one call of machine code."""

    def nets():
        return [MLP([20, 8, 3], seed=seed, engine="numba") for seed in range(5)]

    told = {"epochs": 2, "batch_size": 500, "callbacks": [lambda epoch: None]}
    expected = [net.fit(X, Y, **told).theta for net in nets()]
    few()
    for net, theta in zip(fit_many(nets(), X, Y, n_threads=4, **told), expected, strict=True):
        np.testing.assert_array_equal(net.theta, theta)


def test_many_fits_without_a_thread_end_at_ctrl_c(monkeypatch):
    """The fit under way takes Ctrl-C for its own; the others are not begun."""

    def none_to_give(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_to_give)
    nets = [MLP([20, 8, 3], seed=seed, engine="numpy") for seed in range(3)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit_many(
                nets,
                X,
                Y,
                epochs=5,
                callbacks=[lambda epoch: signal.raise_signal(signal.SIGINT)],
            )
    finally:
        signal.signal(signal.SIGINT, before)
    assert [len(net.history) for net in nets] == [1, 0, 0]
