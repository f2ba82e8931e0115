"""The activation gallery: the right curves, gaps at jumps, shade where slopes die."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from scipy.special import expit

from glassnet import catalog
from glassnet.plots import activations
from glassnet.plots.activations import SATURATED, curve

NAN = np.nan


def line(ax, label):
    found = [one for one in ax.lines if one.get_label() == label]
    assert len(found) == 1, f"{label}: {len(found)}"
    return np.asarray(found[0].get_xdata(), float), np.asarray(found[0].get_ydata(), float)


def shaded(ax):
    patches = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_zorder() == 0]
    return sorted((p.get_x(), p.get_x() + p.get_width()) for p in patches)


def words(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_notebooks_six(figure):
    panels = activations(ax=figure)
    titles = [panel.get_title(loc="left") for panel in panels]
    assert titles == ["sigmoid", "tanh", "relu", "leaky_relu(0.01)", "elu(1)", "swish"]
    # The notebook's own formulas, panel by panel.
    formulas = [
        expit,
        np.tanh,
        lambda z: np.maximum(0, z),
        lambda z: np.where(z > 0, z, 0.01 * z),
        lambda z: np.where(z > 0, z, np.exp(z) - 1),
        lambda z: z * expit(z),
    ]
    for panel, formula in zip(panels, formulas, strict=True):
        z, a = line(panel, "value")
        kept = np.isfinite(z)
        assert kept.sum() > 700
        np.testing.assert_allclose(a[kept], formula(z[kept]), atol=1e-14)
        assert panel.get_xlim() == (-5.0, 5.0)
        assert not any(one.get_label() == "slope" for one in panel.lines)
        assert shaded(panel) == []
    rows = {round(panel.get_subplotspec().rowspan.start) for panel in panels}
    assert rows == {0, 1}
    assert words(figure) == ["value", "kink: the slope jumps"]


def test_all_draws_every_element_wise_record(figure):
    panels = activations("all", ax=figure)
    names = [record.name for record in catalog.ACTIVATIONS if not record.rowwise]
    assert [panel.get_title(loc="left").partition("(")[0] for panel in panels] == names
    assert len(names) >= 16
    for panel, name in zip(panels, names, strict=True):
        z, slope = line(panel, "slope")
        _, a = line(panel, "value")
        steps = np.diff(z)
        inside = np.isfinite(steps) & (steps > 1e-3)
        # Between two neighbouring points of a smooth piece, the mean slope lies near theirs.
        rise = np.diff(a)[inside] / steps[inside]
        mean = (slope[:-1][inside] + slope[1:][inside]) / 2
        # Softsign's slope has a corner at 0: there the mean of two is off by 0.0086.
        np.testing.assert_allclose(rise, mean, atol=1e-2, err_msg=name)
    assert words(figure)[-1].startswith("saturated: slope tends to 0, here below 5 %")
    # Wide enough for relu6's second kink.
    assert panels[0].get_xlim() == (-7.0, 7.0)


def test_a_jump_is_drawn_as_a_jump():
    z, a, slope = curve(catalog.activation("step"), -1.0, 1.0)
    gap = np.flatnonzero(np.isnan(z))
    assert gap.size == 1
    assert a[gap[0] - 1] == 0.0
    assert a[gap[0] + 1] == 1.0
    assert -1e-300 < z[gap[0] - 1] < 0
    z, _, slope = curve(catalog.activation("relu"), -1.0, 1.0)
    gap = np.flatnonzero(np.isnan(z))[0]
    assert (slope[gap - 1], slope[gap + 1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "kinks"),
    [
        ("relu", [0]),
        ("hard_sigmoid", [-3, 3]),
        ("relu6", [0, 6]),
        ("elu(0.5)", [0]),
        ("elu(1)", []),  # its slope is e^0 = 1 on either side
        ("tanh", []),
        ("step", [0]),
    ],
)
def test_kinks_are_ringed_where_the_slope_jumps(figure, name, kinks):
    (panel,) = activations(name, ax=figure)
    rings = [one for one in panel.lines if one.get_label() == "kink"]
    found = rings[0].get_xdata().tolist() if rings else []
    assert found == kinks
    assert ("kink: the slope jumps" in words(figure)) == bool(kinks)


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        # tanh' = 1 - tanh² = 0.05 at artanh(√0.95) = 2.178
        ("tanh", [(-5, -2.178), (2.178, 5)]),
        # σ' = σ(1 - σ) = 0.05 · 0.25 at ln((1 + √0.95) / (1 - √0.95)) = 4.357
        ("sigmoid", [(-5, -4.357), (4.357, 5)]),
        ("relu", [(-5, 0)]),
        ("leaky_relu", []),  # small, but it never dies
        ("identity", []),
        ("hard_sigmoid", [(-5, -3), (3, 5)]),
        # softplus' = σ = 0.05 · σ(5) at -2.951
        ("softplus", [(-5, -2.951)]),
        ("step", [(-5, 5)]),
    ],
)
def test_saturation_is_shaded(figure, name, regions):
    (panel,) = activations(name, ax=figure)
    found = shaded(panel)
    assert len(found) == len(regions)
    assert any(text.startswith("saturated") for text in words(figure)) == bool(regions)
    np.testing.assert_allclose(
        np.reshape(found, (-1, 2)), np.reshape(regions, (-1, 2)), atol=0.02
    )


def test_a_dip_of_the_slope_through_zero_is_no_saturation(figure):
    # Swish has slope 0 at its minimum, -1.278; it saturates only far to the left.
    (panel,) = activations("swish", ax=figure)
    ((left, right),) = shaded(panel)
    assert left == -5.0
    assert right < -3.5
    z, slope = line(panel, "slope")
    assert np.all(np.abs(slope[z <= right]) <= SATURATED * slope.max())


def test_a_curve_that_leaves_the_picture_does_not_flatten_itself(figure):
    (panel,) = activations("exp", ax=figure)
    assert panel.get_ylim()[1] < 6
    z, a = line(panel, "value")
    kept = np.isfinite(a)
    np.testing.assert_allclose(a[kept], np.exp(z[kept]), rtol=1e-14)


def test_slopes_can_be_asked_for_or_refused(figure):
    panels = activations(slopes=True, ax=figure)
    assert shaded(panels[0])
    (panel,) = activations("tanh", slopes=False, ax=Figure())
    assert shaded(panel) == []


def test_a_window_of_ones_own(figure):
    panels = activations(["relu", "tanh"], window=(-1, 3), ax=figure)
    assert all(panel.get_xlim() == (-1.0, 3.0) for panel in panels)


def test_records_and_parameters_are_names_too(figure):
    spec = ["leaky_relu(0.2)", catalog.activation("elu(2)"), "silu"]
    panels = activations(spec, ax=figure)
    titles = [panel.get_title(loc="left") for panel in panels]
    assert titles == ["leaky_relu(0.2)", "elu(2)", "swish"]
    z, a = line(panels[0], "value")
    assert a[0] == pytest.approx(0.2 * z[0])


def test_axes_of_ones_own():
    given = Figure().subplots(1, 2)
    panels = activations(["relu", "tanh"], ax=given)
    assert panels.tolist() == given.tolist()
    with pytest.raises(ValueError, match="ax must hold 2 Axes for this picture; got 1"):
        activations(["relu", "tanh"], ax=given[0])


def test_an_unfinished_last_row_has_its_words(figure):
    panels = activations(["relu", "tanh", "elu", "swish"], ax=figure)
    assert [panel.get_xlabel() for panel in panels] == ["", "z", "z", "z"]
    assert len(figure.axes) == 4
    FigureCanvasAgg(figure).draw()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"names": "rellu"}, ValueError, "unknown activation 'rellu'; known: "),
        ({"names": ["relu", "softmax"]}, ValueError, "'softmax' depends on a whole row"),
        ({"names": []}, ValueError, "names must hold at least one activation"),
        ({"names": [3]}, TypeError, "activation must be a name"),
        (
            {"window": (2, -2)},
            ValueError,
            r"window must be two numbers, low < high; got \(2, -2\)",
        ),
        ({"window": 5}, ValueError, "window must be two numbers, low < high; got 5"),
        ({"window": (0, np.inf)}, ValueError, "window must be two numbers"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        activations(**arguments)


@pytest.mark.parametrize(("width", "shape"), [(7.0, (2, 3)), (4.0, (3, 2)), (2.0, (6, 1))])
def test_a_narrow_figure_has_fewer_panels_in_a_row(width, shape):
    panels = activations(ax=Figure(figsize=(width, 6.0)))
    assert panels.shape == (6,)
    assert panels[0].get_gridspec().get_geometry() == shape
    labelled = [panel for panel in panels if panel.get_xlabel() == "z"]
    assert list(panels[-shape[1] :]) == labelled


def test_the_picture_is_saved_through_its_axes(tmp_path):
    axes = activations(ax=Figure())
    axes[0].figure.savefig(tmp_path / "activations.png")
    assert (tmp_path / "activations.png").stat().st_size > 5000
