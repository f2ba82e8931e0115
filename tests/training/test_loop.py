"""Ctrl-C, callbacks that fail, and what is shown while training."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from glassnet import MLP, optimizers
from glassnet.engines import numpy_engine
from glassnet.training.interrupt import Interrupt

X = np.random.default_rng(0).normal(size=(20, 2))
Y = np.arange(20) % 2


def press_ctrl_c_at(number):
    def callback(epoch):
        if epoch.number == number:
            os.kill(os.getpid(), signal.SIGINT)

    return callback


def test_ctrl_c_stops_after_a_whole_epoch_and_keeps_the_state():
    net, other = MLP([2, 4, 1], seed=0), MLP([2, 4, 1], seed=0)
    with pytest.warns(UserWarning, match="interrupted; the trained state is kept"):
        net.fit(X, Y, epochs=100, callbacks=[press_ctrl_c_at(4)], batch_size=5)
    assert net.history.stopped == "interrupted"
    assert len(net.history) == 5
    np.testing.assert_array_equal(net.theta, other.fit(X, Y, epochs=5, batch_size=5).theta)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    net.fit(X, Y, epochs=2)
    assert net.history.stopped == "finished"


def test_a_keyboard_interrupt_from_a_callback_stops_too():
    def callback(epoch):
        raise KeyboardInterrupt

    net = MLP([2, 4, 1], seed=0)
    with pytest.warns(UserWarning, match="interrupted"):
        net.fit(X, Y, callbacks=[callback])
    assert len(net.history) == 1


def test_ctrl_c_ends_one_fit_of_several():
    nets = [MLP([2, 4, 1], seed=seed) for seed in range(2)]

    def fit_each():
        for net in nets:
            net.fit(X, Y, epochs=5, callbacks=[press_ctrl_c_at(2)] if net is nets[0] else [])

    with pytest.warns(UserWarning, match="interrupted"):
        fit_each()
    assert [net.history.stopped for net in nets] == ["interrupted", "finished"]


def test_ctrl_c_stops_lbfgs():
    net = MLP([2, 4, 1], seed=0)
    with pytest.warns(UserWarning, match="interrupted"):
        net.fit(X, Y, optimizer="lbfgs", epochs=100, callbacks=[press_ctrl_c_at(2)])
    assert len(net.history) == 3


def test_the_second_ctrl_c_interrupts_at_once():
    with Interrupt() as interrupt:
        signal.raise_signal(signal.SIGINT)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_user_is_left_alone():
    def mine(number, frame):
        raise AssertionError

    before = signal.signal(signal.SIGINT, mine)
    try:
        with Interrupt():
            assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_works_in_a_thread():
    net = MLP([2, 4, 1], seed=0)
    thread = threading.Thread(target=net.fit, args=(X, Y), kwargs={"epochs": 3})
    thread.start()
    thread.join()
    assert len(net.history) == 3


def test_an_exception_in_a_callback_is_raised_and_nothing_is_lost():
    def callback(epoch):
        if epoch.number == 2:
            raise ZeroDivisionError

    net, other = MLP([2, 4, 1], seed=0), MLP([2, 4, 1], seed=0)
    with pytest.raises(ZeroDivisionError):
        net.fit(X, Y, epochs=10, callbacks=[callback])
    assert len(net.history) == 3
    np.testing.assert_array_equal(net.theta, other.fit(X, Y, epochs=3).theta)


@pytest.mark.parametrize(
    ("verbose", "lines"), [(False, 0), (0, 0), (1, 25), (10, 4), (12, 3), (True, 13)]
)
def test_lines(capsys, verbose, lines):
    MLP([2, 4, 1], seed=0).fit(X, Y, epochs=25, verbose=verbose)
    out = capsys.readouterr().out.splitlines()
    assert len(out) == lines
    if lines:
        assert out[0].startswith("Epoch 0: loss 0.")
        assert out[-1].startswith("Epoch 24: loss 0.")  # the last one too, once


def test_lines_name_validation_metrics_and_the_reason_to_stop(capsys):
    MLP([2, 4, 1], seed=0).fit(
        X,
        Y,
        epochs=50,
        X_val=X,
        y_val=Y,
        metrics=["r2"],
        verbose=100,
        callbacks=[lambda e: True],
    )
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Epoch 0: loss ")
    assert "validation loss" in first
    assert "r2 " in first
    assert last == "Stopped: callback"


def test_a_terminal_gets_a_bar():
    pty = pytest.importorskip("pty")
    script = textwrap.dedent("""
        import numpy as np
        from glassnet import MLP
        X = np.random.default_rng(0).normal(size=(20, 2))
        MLP([2, 4, 1], seed=0).fit(X, X[:, 0], epochs=40, verbose=True)
    """)
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=theirs, stdin=theirs, env=environment
    )
    os.close(theirs)
    chunks = []
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux's way of saying that the other end is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(ours)
    assert process.wait() == 0
    text = b"".join(chunks).decode()
    assert "40/40" in text
    assert "loss 0." in text


def test_jupyter_gets_a_bar():
    """A kernel of Jupyter runs the cell; its output must be one HTML progress element."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    cell = nbformat.v4.new_code_cell(
        "import numpy as np\nfrom glassnet import MLP\n"
        "X = np.random.default_rng(0).normal(size=(20, 2))\n"
        "_ = MLP([2, 4, 1], seed=0).fit(X, X[:, 0], epochs=40, verbose=True)"
    )
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    outputs = notebook.cells[0].outputs
    assert len(outputs) == 1
    html = outputs[0]["data"]["text/html"]
    assert '<progress value="40" max="40"' in html
    assert "loss 0." in html


def test_a_metric_that_fails_leaves_state_and_history_in_step():
    calls = []

    def metric(y, prediction):
        calls.append(1)
        return 0.0 if len(calls) < 3 else 1 / 0

    net, other = MLP([2, 4, 1], seed=0), MLP([2, 4, 1], seed=0)
    with pytest.raises(ZeroDivisionError):
        net.fit(X, Y, epochs=10, metrics={"m": metric})
    assert len(net.history) == 2
    np.testing.assert_array_equal(net.theta, other.fit(X, Y, epochs=2).theta)
    assert net.history.stopped == "error"


def test_an_interrupted_line_search_keeps_the_last_iterate(monkeypatch):
    count, real = [], numpy_engine.loss_and_gradients

    def interrupted(*args, **kwargs):
        count.append(1)
        if len(count) == 8:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    net = MLP([2, 4, 1], seed=0)
    seen = [net.theta.copy()]
    monkeypatch.setattr(numpy_engine, "loss_and_gradients", interrupted)
    with pytest.warns(UserWarning, match="interrupted"):
        net.fit(X, Y, optimizer="lbfgs", callbacks=[lambda e: seen.append(net.theta.copy())])
    assert len(net.history) == len(seen) - 1 >= 1
    np.testing.assert_array_equal(net.theta, seen[-1])


def test_a_callback_may_not_move_theta_under_lbfgs():
    def move(epoch):
        epoch.model.theta *= 0.5

    with pytest.raises(RuntimeError, match="a callback changed theta"):
        MLP([2, 4, 1], seed=0).fit(X, Y, optimizer="lbfgs", callbacks=[move])


def test_a_model_is_trained_by_one_fit_at_a_time():
    net = MLP([2, 4, 1], seed=0)
    with pytest.raises(RuntimeError, match="being trained"):
        net.fit(X, Y, callbacks=[lambda e: net.fit(X, Y)])
    net.fit(X, Y, epochs=1)  # and is free again afterwards


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # of JAX, where that is loaded
def test_a_forked_child_may_train_what_a_thread_of_its_parent_trains():
    """It has not taken that thread along; but what its own thread trains is under way."""
    net, other = MLP([2, 4, 1], seed=0), MLP([2, 4, 1], seed=0)
    begun, over = threading.Event(), threading.Event()

    def hold(epoch):
        begun.set()
        over.wait()

    def fork(epoch):
        if epoch.number == 0 and os.fork() == 0:
            try:
                net.fit(X, Y, epochs=1)
                with pytest.raises(RuntimeError, match="being trained"):
                    other.fit(X, Y)
                os._exit(0)
            finally:
                os._exit(1)

    thread = threading.Thread(target=net.fit, args=(X, Y), kwargs={"callbacks": [hold]})
    thread.start()
    begun.wait()
    other.fit(X, Y, callbacks=[fork], epochs=2)
    with pytest.raises(RuntimeError, match="being trained"):
        net.fit(X, Y)
    over.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0


def test_early_stopping_judges_the_last_state_too():
    net = MLP([2, 4, 1], seed=0)
    before = net.theta.copy()
    for _ in range(5):
        net.fit(X, Y, epochs=1, early_stopping=True)
    assert not np.array_equal(net.theta, before)


def test_a_validation_loss_that_is_not_finite_is_said():
    net = MLP([2, 4, 1], seed=0)
    with pytest.warns(RuntimeWarning, match="validation loss was not finite"):
        net.fit(X, Y, epochs=1, X_val=X * 1e200, y_val=Y)


def test_rates_follow_progress_within_an_epoch():
    seen = []

    class Spy(optimizers.SGD):
        def step(self, theta, gradient, slots, t, rate=None, rate_factor=1.0, decay_factor=1.0):
            seen.append(rate)

    MLP([2, 4, 1], seed=0).fit(
        X, Y, optimizer=Spy(1.0), schedule="cosine", epochs=2, batch_size=5
    )
    np.testing.assert_allclose(seen, (1 + np.cos(np.pi * np.arange(8) / 8)) / 2, rtol=1e-14)
