"""Axes, words and legends: what callers hand in, and what fits."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from glassnet.plots.canvas import (
    HINTED,
    SMALL,
    canvas,
    columns_that_fit,
    dress,
    fitting,
    heading,
    legend_below,
    legend_outside,
    text_width,
    title_of_all,
    wrapped,
)

LONG = "Each optimizer at the best of the same eighteen learning rates for these steps"


def drawn(figure):
    """Return a renderer after a drawing, as saving the figure would make it."""
    agg = FigureCanvasAgg(figure)
    agg.draw()
    return agg.get_renderer()


def test_canvas_takes_a_figure_a_subfigure_or_axes():
    figure = Figure()
    with canvas(figure, 2, 3) as axes:
        assert axes.shape == (2, 3)
        assert axes[0, 0].figure is figure
    half = Figure().subfigures(1, 2)[0]
    with canvas(half) as axes:
        assert axes[0, 0].figure is half
    given = Figure().subplots(1, 2)
    with canvas(given, 1, 2) as axes:
        assert axes.tolist() == [given.tolist()]
    with canvas(given[1]) as axes:
        assert axes[0, 0] is given[1]


def test_canvas_leaves_the_layout_of_a_users_figure_alone():
    mine = Figure(layout="tight")
    with canvas(mine):
        assert type(mine.get_layout_engine()).__name__ == "TightLayoutEngine"
    plain = Figure()
    with canvas(plain.subplots()):
        assert plain.get_layout_engine() is None


@pytest.mark.parametrize("wrong", ["ax", 3, [1, 2]])
def test_canvas_refuses_what_is_no_axes(wrong):
    with pytest.raises(TypeError, match=r"ax must be Matplotlib Axes.* got"), canvas(wrong):
        pass


def test_canvas_counts_the_axes():
    with (
        pytest.raises(ValueError, match="ax must hold 2 Axes for this picture; got 3"),
        canvas(Figure().subplots(1, 3), 1, 2),
    ):
        pass


def test_a_failed_drawing_leaves_no_figure_behind():
    with pytest.raises(ZeroDivisionError), canvas(None):
        raise ZeroDivisionError
    assert plt.get_fignums() == []


@pytest.mark.parametrize("bold", [False, True])
def test_text_width_is_what_matplotlib_draws(bold):
    figure = Figure(dpi=72)
    weight = "bold" if bold else "normal"
    text = figure.text(0, 0, LONG, fontsize=10, family="DejaVu Sans", fontweight=weight)
    # At 72 dots an inch a dot is a point; hinting moves letters by fractions of it.
    found = text.get_window_extent(drawn(figure)).width
    assert text_width(LONG, 10, bold) == pytest.approx(found, rel=0.05)


@pytest.mark.parametrize("dpi", [72, 80, 90, 96, 100, 150, 300])
def test_wrapped_lines_fit_at_every_resolution(dpi):
    """Letters that are fitted to pixels are wider at some than they were designed."""
    figure = Figure(figsize=(7, 3), dpi=dpi)
    text = figure.text(
        0, 0, wrapped(3 * f"{LONG} ", 490.0, 10), fontsize=10, family="DejaVu Sans"
    )
    assert text.get_window_extent(drawn(figure)).width * 72 / dpi <= 490.0


def test_wrapped_lines_are_as_long_as_fits():
    for width in (150.0, 220.0, 400.0):
        lines = wrapped(LONG, width, 10).split("\n")
        assert " ".join(lines) == LONG
        assert all(HINTED * text_width(line, 10) <= width for line in lines)
        for line, following in itertools.pairwise(lines):
            assert HINTED * text_width(f"{line} {following.split()[0]}", 10) > width
    assert wrapped("Unbreakable", 5.0, 10) == "Unbreakable"
    assert wrapped("", 100.0, 10) == ""
    assert wrapped("one\ntwo three", 1e6, 10) == "one\ntwo three"
    # A number and its unit stay together.
    assert wrapped("97.3\N{NO-BREAK SPACE}%", 5.0, 10) == "97.3\N{NO-BREAK SPACE}%"


def test_legend_columns_fill_the_width_and_no_more():
    labels = ["class 0", "a much longer name", "class 2", "class 3", "class 4"]
    assert columns_that_fit(labels, 10_000) == 5
    assert columns_that_fit(labels, 10) == 1
    narrow = 2.2 * (text_width(labels[1], SMALL) + 40)
    assert columns_that_fit(labels, narrow) in (2, 3)


@pytest.mark.parametrize("count", [1, 2, 5, 9, 10, 13])
def test_legend_below_clears_the_words_and_stays_in_the_figure(count):
    figure = Figure(figsize=(7, 5), layout="constrained")
    ax = figure.subplots()
    dress(ax)
    ax.set_xlabel("feature")
    handles = [Line2D([], [], label=f"class number {i}") for i in range(count)]
    legend = legend_below(ax, handles)
    renderer = drawn(figure)
    box = legend.get_window_extent(renderer)
    assert box.y1 <= ax.xaxis.label.get_window_extent(renderer).y0
    assert box.x1 <= figure.bbox.x1
    assert box.y0 >= 0
    assert ax.get_window_extent(renderer).width > 0.6 * figure.bbox.width


def test_words_over_and_under_all_panels_stay_in_the_figure():
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots(1, 2)
    title_of_all(figure, LONG)
    legend = legend_outside(figure, [Line2D([], [], label="one")], caption=f"{LONG}. {LONG}.")
    renderer = drawn(figure)
    boxes = [figure.get_suptitle(), legend.get_title().get_text()]
    assert all("\n" in text for text in boxes)
    for box in (
        figure._suptitle.get_window_extent(renderer),
        legend.get_window_extent(renderer),
    ):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert not any(box.overlaps(ax.get_window_extent(renderer)) for ax in axes)


def test_title_stands_above_its_note_and_the_note_above_the_axes():
    figure = Figure(figsize=(5, 4), layout="constrained")
    ax = figure.subplots()
    heading(ax, "A title", "A first line.\n" + LONG)
    renderer = drawn(figure)
    note = next(text for text in ax.texts if text.get_text().startswith("A first line."))
    below, above = (part.get_window_extent(renderer) for part in (note, ax._left_title))
    assert note.get_text().count("\n") == 2
    assert ax.get_window_extent(renderer).y1 < below.y0
    assert below.y1 <= above.y0
    assert above.y1 <= figure.bbox.y1


def test_dress_pins_what_is_drawn_later():
    ax = Figure().subplots()
    dress(ax, grid="y")
    assert not ax.spines["top"].get_visible()
    assert ax.xaxis.get_tick_params()["labelsize"] == SMALL
    assert not ax.xaxis.get_tick_params()["gridOn"]
    assert ax.yaxis.get_tick_params()["gridOn"]
    assert np.all([ax.get_axisbelow()])


@pytest.mark.parametrize(
    ("ax", "panels"),
    [
        (None, 3),
        (Figure(figsize=(7.0, 4.0)), 3),
        (Figure(figsize=(4.0, 4.0)), 2),
        (Figure(figsize=(1.0, 4.0)), 1),
        (Figure(figsize=(8.0, 4.0)).subfigures(1, 2)[0], 2),
        (Figure().subplots(), 3),
    ],
)
def test_a_narrow_figure_has_fewer_panels_side_by_side(ax, panels):
    assert fitting(ax, 3, 130.0) == panels


def test_legend_entries_wider_than_the_figure_are_broken_into_lines():
    handles = [Line2D([], [], label=text) for text in ("short", f"{LONG}. {LONG}")]
    figure = Figure(figsize=(4, 6), layout="constrained")
    upper, lower = figure.subplots(2)
    legends = [
        legend_below(upper, handles, clear=20.0),
        legend_outside(lower.figure, handles),
    ]
    renderer = drawn(figure)
    for legend in legends:
        assert legend.get_texts()[0].get_text() == "short"
        assert "\n" in legend.get_texts()[1].get_text()
        assert legend.get_window_extent(renderer).x1 <= figure.bbox.x1
