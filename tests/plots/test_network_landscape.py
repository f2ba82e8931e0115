"""The picture of a network's loss: its path where it falls, and the words that it needs."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from glassnet import MLP
from glassnet.landscapes import of_network
from glassnet.plots import landscape


@pytest.fixture(scope="module")
def grounds():
    """Return a landscape along random directions and one along a path."""
    X, y = make_moons(30, noise=0.1, random_state=0)
    net = MLP([2, 4, 1], activation="tanh", loss="binary_cross_entropy", seed=0, alpha=0.2)
    thetas = [net.theta.copy()]
    net.fit(X, y, epochs=25, callbacks=[lambda epoch: thetas.append(net.theta.copy())])
    random = of_network(net, X, y, resolution=11, seed=3)
    return random, of_network(net, X, y, "path", path=thetas, resolution=11)


def caption(figure):
    return figure.legends[0].get_title().get_text().replace("\n", " ")


def test_the_path_and_what_it_hides(grounds, figure):
    _, ground = grounds
    ax = landscape(ground, ax=figure)
    FigureCanvasAgg(figure).draw()
    drawn = next(one for one in ax.lines if one.get_label() == "path")
    np.testing.assert_array_equal(np.transpose(drawn.get_data()), ground.path.points)
    words, path = caption(figure), ground.path
    assert words.startswith("Binary cross entropy, mean over 30 samples, with the L2 penalty")
    assert f"holds {100 * path.variance_explained.sum():.1f} % of the path's variance" in words
    assert f"up to {path.off_plane.max():.3g} away" in words
    assert "do not give the loss along the projected path" in words
    worst = np.argmax(abs(ground.path_losses - ground.plane_losses))
    assert f"snapshot {worst}, where the loss is {ground.path_losses[worst]:.3g}" in words
    assert f"the plane shows {ground.plane_losses[worst]:.3g}." in words
    assert f"{100 * path.variance_explained[0]:.1f} %" in ax.get_xlabel()
    assert f"{100 * path.variance_explained[1]:.1f} %" in ax.get_ylabel()
    assert "the path, projected (26 snapshots)" in [
        text.get_text() for text in figure.legends[0].get_texts()
    ]


def test_random_directions_are_said_to_be_what_they_are(grounds, figure):
    ground, _ = grounds
    ax = landscape(ground, ax=figure)
    words = caption(figure)
    assert "filter-normalised, Li et al. 2018" in words
    assert "the biases stay" in words
    assert f"(seed 3) stand at {ground.plane.angle:.0f}°" in words
    stars = [one for one in ax.lines if one.get_marker() == "*"]
    assert [tuple(map(float, (*one.get_xdata(), *one.get_ydata()))) for one in stars] == [
        (0, 0)
    ]
    assert figure.get_suptitle() == "The loss along two random directions"


@pytest.mark.parametrize("which", [0, 1])
def test_surfaces_and_axes_of_ones_own(grounds, figure, which):
    surface = landscape(grounds[which], kind="surface", ax=figure)
    assert surface.texts[0].get_text().startswith("loss")
    FigureCanvasAgg(figure).draw()
    given = Figure(figsize=(8, 7)).subplots()
    landscape(grounds[which], ax=given, title="Mine")
    assert given.get_title(loc="left") == "Mine"
    assert "Binary cross entropy" in given.texts[0].get_text()
