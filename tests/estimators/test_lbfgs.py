"""L-BFGS in an estimator's fit: how it ends where it does not converge."""

import signal

import numpy as np
import pytest

from glassnet.engines import numpy_engine

from support.extras import THREE, classifier

X, y = THREE


@pytest.mark.parametrize("warm_start", [False, True])
def test_without_an_iteration_the_loss_is_that_of_the_first_weights(monkeypatch, warm_start):
    net = classifier(solver="lbfgs", warm_start=warm_start).build(5, classes=[0, 1, 2])
    before, real = net._state.theta.copy(), numpy_engine.loss_and_gradients
    first = net.network_.loss_and_gradients(X, y)[0]

    def uphill(*args, **kwargs):
        loss, gradient, kept = real(*args, **kwargs)
        return loss, -gradient, kept

    monkeypatch.setattr(numpy_engine, "loss_and_gradients", uphill)
    with pytest.warns(UserWarning, match=r"failed to converge after 0 iteration.*ABNORMAL"):
        net.fit(X, y)
    assert net.loss_curve_ == []
    assert net.loss_ == first
    np.testing.assert_array_equal(net._state.theta, before)


def test_ctrl_c_ends_it_with_an_iteration(monkeypatch):
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    real, calls = numpy_engine.refresh_buffers, []

    def refresh_buffers(*args):
        real(*args)
        calls.append(args)
        if len(calls) == 3:  # once an iteration
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(numpy_engine, "refresh_buffers", refresh_buffers)
    try:
        with pytest.warns(UserWarning, match="interrupted by user") as caught:
            net = classifier(solver="lbfgs", n_restarts=2).fit(X, y)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert len(caught) == 1  # and no complaint that it has not converged
    assert caught[0].filename == __file__
    assert net.n_iter_ == len(net.loss_curve_) == 3
