"""What lies under paths: bands between contour lines, and the marks on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

from glassnet.landscapes import Landscape
from glassnet.plots.style import INK, PAPER, tint

__all__ = ["DEPTH", "MINIMUM", "START", "band_colors", "bands", "relief"]

START: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 9.0,
    "markerfacecolor": "none",
    "markeredgecolor": INK,
    "markeredgewidth": 1.5,
}
MINIMUM: dict[str, Any] = {
    "linestyle": "none",
    "marker": "*",
    "markersize": 11.5,
    "markerfacecolor": "#ffd84d",
    "markeredgecolor": INK,
    "markeredgewidth": 0.9,
}

QUIET = LinearSegmentedColormap.from_list("glassnet_relief", [PAPER, "#cfd8e0"])
"""Under lines that matter more."""

DEPTH = LinearSegmentedColormap.from_list(
    "glassnet_depth", [PAPER, tint("#2070b4", 0.3), tint("#2070b4", 0.75), "#163f66"]
)
"""Where the surface itself is what is shown: the higher, the darker."""


def relief(
    ax: Axes,
    ground: Landscape,
    window: tuple[float, float, float, float],
    levels: Sequence[float] | None = None,
    cmap: Colormap = QUIET,
) -> Any:
    """Draw a landscape's bands and contour lines, in place; return the bands.

    Parameters
    ----------
    ax : Axes
    ground : Landscape
    window : tuple of four floats
        ``x_min, x_max, y_min, y_max``.
    levels : sequence of float, optional
        Heights of the lines; the landscape's own if None.
    cmap : Colormap
        From the lowest band to the highest.
    """
    x, y, heights = ground.heights(window)
    lines = sorted(ground.levels if levels is None else levels)
    edge = "#b9c3cc" if cmap is QUIET else tint(INK, 0.45)
    filled = bands(ax, x, y, heights, lines, cmap)
    heights = np.ma.masked_invalid(heights)
    crossed = [level for level in lines if heights.min() < level < heights.max()]
    if crossed:
        ax.contour(x, y, heights, lines, colors=[edge], linewidths=0.6, linestyles="solid")
    return filled


def bands(ax: Axes, x: Any, y: Any, heights: Any, lines: Sequence[float], cmap: Any) -> Any:
    """Fill the bands between contour lines, and those below and above all of them."""
    if not lines:
        ax.set_facecolor(cmap(0.0))
        return None
    # As pixels, for the lines above it give the edges: as curves it is most of an SVG file.
    edges = [-np.inf, *lines, np.inf]
    colors = band_colors(cmap, len(lines))
    return ax.contourf(x, y, heights, edges, colors=colors, rasterized=True)


def band_colors(cmap: Colormap, lines: int) -> list[Any]:
    """Return one colour for each band that `lines` contour lines make."""
    return [cmap(i / lines) for i in range(lines + 1)]
