"""Ctrl-C and what else asks the compiled engine to stop: it ends soon, and nothing is torn."""

import os
import signal
import threading

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import MLP, MLPRegressor, optimizers
from glassnet.engines import cores
from glassnet.engines import numba_engine as fast
from glassnet.engines import numpy_engine as slow
from glassnet.engines.compiled import dense, layout
from glassnet.engines.compiled.run import Run
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan
from glassnet.training import whole

from support import network_cases

RNG = np.random.default_rng(0)


def case(which, dtype):
    plan, state, X, y, weight = network_cases.build(which)
    state.astype(np.dtype(dtype))
    return plan, state, Data(*(one.astype(dtype) for one in (X, y, weight)))


# --- steps -----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [slow, fast], ids=["numpy", "numba"])
def test_it_stops_before_the_next_step_when_asked(engine):
    plan, state, data = case({"activation": "tanh"}, np.float64)
    rule, batches, rates = optimizers.SGD(0.1), Batches(9, 4), np.full((5, 3), 0.1)
    state.slots, before = rule.start(state.theta), state.theta.copy()
    stop = np.ones(1, np.int64)
    args = plan, state, data, rule, Block([None] * 5, rates, batches)
    losses, status, epochs = engine.train(*args, stop)
    assert (status, epochs, state.step) == ("stopped", 0, 0)
    assert np.isnan(losses).all()
    np.testing.assert_array_equal(state.theta, before)
    stop[0] = 0
    assert engine.train(*args, stop)[1:] == ("ok", 5)
    assert state.step == 15


def test_a_long_call_is_stopped_from_outside():
    """The compiled loop leaves the calling thread free, and looks at `stop` meanwhile."""
    plan, state, data = case({"activation": "tanh"}, np.float64)
    rule, batches, epochs = optimizers.SGD(1e-9), Batches(9, 4), 400_000
    state.slots, stop = rule.start(state.theta), np.zeros(1, np.int64)
    block = Block([None] * epochs, np.full((epochs, 3), 1e-9), batches)
    fast.train(plan, state.copy(), data, rule, block.first(1))  # compile first
    timer = threading.Timer(0.2, lambda: stop.__setitem__(0, 1))
    timer.start()
    losses, status, done = fast.train(plan, state, data, rule, block, stop)
    timer.join()
    assert status == "stopped"
    assert done < epochs  # none, where a busy machine was slow to begin
    reached = np.isfinite(losses[..., 0]).sum()
    assert state.step == reached
    assert done * 3 <= reached < done * 3 + 3


def test_whoever_is_interrupted_waits_until_the_loop_has_let_go(monkeypatch):
    plan, state, data = case({"activation": "tanh"}, np.float64)
    rule, batches, epochs = optimizers.SGD(1e-9), Batches(9, 4), 400_000
    state.slots, stop = rule.start(state.theta), np.zeros(1, np.int64)
    rates, waited = np.full((epochs, 3), 1e-9), []
    wait = threading.Event.wait

    def interrupted(self, timeout=None):
        if timeout == 0.05 and len(waited) < 3:
            waited.append(self)
            raise KeyboardInterrupt(len(waited))
        return wait(self, timeout)

    monkeypatch.setattr(threading.Event, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt, match="1"):
        fast.train(plan, state, data, rule, Block([None] * epochs, rates, batches), stop)
    assert stop[0] == 1
    assert len(waited) == 3
    assert "glassnet" not in [thread.name for thread in threading.enumerate()]


def test_what_ends_the_loop_in_its_own_thread_is_raised(monkeypatch):
    plan, state, data = case({"activation": "tanh"}, np.float64)

    def run(self):
        raise MemoryError("no room")

    monkeypatch.setattr(Run, "_here", run)
    rates, rule, stop = np.full((1, 1), 0.1), optimizers.SGD(0.05), np.zeros(1, np.int64)
    state.slots = rule.start(state.theta)
    with pytest.raises(MemoryError, match="no room"):
        fast.train(plan, state, data, rule, Block([None], rates, Batches(9, 9)), stop)


def endless(data, n):
    """Return so many times the first row, which take no memory."""
    arrays = data.X, data.y
    return [
        np.lib.stride_tricks.as_strided(one, (n, one.shape[1]), (0, one.strides[1]))
        for one in arrays
    ]


def test_a_step_of_many_chunks_is_given_up_when_asked(monkeypatch):
    """The last lane of the batch is not reached."""
    monkeypatch.setattr(dense, "_IN_CACHE", 5)
    reals = []
    monkeypatch.setattr(fast, "Run", lambda *args: reals.append(args[3].array) or Run(*args))
    plan, state, data = case({"activation": "tanh"}, np.float64)
    n = 20_000_000
    X, y = endless(data, n)
    rule, before, stop = optimizers.SGD(0.1), state.theta.copy(), np.zeros(1, np.int64)
    state.slots = rule.start(state.theta)
    timer = threading.Timer(0.3, lambda: stop.__setitem__(0, 1))
    timer.start()
    rates = np.full((1, 1), 0.1)
    found = fast.train(plan, state, Data(X, y), rule, Block([None], rates, Batches(n, n)), stop)
    timer.join()
    assert (found.status, found.epochs, state.step) == ("stopped", 0, 0)
    assert np.isnan(found.losses).all()
    np.testing.assert_array_equal(state.theta, before)
    loss = reals[0].reshape(-1, layout.N_REALS)[:, layout.REALS.index("loss")]
    assert loss[1] > 0
    assert loss[-1] == 0


@pytest.mark.parametrize("which", [{"activation": "tanh"}, {"norm": "batch"}], ids=str)
@pytest.mark.parametrize("n", [9, 700])
def test_learning_is_left_off_between_two_instructions(which, n):
    """Batch normalization has one chunk only, however many rows there are."""
    plan, state, data = case(which, np.float64)
    X, y = endless(data, n)
    loss, gradient, _ = fast.loss_and_gradients(
        plan, state, X, y, stop=np.ones(1, np.int64), threads=2
    )
    assert loss == 0
    assert not gradient.any()
    assert fast.loss_and_gradients(plan, state, X, y, stop=np.zeros(1, np.int64))[0] > 0


def test_learning_is_left_off_between_two_stages_of_a_team(monkeypatch):
    monkeypatch.setattr(cores, "_cores", lambda: 8)
    monkeypatch.setattr(fast, "_WORTH_IN_PARTS", 0)
    plan = build_plan([260, 256, 64, 3], norm="batch")
    state = State(RNG.normal(0, 0.1, plan.n_parameters), np.zeros(plan.n_buffers))
    rows, targets = RNG.normal(size=(200, 260)), RNG.normal(size=(200, 3))
    runs = []
    monkeypatch.setattr(fast, "Run", lambda *args: runs.append(args[4]) or Run(*args))
    stop = np.ones(1, np.int64)
    loss, gradient, _ = fast.loss_and_gradients(
        plan, state, rows, targets, stop=stop, threads=2
    )
    assert runs == [2]  # threads
    assert loss == 0
    assert not gradient.any()


# --- L-BFGS ----------------------------------------------------------------------------


@pytest.fixture
def pressed_in_evaluation(monkeypatch):
    """Return a function: Ctrl-C is pressed within the evaluation of that number."""

    def press_in(number):
        real, calls = fast.loss_and_gradients, []

        def evaluate(*args, **kwargs):
            calls.append(1)
            if len(calls) == number:
                os.kill(os.getpid(), signal.SIGINT)
            return real(*args, **kwargs)

        monkeypatch.setattr(fast, "loss_and_gradients", evaluate)

    monkeypatch.setattr(whole, "epochs_in_a_moment", lambda *args: 0.5)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield press_in
    signal.signal(signal.SIGINT, before)


X, Y = RNG.normal(size=(60, 3)), RNG.normal(size=60)


@pytest.mark.parametrize("norm", [None, "batch"])
def test_lbfgs_is_given_up_within_an_evaluation(pressed_in_evaluation, norm):
    def net():
        return MLP([3, 8, 1], activation="tanh", norm=norm, seed=0, engine="numba")

    pressed_in_evaluation(7)
    with pytest.warns(UserWarning, match="interrupted"):
        stopped = net().fit(X, Y, optimizer="lbfgs", epochs=50)
    done = len(stopped.history)
    assert stopped.history.stopped == "interrupted"
    assert 0 < done < 7
    pressed_in_evaluation(0)
    whole_run = net().fit(X, Y, optimizer="lbfgs", epochs=done)
    np.testing.assert_array_equal(stopped.theta, whole_run.theta)
    np.testing.assert_allclose(stopped.state.buffers, whole_run.state.buffers, rtol=1e-12)
    assert stopped.history.loss == whole_run.history.loss
    assert stopped.state.step == whole_run.state.step


def test_lbfgs_given_up_in_its_first_evaluation_leaves_the_network(pressed_in_evaluation):
    net = MLP([3, 8, 1], norm="batch", seed=0, engine="numba")
    before = net.state.copy()
    pressed_in_evaluation(1)
    with pytest.warns(UserWarning, match="interrupted"):
        net.fit(X, Y, optimizer="lbfgs")
    assert len(net.history) == 0
    np.testing.assert_array_equal(net.theta, before.theta)
    np.testing.assert_array_equal(net.state.buffers, before.buffers)


@pytest.mark.parametrize("number", [1, 7])
def test_an_estimators_lbfgs_is_given_up(pressed_in_evaluation, number):
    def model(iterations):
        return MLPRegressor(
            hidden_layer_sizes=8,
            solver="lbfgs",
            max_iter=iterations,
            random_state=0,
            engine="numba",
        )

    pressed_in_evaluation(number)
    with pytest.warns(UserWarning, match="interrupted by user"):
        stopped = model(50).fit(X, Y)
    assert len(stopped.loss_curve_) == stopped.n_iter_ < number
    if number > 1:
        pressed_in_evaluation(0)
        with pytest.warns(UserWarning, match="converge"):
            again = model(stopped.n_iter_).fit(X, Y)
        np.testing.assert_array_equal(stopped.predict(X), again.predict(X))
