"""Colours hold without colour, and the style touches nobody's settings."""

import io
import itertools
import os
import subprocess
import sys
from threading import Event, Thread

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from glassnet import plots
from glassnet.plots.style import (
    CLASS_COLORS,
    CLASS_MARKERS,
    LINE_COLORS,
    LINE_STYLES,
    class_look,
    diverging,
    style,
)

# Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of
# Color Vision Deficiency", IEEE TVCG 15(6), tables for severity 1.0; for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(color):
    c = np.array(to_rgb(color))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(color):
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def lab(rgb):
    """Return CIE L*a*b* (D65) of linear RGB."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_ruler_is_right():
    # Lab of sRGB red: 53.24, 80.09, 67.20 in every table of the standard.
    np.testing.assert_allclose(lab(linear("#ff0000")), [53.24, 80.09, 67.20], atol=0.02)
    # The simulation leaves greys as they are and makes pure red and green look alike.
    for matrix in VISION.values():
        np.testing.assert_allclose(matrix @ np.full(3, 0.4), np.full(3, 0.4), atol=1e-5)
    confused = (
        VISION["deuteranopia"] @ linear("#00a000"),
        VISION["deuteranopia"] @ linear("#cc4400"),
    )
    seen = np.linalg.norm(lab(linear("#00a000")) - lab(linear("#cc4400")))
    assert np.linalg.norm(lab(confused[0]) - lab(confused[1])) < 0.35 * seen


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("count", "apart"), [(2, 75), (3, 40), (4, 38), (8, 23)])
def test_class_colours_stay_apart_in_every_vision(vision, count, apart):
    # A difference of 10 is plain at a glance; 2.3 is just noticeable (Mahy et al. 1994).
    seen = [lab(VISION[vision] @ linear(color)) for color in CLASS_COLORS[:count]]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert nearest >= apart


@pytest.mark.parametrize(("count", "apart"), [(2, 25), (3, 25), (4, 12), (8, 6)])
def test_class_colours_stay_apart_in_grey_print(count, apart):
    lightness = sorted(lab(linear(color))[0] for color in CLASS_COLORS[:count])
    assert np.diff(lightness).min() >= apart


def test_the_two_sides_of_a_binary_boundary_differ_in_grey_print():
    from glassnet.plots.boundary import STRENGTH

    shade = diverging(CLASS_COLORS[0], CLASS_COLORS[1], STRENGTH)
    low, middle, high = (lab(linear(shade(p)))[0] for p in (0.0, 0.5, 1.0))
    assert middle > 99
    assert high - low > 10


def test_a_hundred_classes_differ_in_colour_or_marker():
    looks = [tuple(sorted(class_look(i).items())) for i in range(100)]
    assert len(set(looks)) == 100
    assert len(set(CLASS_MARKERS)) == len(CLASS_MARKERS)


def test_lines_can_be_read_on_white():
    # Web Content Accessibility Guidelines 2.1, criterion 1.4.11: at least 3:1.
    for color in LINE_COLORS:
        assert 1.05 / (luminance(color) + 0.05) >= 3.0
    assert len(LINE_STYLES) == len(LINE_COLORS)


def test_style_is_over_when_its_context_is():
    with mpl.rc_context({"font.size": 31.0, "axes.grid": True}):
        before = dict(mpl.rcParams)
        with style():
            assert mpl.rcParams["font.size"] != 31.0
            assert not mpl.rcParams["axes.grid"]
        assert dict(mpl.rcParams) == before


def test_threads_that_draw_at_once_leave_the_users_settings_as_they_were():
    """The first to enter is the first to leave: each brings back what it has found."""
    entered, alone, seen = Event(), Event(), []

    def draw():
        with style():
            entered.set()
            assert alone.wait(10)
            seen.append(mpl.rcParams["font.size"])

    with mpl.rc_context({"font.size": 31.0}):
        before, other = dict(mpl.rcParams), Thread(target=draw)
        with style():
            other.start()
            assert entered.wait(10)
        alone.set()
        other.join()
        assert seen == [11.0]
        assert dict(mpl.rcParams) == before


def test_the_users_font_stands_behind_ours():
    with mpl.rc_context({"font.family": ["STIXGeneral"]}), style(), style():
        assert mpl.rcParams["font.family"] == ["DejaVu Sans", "STIXGeneral"]


def _every_picture(figures):
    from sklearn.linear_model import LogisticRegression

    from glassnet import MLP, Recorder

    X, y = np.array([[0.0, 0.0], [1.0, 0.2], [3.0, 1.0], [4.0, 0.8]]), np.array([0, 0, 1, 1])
    plots.decision_boundary(LogisticRegression().fit(X, y), X, y, resolution=20, ax=figures[0])
    plots.activations(["relu", "tanh"], ax=figures[1])
    plots.optimizer_race("bowl", ["sgd", "adam"], steps=10, rates=[0.1, 0.5], ax=figures[2])
    plots.history(MLP([2, 3, 1], seed=0).fit(X, y, epochs=5, early_stopping=2), ax=figures[3])
    plots.landscape("bowl", ax=figures[4])
    plots.landscape("bowl", kind="surface", ax=figures[5])
    plots.optimizer_step("adam(0.1)", "bowl", ax=figures[6])
    record = Recorder(X, y)
    MLP([2, 3, 1], seed=0).fit(X, y, epochs=5, callbacks=[record])
    plots.health(record, ax=figures[7])


def _pixels(figure):
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_raw(buffer)
    return buffer.getvalue()


def test_pictures_look_the_same_whatever_the_user_has_set():
    plain, odd = ([Figure(figsize=(7, 4)) for _ in range(8)] for _ in range(2))
    _every_picture(plain)
    wanted = [_pixels(figure) for figure in plain]
    settings = {
        "font.size": 19.0,
        "lines.linewidth": 9.0,
        "axes.grid": True,
        "xtick.labelsize": 3.0,
        "xtick.direction": "in",
        "axes.spines.top": False,
        "legend.frameon": True,
        "grid.color": "red",
        "axes.prop_cycle": mpl.cycler(color=["red"]),
        "image.origin": "upper",
        "image.cmap": "hot",
        "text.color": "red",
        "axes.facecolor": "black",
    }
    with mpl.rc_context(settings):
        _every_picture(odd)
        assert [_pixels(figure) for figure in odd] == wanted


def test_figures_given_are_no_business_of_pyplot():
    import matplotlib.pyplot as plt

    _every_picture([Figure() for _ in range(8)])
    assert plt.get_fignums() == []


def test_a_new_figure_belongs_to_pyplot_so_that_notebooks_show_it():
    import matplotlib.pyplot as plt

    panels = plots.activations(["relu"])
    assert plt.get_fignums() == [panels[0].figure.number]


SCRIPT = """
import sys
import glassnet
assert not any(name.startswith("matplotlib") for name in sys.modules), "import glassnet"
glassnet.plots
assert "matplotlib.pyplot" not in sys.modules, "import glassnet.plots"
import io
glassnet.plots.activations()[0].figure.savefig(io.BytesIO())
glassnet.plots.optimizer_race(steps=5)[0].figure.savefig(io.BytesIO())
import matplotlib
print(matplotlib.get_backend().lower())
"""


def test_no_display_is_needed_and_matplotlib_is_loaded_only_on_use():
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    command = [sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if sys.platform == "linux":
        assert done.stdout.strip() == "agg"
