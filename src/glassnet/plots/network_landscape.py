"""The loss of a network around where it stands, with its path and what no plane shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke

from glassnet.insight.planes import Projection
from glassnet.landscapes import NetworkLandscape
from glassnet.plots.canvas import canvas, dress, heading, legend_outside, title_of_all
from glassnet.plots.height_bar import height_bar
from glassnet.plots.relief import DEPTH, MINIMUM, START, relief
from glassnet.plots.style import LINE_COLORS, PAPER

__all__ = ["contours", "title_of"]

PATH: dict[str, Any] = {
    "color": LINE_COLORS[4],
    "linewidth": 1.8,
    "marker": "o",
    "markersize": 3.6,
    "markeredgecolor": PAPER,
    "markeredgewidth": 0.5,
}


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
        one.set(**dict(zip(("xlabel", "ylabel"), _labels(ground), strict=True)))
        marks = _marks(one, ground)
        words = title_of(ground) if title is None else title
        if exact:
            heading(one, words, note_of(ground))
            one.legend(handles=marks, loc="best", frameon=True, facecolor=PAPER)
        else:
            title_of_all(one.get_figure(), words)
            legend_outside(one.get_figure(), marks, note_of(ground))
    return one


def _labels(ground: NetworkLandscape) -> tuple[str, str]:
    if ground.path is None:
        return "along the first direction", "along the second direction"
    shares = 100 * ground.path.variance_explained
    first, second = (f"{share:.1f} % of the path's variance" for share in shares)
    return f"first component: {first}", f"second: {second}"


def _marks(ax: Axes, ground: NetworkLandscape) -> list[Line2D]:
    """Draw the path and the network itself, in place; return the legend's entries."""
    here = {**MINIMUM, "markersize": 13.0}
    found = [Line2D([], [], label="the network as it is", **here)]
    if ground.path is not None:
        points = ground.path.points
        halo = [Stroke(linewidth=3.2, foreground=PAPER), Normal()]
        ax.plot(*points.T, zorder=4, path_effects=halo, label="path", **PATH)
        ax.plot(*points[0], zorder=5, **START)
        label = f"the path, projected ({len(points)} snapshots)"
        found = [
            Line2D([], [], label="first snapshot", **START),
            Line2D([], [], label=label, **PATH),
            *found,
        ]
    ax.plot(0.0, 0.0, zorder=6, **here)
    return found


def note_of(ground: NetworkLandscape) -> str:
    """Return what the contours must be read with: the loss, the directions, what is hidden."""
    loss = ground.loss[:1].upper() + ground.loss[1:]
    if ground.path is None:
        return (
            f"{loss}. At 1, each unit's incoming weights have moved by their own length "
            "(filter-normalised, Li et al. 2018); the biases stay. The directions "
            f"(seed {ground.seed}) stand at {ground.plane.angle:.0f}° to each other; other "
            "seeds give other slices."
        )
    return f"{loss}. {_hidden(ground, ground.path)}"


def _hidden(ground: NetworkLandscape, path: Projection) -> str:
    """Say, in numbers, what a path's plane does not show."""
    far = int(np.argmax(path.off_plane))
    gap = np.abs(ground.path_losses - ground.plane_losses)
    worst = int(np.argmax(np.where(np.isfinite(gap), gap, -1.0)))
    return (
        f"The plane holds {100 * path.variance_explained.sum():.1f} % of the path's variance. "
        f"Off the plane, the path is up to {path.off_plane[far]:.3g} away (snapshot {far}, "
        f"which is {path.from_origin[far]:.3g} from the end point). The contours around the "
        "end point do not give the loss along the projected path: they differ most at "
        f"snapshot {worst}, where the loss is {ground.path_losses[worst]:.3g} and the plane "
        f"shows {ground.plane_losses[worst]:.3g}."
    )
