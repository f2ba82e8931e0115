"""A landscape as a surface, seen from the side, with a network's path on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from glassnet.formulas.types import Array
from glassnet.landscapes import Landscape, NetworkLandscape
from glassnet.plots.canvas import canvas, heading, legend_outside, title_of_all
from glassnet.plots.network_landscape import labels_of, note_of
from glassnet.plots.relief import DEPTH
from glassnet.plots.style import INK, MUTED, PAPER, RULE, SMALL, tint
from glassnet.plots.surface_path import Relief, mark_path

__all__ = ["surface_of"]

DECADES = 2.0
"""Levels above 0 that span more powers of ten than this make a surface's heights logarithmic:
else all but the steepest walls would look flat."""

TURN = 0.15
"""A surface is turned where another corner lies lower by this share of its height."""

ABOVE = 36.0
"""Degrees that the eye stands above the horizon."""

FACES = 90
"""Strips of a surface along each side."""


def surface_of(ground: Landscape, ax: Any, title: str) -> Axes:
    """Draw a landscape as a surface.

    Parameters
    ----------
    ground : Landscape
    ax
        As for `plots.landscape`.
    title : str
    """
    exact = ax is not None and not hasattr(ax, "subplots")
    height = 6.6 if isinstance(ground, NetworkLandscape) else 5.2
    with canvas(ax, height=height, subplot_kw={"projection": "3d"}) as axes:
        (one,) = axes.ravel()
        if one.name != "3d":
            raise ValueError(
                'ax must be made with projection="3d" for kind="surface"; '
                f"got projection={one.name!r}"
            )
        relief = _drawn(one, ground)
        one.view_init(elev=ABOVE, azim=_from_below(relief.shown))
        if not isinstance(ground, NetworkLandscape):
            one.set_title(title, loc="left")
            return one
        marks, note = mark_path(one, ground, relief), note_of(ground, "heights")
        if exact:
            heading(one, title, note)
            one.legend(handles=marks, loc="upper left", bbox_to_anchor=(0.0, 0.95))
        else:
            title_of_all(one.get_figure(), title)
            legend_outside(one.get_figure(), marks, note)
    return one


def _drawn(ax: Any, ground: Landscape) -> Relief:
    """Draw the surface and dress its axes, in place; return what is drawn."""
    x, y, heights = _thinned(*ground.heights())
    logarithmic = _spans(ground.levels)
    top, floor = _ends(ground, heights, logarithmic)
    shown = np.clip(heights, floor, top)
    shown = np.log10(shown) if logarithmic else shown
    faces = DEPTH(_depth(ground.levels, heights))
    ax.plot_surface(
        *np.meshgrid(x, y),
        shown,
        facecolors=_lit(faces, shown),
        rstride=1,
        cstride=1,
        linewidth=0.0,
        antialiased=False,
        shade=False,
        rasterized=True,
    )
    _dress_surface(ax, ground, heights, (floor, top), logarithmic)
    return Relief(x, y, shown, floor, top, logarithmic)


def _thinned(x: Array, y: Array, heights: Array) -> tuple[Array, Array, Array]:
    """Return the grid of at most `FACES` strips, each of its faces with four corners."""
    # Matplotlib's own thinning makes others, and fills these up with numbers never set.
    kept = np.linspace(0, len(x) - 1, min(len(x), FACES + 1)).round().astype(int)
    return x[kept], y[kept], heights[np.ix_(kept, kept)]


def _spans(levels: Any) -> bool:
    return bool(levels) and min(levels) > 0 and max(levels) / min(levels) > 10**DECADES


def _ends(ground: Landscape, heights: Array, logarithmic: bool) -> tuple[float, float]:
    """Return the greatest and the least height that are drawn as they are."""
    finite = heights[np.isfinite(heights)]
    low, high = float(finite.min()), float(finite.max())
    if not ground.levels:
        return high, low
    levels = sorted(ground.levels)
    span = levels[-1] - levels[0]
    top = high if logarithmic else min(high, levels[-1] + 0.25 * span)
    return top, max(low, levels[0]) if logarithmic else low


def _depth(levels: Sequence[float], heights: Array) -> Array:
    """Return where heights stand among the levels, from 0 to 1: the bands' colours, smooth."""
    if not levels:
        return np.zeros_like(heights)
    lines = sorted(levels)
    middle = (np.arange(len(lines)) + 0.5) / len(lines)
    return np.interp(heights, lines, middle)


def _lit(faces: Array, shown: Array) -> Array:
    """Return the faces' colours, darker where a light from the left does not fall."""
    span = float(np.ptp(shown[np.isfinite(shown)])) or 1.0
    down, across = np.gradient(shown / span * len(shown) / 2)
    light = (0.55 * across - 0.45 * down + 1.0) / np.sqrt(1.0 + across**2 + down**2)
    strength = np.clip(0.80 + 0.20 * np.nan_to_num(light), 0.62, 1.0)
    lit = faces.copy()
    lit[..., :3] *= strength[..., None]
    return lit


def _from_below(heights: Array) -> float:
    """Return the azimuth of a low corner: from there no slope hides what lies behind."""
    middle = len(heights) // 2
    near, far = slice(None, middle), slice(middle, None)
    corners = {-125.0: (near, near), -55.0: (near, far), 55.0: (far, far), 125.0: (far, near)}
    heights = np.where(np.isfinite(heights), heights, np.nanmax(heights[np.isfinite(heights)]))
    means = {azimuth: float(heights[at].mean()) for azimuth, at in corners.items()}
    lowest = min(means.values()) + TURN * float(np.ptp(heights))
    return next(azimuth for azimuth, mean in means.items() if mean <= lowest)


def _dress_surface(
    ax: Any, ground: Landscape, heights: Array, ends: tuple[float, float], logarithmic: bool
) -> None:
    """Give the axes of a surface their look, and say what its height is, in place."""
    floor, top = ends
    words = "loss" if isinstance(ground, NetworkLandscape) else "value"
    words += ", on a logarithmic scale" if logarithmic else ""
    finite = heights[np.isfinite(heights)]
    if finite.max() > top:
        words += f", cut off above {top:.3g}"
    if finite.min() < floor:
        words += f", flat below {floor:.3g}"
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color(PAPER)
        axis.line.set_color(RULE)
        axis._axinfo["grid"].update(color=tint(RULE, 0.45), linewidth=0.6)
    ax.tick_params(labelsize=SMALL, labelcolor=MUTED, pad=0.0)
    if logarithmic:
        powers = range(int(np.ceil(np.log10(floor))), int(np.floor(np.log10(top))) + 1)
        ax.set_zticks(list(powers), labels=[f"{10.0**power:g}" for power in powers])
    ax.locator_params(axis="x", nbins=5)
    ax.locator_params(axis="y", nbins=5)
    of_network = isinstance(ground, NetworkLandscape)
    across, up = labels_of(ground) if of_network else ("x", "y")
    ax.set(xlabel=across, ylabel=up)
    ax.text2D(0.0, 1.0, words, transform=ax.transAxes, va="top", fontsize=SMALL, color=INK)
    ax.set_box_aspect((1, 1, 0.68), zoom=0.95 if of_network else 1.1)  # its labels are longer
