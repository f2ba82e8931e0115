"""One landscape, as contours from above or as a surface from the side."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.arguments import one_of
from glassnet.landscapes import Landscape, NetworkLandscape
from glassnet.landscapes import landscape as find_landscape
from glassnet.plots.canvas import canvas, dress, heading, legend_below
from glassnet.plots.height_bar import height_bar
from glassnet.plots.landscape_surface import surface_of
from glassnet.plots.network_landscape import contours as network_contours
from glassnet.plots.network_landscape import title_of
from glassnet.plots.relief import DEPTH, MINIMUM, START, relief

__all__ = ["landscape"]


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
        `landscapes.of_network` return. A network's loss comes with the path, if there is one,
        and with what the picture does not show, in numbers. On a surface the path lies at the
        height of the plane under it, dotted where a slope hides it.
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
        return surface_of(ground, ax, _name(ground) if title is None else title)
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
