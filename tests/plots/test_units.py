"""Units over a plane: each square holds what its unit answers there."""

import numpy as np
import pytest

from glassnet import MLP, Perceptron
from glassnet.plots import units
from glassnet.plots.slices import Grid

X = np.random.default_rng(0).normal(size=(30, 2))


def test_each_square_is_its_units_answer(figure):
    net = MLP([2, 3, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
    ax = units(net, X, resolution=11, ax=figure)
    points = Grid.over(X, 11).points
    hidden = np.tanh(points @ net.weights[0] + net.biases[0])  # by hand
    ends = np.abs(hidden).max()
    for k in range(3):
        shade = np.asarray(ax.images[2 + k].get_array())
        np.testing.assert_allclose(2 * shade - 1, hidden[:, k].reshape(11, 11) / ends)
    output = 1 / (1 + np.exp(-(hidden @ net.weights[1] + net.biases[1])))
    np.testing.assert_allclose(np.ravel(ax.images[5].get_array()), output[:, 0])


def test_the_other_features_are_held_at_their_median(figure):
    wide = np.random.default_rng(1).normal(size=(31, 4))
    net = MLP([4, 2, 1], activation="identity", seed=0)
    ax = units(net, wide, features=(3, 1), resolution=5, limits=[10.0, 10.0], ax=figure)
    points = np.tile(np.median(wide, axis=0), (25, 1))
    points[:, [3, 1]] = Grid.over(wide[:, [3, 1]], 5).points
    expected = points @ net.weights[0] + net.biases[0]
    for k in range(2):
        shade = np.asarray(ax.images[4 + k].get_array()).ravel()
        np.testing.assert_allclose(10 * (2 * shade - 1), expected[:, k])
    assert any("Held at the median" in text.get_text() for text in ax.texts)


def test_wide_layers_are_summarised_and_say_so(figure):
    ax = units(MLP([2, 20, 1], seed=0), X, max_units=6, resolution=4, ax=figure)
    assert len(ax.images) == 2 + 6 + 1
    assert "… 14 more\nunits" in [text.get_text() for text in ax.texts]


def test_a_perceptron_is_drawn(figure):
    assert len(units(Perceptron().fit(X, X[:, 0] > 0), X, ax=figure).images) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resolution": 1}, "resolution must be a whole number >= 2; got 1"),
        ({"limits": [1.0]}, "limits must hold one number for each of 2 layers"),
        ({"limits": [1.0, -1.0]}, "limit must be a finite number > 0; got -1.0"),
        ({"features": (0, 0)}, "features must be two different features"),
        ({"max_units": 0}, "max_units must be a whole number >= 1; got 0"),
    ],
)
def test_bad_arguments_are_named(arguments, message, figure):
    with pytest.raises(ValueError, match=message):
        units(MLP([2, 2, 1]), X, ax=figure, **arguments)
