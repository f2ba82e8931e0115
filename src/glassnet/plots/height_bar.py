"""The scale of heights beside contours."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap

from glassnet.landscapes import Landscape
from glassnet.plots.relief import DEPTH, band_colors
from glassnet.plots.style import RULE, TICKS

__all__ = ["height_bar"]


def height_bar(ax: Axes, filled: Any, ground: Landscape, label: str) -> None:
    """Put the scale of heights beside contours, in place."""
    if filled is None:
        return
    lines = sorted(ground.levels)
    # One band below and above: as wide as their neighbours, for infinity cannot be drawn.
    colors = band_colors(DEPTH, len(lines))
    norm = BoundaryNorm(lines, len(lines) + 1, extend="both")
    scale = ScalarMappable(norm, ListedColormap(colors))
    bar = ax.figure.colorbar(
        scale, ax=ax, spacing="uniform", pad=0.02, aspect=28, extend="both"
    )
    bar.outline.set(edgecolor=RULE, linewidth=0.6)
    every = -(-len(lines) // 8)
    bar.set_ticks(lines[::every], labels=[_number(level) for level in lines[::every]])
    bar.ax.minorticks_off()
    bar.ax.tick_params(**{**TICKS, "length": 2.0})
    bar.set_label(label)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
