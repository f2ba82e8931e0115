"""Films of hidden spaces and of weights: each frame is its network's, on axes that stay put."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from glassnet import MLP, MLPClassifier, Recorder
from glassnet.plots import film, weights
from glassnet.plots.films import networks

X, Y = make_moons(60, noise=0.1, random_state=0)


@pytest.fixture(scope="module")
def record():
    found = Recorder(X, Y)
    net = MLP([2, 8, 2, 1], "tanh", loss="binary_cross_entropy", seed=0)
    net.fit(X, Y, "adam(0.05)", epochs=30, callbacks=[found])
    return found


def axes_of(scene, i):
    scene.frame(i)
    return [ax for ax in scene.figure.axes if ax.get_label() != "<colorbar>"]


@pytest.mark.parametrize("kind", ["hidden", "weights"])
def test_axes_stay_and_pictures_move(record, kind):
    scene = film(record, kind=kind, frames=3).scene
    windows = [[(ax.get_xlim(), ax.get_ylim()) for ax in axes_of(scene, i)] for i in range(3)]
    assert windows[0] == windows[1] == windows[2]
    first, last = scene.frame(0).copy(), scene.frame(2).copy()
    assert (first != last).mean() > 0.01
    np.testing.assert_array_equal(scene.frame(0), first)


def test_points_of_a_layer_of_two_units_are_what_it_gives(record):
    """Drawn as they are, along the last network's directions: here the units themselves."""
    scene = film(record, kind="hidden", frames=2).scene
    for i, snapshot in ((0, 0), (1, -1)):
        last_space = axes_of(scene, i)[2]
        drawn = np.concatenate(
            [
                np.asarray(c.get_offsets())
                for c in last_space.collections
                if len(c.get_offsets()) > 1
            ]
        )
        given = record.model_at(snapshot).intermediates(X)["a1"]
        assert len(drawn) == len(given)
        np.testing.assert_allclose(np.sort(drawn, axis=0), np.sort(given, axis=0), atol=1e-6)


def test_each_frame_says_what_share_of_its_own_variance_the_last_plane_holds(record):
    scene = film(record, kind="hidden", frames=2).scene
    last = record.model_at(-1).intermediates(X)["a0"]
    plane = np.linalg.svd(last - last.mean(axis=0))[2][:2]
    for i, snapshot in ((0, 0), (1, -1)):
        given = record.model_at(snapshot).intermediates(X)["a0"]
        given = given - given.mean(axis=0)
        share = np.sum((given @ plane.T) ** 2) / np.sum(given**2)
        words = " ".join(text.get_text() for text in axes_of(scene, i)[1].texts)
        assert f"{100 * share:.0f}\N{NO-BREAK SPACE}% of variance" in words


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_estimators_hidden_spaces_have_its_classes(record):
    legend = film(record, kind="hidden", frames=1).scene.figure.legends[0]
    assert [t.get_text() for t in legend.get_texts()] == [
        "class 0",
        "class 1",
        "output changes",
    ]
    own, names = Recorder(), np.array(["no", "yes"])[Y]
    MLPClassifier((3,), max_iter=3, random_state=0).set_callbacks(own).fit(X, names)
    scene = film(own, kind="hidden", frames=2).scene
    said = [text.get_text() for text in scene.figure.legends[0].get_texts()]
    assert said[:2] == ["class no", "class yes"]
    blind = Recorder()
    MLP([2, 3, 1]).fit(X, Y, epochs=3, callbacks=[blind])
    with pytest.raises(ValueError, match="the record has no probe rows"):
        film(blind, kind="hidden")


def test_matrices_are_those_of_the_snapshot_on_one_scale(record):
    scene = film(record, kind="weights", frames=2).scene
    largest = max(
        np.abs(W).max() for k in range(len(record)) for W in record.model_at(k).weights
    )
    for i, snapshot in ((0, 0), (1, -1)):
        matrices = axes_of(scene, i)[:3]
        for ax, W in zip(matrices, record.model_at(snapshot).weights, strict=True):
            (image,) = ax.images
            assert image.norm.vmax == pytest.approx(largest)
            assert image.norm.vmin == pytest.approx(-largest)
            shown = np.asarray(image.get_array())
            assert sorted(shown.ravel()) == pytest.approx(sorted(W.ravel()), abs=1e-6)


def test_axes_have_room_for_the_first_network_and_the_last():
    around = networks._around(((0, 1), (2, 3)), ((-1, 0.5), (2.5, 4)))
    assert around == [(-1, 1), (2, 4)]


def test_options_are_those_of_the_picture(record):
    made = film(record, kind="weights", frames=1, limit=9.0).scene
    assert axes_of(made, 0)[0].images[0].norm.vmax == 9.0
    assert weights(record.model_at(-1), ax=Figure()).shape == (2, 3)
    with pytest.raises(ValueError, match="X and y belong to no film of weights"):
        film(record, kind="weights", X=X, y=Y)
    with pytest.raises(TypeError, match="nothing"):
        film(record, kind="hidden", nothing=1)
    with pytest.raises(ValueError, match="kind must be boundary, race, hidden, weights"):
        film(record, kind="motion")


def test_other_rows_can_be_carried(record):
    scene = film(record, kind="hidden", X=X[:7], y=Y[:7], frames=1).scene
    inputs = axes_of(scene, 0)[0]
    points = sum(len(c.get_offsets()) for c in inputs.collections if len(c.get_offsets()) > 1)
    assert points == 7
