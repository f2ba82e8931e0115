"""Pictures of weights: every number where it belongs, on one scale."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from glassnet import MLP, Perceptron
from glassnet.plots import weights


def test_matrices_are_drawn_as_they_are_on_one_scale(figure):
    net = MLP([3, 4, 2], seed=0)
    top, below = weights(net, ax=figure)
    ends = max(np.abs(W).max() for W in net.weights)
    for ax, W in zip(top, net.weights, strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), W)
        assert ax.images[0].get_clim() == pytest.approx((-ends, ends))
    for ax in below:
        assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1.0)


def test_the_first_layers_weights_as_images(figure):
    net = MLP([6, 4, 1], seed=0)
    ax = weights(net, image_shape=(2, 3), max_images=3, ax=figure)[0, 0]
    wall = ax.images[0].get_array().filled(np.nan)
    np.testing.assert_allclose(wall[:2, :3], net.weights[0][:, 0].reshape(2, 3))
    np.testing.assert_allclose(wall[:2, 4:7], net.weights[0][:, 1].reshape(2, 3))
    np.testing.assert_allclose(wall[3:, :3], net.weights[0][:, 2].reshape(2, 3))
    assert np.isnan(wall[2]).all()
    said = " ".join(text.get_text() for text in ax.texts).replace("\n", " ")
    assert "3 units; … 1 more" in said


def test_given_limits_hold_and_nothing_is_lost_beyond_them(figure):
    top, below = weights(MLP([3, 4, 1], seed=0), limit=0.1, tallest=1.0, ax=figure)
    assert top[0].images[0].get_clim() == (-0.1, 0.1)
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in below] == [((-0.1, 0.1), (0, 1))] * 2
    assert sum(bar.get_height() for bar in below[0].patches) == pytest.approx(1.0)


def test_deep_networks_are_summarised(figure):
    axes = weights(MLP([2] * 10, seed=0), max_layers=4, ax=figure)
    assert axes.shape == (2, 4)
    assert "5 layers in the middle are not shown" in figure.get_suptitle().replace("\n", " ")


def test_given_axes_and_a_perceptron():
    given = Figure().subplots(2, 1)
    model = Perceptron().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert weights(model, ax=given)[0, 0] is given[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (2, 2)}, "as many pixels as there are inputs, 3"),
        ({"image_shape": (3,)}, r"image_shape must be \(rows, columns\)"),
        ({"limit": 0}, "limit must be a finite number > 0; got 0"),
        ({"tallest": 2}, r"tallest must be a share in \(0, 1\]; got 2"),
        ({"bins": 0}, "bins must be a whole number >= 1; got 0"),
        ({"max_layers": 1}, "max_layers must be a whole number >= 2; got 1"),
    ],
)
def test_bad_arguments_are_named(arguments, message, figure):
    with pytest.raises(ValueError, match=message):
        weights(MLP([3, 2, 1]), ax=figure, **arguments)
