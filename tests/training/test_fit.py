"""`MLP.fit` as a person calls it: steps, history, order, weights, schedules, stopping."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from glassnet import MLP, EarlyStopping, optimizers, schedules
from glassnet.training.metrics import accuracy


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def moons():
    from sklearn.datasets import make_moons

    return make_moons(200, noise=0.1, random_state=0)


def test_one_step_of_gradient_descent_is_theta_minus_rate_times_gradient(moons):
    net = MLP([2, 5, 1], activation="sigmoid", seed=0)
    theta = net.theta.copy()
    loss, flat = net.loss_and_gradients(*moons)
    net.fit(*moons, optimizer=optimizers.SGD(0.3), epochs=1)
    np.testing.assert_allclose(net.theta, theta - 0.3 * flat, rtol=1e-14, atol=1e-16)
    assert net.history.loss == [loss]  # the loss before the update


def test_history_holds_one_entry_per_epoch_and_grows(moons):
    net = MLP([2, 5, 1], seed=0)
    net.fit(*moons, epochs=3, X_val=moons[0][:50], y_val=moons[1][:50], metrics=["r2"])
    net.fit(*moons, epochs=2, X_val=moons[0][:50], y_val=moons[1][:50], metrics=["r2"])
    history = net.history
    assert history.stopped == "finished"
    assert len(history) == len(history.loss) == 5
    assert len(history.validation_loss) == len(history.seconds) == 5
    assert history.learning_rate == [0.001] * 5
    assert set(history.metrics) == {"r2", "validation_r2"}
    assert history.metrics["r2"][-1] == pytest.approx(
        r2_score(moons[1], net.predict(moons[0])), rel=1e-12
    )
    loss, _ = net.loss_and_gradients(moons[0][:50], moons[1][:50])
    assert history.validation_loss[-1] == pytest.approx(loss, rel=1e-12)


def test_series_that_begin_late_stay_in_step(moons):
    net = MLP([2, 5, 1], seed=0).fit(*moons, epochs=2)
    net.fit(*moons, epochs=1, X_val=moons[0], y_val=moons[1], metrics=["r2"])
    net.fit(*moons, epochs=1)
    for series in (net.history.validation_loss, *net.history.metrics.values()):
        np.testing.assert_array_equal(np.isnan(series), [True, True, False, True])


def test_a_history_shows_itself_in_a_line(moons):
    net = MLP([2, 4, 1], seed=0)
    assert repr(net.history) == "History: no epochs"
    net.fit(*moons, epochs=1)
    loss = net.history.loss[0]
    assert repr(net.history) == f"History: 1 epoch, loss {loss:.4g} to {loss:.4g}"
    assert repr(net.fit(*moons, epochs=49).history).startswith("History: 50 epochs, loss ")


def test_a_second_fit_goes_on_from_theta_with_a_fresh_optimizer(moons):
    once, twice = MLP([2, 5, 1], seed=0), MLP([2, 5, 1], seed=0)
    once.fit(*moons, optimizer=optimizers.SGD(0.1), epochs=10)
    for _ in range(2):
        twice.fit(*moons, optimizer=optimizers.SGD(0.1), epochs=5)
    np.testing.assert_array_equal(once.theta, twice.theta)  # SGD has no state to forget
    assert once.history.loss == twice.history.loss
    twice.fit(*moons, optimizer="adam", epochs=2)
    assert twice.state.step == 2


def test_seed_repeats_everything(moons):
    def trained(seed):
        net = MLP([2, 8, 1], dropout=0.3, seed=seed)
        return net.fit(*moons, epochs=3, batch_size=16).theta

    np.testing.assert_array_equal(trained(5), trained(5))
    assert not np.array_equal(trained(5), trained(6))


def test_mini_batches_use_every_sample_once_per_epoch(rng):
    X, y = np.arange(10.0).reshape(-1, 1), np.zeros(10)
    net = MLP([1, 1], initializer="zeros")
    net.theta[:] = [1.0, 0.0]
    net.fit(X / 10, y, optimizer=optimizers.SGD(1e-12), epochs=1, batch_size=3)
    assert net.state.step == 4
    assert net.history.loss[0] == pytest.approx(0.5 * np.mean((X / 10) ** 2), rel=1e-9)


def test_shuffle_false_keeps_the_order(moons):
    def trained(shuffle, order):
        X, y = moons[0][order], moons[1][order]
        net = MLP([2, 4, 1], seed=1)
        return net.fit(X, y, epochs=2, batch_size=20, shuffle=shuffle).theta

    order = np.arange(200)
    np.testing.assert_array_equal(trained(False, order), trained(False, order))
    assert not np.array_equal(trained(True, order), trained(False, order))


def test_sample_weight_zero_is_the_same_as_leaving_out(moons):
    X, y = moons
    weight = np.r_[np.ones(150), np.zeros(50)]
    a = MLP([2, 4, 1], seed=1).fit(X, y, sample_weight=weight, epochs=5)
    b = MLP([2, 4, 1], seed=1).fit(X[:150], y[:150], epochs=5)
    np.testing.assert_allclose(a.theta, b.theta, rtol=1e-10)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_a_denormal_sample_weight_counts_as_zero(moons, engine):
    def trained(last):
        weight = np.r_[np.ones(150), np.full(50, last)]
        net = MLP([2, 4, 1], seed=1, engine=engine)
        return net.fit(*moons, sample_weight=weight, batch_size=2, epochs=2).theta

    np.testing.assert_array_equal(trained(1e-308), trained(0.0))


def test_schedule_sets_the_rate_of_each_step(moons):
    net = MLP([2, 4, 1], seed=1).fit(
        *moons, optimizer=optimizers.SGD(0.2), epochs=4, schedule=schedules.Cosine()
    )
    expected = 0.2 * (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(net.history.learning_rate, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "schedule",
    ["cosine", schedules.Cosine(), lambda progress: (1 + np.cos(np.pi * progress)) / 2],
)
def test_fit_takes_the_schedules_that_minimize_takes(moons, schedule):
    net = MLP([2, 4, 1], seed=1)
    net.fit(*moons, optimizer=optimizers.SGD(0.2), epochs=4, schedule=schedule)
    expected = 0.2 * (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(net.history.learning_rate, expected, rtol=1e-14)


def test_a_schedule_that_fails_leaves_the_last_epoch(moons):
    net, other = MLP([2, 4, 1], seed=1), MLP([2, 4, 1], seed=1)
    with pytest.raises(ValueError, match=r"schedule\(0.5\) must be a finite number"):
        net.fit(*moons, epochs=4, schedule=lambda p: 1.0 if p < 0.5 else np.nan)
    assert net.history.stopped == "error"
    np.testing.assert_array_equal(net.theta, other.fit(*moons, epochs=2).theta)


def test_reduce_on_plateau_lowers_the_rate(rng):
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    net = MLP([2, 1], seed=0).fit(
        X,
        y,
        optimizer=optimizers.SGD(0.5),
        epochs=100,
        schedule=schedules.ReduceOnPlateau(factor=0.5, patience=3),
    )
    rates = np.array(net.history.learning_rate)
    assert rates[0] == 0.5
    assert rates[-1] < 0.5
    assert set(np.unique(rates[:-1] / rates[1:])) <= {1.0, 2.0}


def test_early_stopping_keeps_the_best_state(rng):
    X, y = rng.normal(size=(40, 5)), rng.normal(size=40)  # noise: it can only overfit
    X_val, y_val = rng.normal(size=(40, 5)), rng.normal(size=40)
    net = MLP([5, 30, 1], seed=0).fit(
        X,
        y,
        optimizer=optimizers.Adam(0.02),
        epochs=500,
        X_val=X_val,
        y_val=y_val,
        early_stopping=EarlyStopping(patience=7),
    )
    losses = net.history.validation_loss
    best = int(np.argmin(losses))
    assert net.history.stopped == "early_stopping"
    assert len(losses) == best + 1 + 7
    assert net.history.best_epoch == best
    loss, _ = net.loss_and_gradients(X_val, y_val)
    assert loss == pytest.approx(losses[best], rel=1e-12)


def test_early_stopping_on_the_training_loss_of_a_full_batch(rng):
    """The loss was measured before the update: the state kept is the one it belongs to."""
    X, y = rng.normal(size=(40, 2)), rng.normal(size=40)
    net = MLP([2, 1], seed=0, engine="numpy").fit(  # as `loss_and_gradients`, to the bit
        X, y, optimizer=optimizers.SGD(1.0), epochs=2000, early_stopping=3
    )
    loss, _ = net.loss_and_gradients(X, y)
    assert net.history.stopped == "early_stopping"
    # two engines may have computed them
    assert loss == pytest.approx(min(net.history.loss), rel=1e-12)


def test_callbacks_see_each_epoch_and_can_stop(moons):
    seen = []

    def stop_at_three(epoch):
        seen.append(epoch)
        return epoch.number == 3

    net = MLP([2, 4, 1], seed=0)
    net.fit(*moons, epochs=50, callbacks=[stop_at_three])
    assert [e.number for e in seen] == [0, 1, 2, 3]
    assert all(e.model is net for e in seen)
    assert [e.loss for e in seen] == net.history.loss
    assert net.history.stopped == "callback"


def test_float32_data_trains_in_float32(moons):
    X = moons[0].astype(np.float32)
    net = MLP([2, 4, 1], norm="batch", seed=0).fit(X, moons[1], epochs=3)
    assert net.theta.dtype == net.forward(X).dtype == np.float32
    assert {slot.dtype for slot in net.state.slots.values()} == {np.dtype(np.float32)}
    before = net.theta.copy()
    swapped = MLP([2, 4, 1], norm="batch", seed=0).fit(X.astype(">f4"), moons[1], epochs=3)
    np.testing.assert_array_equal(swapped.theta, before)
    assert swapped.theta.dtype == np.float32
    net.fit(X.astype(float), moons[1], epochs=1)
    assert net.theta.dtype == np.float64


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "squared_error"])
@pytest.mark.parametrize("extra", [{}, {"norm": "batch"}, {"norm": "layer"}, {"dropout": 0.1}])
def test_learns_the_moons(moons, loss, extra):
    net = MLP([2, 16, 16, 1], loss=loss, seed=0, **extra)
    net.fit(*moons, optimizer=optimizers.Adam(0.02), epochs=150, batch_size=50)
    assert accuracy(moons[1], net.predict(moons[0], threshold=0.5)) >= 0.98


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_numbers_that_vanish_are_no_error_where_others_are(moons, engine, optimizer):
    """Whoever has NumPy raise has it raise for numbers of their own."""
    X, y = (moons[0] * 400).astype(np.float32), moons[1]
    net = MLP([2, 4, 1], "softplus", loss="binary_cross_entropy", seed=0, engine=engine)
    with np.errstate(all="raise"):
        net.fit(X, y, optimizer=optimizer, epochs=2, X_val=X, y_val=y)
        found = net.predict_proba(X)
        net.loss_and_gradients(X, y)
    assert found.min() < 1e-38
