"""Hidden spaces: what is carried through is what the network computes there."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from glassnet import MLP, MLPClassifier, Perceptron
from glassnet.plots import hidden_space
from glassnet.plots.hidden_space import _cuts
from glassnet.plots.layers import layers_of
from glassnet.plots.projections import projection_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def net(*hidden, d=2):
    return MLP([d, *hidden, 1], activation="tanh", loss="binary_cross_entropy", seed=0)


DIVERGED = net(3)
DIVERGED.theta[...] = np.nan


def test_the_projection_is_scikit_learns():
    h = RNG.normal(size=(30, 5)) * [3, 2, 1, 1, 0.5]
    ours, theirs = projection_of(h), PCA(2).fit(h)
    np.testing.assert_allclose(np.abs(ours.flat(h)), np.abs(theirs.transform(h)), atol=1e-12)
    assert ours.held(h) == pytest.approx(theirs.explained_variance_ratio_.sum())
    np.testing.assert_allclose(ours.flat(ours.full(np.eye(2))), np.eye(2), atol=1e-12)


def test_many_rows_and_many_units_need_no_square_matrix_of_them():
    tall, wide = RNG.normal(size=(200_000, 3)), RNG.normal(size=(3, 200_000))
    for h in (tall, wide):  # 200,000 squared are 300 GB
        assert 0 < projection_of(h).held(h) <= 1 + 1e-12
    one = projection_of(np.arange(5.0)[None])
    np.testing.assert_allclose(one.axes.T @ one.axes, np.eye(2), atol=1e-12)


def test_where_a_class_leads_its_cut_is_its_lead():
    model = MLP([2, 4, 5], loss="categorical_cross_entropy", seed=0)
    z = RNG.normal(size=(50, 5))
    z[0] = 1.0  # all are equal
    layers = layers_of(model)
    entering = np.linalg.lstsq(layers.weights[-1].T, (z - layers.biases[-1]).T)[0].T
    z = layers.decide(entering)
    cuts = np.transpose(_cuts(layers, entering, True))
    for row, leads in zip(z, cuts, strict=True):
        expected = [row[k] - max(np.delete(row, k)) for k in range(5)]
        np.testing.assert_array_equal(leads, expected)


def test_two_units_are_drawn_as_they_are(figure):
    model = net(2)
    _, last = hidden_space(model, X, ax=figure)
    drawn = np.asarray(last.collections[-1].get_offsets())
    np.testing.assert_allclose(drawn, np.tanh(X @ model.weights[0] + model.biases[0]))


def test_the_boundary_is_straight_in_the_last_layer(figure):
    model = net(2)
    _, last = hidden_space(model, X, Y, ax=figure, resolution=300)
    (line,) = last.lines
    z = line.get_xydata() @ model.weights[1] + model.biases[1]
    assert np.abs(z).max() < 1e-3  # between the grid's points it is interpolated


def test_the_share_of_variance_is_said(figure):
    model = net(6)
    last = hidden_space(model, X, Y, ax=figure)[-1]
    share = PCA(2).fit(model.intermediates(X)["a0"]).explained_variance_ratio_.sum()
    (note,) = [text.get_text() for text in last.texts]
    assert f"{100 * share:.0f}\N{NO-BREAK SPACE}%" in note.replace("\n", " ")


def test_axes_stay_where_limits_and_another_models_components_put_them():
    first, second = net(5), net(5)
    second.weights[0][...] += 0.3
    limits = [((-4, 4), (-3, 3)), ((-2, 2), (-1, 1))]
    axes = hidden_space(first, X, Y, like=second, limits=limits, ax=Figure())
    assert [(ax.get_xlim(), ax.get_ylim()) for ax in axes] == limits
    seen = projection_of(second.intermediates(X)["a0"])
    drawn = np.concatenate([c.get_offsets() for c in axes[1].collections[1:]])
    expected = seen.flat(first.intermediates(X)["a0"])
    np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(expected, axis=0))


def test_more_features_are_projected_without_a_grid(figure):
    wide = RNG.normal(size=(30, 4))
    axes = hidden_space(net(3, d=4), wide, np.arange(30) % 2, ax=figure)
    assert all(not ax.lines for ax in axes)
    assert len(axes[-1].images) == 1


def test_deep_networks_are_summarised(figure):
    axes = hidden_space(net(*[3] * 8), X, max_layers=4, ax=figure)
    titles = [ax.get_title(loc="left") for ax in axes]
    assert titles == ["inputs", "hidden 1", "hidden 2", "hidden 7", "hidden 8"]


def test_what_colours_mean_and_what_is_left_out_is_said(figure):
    wide = RNG.normal(size=(30, 3))
    model = MLP([3, *[3] * 5, 1], loss="squared_error", seed=0)
    hidden_space(model, wide, np.linspace(0, 2, 30), max_layers=2, ax=figure)
    said = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert said == (
        "Points are coloured by y, from 0 (dark) to 2 (bright). "
        "3 hidden layers in the middle are not shown."
    )


@pytest.mark.filterwarnings("ignore")
def test_estimators_perceptrons_and_regression(figure):
    many = RNG.integers(0, 3, 40)
    hidden_space(MLPClassifier(hidden_layer_sizes=(3,), max_iter=2).fit(X, many), X, many)
    assert len(hidden_space(Perceptron().fit(X, Y), X, Y)) == 1
    hidden_space(MLP([2, 2, 1], loss="squared_error", seed=0), X, X[:, 0], ax=figure)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limits": [1]}, "limits must hold one pair for each of 2 panels"),
        ({"max_layers": 1}, "max_layers must be a whole number >= 2; got 1"),
        ({"resolution": 3}, "resolution must be a whole number >= 10; got 3"),
        ({"like": net(4)}, "like must have layers"),
        ({"model": DIVERGED}, "model must have finite weights to be drawn; got nan"),
        ({"y": [1, 2]}, "y must hold one target for each of the 40 rows"),
    ],
)
def test_bad_arguments_are_named(arguments, message, figure):
    with pytest.raises(ValueError, match=message):
        hidden_space(**{"model": net(3), "X": X, "ax": figure, **arguments})
