"""A network as a picture: units in columns, edges by weight, a traced step's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.formulas.types import Array
from glassnet.insight.tracing import PerceptronTrace, Trace
from glassnet.plots.canvas import axes_size, canvas, heading, legend_below, text_width
from glassnet.plots.columns import (
    SIGNS,
    Column,
    columns_of,
    draw_edges,
    draw_heads,
    pairs,
    width_of,
)
from glassnet.plots.layers import Layers
from glassnet.plots.style import BASE, INK, MUTED, PAPER, RULE
from glassnet.plots.traced import Step, layers_and_step, short

__all__ = ["network"]

LEAST = 4.5
"""Points; letters on units are not smaller."""


def network(
    model: Any,
    trace: Trace | PerceptronTrace | None = None,
    *,
    step: int | None = None,
    feature_names: Sequence[str] | None = None,
    max_units: int = 16,
    max_layers: int = 6,
    limit: float | None = None,
    ax: Any = None,
    title: str | None = None,
) -> Axes:
    r"""Draw a network: a circle for each unit, an edge for each weight.

    An edge is wider the larger its weight, blue if it is positive and amber if it is
    negative; a unit is filled by its bias on the same scale. With a trace each unit shows
    its pre-activation :math:`z`, its activation :math:`a` and
    :math:`\delta = \partial L / \partial z`, each edge its weight and, in brackets, the
    weight's gradient (of the batch). Of a `Perceptron` each unit shows its bias, the sample's
    score, answer, target and error, and in brackets stands what the step adds to the weight
    or the bias. Numbers on edges are left out where they would lie on each other, and the
    figure says so.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
        An estimator must have been fitted or built; a `Perceptron` need not be if there is a
        trace of it.
    trace : Trace or PerceptronTrace, optional
        What `glassnet.trace` returned for this model; the weights drawn are those before
        its step, the sample is ``trace.sample``.
    step : int, optional
        Of a `Perceptron`'s trace, which has a step for each sample: the one to show, from 0.
        None: the first that makes a mistake, or else the first.
    feature_names : sequence of d str, optional
        Of the inputs; ``x0``, ``x1``, ... if None.
    max_units : int, >= 1
        Units shown of a layer; the figure says how many more there are.
    max_layers : int, >= 2
        Layers shown; the middle ones of a deeper network are left out, and counted.
    limit : float, > 0, optional
        The weight drawn widest; the largest absolute weight or bias if None. Larger ones
        are drawn as this one. For frames of a film.
    ax : Axes or Figure, optional
        Where to draw; a new figure, as large as the network needs, if None.
    title : str, optional
        Instead of the network's shape; "" for none.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the trace is another network's.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from glassnet import MLP
    >>> ax = network(MLP([2, 3, 1], seed=0), ax=Figure())
    >>> ax.get_title(loc="left")
    'MLP 2-3-1'
    """
    layers, taken = layers_and_step(model, trace, step)
    weights, biases = _numbers(layers, taken)
    columns = columns_of(layers, max_units, max_layers)
    names = _names(layers, feature_names)
    scale = symmetric_limit([*weights, *biases], limit)
    with canvas(ax, **_size(columns, taken)) as axes:
        ax = axes[0, 0]
        ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(0, 1))
        ax.axis("off")
        draw_edges(ax, columns, [np.clip(W, -scale, scale) for W in weights], scale)
        room = axes_size(ax)
        notes = [_nodes(ax, columns, layers, scale, names, taken, room)]
        notes.append(_edge_numbers(ax, columns, weights, taken, room))
        draw_heads(ax, columns, room[0])
        legend_below(ax, _legend(scale, taken, _in_brackets(ax)), clear=8.0)
        words = layers.name if title is None else title
        _title(ax, words, [taken.headline if taken else "", *notes])
    return ax


def symmetric_limit(arrays: Sequence[Array], limit: float | None) -> float:
    """Return the end of a scale around zero for these numbers, or the one given.

    Raises
    ------
    ValueError
        If `limit` is no finite number above zero, or a number drawn is not finite.
    """
    largest = float(np.max([np.max(np.abs(a), initial=0.0) for a in arrays]))  # NaN, if any
    if not np.isfinite(largest):
        raise ValueError(f"model must have finite weights to be drawn; got {largest}")
    if limit is None:
        return largest or 1.0
    if isinstance(limit, bool) or not isinstance(limit, int | float | np.number):
        raise ValueError(f"limit must be a number > 0; got {limit!r}")
    if not (np.isfinite(limit) and limit > 0):
        raise ValueError(f"limit must be a finite number > 0; got {limit!r}")
    return float(limit)


def _size(columns: list[Column], step: Step | None) -> dict[str, float]:
    """Return the size in inches that a network needs."""
    tall = max(len(c.units) + (c.missing > 0) for c in columns)
    few = step is not None and tall <= 6  # numbers on edges need a wider gap
    gap = 4.6 if len(columns) == 2 and len(columns[1].units) > 1 else 2.75
    lines = 0.0
    if step is not None:
        lines = max(_lines_of(c, step) * (len(c.units) + (c.missing > 0)) for c in columns)
    return {
        "height": 1.9 + max(2.8, 0.42 * tall, 0.182 * lines),
        "width": max(7.0, 1.35 * len(columns), gap * len(columns) * few),
    }


def _lines_of(column: Column, step: Step) -> int:
    """Return how many lines are written on each unit of a column."""
    if column.layer <= 0:
        return 2 if column.layer == 0 else 0  # none where layers are left out
    return len(step.on_unit(column.layer, 0))


def _numbers(layers: Layers, step: Step | None) -> tuple[Sequence[Array], Sequence[Array]]:
    if step is None:
        return layers.weights, layers.biases
    return step.weights, step.biases


def _names(layers: Layers, given: Sequence[str] | None) -> list[str]:
    n = layers.sizes[0]
    if given is None:
        return [f"x{i}" for i in range(n)]
    if isinstance(given, str) or len(given) != n:
        raise ValueError(
            f"feature_names must hold one name for each of the {n} features; got {given!r}"
        )
    return [str(name) for name in given]


def _title(ax: Axes, words: str, notes: list[str]) -> None:
    """Write the title above the columns' heads."""
    note = " ".join(filter(None, notes))
    heading(ax, words, note, lift=36.0)


# --- units -------------------------------------------------------------------------------


def _nodes(
    ax: Axes,
    columns: list[Column],
    layers: Layers,
    scale: float,
    names: list[str],
    step: Step | None,
    room: tuple[float, float],
) -> str:
    """Draw the units; return what has to be said about their numbers."""
    size = 0.0 if step is None else _letters(columns, step, room)
    biases = _numbers(layers, step)[1]
    for column in (c for c in columns if c.layer >= 0):
        fills = _fills(column, biases, scale)
        for y, unit, fill in zip(column.y, column.units, fills, strict=True):
            if step is not None and size >= LEAST:
                _box(ax, (column.x, y), _lines(column, unit, names, step), fill, size)
            else:
                look = {"markeredgecolor": MUTED, "markeredgewidth": 0.8, "zorder": 3}
                diameter = _diameter(columns, room)
                ax.plot(column.x, y, "o", ms=diameter, markerfacecolor=fill, **look)
        if step is None or size < LEAST:
            _beside(ax, column, layers, names, columns, room)
    if step is None or size >= LEAST:
        return ""
    return "The units' numbers do not fit at this size."


def _letters(columns: list[Column], step: Step, room: tuple[float, float]) -> float:
    """Return the size of the letters at which what is written on units fits."""
    size = min(8.5, room[0] / len(columns) / 9.5)
    for column in (c for c in columns if c.layer >= 0):
        pitch = room[1] / (len(column.units) + (column.missing > 0))
        size = min(size, 0.92 * pitch / (1.2 * _lines_of(column, step)))
    return size


def _diameter(columns: list[Column], room: tuple[float, float]) -> float:
    tall = max(len(c.units) + (c.missing > 0) for c in columns)
    return float(np.clip(0.62 * room[1] / tall, 4.0, 30.0))


def _beside(
    ax: Axes,
    column: Column,
    layers: Layers,
    names: list[str],
    columns: list[Column],
    room: tuple[float, float],
) -> None:
    """Write the inputs' names to their left, and to the right what outputs stand for."""
    words, side = names, -1
    if column.layer == len(layers.weights):
        words, side = _outputs(layers), 1
    elif column.layer:
        return
    away = side * (_diameter(columns, room) / 2 + 5)
    look = {"ha": "right" if side < 0 else "left", "va": "center", "annotation_clip": False}
    spot = {"xytext": (away, 0), "textcoords": "offset points"}
    pitch = room[1] / (len(column.units) + (column.missing > 0))
    for y, unit in zip(column.y, column.units, strict=True):
        fit = min(BASE - 1.0, 0.8 * pitch / (1 + words[unit].count("\n")))
        ax.annotate(words[unit], (column.x, y), fontsize=fit, **spot, **look)


def _outputs(layers: Layers) -> list[str]:
    """Return what to write beside outputs: their class, and the bias of a lone layer."""
    named = list(layers.outputs) or [""] * layers.sizes[-1]
    if len(layers.weights) > 1:
        return named
    told = [f"bias {short(bias)}" for bias in layers.biases[-1]]
    return [f"{name}\n{bias}".strip() for name, bias in zip(named, told, strict=True)]


def _fills(column: Column, biases: Sequence[Array], scale: float) -> list[Any]:
    if column.layer == 0:
        return [PAPER] * len(column.units)
    share = np.clip(biases[column.layer - 1][list(column.units)] / scale, -1, 1)
    return list(SIGNS(0.5 + 0.5 * share))


def _lines(column: Column, unit: int, names: list[str], step: Step) -> str:
    """Return what is written on a unit."""
    if column.layer == 0:
        return f"{names[unit]}\n{short(step.entering[unit])}"
    return "\n".join(step.on_unit(column.layer, unit))


def _box(ax: Axes, at: tuple[float, float], text: str, fill: Any, size: float) -> None:
    box = {"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": fill, "linewidth": 2}
    if np.allclose(np.asarray(fill)[:3] if not isinstance(fill, str) else 1.0, 1.0, atol=0.1):
        box["edgecolor"], box["linewidth"] = RULE, 1
    place = {"ha": "center", "va": "center", "zorder": 4, "linespacing": 1.1}
    ax.text(*at, text, fontsize=size, color=INK, bbox=box, **place)


# --- edges -------------------------------------------------------------------------------


def _edge_numbers(
    ax: Axes,
    columns: list[Column],
    weights: Sequence[Array],
    step: Step | None,
    room: tuple[float, float],
) -> str:
    """Write each weight (and what a step puts beside it) on its edge, without overlaps.

    The numbers between two columns stand in one column of their own.
    Of `n` units on the left and `m` on the right, at the share 1/(n + 1) of the way all
    ``n m`` edges lie equally far apart; from the right at 1/(m + 1).
    """
    left_out = False
    for left, right in pairs(columns):
        n, m = (len(c.units) + (c.missing > 0) for c in (left, right))
        texts = {
            (i, j): _edge_text(weights[right.layer - 1], right.layer, i, j, step)
            for i in left.units
            for j in right.units
        }
        t = 1 / (n + 1) if n <= m else m / (m + 1)
        near = 16.0 if step is None else 24.0 if n <= m and left.layer == 0 else 36.0
        clear = min(t, 1 - t) * room[0] / len(columns) - near
        widest = max(text_width(text, 1.0) for text in texts.values())
        gap = room[1] / (max(n, m) * (min(n, m) + 1))
        size = min(8.0, 0.72 * gap, 2 * clear / widest)
        if size < 6.0:
            left_out = True
            continue
        for (i, j), text in texts.items():
            x = left.x + t * (right.x - left.x)
            y = (1 - t) * left.y[left.units.index(i)] + t * right.y[right.units.index(j)]
            box = {"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"}
            place = {"ha": "center", "va": "center", "bbox": box, "zorder": 2}
            ax.text(x, y, text, fontsize=size, color=INK, **place)
    if not left_out or step is None:
        return ""
    return "Numbers on edges are left out where they do not fit."


def _edge_text(W: Array, layer: int, i: int, j: int, step: Step | None) -> str:
    """Return what is written on an edge."""
    if step is None:
        return short(W[i, j])
    return f"{short(W[i, j])} ({short(step.beside[layer - 1][i, j])})"


def _in_brackets(ax: Axes) -> bool:
    """Return whether numbers stand in brackets on edges; those on units stand on lines."""
    said = (text.get_text() for text in ax.texts)
    return any(text.endswith(")") and "\n" not in text for text in said)


def _legend(scale: float, step: Step | None, edges: bool) -> list[Line2D]:
    handles = [
        Line2D(
            [],
            [],
            color=SIGNS(0.5 + 0.5 * share),
            linewidth=width_of(share),
            label=f"weight {text}",
        )
        for share, text in (
            (-1.0, short(-scale)),
            (-0.4, short(-0.4 * scale)),
            (0.4, f"+{short(0.4 * scale)}"),
            (1.0, f"+{short(scale)}"),
        )
    ]
    what = "rim: bias" if step is not None else "fill: bias"
    for sign, words in ((-1, "negative"), (1, "positive")):
        color = SIGNS(0.5 + 0.5 * sign)
        look = {"markersize": 8, "markeredgecolor": MUTED, "markerfacecolor": color}
        if step is not None:
            look |= {"markeredgecolor": color, "markerfacecolor": PAPER, "markeredgewidth": 2}
        handles.append(Line2D([], [], marker="o", ls="none", label=f"{what} {words}", **look))
    if step is not None and edges:
        handles.append(Line2D([], [], ls="none", label=f"on edges: weight ({step.what})"))
    return handles
