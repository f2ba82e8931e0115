"""The race's picture: the right paths, honest words, nothing drawn as garbage."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from glassnet.landscapes import LANDSCAPES, bowl, rosenbrock
from glassnet.optimizers import SGD, Adam, Momentum
from glassnet.plots import optimizer_race
from glassnet.plots.race import FLOOR
from glassnet.race import RATES, race


def lines(ax):
    return {
        one.get_label(): np.column_stack(one.get_data())
        for one in ax.lines
        if not one.get_label().startswith("_")
    }


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def caption(figure):
    return figure.legends[0].get_title().get_text().replace("\n", " ")


def title(figure):
    return figure.get_suptitle().replace("\n", " ")


def test_paths_and_losses_are_those_of_the_race(figure):
    paths, losses = optimizer_race(steps=60, ax=figure)
    runs = race(rosenbrock, steps=60)
    assert len(runs) == 6
    for run in runs:
        np.testing.assert_array_equal(lines(paths)[run.name], run.path)
        np.testing.assert_array_equal(lines(losses)[run.name][:, 0], np.arange(61))
        np.testing.assert_array_equal(
            lines(losses)[run.name][:, 1], np.maximum(run.losses, FLOOR)
        )
        assert f"{run.name}, rate {run.rate:g}" in legend(figure)
    assert losses.get_yscale() == "log"


def test_the_figure_says_that_it_is_fair(figure):
    optimizer_race(steps=60, ax=figure)
    assert "same 18 learning rates (0.0001 to 50)" in caption(figure)
    assert "lowest loss after these 60 steps" in caption(figure)


def test_the_notebooks_race_says_that_it_is_not(figure):
    entrants = [SGD(0.1), Momentum(0.1), Adam(0.1)]
    paths, _ = optimizer_race("bowl", entrants, rates=None, steps=50, ax=figure)
    assert "none of them searched for: this compares settings" in caption(figure)
    assert legend(figure)[:3] == ["SGD, rate 0.1", "Momentum, rate 0.1", "Adam, rate 0.1"]
    for one, name in zip(entrants, ("SGD", "Momentum", "Adam"), strict=True):
        np.testing.assert_array_equal(
            lines(paths)[name], one.minimize(bowl.fun, bowl.grad, [3.0, 2.0], steps=50)
        )
    assert title(figure) == "Bowl: SGD ends lowest after 50 steps"


@pytest.mark.parametrize("ground", LANDSCAPES, ids=lambda ground: ground.name)
def test_every_landscape(figure, ground):
    paths, losses = optimizer_race(ground, steps=40, ax=figure)
    FigureCanvasAgg(figure).draw()
    x0, x1, y0, y1 = ground.window
    (left, right), (bottom, top) = paths.get_xlim(), paths.get_ylim()
    assert left <= x0
    assert x1 <= right
    assert bottom <= y0
    assert y1 <= top
    for name, path in lines(paths).items():
        assert np.all((path >= [left, bottom]) & (path <= [right, top])), name
    np.testing.assert_array_equal(lines(paths)["minimum"], ground.minima)
    np.testing.assert_array_equal(lines(paths)["start"], [ground.start])
    for curve in lines(losses).values():
        assert np.all(curve[:, 1] >= FLOOR)
        assert np.all(curve[1:, 1] <= losses.get_ylim()[1])


def test_contours_stand_at_the_landscapes_levels(figure):
    paths, _ = optimizer_race("beale", "sgd", steps=5, ax=figure)
    from glassnet.landscapes import beale

    levels = [tuple(part.levels) for part in paths.collections if hasattr(part, "levels")]
    assert tuple(sorted(beale.levels)) in levels
    steps = np.diff(np.log(beale.levels))
    np.testing.assert_allclose(steps, steps[0])  # spaced by a constant factor


def test_losses_are_measured_from_the_minimum(figure):
    _, losses = optimizer_race("saddle", "sgd", steps=30, rates=[0.1], ax=figure)
    (run,) = race("saddle", "sgd", steps=30, rates=[0.1])
    np.testing.assert_allclose(lines(losses)["SGD"][:, 1], run.losses + 0.25)
    assert losses.get_ylabel() == "loss above the minimum"


def test_a_loss_of_zero_is_drawn_on_the_floor_and_said(figure):
    _, losses = optimizer_race("bowl", "sgd", steps=5, rates=[0.5], ax=figure)
    assert lines(losses)["SGD"][-1, 1] == FLOOR
    assert "Losses below 1e-16 are drawn there." in caption(figure)


def test_who_diverges_at_every_rate_is_named_and_not_drawn(figure):
    paths, losses = optimizer_race(
        "rosenbrock", ["sgd", "adam"], steps=30, rates=[0.5, 1.0], ax=figure
    )
    assert "SGD" not in lines(paths)
    assert "SGD" not in lines(losses)
    assert "Not drawn, as every rate diverged: SGD." in caption(figure)
    assert not any(text.startswith("SGD") for text in legend(figure))


def test_a_given_setting_that_diverges_is_drawn_as_far_as_it_goes(figure):
    paths, losses = optimizer_race(
        "rosenbrock", [SGD(0.1), Adam(0.1)], rates=None, steps=50, ax=figure
    )
    assert "SGD, rate 0.1 (diverged)" in legend(figure)
    assert paths.get_xlim() == (-2.0, 2.0)  # its flight does not set the scale
    assert losses.get_ylim()[1] <= 1e3 * 24.2
    FigureCanvasAgg(figure).draw()


def test_nobody_left(figure):
    optimizer_race("rosenbrock", "sgd", steps=30, rates=[1.0], ax=figure)
    assert title(figure) == "Rosenbrock: every optimizer diverged"
    FigureCanvasAgg(figure).draw()


def test_a_best_rate_at_the_grids_end_is_said(figure):
    optimizer_race("bowl", ["sgd", "adam"], steps=30, rates=[0.001, 0.01], ax=figure)
    assert "The best rate of SGD, Adam is the end of the grid." in caption(figure)


def test_the_title_names_the_winner_as_it_is(figure):
    optimizer_race(steps=60, ax=figure)
    runs = race(rosenbrock, steps=60)
    best = min(runs, key=lambda run: run.losses[-1])
    assert title(figure) == f"Rosenbrock: {best.name} ends lowest after 60 steps"
    both = Figure()
    optimizer_race("bowl", ["sgd", "momentum(nesterov=True)"], steps=300, ax=both)
    assert title(both) == "Bowl: all optimizers reach the minimum within 300 steps"
    one = Figure()
    optimizer_race("bowl", ["sgd", "adam"], steps=60, ax=one)
    assert title(one) == "Bowl: SGD reaches the minimum within 60 steps"
    mine = Figure()
    optimizer_race("bowl", "sgd", steps=1, title="Mine", ax=mine)
    assert title(mine) == "Mine"


def test_lbfgs_takes_part(figure):
    optimizer_race("rosenbrock", ["adam", "lbfgs"], steps=50, ax=figure)
    assert "L-BFGS, line search" in legend(figure)


def test_marks_tell_lines_apart_without_colour(figure):
    paths, losses = optimizer_race(steps=60, ax=figure)
    for ax in (paths, losses):
        drawn = [
            one for one in ax.lines if one.get_label() in {run.name for run in race(steps=1)}
        ]
        assert len({one.get_marker() for one in drawn}) == 6


def test_axes_of_ones_own():
    given = Figure(figsize=(9, 4)).subplots(1, 2)
    axes = optimizer_race("bowl", ["sgd", "adam"], steps=20, ax=given)
    assert axes.tolist() == given.tolist()
    words = given[0].get_title(loc="left").replace("\n", " ")
    assert words == "Bowl: SGD reaches the minimum within 20 steps"
    note = given[0].texts[0].get_text().replace("\n", " ")
    assert f"same {len(RATES)} learning rates" in note
    assert given[1].get_legend() is not None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"landscape": "hill"}, ValueError, "unknown landscape 'hill'"),
        ({"rates": [0.0]}, ValueError, "rates must be numbers > 0"),
        ({"ax": 3}, TypeError, "ax must be Matplotlib Axes"),
    ],
)
def test_bad_arguments_leave_no_figure(arguments, error, message):
    import matplotlib.pyplot as plt

    with pytest.raises(error, match=message):
        optimizer_race(**{"steps": 2, **arguments})
    assert plt.get_fignums() == []


@pytest.mark.parametrize(("width", "shape"), [(7.0, (1, 2)), (4.0, (2, 1))])
def test_a_narrow_figure_has_the_losses_below(width, shape):
    axes = optimizer_race("bowl", ["sgd"], steps=5, ax=Figure(figsize=(width, 8.0)))
    assert axes.shape == (2,)
    assert axes[0].get_gridspec().get_geometry() == shape
    assert [ax.get_xlabel() for ax in axes] == ["x", "step"]
