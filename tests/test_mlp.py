"""`MLP` as a person holds it: numbers, views, prediction, copies."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.metrics import r2_score

from glassnet import MLP
from glassnet.training.metrics import r2

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
    assert all(np.shares_memory(w, other.theta) for w in [*other.weights, *other.biases])
    other.weights[0] = np.full((2, 5), 7)
    np.testing.assert_array_equal(other.theta[:10], 7)
    assert not (net.theta[:10] == 7).any()
    assert other.history == net.history
    # and training goes on in the same way
    twin = again(net)
    np.testing.assert_array_equal(
        twin.fit(*moons, epochs=3, batch_size=32).theta,
        net.fit(*moons, epochs=3, batch_size=32).theta,
    )


def test_weights_and_biases_can_be_written_whole():
    net = MLP([2, 3, 1], seed=0)
    net.weights[0] -= 1  # with a tuple this raised after it had changed theta
    net.weights[1] = np.ones((3, 1))
    net.biases[-1] = [5.0]
    assert net.theta[-1] == 5
    np.testing.assert_array_equal(net.theta[9:12], 1)
    net.weights = [np.full((2, 3), 2.0), np.full((3, 1), 3.0)]
    net.biases = [np.full(3, 4.0), [6.0]]
    np.testing.assert_array_equal(net.theta, [2] * 6 + [4] * 3 + [3] * 3 + [6])
    theta = net.theta.copy()
    for bad in ([np.ones((2, 3))], [np.ones((2, 3)), np.ones(3)], 3, [0, 0]):
        with pytest.raises((ValueError, TypeError), match="weights"):
            net.weights = bad
    with pytest.raises(TypeError, match="weights: how many"):
        net.weights += [np.ones((1, 1))]
    np.testing.assert_array_equal(net.theta, theta)


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


@pytest.mark.parametrize("kwargs", [{}, {"activation": "identity", "dropout": 0.5}])
def test_intermediates_are_copies(rng, kwargs):
    net = MLP([3, 4, 1], seed=2, norm="layer", **kwargs)
    X, y = rng.normal(size=(8, 3)), rng.normal(size=8)
    kept = X.copy(), y.copy(), net.theta.copy()
    for targets in (None, y):
        found = list(net.intermediates(X, targets).values())
        for i, array in enumerate(found):
            array[...] = np.nan  # and it can be written to
            for other in found[i + 1 :]:
                assert not np.shares_memory(array, other)
    for before, after in zip(kept, (X, y, net.theta), strict=True):
        np.testing.assert_array_equal(before, after)


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


@pytest.mark.parametrize(("guess", "score"), [(0.1, 1), (0.2, 0)])
def test_r2_of_equal_numbers_whose_mean_rounds(guess, score):
    assert np.full(3, 0.1).mean() != 0.1
    assert r2(np.full(3, 0.1), np.full(3, guess)) == score


def test_repr_says_what_it_is():
    net = MLP([2, 10, 5, 1], activation=("relu", "leaky_relu(0.2)"), seed=0)
    assert repr(net) == (
        "MLP([2, 10, 5, 1], activation=['relu', 'leaky_relu(alpha=0.2)'], output='identity', "
        "loss='squared_error'): 91 parameters, 0 epochs"
    )
    net = MLP([1, 1]).fit([[0.0], [1.0]], [0.0, 1.0], epochs=1)
    assert repr(net).endswith(": 2 parameters, 1 epoch")
    ready = net.predictor()
    assert repr(ready) == f"Predictor(n_inputs=1, n_outputs=1, engine_={ready.engine_!r})"
