"""The loss of a network around where it stands, with its path and what no plane shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.insight.planes import Projection
from glassnet.landscapes import NetworkLandscape
from glassnet.plots.canvas import canvas, dress, heading, legend_outside, title_of_all
from glassnet.plots.height_bar import height_bar
from glassnet.plots.relief import DEPTH, MINIMUM, START, relief
from glassnet.plots.style import LINE_COLORS, PAPER

__all__ = ["FIRST", "HERE", "PATH", "contours", "labels_of", "marks_of", "note_of", "title_of"]

PATH: dict[str, Any] = {
    "color": LINE_COLORS[4],
    "linewidth": 1.8,
    "marker": "o",
    "markersize": 3.2,
    "markeredgewidth": 0.0,
}
FIRST: dict[str, Any] = {**START, "markersize": 8.0, "markerfacecolor": PAPER}
HERE: dict[str, Any] = {**MINIMUM, "markersize": 13.0}


def title_of(ground: NetworkLandscape) -> str:
    """Return what the picture shows, in a line."""
    if ground.path is None:
        return "The loss along two random directions"
    return "The loss on the plane of the training path"


def contours(ground: NetworkLandscape, ax: Any, title: str | None) -> Axes:
    """Draw a network's landscape from above, with its path and the words it needs.

    Parameters
    ----------
    ground : NetworkLandscape
    ax, title
        As for `plots.landscape`.
    """
    exact = ax is not None and not hasattr(ax, "subplots")
    with canvas(ax, height=6.2) as axes:
        (one,) = axes.ravel()
        dress(one, grid=None)
        height_bar(one, relief(one, ground, ground.window, cmap=DEPTH), ground, "loss")
        x0, x1, y0, y1 = ground.window
        one.set(xlim=(x0, x1), ylim=(y0, y1))
        across, up = labels_of(ground, " of the path's variance")
        one.set(xlabel=across, ylabel=up)
        _draw_marks(one, ground)
        marks = marks_of(ground)
        words = title_of(ground) if title is None else title
        if exact:
            heading(one, words, note_of(ground))
            one.legend(handles=marks, loc="best", frameon=True, facecolor=PAPER)
        else:
            title_of_all(one.get_figure(), words)
            legend_outside(one.get_figure(), marks, note_of(ground))
    return one


def labels_of(ground: NetworkLandscape, of_what: str = "") -> tuple[str, str]:
    """Return what the axes say: with a path, the share that each holds `of_what`."""
    if ground.path is None:
        return "along the first direction", "along the second direction"
    shares = 100 * ground.path.variance_explained
    first, second = (f"{share:.1f} %{of_what}" for share in shares)
    return f"first component: {first}", f"second: {second}"


def _draw_marks(ax: Axes, ground: NetworkLandscape) -> None:
    """Draw the path and the network itself, in place."""
    if ground.path is not None:
        points = ground.path.points
        halo = {"color": PAPER, "linewidth": 3.2, "label": "_halo", "zorder": 4}
        ax.plot(*points.T, **halo)
        ax.plot(*points.T, zorder=4, label="path", **PATH)
        ax.plot(*points[0], zorder=5, **FIRST)
    ax.plot(0.0, 0.0, zorder=6, **HERE)


def marks_of(ground: NetworkLandscape) -> list[Line2D]:
    """Return the legend's entries."""
    found = [Line2D([], [], label="the network as it is", **HERE)]
    if ground.path is None:
        return found
    label = f"the path, projected ({len(ground.path.points)} snapshots)"
    first = Line2D([], [], label="first snapshot", **FIRST)
    return [first, Line2D([], [], label=label, **PATH), *found]


def note_of(ground: NetworkLandscape, drawn: str = "contours") -> str:
    """Return what a picture must be read with: the loss, the directions, what is hidden.

    Parameters
    ----------
    ground : NetworkLandscape
    drawn : {"contours", "heights"}
        What shows the loss on the plane.
    """
    loss = ground.loss[:1].upper() + ground.loss[1:]
    if ground.path is None:
        return (
            f"{loss}. At 1, each unit's incoming weights have moved by their own length "
            "(filter-normalised, Li et al. 2018); the biases stay. The directions "
            f"(seed {ground.seed}) stand at {ground.plane.angle:.0f}° to each other; other "
            "seeds give other slices."
        )
    return f"{loss}. {_hidden(ground, ground.path, drawn)}"


def _hidden(ground: NetworkLandscape, path: Projection, drawn: str) -> str:
    """Say, in numbers, what a path's plane does not show."""
    far = int(np.argmax(path.off_plane))
    gap = np.abs(ground.path_losses - ground.plane_losses)
    worst = int(np.argmax(np.where(np.isfinite(gap), gap, -1.0)))
    return (
        f"The plane holds {100 * path.variance_explained.sum():.1f} % of the path's variance. "
        f"Off the plane, the path is up to {path.off_plane[far]:.3g} away (snapshot {far}, "
        f"which is {path.from_origin[far]:.3g} from the end point). The {drawn} around the "
        "end point do not give the loss along the projected path: they differ most at "
        f"snapshot {worst}, where the loss is {ground.path_losses[worst]:.3g} and the plane "
        f"shows {ground.plane_losses[worst]:.3g}."
    )
