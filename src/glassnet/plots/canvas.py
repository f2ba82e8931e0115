"""Where a picture is drawn, and the words around it: axes, titles, legends."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from glassnet.plots.style import (
    BASE,
    FONT,
    GRID,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    TICKS,
    TITLE,
    style,
)

__all__ = [
    "axes_size",
    "canvas",
    "dress",
    "fitting",
    "heading",
    "legend_below",
    "legend_outside",
    "log_ticks",
    "text_width",
    "title_of_all",
]

WIDTH = 7.0
"""Inches; 700 pixels at Matplotlib's usual resolution, the width of a notebook cell."""

NARROW = 280.0
"""Points; narrower axes get the small title."""

HANDLE = 3.6
"""Width of a legend entry without its text, in font sizes."""

HINTED = 1.04
"""Letters fitted to pixels take up to so many times their width: at 90 dots an inch, say."""

AxesArray = NDArray[np.object_]


@contextmanager
def canvas(
    ax: object,
    rows: int = 1,
    columns: int = 1,
    height: float = 4.6,
    width: float = WIDTH,
    **grid: Any,
) -> Iterator[AxesArray]:
    """Give axes to draw in, of shape ``(rows, columns)``, with the style switched on.

    A figure made here is a pyplot one, so that notebooks show it; if drawing fails it is
    closed again.

    Parameters
    ----------
    ax : None, Axes, sequence of Axes, Figure or SubFigure
        None makes a figure; an empty figure is filled; axes are used as they are.
    rows, columns : int, >= 1
        Shape of the grid of axes.
    height, width : float
        Inches, of a new figure.
    **grid
        Passed to ``Figure.subplots``.

    Raises
    ------
    TypeError, ValueError
        If `ax` is something else, or the wrong number of axes.
    """
    made = None
    if ax is None:
        import matplotlib.pyplot as plt

        made = ax = plt.figure(figsize=(width, height), layout="constrained", facecolor=PAPER)
    try:
        with style():
            yield _axes(ax, rows, columns, grid)
    except BaseException:
        if made is not None:
            plt.close(made)
        raise


def _axes(ax: object, rows: int, columns: int, grid: dict[str, Any]) -> AxesArray:
    if isinstance(ax, FigureBase):
        if not ax.axes and hasattr(ax, "set_layout_engine") and ax.get_layout_engine() is None:
            ax.set_layout_engine("constrained")
        return ax.subplots(rows, columns, squeeze=False, **grid)
    given = np.asarray(ax, dtype=object).ravel()
    if not all(isinstance(one, Axes) for one in given):
        raise TypeError(
            "ax must be Matplotlib Axes, a sequence of them, a Figure or None; "
            f"got {type(ax).__name__}"
        )
    if given.size != rows * columns:
        raise ValueError(
            f"ax must hold {rows * columns} Axes for this picture; got {given.size}"
        )
    return given.reshape(rows, columns)


def fitting(ax: object, most: int, panel: float) -> int:
    """Return how many panels of at least `panel` points stand side by side, 1 to `most`.

    Parameters
    ----------
    ax : None, Axes, sequence of Axes, Figure or SubFigure
        As for `canvas`.
    most : int
        Columns of a figure that is wide enough.
    panel : float
        Points.
    """
    width = _figure_width(ax) if isinstance(ax, FigureBase) else 72 * WIDTH
    return max(1, min(most, int(width // panel)))


def dress(ax: Axes, grid: str | None = "both") -> None:
    """Pin the style to `ax`, in place.

    Ticks are made anew whenever an axis is drawn, when the style's context is over:
    their look is handed to the axes themselves.
    """
    ax.set_facecolor(PAPER)
    for side, spine in ax.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=RULE, linewidth=0.8)
    ax.tick_params(which="major", **TICKS)
    ax.tick_params(which="minor", **{**TICKS, "length": 2.0, "width": 0.6})
    ax.grid(False)
    if grid is not None:
        ax.grid(True, axis=grid, color=GRID, linewidth=0.8, linestyle="-", alpha=1.0)
    ax.set_axisbelow(True)


def log_ticks(ax: Axes, low: float, high: float) -> None:
    """Choose ticks for a logarithmic axis of values from `low` to `high`, in place."""
    if high / low < 200:
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    else:
        ax.yaxis.set_major_locator(LogLocator(numticks=7))
    ax.yaxis.set_minor_formatter(NullFormatter())


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line of text in points."""
    font = FontProperties(family=FONT, weight="bold" if bold else "normal", size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def wrapped(text: str, width: float, size: float, bold: bool = False) -> str:
    """Return `text` broken into lines of at most `width` points, at spaces."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        first, *words = paragraph.split(" ")
        lines.append(first)
        for word in words:
            longer = f"{lines[-1]} {word}"
            if HINTED * text_width(longer, size, bold) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
    return "\n".join(lines)


def heading(
    ax: Axes, title: str, note: str = "", *, small: bool = False, lift: float = 0.0
) -> None:
    """Write a title, flush left, and under it a quieter note, both wrapped to the axes.

    Both stand `lift` points higher than they would, above what else is written there.
    """
    width = _width(ax)
    size = BASE if small or width < NARROW else TITLE
    if note:
        note = wrapped(note, width, SMALL)
        lines = note.count("\n") + 1
        ax.annotate(
            note,
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(0, 6 + lift),
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontsize=SMALL,
            color=MUTED,
            linespacing=1.25,
            annotation_clip=False,
        )
    pad = 7.0 + lift + (lines * SMALL * 1.32 + 4.0 if note else 0.0)
    ax.set_title(wrapped(title, width, size, bold=True), loc="left", pad=pad, fontsize=size)


def legend_below(ax: Axes, handles: Sequence[Any], *, clear: float = 40.0) -> Legend:
    """Put a legend under the x label, in as many columns as fit.

    Parameters
    ----------
    ax : Axes
    handles : sequence of artists
        Labelled.
    clear : float
        Points left for tick labels and x label.
    """
    inches = ax.get_figure(root=True).dpi_scale_trans
    labels = _labels(handles, _width(ax))
    return ax.legend(
        handles=list(handles),
        labels=labels,
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=ax.transAxes + ScaledTranslation(0, -clear / 72, inches),
        borderaxespad=0.0,
        ncols=columns_that_fit(labels, _width(ax)),
        alignment="left",
    )


def legend_outside(figure: Any, handles: Sequence[Any], caption: str = "") -> Legend:
    """Put one legend under all panels of a figure, a caption above its entries."""
    room = _figure_width(figure) - 14.0
    labels = _labels(handles, room)
    legend = figure.legend(
        handles=list(handles),
        labels=labels or None,  # Matplotlib takes no empty list of them
        loc="outside lower left",
        ncols=columns_that_fit(labels, room),
        title=wrapped(caption, room, SMALL) if caption else None,
        title_fontproperties={"family": FONT, "size": SMALL},
        alignment="left",
    )
    legend.get_title().set(color=MUTED, linespacing=1.25)
    return legend


def _labels(handles: Sequence[Any], room: float) -> list[str]:
    """Return what legend entries say, broken into lines that fit."""
    words = max(room - HANDLE * SMALL, 1.0)
    return [wrapped(str(one.get_label()), words, SMALL) for one in handles]


def title_of_all(figure: Any, title: str) -> None:
    """Write a title over all panels of a figure, flush left."""
    if title:
        text = wrapped(title, _figure_width(figure) - 14.0, TITLE, bold=True)
        figure.suptitle(text, x=0.012, ha="left", fontsize=TITLE, fontweight="bold")


def _figure_width(figure: Any) -> float:
    """Return the width of a figure or sub-figure in points."""
    root = figure.get_figure(root=True) or figure
    return 72.0 * float(figure.bbox.width) / float(root.dpi)


def columns_that_fit(labels: Sequence[str], room: float) -> int:
    """Return how many legend columns `room` points hold: the fewest that save a row."""
    lines = [label.split("\n") for label in labels]
    widths = [
        HINTED * max(text_width(one, SMALL) for one in each) + HANDLE * SMALL for each in lines
    ]
    for columns in range(len(labels), 1, -1):
        if _legend_width(widths, columns) <= room:
            rows = -(-len(labels) // columns)
            even = -(-len(labels) // rows)
            return even if _legend_width(widths, even) <= room else columns
    return 1


def _legend_width(widths: Sequence[float], columns: int) -> float:
    """Return the width of a legend that Matplotlib fills column by column."""
    rows, longer = divmod(len(widths), columns)
    starts = np.cumsum([0, *(rows + (i < longer) for i in range(columns))])
    return sum(max(widths[a:b]) for a, b in itertools.pairwise(starts))


def has_room_outside(ax: Axes) -> bool:
    """Return whether the figure's layout makes room for what stands beside the axes."""
    return ax.get_figure(root=True).get_layout_engine() is not None


def axes_size(ax: Axes) -> tuple[float, float]:
    """Return about how wide and how high the axes are, in points."""
    figure = ax.get_figure()
    root = figure.get_figure(root=True) or figure
    height = 72.0 * float(figure.bbox.height) / float(root.dpi)
    return _width(ax), height * float(ax.get_position().height)


def _width(ax: Axes) -> float:
    """Return the width of the axes in points: what it will be, if a layout is to come."""
    grows = 1.12 if has_room_outside(ax) else 1.0
    return _figure_width(ax.get_figure()) * float(ax.get_position().width) * grows
