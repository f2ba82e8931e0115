"""The picture of a step: arrows, ellipse and numbers are those of the step itself."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.quiver import Quiver

from glassnet import catalog
from glassnet.insight.optimizer_steps import optimizer_steps
from glassnet.landscapes import ill_conditioned, of_function
from glassnet.plots import optimizer_step


def arrows(ax):
    return [np.array([one.U[0], one.V[0]]) for one in ax.collections if isinstance(one, Quiver)]


def entries(figure):
    return [text.get_text().replace("\n", " ") for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("rule", catalog.OPTIMIZERS, ids=lambda rule: rule.name)
@pytest.mark.parametrize("steps", [1, 3])
def test_every_shipped_optimizer(figure, rule, steps):
    _, near = optimizer_step(rule(), steps=steps, ax=figure)
    FigureCanvasAgg(figure).draw()
    last = optimizer_steps(rule(), ill_conditioned, ill_conditioned.start, steps)[-1]
    ellipses = [one for one in near.patches if isinstance(one, Ellipse)]
    assert len(ellipses) == (last.size is not None)
    assert any(np.allclose(one, last.step, rtol=1e-9, atol=0) for one in arrows(near))
    words = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert words.startswith(last.equation)
    assert entries(figure)[-1].startswith("θ: from (−")


def test_arrows_and_ellipse_share_a_scale(figure):
    _, near = optimizer_step("adam(0.1)", steps=4, ax=figure)
    last = optimizer_steps("adam(0.1)", ill_conditioned, ill_conditioned.start, 4)[-1]
    gradient, momentum, step = arrows(near)
    unit = np.linalg.norm(gradient) / np.linalg.norm(last.gradient)
    np.testing.assert_allclose(gradient, -unit * last.gradient)
    np.testing.assert_allclose(momentum, -unit * last.momentum.vector)
    np.testing.assert_allclose(step, last.step)
    (ellipse,) = (one for one in near.patches if isinstance(one, Ellipse))
    axes = [ellipse.width, ellipse.height]
    np.testing.assert_allclose(axes, 2 * unit * last.size.vector)
    np.testing.assert_array_equal(ellipse.center, last.before)
    # What the caption of Adam says: momentum in half-axes of the ellipse, times the rate.
    np.testing.assert_allclose(step, 0.1 * momentum / (np.array(axes) / 2), rtol=1e-6)
    assert near.get_aspect() == 1.0  # so that −g stands upright on the contours


def test_all_of_it_lies_within_the_panel(figure):
    for spec in ("adam(0.1)", "momentum(0.01)", "lion(0.1)", "adagrad(0.5)", "lbfgs"):
        part = Figure(figsize=(7, 5.4))
        _, near = optimizer_step(spec, steps=4, ax=part)
        FigureCanvasAgg(part).draw()
        frame = near.get_window_extent()
        for text in near.texts:
            box = text.get_window_extent()
            assert frame.x0 - 8 <= box.x0, (spec, text)
            assert box.x1 <= frame.x1 + 8, (spec, text)


def test_what_is_carried_on_and_what_is_added_make_the_step(figure):
    _, near = optimizer_step("momentum(0.01)", steps=4, ax=figure)
    last = optimizer_steps("momentum(0.01)", ill_conditioned, ill_conditioned.start, 4)[-1]
    _, carried, step = arrows(near)
    np.testing.assert_allclose(carried, last.carried)
    np.testing.assert_allclose(step - carried, -0.01 * last.gradient)
    assert any(one.startswith("what this gradient adds to it: (") for one in entries(figure))


def test_the_numbers_stand_beside(figure):
    optimizer_step("adam(0.1)", "bowl", start=(3.0, 2.0), steps=1, ax=figure)
    found = entries(figure)
    assert "−g: minus the gradient (−6, −4)" in found
    assert "step: what θ moves by (−0.1, −0.1)" in found
    assert "√v̂: root of the second moment, corrected (6, 4)" in found
    assert "θ: from (3, 2) to (2.9, 1.9)" in found
    words = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert "η = 0.1. The step is true to the axes; g, m̂ and √v̂ share a scale" in words
    assert figure.get_suptitle() == "Adam, step 1"


def test_ones_own_function_a_level_start_and_axes_of_ones_own():
    own = of_function(lambda x, y: x**2 + y**2)
    given = Figure(figsize=(10, 5)).subplots(1, 2)
    axes = optimizer_step("sgd(0.1)", own, start=(0.0, 0.0), steps=2, ax=given)
    FigureCanvasAgg(given[0].figure).draw()
    assert axes.tolist() == given.tolist()
    assert given[0].get_title(loc="left") == "SGD, step 2"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"landscape": "hill"}, ValueError, "unknown landscape 'hill'"),
        ({"optimizer": "adm"}, ValueError, "unknown optimizer 'adm'"),
        ({"optimizer": "lbfgs", "start": (0.0, 0.0)}, ValueError, "start must not be where"),
        ({"start": (1.0,)}, ValueError, "start must be two finite numbers"),
        ({"steps": 1.5}, ValueError, "steps must be a whole number"),
        ({"ax": 3}, TypeError, "ax must be Matplotlib Axes"),
    ],
)
def test_bad_arguments_leave_no_figure(arguments, error, message):
    import matplotlib.pyplot as plt

    with pytest.raises(error, match=message):
        optimizer_step(**arguments)
    assert plt.get_fignums() == []
