"""One landscape, as contours from above or as a surface from the side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.arguments import one_of
from glassnet.formulas.types import Array
from glassnet.landscapes import Landscape, NetworkLandscape
from glassnet.landscapes import landscape as find_landscape
from glassnet.plots.canvas import canvas, dress, heading, legend_below
from glassnet.plots.height_bar import height_bar
from glassnet.plots.network_landscape import contours as network_contours
from glassnet.plots.network_landscape import title_of
from glassnet.plots.relief import DEPTH, MINIMUM, START, relief
from glassnet.plots.style import INK, MUTED, PAPER, RULE, SMALL, tint

__all__ = ["landscape"]

DECADES = 2.0
"""Levels above 0 that span more powers of ten than this make a surface's heights logarithmic:
else all but the steepest walls would look flat."""

TURN = 0.15
"""A surface is turned where another corner lies lower by this share of its height."""

FACES = 90
"""Strips of a surface along each side."""


def landscape(
    landscape: str | Landscape,
    kind: str = "contour",
    *,
    ax: Any = None,
    title: str | None = None,
) -> Axes:
    """Draw a landscape from above, by contour lines, or as a surface.

    Parameters
    ----------
    landscape : str or Landscape
        A name or a record of `glassnet.landscapes`, such as `landscapes.of_function` and
        `landscapes.of_network` return. The contours of a network's loss come with the path,
        if there is one, and with what they do not show, in numbers.
    kind : {"contour", "surface"}
        Both have the same colours: the higher, the darker. Where the heights of the contour
        lines span more than two powers of ten, the surface's height is logarithmic, and the
        picture says so.
    ax : Axes or Figure, optional
        Where to draw; a new figure if None. A surface needs Axes made with
        ``projection="3d"``.
    title : str, optional
        Instead of the landscape's name; "" for none.

    Returns
    -------
    Axes
        Save the picture with ``ax.figure.savefig("landscape.png")``.

    Raises
    ------
    TypeError, ValueError
        For an unknown name or kind; for a wrong `ax`.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from glassnet import landscapes
    >>> waves = landscapes.of_function(lambda x, y: np.sin(3 * x) + y**2, name="waves")
    >>> landscape(waves, ax=Figure()).get_title(loc="left")
    'Waves'
    >>> landscape(waves, kind="surface", ax=Figure()).name
    '3d'
    """
    ground = find_landscape(landscape)
    if one_of("kind", kind, ("contour", "surface")) == "surface":
        return _surface(ground, ax, title)
    if isinstance(ground, NetworkLandscape):
        return network_contours(ground, ax, title)
    with canvas(ax, height=5.2) as axes:
        (one,) = axes.ravel()
        dress(one, grid=None)
        filled = relief(one, ground, ground.window, cmap=DEPTH)
        height_bar(one, filled, ground, "value")
        marks = [Line2D([], [], label="start", **START)]
        one.plot(*ground.start, **START)
        if ground.minima:
            word = "minimum" if len(ground.minima) == 1 else "minima"
            one.plot(*np.transpose(ground.minima), **MINIMUM)
            marks.append(Line2D([], [], label=word, **MINIMUM))
        x0, x1, y0, y1 = ground.window
        one.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="x", ylabel="y")
        heading(one, _name(ground) if title is None else title)
        legend_below(one, marks)
    return one


def _name(ground: Landscape) -> str:
    if isinstance(ground, NetworkLandscape):
        return title_of(ground)
    words = ground.name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _surface(ground: Landscape, ax: Any, title: str | None) -> Axes:
    with canvas(ax, height=5.2, subplot_kw={"projection": "3d"}) as axes:
        (one,) = axes.ravel()
        if one.name != "3d":
            raise ValueError(
                'ax must be made with projection="3d" for kind="surface"; '
                f"got projection={one.name!r}"
            )
        x, y, heights = _thinned(*ground.heights())
        logarithmic = _spans(ground.levels)
        top, floor = _ends(ground, heights, logarithmic)
        shown = np.clip(heights, floor, top)
        shown = np.log10(shown) if logarithmic else shown
        faces = DEPTH(_depth(ground.levels, heights))
        one.plot_surface(
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
        _dress_surface(one, ground, heights, (floor, top), logarithmic)
        one.view_init(elev=36, azim=_from_below(shown))
        one.set_title(_name(ground) if title is None else title, loc="left")
    return one


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
    ax.set(xlabel="x", ylabel="y")
    ax.text2D(0.0, 1.0, words, transform=ax.transAxes, va="top", fontsize=SMALL, color=INK)
    ax.set_box_aspect((1, 1, 0.68), zoom=1.1)
