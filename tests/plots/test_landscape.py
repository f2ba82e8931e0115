"""A landscape's picture: its own levels and points, and heights that are what they say."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from glassnet.landscapes import LANDSCAPES, bowl, of_function, rosenbrock
from glassnet.plots import landscape, optimizer_race

each = pytest.mark.parametrize("ground", LANDSCAPES, ids=lambda one: one.name)


def mark(ax, kind):
    return next(np.transpose(one.get_data()) for one in ax.lines if one.get_marker() == kind)


@each
def test_contours_are_the_landscapes_own(figure, ground):
    ax = landscape(ground, ax=figure)
    FigureCanvasAgg(figure).draw()
    levels = [tuple(one.levels) for one in ax.collections if hasattr(one, "levels")]
    assert tuple(sorted(ground.levels)) in levels
    assert (*ax.get_xlim(), *ax.get_ylim()) == ground.window
    np.testing.assert_array_equal(mark(ax, "*"), ground.minima)
    np.testing.assert_array_equal(mark(ax, "o"), [ground.start])


@each
def test_surfaces(figure, ground):
    ax = landscape(ground, kind="surface", ax=figure)
    FigureCanvasAgg(figure).draw()
    words = ax.texts[0].get_text()
    logarithmic = min(ground.levels) > 0 and max(ground.levels) / min(ground.levels) > 100
    assert ("logarithmic" in words) == logarithmic
    lowest, highest = ax.zz_dataLim.intervalx
    kept = np.linspace(0, 239, 91).round().astype(int)  # 90 strips
    exact = ground.heights()[2][np.ix_(kept, kept)]
    np.testing.assert_array_equal(ax.collections[0]._faces.shape, (8100, 4, 3))
    if logarithmic:
        assert lowest == pytest.approx(np.log10(max(ground.levels[0], exact.min())))
        assert highest == pytest.approx(np.log10(exact.max()))
        ticks = dict(zip(ax.get_zticks(), ax.get_zticklabels(), strict=True))
        assert all(float(word.get_text()) == 10.0**tick for tick, word in ticks.items())
    else:
        assert lowest == exact.min()
        assert highest == exact.max() or f"cut off above {highest:.3g}" in words


def test_a_function_of_ones_own(figure):
    own = of_function(lambda x, y: x * y, name="twisted_sheet")
    ax = landscape(own, ax=figure)
    assert ax.get_title(loc="left") == "Twisted sheet"
    assert not [one for one in ax.lines if one.get_marker() == "*"]  # no minimum is known
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["start"]


def test_the_bar_names_heights_of_the_lines(figure):
    landscape("bowl", ax=figure)
    bar = figure.axes[1]
    labels = [float(text.get_text().replace("−", "-")) for text in bar.get_yticklabels()]
    np.testing.assert_allclose(labels, bowl.levels[::2], rtol=0.005)


@pytest.mark.parametrize("kind", ["contour", "surface"])
@pytest.mark.parametrize("function", [lambda x, y: 0 * x, lambda x, y: np.log(x) + y])
def test_flat_ground_and_holes(figure, kind, function):
    landscape(of_function(function), kind=kind, ax=figure)
    FigureCanvasAgg(figure).draw()


def test_the_race_on_a_function_whose_minimum_is_not_known():
    below = of_function(lambda x, y: x**2 + y**2 - 5, name="below", start=(1.0, 1.0))
    _, losses = optimizer_race(below, ["sgd", "adam"], steps=20, ax=Figure())
    assert (losses.get_yscale(), losses.get_ylabel()) == ("linear", "loss")
    curve = next(one for one in losses.lines if one.get_label() == "SGD")
    assert curve.get_ydata()[0] == pytest.approx(-3)
    assert losses.figure.get_suptitle() == "Below: SGD ends lowest after 20 steps"
    above = of_function(lambda x, y: x**2 + y**2 + 5)
    _, losses = optimizer_race(above, ["sgd"], steps=20, ax=Figure())
    assert losses.get_yscale() == "log"
    known = of_function(lambda x, y: x**2 + y**2 - 5, minima=[(0, 0)])
    _, losses = optimizer_race(known, ["sgd"], steps=20, ax=Figure())
    assert (losses.get_yscale(), losses.get_ylabel()) == ("log", "loss above the minimum")


def test_axes_of_ones_own():
    given = Figure().subplots()
    assert landscape(rosenbrock, ax=given, title="Mine") is given
    assert given.get_title(loc="left") == "Mine"
    with pytest.raises(ValueError, match='ax must be made with projection="3d"'):
        landscape("bowl", kind="surface", ax=Figure().subplots())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"landscape": "hill"}, ValueError, "unknown landscape 'hill'"),
        ({"kind": "film"}, ValueError, "kind must be one of contour, surface; got 'film'"),
        ({"ax": 3}, TypeError, "ax must be Matplotlib Axes"),
    ],
)
def test_bad_arguments_leave_no_figure(arguments, error, message):
    import matplotlib.pyplot as plt

    with pytest.raises(error, match=message):
        landscape(**{"landscape": "bowl", **arguments})
    assert plt.get_fignums() == []
