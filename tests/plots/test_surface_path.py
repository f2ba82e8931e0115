"""The path on the surface of a network's loss: at the plane's height, dotted where hidden."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from glassnet import MLP
from glassnet.landscapes import of_network
from glassnet.plots import landscape
from glassnet.plots.surface_path import Relief, camera


@pytest.fixture(scope="module")
def ground():
    X, y = make_moons(30, noise=0.1, random_state=0)
    net = MLP([2, 4, 1], activation="tanh", loss="binary_cross_entropy", seed=0)
    thetas = [net.theta.copy()]
    net.fit(
        X, y, "adam(0.1)", epochs=25, callbacks=[lambda epoch: thetas.append(net.theta.copy())]
    )
    return of_network(net, X, y, "path", path=thetas, resolution=11)


def line(ax, label):
    (found,) = (one for one in ax.lines if one.get_label() == label)
    return np.transpose(found.get_data_3d())


def test_snapshots_lie_at_the_loss_on_the_plane_not_at_their_own(ground, figure):
    ax = landscape(ground, kind="surface", ax=figure)
    FigureCanvasAgg(figure).draw()  # what is drawn is a part; the data are whole again
    drawn = line(ax, "snapshots")
    np.testing.assert_array_equal(drawn[:, :2], ground.path.points)
    np.testing.assert_array_equal(drawn[:, 2], ground.plane_losses)
    assert np.abs(ground.plane_losses - ground.path_losses).max() > 1e-3


def test_between_snapshots_the_path_stays_on_the_surface(ground, figure):
    few = replace(
        ground,
        path=replace(
            ground.path,
            points=ground.path.points[[0, 25]],
            off_plane=ground.path.off_plane[[0, 25]],
        ),
        plane_losses=ground.plane_losses[[0, 25]],
        path_losses=ground.path_losses[[0, 25]],
    )
    way = line(landscape(few, kind="surface", ax=figure), "path")
    assert len(way) > 30
    np.testing.assert_allclose(way[:, 2], ground.value(way[:, 0], way[:, 1]), rtol=1e-12)
    assert line(landscape(few, kind="surface"), "snapshots").shape == (2, 3)


def test_a_logarithmic_surface_has_a_logarithmic_path_and_cuts_it_like_itself(ground, figure):
    floor = float(np.median(ground.plane_losses))  # half of the path lies lower
    steep = replace(ground, levels=(floor, 10 * floor, 900 * floor))
    ax = landscape(steep, kind="surface", ax=figure)
    assert "logarithmic scale, flat below" in ax.texts[0].get_text()
    height = np.log10(np.maximum(ground.plane_losses, floor))
    np.testing.assert_allclose(line(ax, "snapshots")[:, 2], height, atol=1e-12)


def test_what_leaves_the_window_is_not_drawn(ground, figure):
    x = ground.path.points[10, 0]
    near = replace(ground, window=(x - 0.1, 1.0, -2.0, 2.0))
    drawn = line(landscape(near, kind="surface", ax=figure), "snapshots")
    inside = (ground.path.points[:, 0] >= x - 0.1) & (np.abs(ground.path.points[:, 1]) <= 2.0)
    assert 0 < inside.sum() < 26
    np.testing.assert_array_equal(np.isfinite(drawn[:, 2]), inside)


def test_the_figure_says_what_the_surface_does_not_show(ground, figure):
    ax = landscape(ground, kind="surface", ax=figure)
    words = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert "The heights around the end point do not give the loss along the projected" in words
    worst = np.argmax(abs(ground.path_losses - ground.plane_losses))
    assert f"snapshot {worst}, where the loss is {ground.path_losses[worst]:.3g}" in words
    assert f"up to {ground.path.off_plane.max():.3g} away" in words
    assert f"{100 * ground.path.variance_explained[0]:.1f} %" in ax.get_xlabel()
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[1:] == ["the path, projected (26 snapshots)", "the network as it is"]
    given = Figure(figsize=(8, 7)).add_subplot(projection="3d")
    assert landscape(ground, kind="surface", ax=given) is given
    assert "do not give the loss along" in given.texts[1].get_text().replace("\n", " ")


# --- what can be seen ----------------------------------------------------------------------


def ridge():
    """Return a wall of height 1 over x = 0, on flat ground."""
    x = np.linspace(-1, 1, 41)
    return Relief(x, x, np.tile(np.maximum(0.0, 1 - 10 * np.abs(x)), (41, 1)), 0.0, 1.0, False)


def axes(kind, elev, azim):
    ax = Figure().add_subplot(projection="3d", proj_type=kind)
    ax.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(0, 1))
    ax.set_box_aspect((2, 2, 1))  # as long as the limits: no direction is stretched
    ax.view_init(elev=elev, azim=azim)
    return ax


@pytest.mark.parametrize("kind", ["persp", "ortho"])
def test_the_eye_is_where_the_view_was_set(kind):
    for elev, azim in [(36, -55), (10, 125), (80, 0)]:
        eye = camera(axes(kind, elev, azim).get_proj())
        toward = eye[:3] - np.array([0.0, 0.0, 0.5]) * eye[3]
        up, around = np.radians([elev, azim])
        wanted = [np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)]
        np.testing.assert_allclose(toward / np.linalg.norm(toward), wanted, atol=1e-9)


@pytest.mark.parametrize("kind", ["persp", "ortho"])
def test_a_wall_hides_what_lies_behind_it_and_nothing_else(kind):
    points = np.array([[-0.5, 0.3, 0.0], [0.5, 0.3, 0.0], [0.0, 0.0, 1.0], [-0.5, 0.0, 0.99]])
    from_right = camera(axes(kind, 10, 0).get_proj())
    assert ridge().hides(points, from_right).tolist() == [True, False, False, False]
    from_left = camera(axes(kind, 10, 180).get_proj())
    assert ridge().hides(points, from_left).tolist() == [False, True, False, False]
    from_above = camera(axes(kind, 85, 0).get_proj())
    assert not ridge().hides(points, from_above).any()


def test_the_height_under_a_point_is_linear_between_those_of_the_grid():
    x = np.array([0.0, 1.0, 3.0])
    plane = Relief(x, x, x[None, :] + 10 * x[:, None], 0.0, 40.0, False)
    found = plane.under(np.array([0.5, 2.0, 3.0, 3.1]), np.array([2.0, 0.25, 3.0, 1.0]))
    np.testing.assert_allclose(found, [20.5, 4.5, 33.0, np.nan])
