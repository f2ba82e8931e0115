"""The race of optimizers: their paths over the landscape beside their losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.formulas.types import Array
from glassnet.landscapes import Landscape
from glassnet.landscapes import landscape as find_landscape
from glassnet.plots.canvas import (
    AxesArray,
    canvas,
    dress,
    fitting,
    heading,
    legend_outside,
    log_ticks,
    title_of_all,
)
from glassnet.plots.relief import MINIMUM, START, relief
from glassnet.plots.style import CLASS_MARKERS, LINE_COLORS, PAPER
from glassnet.race import RATES, Run, race

__all__ = ["look_of", "optimizer_race", "race_picture"]

PANEL = 200.0
"""Points; a figure too narrow for two panels of this width has one below the other."""

FLOOR = 1e-16
"""Losses below this are drawn here: a logarithm has no place for 0."""


def optimizer_race(
    landscape: str | Landscape = "rosenbrock",
    optimizers: Any = None,
    *,
    steps: int = 200,
    rates: Sequence[float] | None = RATES,
    start: Sequence[float] | None = None,
    ax: Any = None,
    title: str | None = None,
) -> AxesArray:
    """Draw optimizers' paths over a landscape, beside their loss at each step.

    The race is fair: each optimizer runs at the best of the same learning rates, found in
    the same number of steps, and the figure says so; see `glassnet.race.race`.

    Parameters
    ----------
    landscape : str or Landscape
        A name or a record of `glassnet.landscapes`.
    optimizers : name, settings or sequence of them, optional
        By default gradient descent, momentum, Nesterov's, AdaGrad, RMSProp and Adam.
    steps : int, >= 1
    rates : sequence of float > 0, or None
        The grid of learning rates. None runs each optimizer at the rate it comes with,
        and the figure says that.
    start : (x, y), optional
        The landscape's own if None.
    ax : two Axes, or Figure, optional
        Where to draw; a new figure if None. A narrow figure has the losses below the
        landscape.
    title : str, optional
        Instead of the one that names the winner; "" for none.

    Returns
    -------
    array of two Axes
        The landscape, then the losses; shape (2,). An optimizer whose rates all diverged
        is named under the figure and not drawn. Save the picture with
        ``axes[0].figure.savefig("race.png")``.

    Raises
    ------
    TypeError, ValueError
        As `glassnet.race.race`; for a wrong `ax`.

    Examples
    --------
    The notebook's race, at one rate for all:

    >>> from matplotlib.figure import Figure
    >>> from glassnet.optimizers import SGD, Adam, Momentum
    >>> entrants = [SGD(0.1), Momentum(0.1), Adam(0.1)]
    >>> paths, losses = optimizer_race("bowl", entrants, rates=None, steps=50, ax=Figure())
    >>> losses.get_yscale()
    'log'
    """
    ground = find_landscape(landscape)
    runs = race(ground, optimizers, steps, rates, start)
    return race_picture(ground, runs, steps=steps, rates=rates, ax=ax, title=title)


def race_picture(
    ground: Landscape,
    runs: Sequence[Run],
    *,
    steps: int,
    rates: Sequence[float] | None = RATES,
    ax: Any = None,
    title: str | None = None,
) -> AxesArray:
    """Draw runs down a landscape that are there already; see `optimizer_race`.

    Parameters
    ----------
    ground : Landscape
    runs : sequence of Run
        Of `glassnet.race.race`.
    steps : int
        Of the race.
    rates : sequence of float, or None
        The race's grid.
    ax, title
        As for `optimizer_race`.

    Returns
    -------
    array of two Axes
    """
    drawn = [run for run in runs if rates is None or not run.diverged]
    words = _verdict(ground, drawn, steps) if title is None else title
    note = _note(ground, runs, rates, steps)
    exact = ax is not None and not hasattr(ax, "subplots")
    columns = 2 if exact else fitting(ax, 2, PANEL)
    with canvas(ax, 2 // columns, columns, height=4.5) as axes:
        paths, losses = axes.ravel()
        _draw_paths(paths, ground, runs, drawn)
        _draw_losses(losses, ground, drawn, steps)
        handles = [_handle(i, run) for i, run in enumerate(drawn)]
        if exact:
            heading(paths, words, note)
            losses.legend(handles=handles, loc="best")
        else:
            title_of_all(paths.get_figure(), words)
            handles += _signs(ground)
            legend_outside(paths.get_figure(), handles, note)
    return axes.ravel()


def _verdict(ground: Landscape, drawn: Sequence[Run], steps: int) -> str:
    name = ground.name.replace("_", " ")
    name = name[:1].upper() + name[1:]
    sound = [run for run in drawn if not run.diverged]
    if not sound:
        return f"{name}: every optimizer diverged"
    within = f"{steps} {'step' if steps == 1 else 'steps'}"
    if len(sound) == 1:
        return f"{name}: {sound[0].name} for {within}"
    least = FLOOR if _from_zero(ground, sound) else -np.inf
    ends = [max(float(run.losses[-1]) - _bottom(ground), least) for run in sound]
    winners = [run.name for run, end in zip(sound, ends, strict=True) if end <= min(ends)]
    if ground.minima and min(ends) <= FLOOR:
        all_there = len(winners) == len(drawn)
        many = "all" if all_there else f"{len(winners)} of {len(drawn)}"
        verb = "reaches" if len(winners) == 1 else "reach"
        who = winners[0] if len(winners) == 1 else f"{many} optimizers"
        return f"{name}: {who} {verb} the minimum within {within}"
    who = " and ".join(winners)
    return f"{name}: {who} {'ends' if len(winners) == 1 else 'end'} lowest after {within}"


def _bottom(ground: Landscape) -> float:
    """Return the landscape's least value; 0 where its minima are not known."""
    return min((ground.fun(np.array(point)) for point in ground.minima), default=0.0)


def _from_zero(ground: Landscape, runs: Sequence[Run]) -> bool:
    """Return whether losses have a zero to be measured from, so that a logarithm suits."""
    known = bool(ground.minima)
    return known or all(float(run.losses.min()) > 0 for run in runs)


def _note(
    ground: Landscape, runs: Sequence[Run], rates: Sequence[float] | None, steps: int
) -> str:
    """Return what the reader must know to judge the race."""
    if rates is None:
        return (
            "Learning rates as given, none of them searched for: this compares settings, "
            "not optimizers."
        ) + _floor_note(ground, runs)
    grid = sorted({float(rate) for rate in rates})
    span = f"{grid[0]:g}" if len(grid) == 1 else f"{grid[0]:g} to {grid[-1]:g}"
    note = (
        f"A fair race: each optimizer at the best of the same {len(grid)} learning rates "
        f"({span}). Best: the lowest loss after these {steps} steps."
    )
    edge = [run.name for run in runs if run.at_edge and not run.diverged]
    if edge:
        note += f" The best rate of {', '.join(edge)} is the end of the grid."
    note += _floor_note(ground, runs)
    lost = [run.name for run in runs if run.diverged]
    if lost:
        note += f" Not drawn, as every rate diverged: {', '.join(lost)}."
    return note


def _floor_note(ground: Landscape, runs: Sequence[Run]) -> str:
    if not _from_zero(ground, runs):
        return ""
    below = any(run.losses.min() - _bottom(ground) < FLOOR for run in runs)
    return f" Losses below {FLOOR:g} are drawn there." if below else ""


def _handle(i: int, run: Run) -> Line2D:
    rate = "line search" if run.rate is None else f"rate {run.rate:g}"
    words = f"{run.name}, {rate}"
    if run.diverged:
        words += " (diverged)"
    return Line2D([], [], label=words, linewidth=1.9, **look_of(i))


def look_of(i: int) -> dict[str, Any]:
    """Return colour and mark of entrant `i`: dashes would drown in zigzags."""
    return {
        "color": LINE_COLORS[i % len(LINE_COLORS)],
        "marker": CLASS_MARKERS[i % len(CLASS_MARKERS)],
        "markersize": 6.5,
        "markeredgecolor": PAPER,
        "markeredgewidth": 0.8,
    }


def _signs(ground: Landscape) -> list[Line2D]:
    start = Line2D([], [], label="start", **START)
    if not ground.minima:
        return [start]
    word = "minimum" if len(ground.minima) == 1 else "minima"
    return [start, Line2D([], [], label=word, **MINIMUM)]


def _draw_paths(ax: Axes, ground: Landscape, runs: Sequence[Run], drawn: Sequence[Run]) -> None:
    dress(ax, grid=None)
    x0, x1, y0, y1 = _view(ground, runs, drawn)
    relief(ax, ground, (x0, x1, y0, y1))
    for i, run in enumerate(drawn):
        look = look_of(i)
        mark = {"markevery": [len(run.path) - 1]}
        if len(run.path) <= 60:
            ax.plot(*run.path.T, ".", color=look["color"], markersize=4.0, zorder=3 + 0.01 * i)
        ax.plot(*run.path.T, linewidth=1.5, zorder=3 + 0.01 * i, label=run.name, **look, **mark)
    if ground.minima:
        ax.plot(*np.transpose(ground.minima), label="minimum", zorder=5, **MINIMUM)
    ax.plot(*runs[0].path[0], label="start", zorder=5, **START)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="x", ylabel="y")
    ax.locator_params(nbins=6)


def _view(
    ground: Landscape, runs: Sequence[Run], drawn: Sequence[Run]
) -> tuple[float, float, float, float]:
    """Return the window, widened to hold the start and every path that did not diverge."""
    x0, x1, y0, y1 = ground.window
    shown = [run.path for run in drawn if not run.diverged] + [runs[0].path[:1]]
    points = np.vstack(shown)
    low, high = (
        np.minimum([x0, y0], points.min(axis=0)),
        np.maximum([x1, y1], points.max(axis=0)),
    )
    slack = 0.03 * (high - low)
    left, bottom = np.where(low < [x0, y0], low - slack, low)
    right, top = np.where(high > [x1, y1], high + slack, high)
    return float(left), float(right), float(bottom), float(top)


def _draw_losses(ax: Axes, ground: Landscape, drawn: Sequence[Run], steps: int) -> None:
    dress(ax)
    bottom = _bottom(ground)
    logarithmic = _from_zero(ground, drawn)
    least = FLOOR if logarithmic else -np.inf
    curves = [np.maximum(run.losses - bottom, least) for run in drawn]
    for i, (run, curve) in enumerate(zip(drawn, curves, strict=True)):
        # Marks stand at steps of their own, so that equal curves do not hide each other's.
        marks = np.arange(i + 1, 6 * len(drawn), len(drawn)) * (steps / (6 * len(drawn)))
        at = sorted({int(mark) for mark in marks if mark < len(curve)} | {len(curve) - 1})
        ax.plot(curve, linewidth=1.5, label=run.name, zorder=3, markevery=at, **look_of(i))
    ax.set(xlim=(0, 1.02 * steps), xlabel="step")
    ax.set_ylabel("loss" if bottom == 0 else "loss above the minimum")
    if logarithmic:
        ax.set_yscale("log")
        _limit(ax, curves)


def _limit(ax: Axes, curves: Sequence[Array]) -> None:
    """Keep a run that climbs away from squeezing the others flat."""
    if not curves:
        return
    first = float(curves[0][0])
    low = min(float(curve.min()) for curve in curves)
    high = max(float(curve.max()) for curve in curves)
    ax.set_ylim(low / 2.5, min(2.5 * high, 1e3 * max(first, low)))
    log_ticks(ax, low, high)
