"""One step of an optimizer, taken apart: arrows on the contours, an ellipse, and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Rectangle
from matplotlib.patheffects import Normal, Stroke

from glassnet.formulas.types import Array
from glassnet.insight.optimizer_steps import OptimizerStep, optimizer_steps
from glassnet.landscape_functions import spaced_levels
from glassnet.landscapes import Landscape
from glassnet.landscapes import landscape as find_landscape
from glassnet.plots.canvas import (
    AxesArray,
    canvas,
    dress,
    fitting,
    heading,
    legend_outside,
    title_of_all,
)
from glassnet.plots.relief import MINIMUM, START, relief
from glassnet.plots.style import BASE, INK, LINE_COLORS, PAPER
from glassnet.race import label

__all__ = ["optimizer_step"]

PANEL = 200.0
"""Points; a figure too narrow for two panels of this width has one below the other."""

GRADIENT, MOMENTUM, CARRIED, SIZE, PATH = (LINE_COLORS[i] for i in (4, 5, 1, 3, 0))
REACH = 0.72
"""Length of the longest arrow, as a share of half the panel."""


def optimizer_step(
    optimizer: Any = "adam(0.1)",
    landscape: str | Landscape = "ill_conditioned",
    start: Sequence[float] | None = None,
    *,
    steps: int = 3,
    ax: Any = None,
    title: str | None = None,
) -> AxesArray:
    r"""Draw what an optimizer makes of the gradient in one step: the last of `steps`.

    To the left the way so far, to the right the last step's surroundings: minus the
    gradient, minus the momentum, and the step; the roots of the second moments (or what
    the rule divides by in their place) are the half-axes of an ellipse. A coordinate of
    Adam's step is the momentum's, measured in half-axes of the ellipse, times the learning
    rate. The step is true to the axes; the gradient, the momentum and the ellipse, which
    have other units, share one scale of their own. The numbers stand below.

    Parameters
    ----------
    optimizer : str or settings
        Any that the package has. A velocity, which is carried on from step to step, is
        drawn as a part of the step. L-BFGS has neither momentum nor second moments.
    landscape : str or Landscape
        A name or a record of `glassnet.landscapes`.
    start : (x, y), optional
        The landscape's own if None.
    steps : int, >= 1
        The first ones fill the optimizer's memory.
    ax : two Axes, or Figure, optional
        Where to draw; a new figure if None. A narrow figure has one below the other.
    title : str, optional
        Instead of the one that names optimizer and step; "" for none.

    Returns
    -------
    array of two Axes
        The way, then the step; shape (2,).

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used, or the descent leaves the finite numbers.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> way, step = optimizer_step("momentum(0.02)", "bowl", steps=4, ax=Figure())
    >>> len(step.texts) > 0
    True
    """
    ground = find_landscape(landscape)
    taken = optimizer_steps(optimizer, ground, ground.start if start is None else start, steps)
    if not taken:
        raise ValueError(f"start must not be where {ground.name} is level; got {start!r}")
    last = taken[-1]
    words = f"{label(last.optimizer)}, step {last.t}" if title is None else title
    exact = ax is not None and not hasattr(ax, "subplots")
    columns = 2 if exact else fitting(ax, 2, PANEL)
    with canvas(ax, 2 // columns, columns, height=5.4) as axes:
        way, near = axes.ravel()
        half = _half(last, ground)
        _draw_way(way, ground, taken, half)
        handles = _draw_step(near, ground, last, half)
        if exact:
            heading(way, words, _note(last))
            near.legend(handles=handles, loc="best")
        else:
            title_of_all(way.get_figure(), words)
            legend_outside(way.get_figure(), handles, _note(last))
    return axes.ravel()


def _note(last: OptimizerStep) -> str:
    rate = getattr(last.optimizer, "learning_rate", None)
    eta = "" if rate is None else f", η = {rate:g}"
    symbols = ["g", *(one.symbol for one in (last.momentum, last.size) if one is not None)]
    named = " and ".join(filter(None, [", ".join(symbols[:-1]), symbols[-1]]))
    share = f"{named} share a scale" if len(symbols) > 1 else f"{named} has a scale"
    units = f"The step is true to the axes; {share} of their own."
    units = units.replace("has a scale of their own", "has a scale of its own")
    return " ".join(filter(None, [f"{last.equation}{eta}.", last.note, units]))


def _half(last: OptimizerStep, ground: Landscape) -> float:
    """Return half the width of the surroundings that are shown."""
    parts = [last.step, *([] if last.carried is None else [last.carried])]
    longest = max(float(np.linalg.norm(part)) for part in parts)
    x0, x1, y0, y1 = ground.window
    return longest / REACH if longest > 0 else 0.05 * max(x1 - x0, y1 - y0)


def _draw_way(ax: Axes, ground: Landscape, taken: list[OptimizerStep], half: float) -> None:
    """Draw the path over the whole landscape, and a frame around the last step, in place."""
    dress(ax, grid=None)
    path = np.vstack([taken[0].before, *(one.after for one in taken)])
    x0, x1, y0, y1 = ground.window
    low = np.minimum([x0, y0], path.min(axis=0))
    high = np.maximum([x1, y1], path.max(axis=0))
    window = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    relief(ax, ground, window)
    ax.plot(*path.T, color=PATH, linewidth=1.5, marker=".", markersize=5.0, label="path")
    if ground.minima:
        ax.plot(*np.transpose(ground.minima), **MINIMUM)
    ax.plot(*path[0], **{**START, "markersize": 7.0})
    corner = taken[-1].before - half
    frame = Rectangle(corner, 2 * half, 2 * half, fill=False, edgecolor=INK, linewidth=0.9)
    ax.add_patch(frame)
    ax.set(xlim=window[:2], ylim=window[2:], xlabel="x", ylabel="y")
    ax.locator_params(nbins=6)


def _draw_step(ax: Axes, ground: Landscape, last: OptimizerStep, half: float) -> list[Any]:
    """Draw one step's parts around its point, in place; return the legend's entries."""
    dress(ax, grid=None)
    x, y = last.before
    window = (x - half, x + half, y - half, y + half)
    relief(ax, ground, window, spaced_levels(ground.heights(window)[2]))
    unit = REACH * half / max(_longest(last), 1e-300)
    handles = _ellipse(ax, last, unit)
    tips: list[tuple[str, Array]] = []
    for symbol, words, vector, scale, color, width in _arrows(last, unit):
        _arrow(ax, last.before, scale * vector, color, width)
        tips.append((symbol, scale * vector))
        handles.append(_entry(f"{symbol}: {words} {_numbers(vector)}", color, width))
    if last.carried is not None:
        handles.append(_added(ax, last))
    _name_tips(ax, last.before, tips, half)
    ax.plot(*last.before, "o", color=INK, markersize=4.5, zorder=8)
    ax.set(xlim=window[:2], ylim=window[2:], xlabel="x", ylabel="y", aspect="equal")
    ax.locator_params(nbins=5)
    ax.set_anchor("N")
    ends = f"θ: from {_numbers(last.before, 4)} to {_numbers(last.after, 4)}"
    return [*handles, Line2D([], [], linestyle="none", marker="o", color=INK, label=ends)]


def _longest(last: OptimizerStep) -> float:
    """Return the greatest length among what is in the gradient's units."""
    lengths = [float(np.linalg.norm(last.gradient))]
    if last.momentum is not None:
        lengths.append(float(np.linalg.norm(last.momentum.vector)))
    if last.size is not None:
        lengths.append(float(np.abs(last.size.vector).max()))
    return max(lengths)


def _arrows(
    last: OptimizerStep, unit: float
) -> list[tuple[str, str, Array, float, str, float]]:
    """Return symbol, words, vector, scale, colour and width of each arrow, widest first."""
    found = [("−g", "minus the gradient", -last.gradient, unit, GRADIENT, 4.6)]
    if last.momentum is not None:
        sign, words = f"−{last.momentum.symbol}", f"minus the {last.momentum.words}"
        found.append((sign, words, -last.momentum.vector, unit, MOMENTUM, 2.8))
    if last.carried is not None:
        symbol = "−ημv" if last.optimizer.name == "rmsprop" else "−μv"
        words = "carried on from the steps before"
        found.append((symbol, words, last.carried, 1.0, CARRIED, 2.8))
    return [*found, ("step", "what θ moves by", last.step, 1.0, INK, 1.6)]


def _arrow(ax: Axes, tail: Array, vector: Array, color: str, width: float) -> None:
    if np.linalg.norm(vector) == 0:
        return
    look = {"angles": "xy", "scale_units": "xy", "scale": 1.0, "units": "dots"}
    dots = width * ax.get_figure(root=True).dpi / 72
    head = {"headwidth": 2.2 + 4.0 / width, "headlength": 3.0 + 4.0 / width}
    head["headaxislength"] = 0.9 * head["headlength"]
    ax.quiver(*tail, *vector, color=color, width=dots, zorder=7 - width / 10, **look, **head)


def _ellipse(ax: Axes, last: OptimizerStep, unit: float) -> list[Any]:
    """Draw the second moments' ellipse, in place; return its legend entry, if there is one."""
    if last.size is None:
        return []
    width, height = 2 * unit * last.size.vector
    edge = {"edgecolor": SIZE, "linewidth": 1.8}
    ax.add_patch(Ellipse(tuple(last.before), width, height, fill=False, zorder=5, **edge))
    words = f"{last.size.symbol}: {last.size.words} {_numbers(last.size.vector)}"
    round_mark = {"marker": "o", "markersize": 9.0, "markerfacecolor": "none"}
    look = {"linestyle": "none", "markeredgecolor": SIZE, "markeredgewidth": 1.8}
    return [Line2D([], [], label=words, **round_mark, **look)]


def _added(ax: Axes, last: OptimizerStep) -> Line2D:
    """Draw what a gradient adds to what is carried on, in place; return its legend entry."""
    look = {"color": GRADIENT, "linewidth": 1.6, "linestyle": (0, (2.5, 1.5))}
    ax.plot(*np.transpose([last.before + last.carried, last.after]), zorder=6, **look)
    added = _numbers(last.step - last.carried)
    return Line2D([], [], label=f"what this gradient adds to it: {added}", **look)


def _entry(words: str, color: str, width: float) -> Line2D:
    return Line2D([], [], color=color, linewidth=width, solid_capstyle="butt", label=words)


def _name_tips(ax: Axes, tail: Array, tips: list[tuple[str, Array]], half: float) -> None:
    """Write each arrow's symbol beyond its tip, in place: one text where tips nearly meet."""
    groups: list[tuple[list[str], Array]] = []
    for symbol, tip in tips:
        near = [names for names, at in groups if np.linalg.norm(at - tip) < 0.2 * half]
        if near:
            near[0].append(symbol)
        else:
            groups.append(([symbol], tip))
    for names, tip in groups:
        length = float(np.linalg.norm(tip))
        if length == 0:
            continue
        aside = tip[0] / length
        ha = "center" if abs(aside) < 0.5 else "left" if aside > 0 else "right"
        at = tail + tip * (1 + (0.11 if ha == "center" else 0.04) * half / length)
        halo = [Stroke(linewidth=3.0, foreground=PAPER), Normal()]
        look = {"ha": ha, "va": "center", "fontsize": BASE, "zorder": 9}
        ax.text(*at, ", ".join(names), path_effects=halo, color=INK, **look)


def _numbers(vector: Array, digits: int = 3) -> str:
    words = ", ".join(f"{number:.{digits}g}" for number in vector + 0.0)
    return f"({words})".replace("-", "\N{MINUS SIGN}")
