"""The gallery of activation functions, with their slopes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from glassnet import catalog
from glassnet.catalog import Activation
from glassnet.formulas.types import Array
from glassnet.plots.canvas import (
    AxesArray,
    canvas,
    dress,
    fitting,
    heading,
    legend_outside,
)
from glassnet.plots.style import INK, LINE_COLORS, MUTED, PAPER, RULE, SHADE, SMALL, line_look

__all__ = ["activations"]

CLASSIC = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish")
COLUMNS = 3
PANEL = 130.0
"""Points; a figure too narrow for three panels of this width has fewer in a row."""
ROW_HEIGHT = {1: 3.6, 2: 2.6, 3: 2.1}
"""Inches, by the number of columns."""

VALUE: dict[str, Any] = {"color": LINE_COLORS[0], "linewidth": 2.2}
SLOPE: dict[str, Any] = {**line_look(1), "linewidth": 1.7}
KINK: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 5.5,
    "markerfacecolor": PAPER,
    "markeredgecolor": INK,
    "markeredgewidth": 1.2,
}
SATURATED = 0.05
"""Share of its greatest value below which a slope counts as died out."""


def activations(
    names: str | Activation | Sequence[str | Activation] | None = None,
    *,
    slopes: bool | None = None,
    window: tuple[float, float] | None = None,
    ax: Any = None,
) -> AxesArray:
    """Draw activation functions, one panel each.

    Shaded: the function saturates there, that is, its slope tends to 0 and has fallen
    below 5 % of its greatest value in the picture. Rings: kinks, where the slope jumps.

    Parameters
    ----------
    names : sequence of names or records, "all", or None
        None draws the six that every course begins with; "all" every element-wise
        activation of the catalogue; a name alone, such as ``"leaky_relu(0.2)"``, that one.
    slopes : bool, optional
        Draw the slope as a second line and shade saturation; by default all but the six do.
    window : (low, high), optional
        Range of pre-activations; if None -5 to 5, wider where a kink lies further out.
    ax : sequence of Axes, or Figure, optional
        Where to draw; a new figure if None. A narrow figure has fewer panels in a row.

    Returns
    -------
    array of Axes
        One per function, in the order of `names`; shape (n,). Save the picture with
        ``axes[0].figure.savefig("activations.png")``.

    Raises
    ------
    TypeError, ValueError
        For an unknown name (the message lists the known ones), an activation that is not
        element-wise, no names, or a window that is no range.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> [ax.get_title(loc="left") for ax in activations(["relu", "gelu"], ax=Figure())]
    ['relu', 'gelu']
    """
    records = _records(names)
    slopes = names is not None if slopes is None else slopes
    low, high = _window(window, records)
    columns = min(fitting(ax, COLUMNS, PANEL), len(records))
    rows = -(-len(records) // columns)
    exact = ax is not None and not hasattr(ax, "subplots")
    shape = (1, len(records)) if exact else (rows, columns)
    with canvas(ax, *shape, height=ROW_HEIGHT[columns] * rows + 0.75) as axes:
        panels = axes.ravel()
        for panel in panels[len(records) :]:
            panel.remove()
        panels = panels[: len(records)]
        for panel, record in zip(panels, records, strict=True):
            _draw(panel, record, low, high, slopes)
        _label(panels, columns)
        if not exact:
            _explain(panels, slopes)
    return panels


def _records(
    names: str | Activation | Sequence[str | Activation] | None,
) -> list[Activation]:
    if names is None:
        names = CLASSIC
    elif isinstance(names, str) and names == "all":
        names = [record for record in catalog.ACTIVATIONS if not record.rowwise]
    elif isinstance(names, str | Activation):
        names = [names]
    records = [catalog.activation(name) for name in names]
    if not records:
        raise ValueError(f"names must hold at least one activation; got {names!r}")
    for record in records:
        if record.rowwise:
            raise ValueError(
                f"names: {record.name!r} depends on a whole row of numbers and has no curve; "
                "element-wise activations only"
            )
    return records


def _window(
    window: tuple[float, float] | None, records: Sequence[Activation]
) -> tuple[float, float]:
    if window is None:
        farthest = max((abs(kink) for record in records for kink in record.kinks), default=0)
        reach = 5.0 if farthest < 4.5 else farthest + 1.0
        return -reach, reach
    try:
        low, high = (float(end) for end in window)
    except (TypeError, ValueError):
        raise ValueError(f"window must be two numbers, low < high; got {window!r}") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"window must be two numbers, low < high; got {window!r}")
    return low, high


def curve(record: Activation, low: float, high: float) -> tuple[Array, Array, Array]:
    """Return pre-activations, values and slopes, with a gap at each kink.

    Points stand on either side of a kink, as near as floats come, and NaN between them:
    a jump is drawn as a jump.
    """
    inside = sorted(kink for kink in record.kinks if low < kink < high)
    ends = [low, *inside, high]
    pieces = []
    for left, right in itertools.pairwise(ends):
        share = (right - left) / (high - low)
        z = np.linspace(left, right, max(3, round(800 * share)))
        if left in inside:
            z[0] = np.nextafter(left, right)
        if right in inside:
            z[-1] = np.nextafter(right, left)
        a = record(z)
        slope = record.slope(z, a, **dict(record.parameters))
        pieces.append(np.stack([z, a, slope]))
        pieces.append(np.full((3, 1), np.nan))
    z, a, slope = np.hstack(pieces[:-1])
    return z, a, slope


def jumps(record: Activation, kink: float) -> bool:
    """Return whether value or slope jumps at `kink`, for these parameters.

    The slope of ``elu(alpha)`` jumps for every alpha but 1.
    """
    z = np.array([np.nextafter(kink, -np.inf), np.nextafter(kink, np.inf)])
    a = record(z)
    slope = record.slope(z, a, **dict(record.parameters))
    return bool(abs(a[1] - a[0]) > 1e-9 or abs(slope[1] - slope[0]) > 1e-9)


def saturation(record: Activation, z: Array, slope: Array) -> list[tuple[float, float]]:
    """Return the intervals at the ends of `z` in which the slope has died out."""
    kept = np.isfinite(z)
    z, small = z[kept], np.abs(slope[kept]) <= SATURATED * np.nanmax(np.abs(slope))
    below, above = record.saturates
    alive = np.flatnonzero(~small)
    if alive.size == 0:
        return [(float(z[0]), float(z[-1]))] if below and above else []
    intervals = []
    if below and alive[0] > 0:
        intervals.append((float(z[0]), float(z[alive[0] - 1])))
    if above and alive[-1] < z.size - 1:
        intervals.append((float(z[alive[-1] + 1]), float(z[-1])))
    return intervals


def _draw(ax: Axes, record: Activation, low: float, high: float, slopes: bool) -> None:
    dress(ax)
    z, a, slope = curve(record, low, high)
    tall = max(abs(low), abs(high), 1.0)
    if np.nanmax(np.abs(a)) > 3 * tall:  # exp would leave nothing to see of its bend
        z, a, slope = np.where(np.abs(a) <= tall, [z, a, slope], np.nan)
    ax.axhline(0, color=RULE, linewidth=0.9, zorder=1)
    ax.axvline(0, color=RULE, linewidth=0.9, zorder=1)
    if slopes:
        for left, right in saturation(record, z, slope):
            ax.axvspan(left, right, color=SHADE, linewidth=0, zorder=0, gid="saturated")
        ax.plot(z, slope, label="slope", zorder=4, **SLOPE)
    ax.plot(z, a, label="value", zorder=3, **VALUE)
    kinks = np.array(
        [kink for kink in record.kinks if low < kink < high and jumps(record, kink)]
    )
    if kinks.size:
        ax.plot(kinks, record(kinks), label="kink", gid="kink", zorder=5, **KINK)
    ax.set_xlim(low, high)
    ax.margins(y=0.08)
    ax.locator_params(axis="both", nbins=5)
    heading(ax, _title(record), small=True)


def _label(panels: AxesArray, columns: int) -> None:
    """Keep the horizontal axis's words to the last panel of each column."""
    for i, panel in enumerate(panels):
        last = i + columns >= len(panels)
        panel.tick_params(labelbottom=last)
        if last:
            panel.set_xlabel("z", fontsize=SMALL, color=MUTED, labelpad=1)


def _explain(panels: AxesArray, slopes: bool) -> None:
    """Say once, under all panels, what lines and shades mean."""
    handles: list[Any] = [Line2D([], [], label="value", **VALUE)]
    if slopes:
        handles.append(Line2D([], [], label="slope", **SLOPE))
    shown = {artist.get_gid() for panel in panels for artist in panel.get_children()}
    if "kink" in shown:
        handles.append(Line2D([], [], label="kink: the slope jumps", **KINK))
    if "saturated" in shown:
        text = f"saturated: slope tends to 0, here below {100 * SATURATED:g} % of its maximum"
        handles.append(Patch(facecolor=SHADE, edgecolor=RULE, linewidth=0.6, label=text))
    legend_outside(panels[0].get_figure(), handles)


def _title(record: Activation) -> str:
    """Return the name as a user may type it, short: ``leaky_relu(0.01)``."""
    numbers = ", ".join(f"{value:g}" for _, value in record.parameters)
    return f"{record.name}({numbers})" if numbers else record.name
