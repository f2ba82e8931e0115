"""`MLP` as a person holds it: numbers, views, training, prediction, copies."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.metrics import r2_score

from glassnet import MLP, EarlyStopping, optimizers, schedules
from glassnet.training.metrics import accuracy, r2

from support.numeric import gradient, relative_error


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def moons():
    from sklearn.datasets import make_moons

    return make_moons(200, noise=0.1, random_state=0)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


# --- numbers and views ---


def test_weights_and_biases_are_views_into_theta():
    net = MLP([3, 4, 2], seed=0)
    assert [w.shape for w in net.weights] == [(3, 4), (4, 2)]
    assert [b.shape for b in net.biases] == [(4,), (2,)]
    assert all(np.shares_memory(w, net.theta) for w in [*net.weights, *net.biases])
    net.theta[:] = np.arange(net.theta.size)
    np.testing.assert_array_equal(net.weights[0], np.arange(12.0).reshape(3, 4))
    net.biases[1][:] = -1
    np.testing.assert_array_equal(net.theta[-2:], -1)


@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["copy", "pickle"],
)
def test_views_hold_after_copies(again, moons):
    net = MLP([2, 5, 1], norm="batch", dropout=0.1, seed=0).fit(*moons, epochs=3)
    other = again(net)
    assert same(other.weights, net.weights)
    assert not np.shares_memory(other.theta, net.theta)
    other.weights[0][...] = 7
    np.testing.assert_array_equal(other.theta[:10], 7)
    assert not (net.theta[:10] == 7).any()
    assert other.history == net.history
    # and training goes on in the same way
    twin = again(net)
    np.testing.assert_array_equal(
        twin.fit(*moons, epochs=3, batch_size=32).theta,
        net.fit(*moons, epochs=3, batch_size=32).theta,
    )


def test_theta_can_be_set_but_not_misshaped():
    net = MLP([1, 1])
    net.theta = [2.0, 3.0]
    np.testing.assert_array_equal(net.forward([[5.0]]), [[13.0]])
    with pytest.raises(ValueError, match=r"theta must have shape \(2,\); got \(3,\)"):
        net.theta = np.zeros(3)


def test_forward_by_hand():
    """A worked example: two inputs, two sigmoid units, one linear output."""
    net = MLP([2, 2, 1], activation="sigmoid")
    net.weights[0][...] = [[0.5, -1.0], [0.25, 2.0]]
    net.biases[0][...] = [0.1, -0.2]
    net.weights[1][...] = [[1.5], [-0.5]]
    net.biases[1][...] = [0.3]
    z = np.array([0.5 * 1 + 0.25 * 2 + 0.1, -1.0 * 1 + 2.0 * 2 - 0.2])
    a = 1 / (1 + np.exp(-z))
    expected = 1.5 * a[0] - 0.5 * a[1] + 0.3
    assert net.forward([[1.0, 2.0]])[0, 0] == pytest.approx(expected, rel=1e-15)
    found = net.intermediates([[1.0, 2.0]])
    assert list(found) == ["z0", "a0", "z1", "output"]
    np.testing.assert_allclose(found["z0"][0], z, rtol=1e-15)
    np.testing.assert_allclose(found["a0"][0], a, rtol=1e-15)


def test_backward_is_the_gradient_laid_out_like_the_weights(rng):
    net = MLP([3, 5, 2], activation="tanh", loss="categorical_cross_entropy", alpha=0.3, seed=1)
    X, y = rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
    by_weights, by_biases = net.backward(X, y)
    assert [g.shape for g in by_weights] == [w.shape for w in net.weights]
    assert [g.shape for g in by_biases] == [b.shape for b in net.biases]
    loss, flat = net.loss_and_gradients(X, y)

    def at(theta):
        other = copy.deepcopy(net)
        other.theta = theta
        return other.loss_and_gradients(X, y)[0]

    assert relative_error(flat, gradient(at, net.theta)) < 1e-7
    assert loss == at(net.theta)
    parts = [g.ravel() for pair in zip(by_weights, by_biases, strict=True) for g in pair]
    np.testing.assert_array_equal(np.concatenate(parts), flat)


def test_intermediates_are_those_of_the_chain_rule(rng):
    net = MLP([3, 4, 4, 1], activation="tanh", norm=(None, "batch"), seed=2)
    X, y = rng.normal(size=(8, 3)), rng.normal(size=8)
    found = net.intermediates(X, y)
    names = ["z0", "a0", "z1", "norm1", "a1", "z2"]
    assert list(found) == [*names, "output", *(f"delta_{n}" for n in names)]
    np.testing.assert_allclose(
        found["delta_z2"], (found["output"] - y[:, None]) / 8, rtol=1e-12
    )
    np.testing.assert_allclose(
        found["delta_z0"], found["delta_a0"] * (1 - found["a0"] ** 2), rtol=1e-12
    )
    by_weights, _ = net.backward(X, y)
    np.testing.assert_allclose(by_weights[2], found["a1"].T @ found["delta_z2"], rtol=1e-12)


# --- training ---


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


def test_schedule_sets_the_rate_of_each_step(moons):
    net = MLP([2, 4, 1], seed=1).fit(
        *moons, optimizer=optimizers.SGD(0.2), epochs=4, schedule=schedules.Cosine()
    )
    expected = 0.2 * (1 + np.cos(np.pi * np.arange(4) / 4)) / 2
    np.testing.assert_allclose(net.history.learning_rate, expected, rtol=1e-14)


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
    net = MLP([2, 1], seed=0).fit(
        X, y, optimizer=optimizers.SGD(1.0), epochs=2000, early_stopping=3
    )
    loss, _ = net.loss_and_gradients(X, y)
    assert net.history.stopped == "early_stopping"
    assert loss == min(net.history.loss)


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


def test_float32_data_trains_in_float32(moons):
    X = moons[0].astype(np.float32)
    net = MLP([2, 4, 1], norm="batch", seed=0).fit(X, moons[1], epochs=3)
    assert net.theta.dtype == net.forward(X).dtype == np.float32
    assert {slot.dtype for slot in net.state.slots.values()} == {np.dtype(np.float32)}
    net.fit(X.astype(float), moons[1], epochs=1)
    assert net.theta.dtype == np.float64


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "squared_error"])
@pytest.mark.parametrize("extra", [{}, {"norm": "batch"}, {"norm": "layer"}, {"dropout": 0.1}])
def test_learns_the_moons(moons, loss, extra):
    net = MLP([2, 16, 16, 1], loss=loss, seed=0, **extra)
    net.fit(*moons, optimizer=optimizers.Adam(0.02), epochs=150, batch_size=50)
    assert accuracy(moons[1], net.predict(moons[0], threshold=0.5)) >= 0.98


# --- prediction ---


def test_predictions_and_probabilities(rng):
    X, labels = rng.normal(size=(20, 2)), rng.integers(0, 3, 20)
    many = MLP([2, 3], loss="categorical_cross_entropy", seed=0).fit(X, labels, epochs=2)
    p = many.predict_proba(X)
    assert p.shape == (20, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(many.predict(X), p.argmax(axis=1))

    one = MLP([2, 1], loss="binary_cross_entropy", seed=0).fit(X, labels > 0, epochs=2)
    p = one.predict_proba(X)
    assert p.shape == (20, 2)
    np.testing.assert_array_equal(one.predict(X), (p[:, 1] > 0.5).astype(int))
    np.testing.assert_array_equal(one.predict(X, threshold=0.9), (p[:, 1] > 0.9).astype(int))

    separate = MLP([2, 3], loss="binary_cross_entropy", seed=0).fit(
        X, np.eye(3)[labels], epochs=2
    )
    assert separate.predict(X).shape == separate.predict_proba(X).shape == (20, 3)

    hinge = MLP([2, 1], loss="hinge", seed=0).fit(X, labels > 0, epochs=2)
    np.testing.assert_array_equal(hinge.predict(X), hinge.forward(X)[:, 0] > 0)
    with pytest.raises(ValueError, match=r"predict_proba.*hinge"):
        hinge.predict_proba(X)


def test_one_hot_and_class_numbers_are_the_same_targets(rng):
    X, labels = rng.normal(size=(20, 2)), rng.integers(0, 3, 20)
    nets = [
        MLP([2, 3], loss="categorical_cross_entropy", seed=0).fit(X, y, epochs=3)
        for y in (labels, labels.reshape(-1, 1), labels.astype(float), np.eye(3)[labels])
    ]
    assert all(np.array_equal(nets[0].theta, net.theta) for net in nets)


def test_score_is_accuracy_or_r2(moons):
    labels = MLP([2, 8, 1], loss="binary_cross_entropy", seed=0).fit(*moons, epochs=20)
    assert labels.score(*moons) == np.mean(labels.predict(moons[0]) == moons[1])
    numbers = MLP([2, 8, 1], seed=0).fit(*moons, epochs=20)
    expected = r2_score(moons[1], numbers.predict(moons[0]))
    assert numbers.score(*moons) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(30,), (30, 2)])
def test_r2_against_scikit_learn(rng, shape):
    y, p = rng.normal(size=shape), rng.normal(size=shape)
    assert r2(y, p) == pytest.approx(r2_score(y, p), rel=1e-12)
    assert r2(np.ones(5), np.ones(5)) == r2_score(np.ones(5), np.ones(5)) == 1
    assert r2(np.ones(5), np.zeros(5)) == r2_score(np.ones(5), np.zeros(5)) == 0


def test_repr_says_what_it_is():
    net = MLP([2, 10, 5, 1], activation=("relu", "leaky_relu(0.2)"), seed=0)
    assert repr(net) == (
        "MLP([2, 10, 5, 1], activation=['relu', 'leaky_relu(alpha=0.2)'], output='identity', "
        "loss='squared_error'): 91 parameters, 0 epochs"
    )
