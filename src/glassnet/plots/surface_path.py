"""A path on a surface: drawn where it can be seen, dotted where a slope hides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from mpl_toolkits.mplot3d.art3d import Line3D
from numpy.typing import NDArray

from glassnet.formulas.types import Array
from glassnet.landscapes import NetworkLandscape
from glassnet.plots.network_landscape import FIRST, HERE, PATH, marks_of
from glassnet.plots.style import PAPER

__all__ = ["Relief", "camera", "mark_path"]

Flags = NDArray[np.bool_]

GRAIN = 60
"""Points of a path drawn across the window: it bends with the surface between snapshots."""

SIGHT = 240
"""Points of a line of sight that are looked at."""

SLACK = 0.012
"""How far above a line of sight the surface must rise to hide, as a share of its height."""


@dataclass(frozen=True, eq=False)
class Relief:
    """A surface as it is drawn.

    Attributes
    ----------
    x, y : arrays
        Of the grid.
    shown : array, shape (len(y), len(x))
        Heights as drawn.
    floor, top : float
        Values outside are drawn as these.
    logarithmic : bool
        Whether a height is the logarithm of a value.
    """

    x: Array
    y: Array
    shown: Array
    floor: float
    top: float
    logarithmic: bool

    def height(self, values: Any) -> Array:
        """Return where values are drawn."""
        cut: Array = np.clip(np.asarray(values, float), self.floor, self.top)
        return np.log10(cut) if self.logarithmic else cut

    def under(self, x: Array, y: Array) -> Array:
        """Return the height of the drawn surface, linear between its points; NaN outside."""
        column = np.interp(x, self.x, np.arange(len(self.x)), left=np.nan, right=np.nan)
        row = np.interp(y, self.y, np.arange(len(self.y)), left=np.nan, right=np.nan)
        outside = np.isnan(column) | np.isnan(row)
        column, row = np.where(outside, 0.0, column), np.where(outside, 0.0, row)
        i = np.minimum(row.astype(int), len(self.y) - 2)
        j = np.minimum(column.astype(int), len(self.x) - 2)
        u, v, z = row - i, column - j, self.shown
        below = (1 - v) * z[i, j] + v * z[i, j + 1]
        above = (1 - v) * z[i + 1, j] + v * z[i + 1, j + 1]
        return np.where(outside, np.nan, (1 - u) * below + u * above)

    def hides(self, points: Array, eye: Array) -> Flags:
        """Return which points lie behind the surface.

        Parameters
        ----------
        points : array, shape (k, 3)
        eye : array, shape (4,)
            Of `camera`.
        """
        toward = eye[:3] - points * eye[3]
        span = np.array([np.ptp(self.x), np.ptp(self.y)])
        far = span / np.maximum(np.abs(toward[:, :2]), 1e-300)
        steps = np.linspace(0.0, 1.0, SIGHT)[1:, None] * far.min(axis=1)  # until it leaves
        sight = points[None] + steps[..., None] * toward[None]
        slack = SLACK * float(np.ptp(self.shown[np.isfinite(self.shown)]))
        rises = self.under(sight[..., 0], sight[..., 1]) - sight[..., 2]
        return np.asarray((rises > slack).any(axis=0))


def camera(projection: Array) -> Array:
    """Return where a 3-D view is seen from, in homogeneous coordinates of the data.

    Every line through the eye is a point of the picture: so the eye is what the rows for
    across, up and scale map to zero. Its last number is 0 or more; 0 for parallel views.

    Parameters
    ----------
    projection : array, shape (4, 4)
        ``ax.get_proj()``.
    """
    eye: Array = np.linalg.svd(projection[[0, 1, 3]])[2][-1]
    if abs(eye[3]) > 1e-12 * np.abs(eye).max():
        return eye / eye[3]
    toward = projection[2, :3] @ eye[:3]  # depth falls towards the eye
    return np.append(eye[:3] * (-1.0 if toward > 0 else 1.0), 0.0)


class _Part(Line3D):  # type: ignore[misc]
    """The part of a line that can be seen, or the part that cannot, whatever the view."""

    def __init__(self, relief: Relief, points: Array, behind: bool, **look: Any) -> None:
        super().__init__(*points.T, **look)
        self.relief, self.behind = relief, behind

    def draw(self, renderer: Any) -> None:
        """Draw the part as the axes are turned now."""
        whole = np.array(self.get_data_3d())
        hidden = self.relief.hides(whole.T, camera(self.axes.get_proj()))
        mine = hidden if self.behind else ~hidden
        if self.behind:  # as far as the part that can be seen
            mine = mine | np.append(mine[1:], False) | np.append(False, mine[:-1])
        self.set_data_3d(*np.where(mine, whole, np.nan))
        super().draw(renderer)
        self.set_data_3d(*whole)
        self.stale = False


def mark_path(ax: Any, ground: NetworkLandscape, relief: Relief) -> list[Line2D]:
    """Draw path, first snapshot and network onto a surface; return the legend's entries.

    Parameters
    ----------
    ax : Axes3D
    ground : NetworkLandscape
    relief : Relief
        Its surface.
    """
    if ground.path is not None:
        way, places = _on_surface(ground, relief)
        halo = [Stroke(linewidth=3.2, foreground=PAPER), Normal()]
        line = {"color": PATH["color"], "linewidth": PATH["linewidth"], "zorder": 20}
        seen = {**line, "path_effects": halo, "label": "path"}
        ax.add_line(_Part(relief, way, False, **seen))
        dotted = {**line, "linewidth": 1.2, "linestyle": (0, (1, 1.6)), "label": "behind"}
        ax.add_line(_Part(relief, way, True, **dotted))
        dots = {**PATH, "linestyle": "none", "zorder": 21, "label": "snapshots"}
        ax.add_line(_Part(relief, way[places], False, **dots))
        _mark(ax, relief, way[:1], FIRST)
    here = np.array([[0.0, 0.0, float(relief.height(ground.value(0.0, 0.0)))]])
    _mark(ax, relief, here, HERE)
    return marks_of(ground)


def _on_surface(ground: NetworkLandscape, relief: Relief) -> tuple[Array, NDArray[np.int64]]:
    """Return the path on the surface, shape (k, 3), and which of its points are snapshots."""
    points = ground.path.points  # type: ignore[union-attr]
    x0, x1, y0, y1 = ground.window
    share = np.abs(np.diff(points, axis=0)) / [x1 - x0, y1 - y0]
    between = np.maximum(1, np.ceil(GRAIN * share.max(axis=1)).astype(int))
    places = np.concatenate([[0], np.cumsum(between)])
    at = np.arange(places[-1] + 1)
    x, y = (np.interp(at, places, points[:, i]) for i in (0, 1))
    values = np.asarray(ground.value(x, y))
    values[places] = ground.plane_losses
    inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
    z = np.where(inside & np.isfinite(values), relief.height(values), np.nan)
    return np.column_stack([x, y, z]), places


def _mark(ax: Any, relief: Relief, point: Array, look: dict[str, Any]) -> None:
    """Draw a mark, paler where it is hidden."""
    ax.add_line(_Part(relief, point, False, **{**look, "zorder": 23}))
    ax.add_line(_Part(relief, point, True, **{**look, "zorder": 22, "alpha": 0.4}))
