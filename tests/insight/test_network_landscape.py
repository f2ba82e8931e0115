"""A network's landscape: against MLP's own loss in a loop, scikit-learn's PCA, and by hand."""

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.decomposition import PCA

from glassnet import MLP, MLPClassifier, Recorder
from glassnet.insight.planes import path_plane, projected, random_plane
from glassnet.landscapes import Landscape, of_network
from glassnet.race import race

from support import numeric

X, Y = make_moons(40, noise=0.1, random_state=3)
NETWORKS = {
    "plain": {"activation": "tanh"},
    "penalty": {"activation": "relu", "alpha": 3.0},
    "batch_norm": {"activation": "gelu", "norm": "batch", "alpha": 0.5},
    "layer_norm_dropout": {"activation": "silu", "norm": "layer", "dropout": 0.3},
    "not_fused": {"activation": "tanh", "output": "tanh", "loss": "squared_error"},
}
each = pytest.mark.parametrize("settings", NETWORKS.values(), ids=NETWORKS)


def network(**settings):
    return MLP([2, 5, 4, 1], **{"loss": "binary_cross_entropy", "seed": 2, **settings})


def trained(epochs=30, callbacks=(), **settings):
    net = network(**{"activation": "tanh", **settings})
    thetas = [net.theta.copy()]
    keep = [lambda epoch: thetas.append(net.theta.copy()), *callbacks]
    net.fit(X, Y, epochs=epochs, callbacks=keep)
    return net, thetas


def brute_force(net, ground, x, y, weight=None):
    """Return MLP's own training loss, written into a copy of the network, point by point."""
    copy, found = MLP.of(net.plan, net.state.copy(), np.random.default_rng(0)), []
    for a, b in zip(x.flat, y.flat, strict=True):
        copy.theta = net.theta + a * ground.plane.directions[0] + b * ground.plane.directions[1]
        found.append(copy.loss_and_gradients(X, Y, weight)[0])
    return np.reshape(found, x.shape)


@each
def test_the_surface_is_the_networks_own_loss(settings):
    net = network(**settings)
    before = net.theta.copy(), net.state.buffers.copy()
    ground = of_network(net, X, Y, resolution=7)
    x, y, heights = ground.heights()
    np.testing.assert_allclose(
        heights, brute_force(net, ground, *np.meshgrid(x, y)), rtol=1e-12
    )
    np.testing.assert_array_equal(net.theta, before[0])
    np.testing.assert_array_equal(net.state.buffers, before[1])


def test_sample_weights_count():
    net, weight = network(alpha=2.0), np.linspace(0.0, 3.0, len(Y))
    ground = of_network(net, X, Y, sample_weight=weight, resolution=3)
    x, y, heights = ground.heights()
    expected = brute_force(net, ground, *np.meshgrid(x, y), weight)
    np.testing.assert_allclose(heights, expected, rtol=1e-12)
    assert "weighted mean over 40 samples, with the L2 penalty (alpha = 2)" in ground.loss


@each
def test_the_gradient_by_central_differences(settings):
    ground = of_network(network(**settings), X, Y, resolution=3)
    for point in np.random.default_rng(0).uniform(-1, 1, (5, 2)):
        differences = numeric.gradient(ground.fun, point)
        np.testing.assert_allclose(ground.grad(point), differences, rtol=1e-5, atol=1e-8)


def test_filters_are_as_long_as_the_units_own_weights():
    net = network(norm="batch")
    plane = random_plane(net.plan, net.theta, seed=4)
    for direction in plane.directions:
        moved = MLP.of(net.plan, net.state.copy(), np.random.default_rng(0))
        moved.theta = direction
        for own, found in zip(net.weights, moved.weights, strict=True):
            for unit in range(own.shape[1]):  # what enters it
                length = np.linalg.norm(own[:, unit])
                assert np.linalg.norm(found[:, unit]) == pytest.approx(length)
        for vector in moved.biases:
            np.testing.assert_array_equal(vector, 0)
        in_weights = sum(weights.size for weights in net.weights)
        assert np.count_nonzero(direction) == in_weights  # nor gains and shifts
    np.testing.assert_array_equal(
        plane.at(0.5, 2.0)[:3], net.theta[:3] + plane.directions.T[:3] @ [0.5, 2.0]
    )
    one, two = plane.directions
    cosine = one @ two / np.sqrt((one @ one) * (two @ two))
    assert np.cos(np.radians(plane.angle)) == pytest.approx(abs(cosine))
    assert not np.allclose(
        random_plane(net.plan, net.theta, seed=5).directions, plane.directions
    )


@pytest.mark.parametrize(("units", "same"), [(slice(None), True), (slice(2), False)])
def test_a_larger_layer_before_a_smaller_one_leaves_the_picture_as_it_is(units, same):
    net = network(activation="relu")
    other = MLP.of(net.plan, net.state.copy(), np.random.default_rng(0))
    other.weights[0][:, units] *= 8.0
    other.biases[0][units] *= 8.0
    other.weights[1][units] /= 8.0
    np.testing.assert_allclose(other.forward(X), net.forward(X), rtol=1e-12)
    points = np.random.default_rng(0).uniform(-1, 1, (5, 2))
    ours, theirs = (
        [of_network(one, X, Y, resolution=3).fun(point) for point in points]
        for one in (net, other)
    )
    assert np.allclose(ours, theirs, rtol=1e-9) == same


def test_a_unit_without_weights_stays():
    net = network()
    net.weights[0][:, 2] = 0.0
    plane = random_plane(net.plan, net.theta, seed=0)
    first = net.plan.parameters[0].of(plane.directions)
    np.testing.assert_array_equal(first[:, :, 2], 0)
    assert np.all(first[:, :, 0] != 0)


def test_the_path_is_scikit_learns_pca():
    net, thetas = trained()
    ground = of_network(net, X, Y, "path", path=thetas, resolution=5)
    pca = PCA(2).fit(thetas)
    for mine, theirs in zip(ground.plane.directions, pca.components_, strict=True):
        assert abs(mine @ theirs) == pytest.approx(1.0)
    np.testing.assert_allclose(ground.path.variance_explained, pca.explained_variance_ratio_)
    signs = np.sign(np.sum(ground.plane.directions * pca.components_, axis=1))
    shifted = pca.transform(thetas) - pca.transform([net.theta])
    np.testing.assert_allclose(ground.path.points, signs * shifted, atol=1e-10)
    assert np.all(ground.path.points[0] <= 0)  # the first snapshot: left of and below the end
    np.testing.assert_allclose(ground.path.points[-1], 0, atol=1e-12)
    assert ground.start == tuple(ground.path.points[0])


def test_what_the_plane_hides():
    net, thetas = trained(alpha=1.0)
    ground = of_network(net, X, Y, "path", path=thetas, resolution=5)
    span = ground.plane.directions.T
    for k, theta in enumerate(thetas):  # the judge is least squares
        away = theta - net.theta
        _, rest, *_ = np.linalg.lstsq(span, away, rcond=None)
        assert ground.path.off_plane[k] ** 2 == pytest.approx(rest[0], abs=1e-12)
        assert ground.path.from_origin[k] == pytest.approx(np.linalg.norm(away))
    copy = MLP.of(net.plan, net.state.copy(), np.random.default_rng(0))
    for theta, loss in zip(thetas, ground.path_losses, strict=True):
        copy.theta = theta
        assert loss == pytest.approx(copy.loss_and_gradients(X, Y)[0], rel=1e-12)
    under = brute_force(net, ground, *ground.path.points.T)
    np.testing.assert_allclose(ground.plane_losses, under, rtol=1e-12)
    assert ground.plane_losses[-1] == pytest.approx(ground.path_losses[-1], rel=1e-12)
    assert np.abs(ground.plane_losses - ground.path_losses).max() > 1e-6


def test_a_path_by_hand():
    # Along (1, 1, 0) mostly, then along (0, 0, 1); the plane goes through the last point.
    theta = np.array([2.0, 2.0, 0.0])
    path = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 0.5], [2.0, 2.0, 0.0]])
    plane = path_plane(theta, path)
    np.testing.assert_allclose(np.abs(plane.directions[0]), [0.5**0.5, 0.5**0.5, 0], atol=1e-12)
    found = projected(plane, path)
    np.testing.assert_allclose(found.points[0], [-(8**0.5), 0], atol=1e-12)
    np.testing.assert_allclose(found.off_plane, 0, atol=1e-12)
    # Variances: of the first, 8 (1 + 0 + 1) / 4 / 3; of the second, (1/9 + 4/9 + 1/9) / 4 / 3.
    np.testing.assert_allclose(
        found.variance_explained, [4 / (4 + 1 / 6), (1 / 6) / (4 + 1 / 6)]
    )


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("rounded", [1.0, 1e9, 1e-9])
def test_a_straight_path_leaves_nothing_to_rounding(turned, rounded):
    end, along = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.3, 0.1, 0.0, -0.7])
    steps = np.linspace(-1.0, 0.0, 60)[:, None]
    path = rounded * (end + steps * (-along if turned else along))
    plane = path_plane(path[-1], path)
    forward = (-along if turned else along) / np.linalg.norm(along)
    expected = [forward, [0, 0, 1, 0]]
    np.testing.assert_allclose(plane.directions, expected, atol=1e-12)
    found = projected(plane, path)
    np.testing.assert_allclose(found.variance_explained, [1, 0], atol=1e-12)


def test_the_second_direction_of_a_straight_path_is_at_right_angles():
    along = np.array([0.6, -0.2, 0.5, 0.4])
    directions = path_plane(np.zeros(4), np.outer([-3.0, -1.0, 0.0], along)).directions
    np.testing.assert_allclose(directions @ directions.T, np.eye(2), atol=1e-12)
    assert directions[1].argmax() == 1  # which the path moves least


def test_a_single_parameter_has_no_plane():
    with pytest.raises(ValueError, match="model must have at least two parameters"):
        path_plane(np.zeros(1), np.arange(3.0)[:, None])


def test_the_window_is_that_of_the_path_and_a_margin():
    net, thetas = trained()
    ground = of_network(net, X, Y, "path", path=thetas[:3], resolution=3)
    held = np.vstack([ground.path.points, [0.0, 0.0]])  # the end of the training lies outside
    extent = np.ptp(held, axis=0)
    low, high = np.reshape(ground.window, (2, 2)).T
    assert extent.min() > 0.2 * extent.max()
    np.testing.assert_allclose(low, held.min(axis=0) - 0.2 * extent)
    np.testing.assert_allclose(high, held.max(axis=0) + 0.2 * extent)
    flat = of_network(net, X, Y, "path", path=np.outer([0.0, 1.0, 2.0], net.theta))
    x_min, x_max, y_min, y_max = flat.window
    assert y_max - y_min == pytest.approx(0.2 * (x_max - x_min))
    assert of_network(net, X, Y, resolution=3).window == (-1.0, 1.0, -1.0, 1.0)


def test_recorders_and_small_floats():
    net, thetas = trained()
    whole = of_network(net, X, Y, "path", path=np.array(thetas), resolution=3)
    record = Recorder(epochs=range(len(thetas)))
    again, _ = trained(callbacks=[record])
    np.testing.assert_array_equal(record.theta, thetas)
    recorded = of_network(again, X, Y, "path", path=record, resolution=3)
    np.testing.assert_array_equal(recorded.plane.directions, whole.plane.directions)
    small = of_network(net, X, Y, "path", path=np.float16(thetas), resolution=3)
    np.testing.assert_allclose(small.path.points, whole.path.points, atol=2e-3)
    x_min, x_max, y_min, y_max = whole.window
    assert np.all((whole.path.points > [x_min, y_min]) & (whole.path.points < [x_max, y_max]))


def test_estimators_and_single_precision():
    model = MLPClassifier((4,), max_iter=30, random_state=0, alpha=1.0)
    with pytest.warns(Warning, match="onverge"):
        model.fit(X.astype(np.float32), Y)
    ground = of_network(model, X.astype(np.float32), Y, resolution=3)
    net = model.network_
    loss, _ = net.loss_and_gradients(X.astype(np.float32), Y)
    assert ground.fun([0.0, 0.0]) == pytest.approx(loss, rel=1e-5)
    assert ground.plane.origin.dtype == np.float64
    assert net.theta.dtype == np.float32


def test_it_can_be_raced_like_a_named_one():
    ground = of_network(network(), X, Y, resolution=5, window=(-1.5, 1.5, -1, 1))
    assert isinstance(ground, Landscape)
    assert {ground: 1}[ground] == 1
    assert ground.window == (-1.5, 1.5, -1.0, 1.0)
    (run,) = race(ground, "sgd", 5)
    assert run.losses[-1] < run.losses[0]
    assert list(ground.levels) == sorted(ground.levels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"directions": "pca"}, "directions must be one of random, path; got 'pca'"),
        ({"directions": "path"}, "path must be given with directions='path'"),
        ({"path": np.zeros((3, 2))}, "path goes with directions='path'"),
        (
            {"directions": "path", "path": np.zeros((5, 3))},
            "path must hold at least 3 snapshots",
        ),
        (
            {"directions": "path", "path": np.eye(2, 44)},
            r"path must hold at least 3 .* got an array of shape \(2, 44\)",
        ),
        ({"directions": "path", "path": 3}, "path must hold at least 3 snapshots .* got int"),
        ({"directions": "path", "path": np.zeros((4, 44))}, "path must move"),
        ({"directions": "path", "path": np.full((4, 44), np.nan)}, "path must hold finite"),
        ({"window": (0, 0, 1, 2)}, "window must be x_min"),
        ({"resolution": 0}, "resolution must be a whole number >= 1"),
        ({"y": None}, "X and y must be given"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    assert network().theta.size == 44
    with pytest.raises(ValueError, match=message):
        of_network(**{"model": network(), "X": X, "y": Y, **arguments})


def test_a_network_of_zeros_has_no_filters():
    with pytest.raises(ValueError, match="model must have weights that are not all 0"):
        of_network(network(initializer="zeros"), X, Y)
    with pytest.raises(TypeError, match="model must be an MLP"):
        of_network("net", X, Y)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"seed": -1}, "seed must be a whole number >= 0; got -1"),
        ({"resolution": 0}, ">= 1; got 0"),
    ],
)
def test_numbers_are_checked_before_any_work(given, words, monkeypatch):
    monkeypatch.setattr("glassnet.insight.network_landscape.network_and_data", None)
    with pytest.raises(ValueError, match=words):
        of_network(network(), X, Y, **given)
