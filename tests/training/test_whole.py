"""L-BFGS in `fit`: what an epoch of it records, and what is said where it gives up."""

import numpy as np
import pytest

from glassnet import MLP, DivergenceWarning, optimizers
from glassnet.engines import numpy_engine

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 2)), np.arange(20) % 2


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def moons():
    from sklearn.datasets import make_moons

    return make_moons(200, noise=0.1, random_state=0)


def test_lbfgs_finds_the_least_squares_solution(rng):
    """A linear network's minimum is known: NumPy's least squares is the judge."""
    X, y = rng.normal(size=(50, 3)), rng.normal(size=(50, 2))
    net = MLP([3, 2], seed=0).fit(X, y, optimizer=optimizers.LBFGS(), epochs=100)
    expected, *_ = np.linalg.lstsq(np.c_[X, np.ones(50)], y, rcond=None)
    np.testing.assert_allclose(np.vstack([*net.weights, net.biases[0]]), expected, atol=1e-4)
    assert net.history.stopped == "converged"
    assert len(net.history) < 100
    assert np.all(np.diff(net.history.loss) <= 0)


def test_lbfgs_refuses_dropout_and_mini_batches(moons):
    with pytest.raises(ValueError, match="dropout"):
        MLP([2, 3, 1], dropout=0.5).fit(*moons, optimizer="lbfgs")
    with pytest.raises(ValueError, match="batch_size"):
        MLP([2, 3, 1]).fit(*moons, optimizer="lbfgs", batch_size=10)


def test_each_epoch_records_the_loss_before_its_step():
    net = MLP([2, 4, 1], activation="tanh", seed=0)
    losses = [net.loss_and_gradients(X, Y)[0]]
    net.fit(
        X,
        Y,
        optimizer="lbfgs",
        epochs=8,
        callbacks=lambda e: losses.append(e.model.loss_and_gradients(X, Y)[0]),
    )
    assert len(net.history) == 8
    assert net.history.loss == losses[:-1]
    assert losses[-1] < losses[-2]


def test_convergence_at_once_records_the_one_loss_there_is():
    seen = []
    net = MLP([1, 1])
    net.theta = [2.0, 1.0]
    rows = np.array([[0.0], [1.0], [2.0]])
    net.fit(
        rows,
        2 * rows + 1,
        optimizer="lbfgs",
        X_val=rows,
        y_val=rows,
        metrics=["r2"],
        callbacks=lambda e: seen.append(e.number),
    )
    assert net.history.stopped == "converged"
    assert net.history.loss == [0.0]
    assert net.history.metrics["r2"] == [1.0]
    assert net.history.validation_loss == [pytest.approx(np.mean((rows + 1) ** 2) / 2)]
    assert seen == [0]
    assert net.state.step == 0
    np.testing.assert_array_equal(net.theta, [2.0, 1.0])
    net.fit(rows, 2 * rows + 1, optimizer="lbfgs", early_stopping=True)
    assert net.history.loss == [0.0, 0.0]


def test_the_running_statistics_are_those_of_each_iterations_end():
    def look(epoch):
        state = epoch.model.state.copy()
        numpy_engine.refresh_buffers(epoch.model.plan, state, X)
        np.testing.assert_allclose(state.buffers, epoch.model.state.buffers, rtol=1e-12)
        found.append(state.buffers)

    found = []
    net = MLP([2, 5, 1], activation="tanh", norm="batch", seed=0)
    net.fit(X, Y, optimizer="lbfgs", epochs=3, callbacks=look)
    assert len(found) == 3
    assert not np.allclose(found[0], found[-1])


def test_divergence_advises_nothing_that_it_does_not_have():
    net = MLP([2, 4, 1], seed=0)
    net.theta *= 1e200
    with pytest.warns(DivergenceWarning, match=r"initial one\) is kept. Scale the inputs") as w:
        net.fit(X, Y, optimizer="lbfgs")
    assert "rate" not in str(w[0].message)
    assert "clip" not in str(w[0].message)
    assert len(net.history) == 0


def test_no_progress_warns(monkeypatch):
    real = numpy_engine.loss_and_gradients

    def uphill(*args, **kwargs):
        loss, gradient, kept = real(*args, **kwargs)
        return loss, -gradient, kept

    net = MLP([2, 4, 1], seed=0)
    before, first = net.theta.copy(), net.loss_and_gradients(X, Y)[0]
    monkeypatch.setattr(numpy_engine, "loss_and_gradients", uphill)
    with pytest.warns(UserWarning, match=r"L-BFGS stopped short .*ABNORMAL.*Scale the inputs"):
        net.fit(X, Y, optimizer="lbfgs")
    assert net.history.stopped == "no_progress"
    assert net.history.loss == [first]
    np.testing.assert_array_equal(net.theta, before)


def test_too_few_evaluations_warn():
    net = MLP([2, 4, 1], seed=0)
    with pytest.warns(UserWarning, match=r"raise max_evaluations in LBFGS\(max_evalua"):
        net.fit(X, Y, optimizer=optimizers.LBFGS(max_evaluations=3))
    assert net.history.stopped == "evaluation_limit"


def test_an_end_by_epochs_or_by_convergence_is_no_news():
    net = MLP([2, 4, 1], seed=0).fit(X, Y, optimizer="lbfgs", epochs=2)
    assert net.history.stopped == "finished"
    assert net.fit(X, Y, optimizer="lbfgs", epochs=2000).history.stopped == "converged"
