"""A network as a picture: units in columns, edges by weight, a traced step's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from glassnet.formulas.types import Array
from glassnet.insight.tracing import Trace
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
from glassnet.plots.layers import Layers, layers_of
from glassnet.plots.style import INK, MUTED, PAPER, RULE

__all__ = ["network"]


def network(
    model: Any,
    trace: Trace | None = None,
    *,
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
    weight's gradient (of the batch). Numbers on edges are left out where they would lie on
    each other, and the figure says so.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
        An estimator must have been fitted or built.
    trace : Trace, optional
        What `glassnet.trace` returned for this model; the weights drawn are those before
        its step, the sample is ``trace.sample``.
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
    layers = layers_of(model)
    weights, biases = _numbers(layers, trace)
    columns = columns_of(layers, max_units, max_layers)
    names = _names(layers, feature_names)
    scale = symmetric_limit([*weights, *biases], limit)
    tall = max(len(c.units) + (c.missing > 0) for c in columns)
    step = 1.0 if trace is None else 1.3
    few = trace is not None and tall <= 6  # numbers on edges need a wider gap
    size = {
        "height": 1.9 + max(2.8, 0.42 * step * tall),
        "width": max(7.0, 1.35 * len(columns), 2.75 * len(columns) * few),
    }
    with canvas(ax, **size) as axes:
        ax = axes[0, 0]
        ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(0, 1))
        ax.axis("off")
        draw_edges(ax, columns, [np.clip(W, -scale, scale) for W in weights], scale)
        room = axes_size(ax)
        notes = [_nodes(ax, columns, biases, scale, names, trace, room)]
        notes.append(_edge_numbers(ax, columns, weights, trace, room))
        draw_heads(ax, columns, room[0])
        legend_below(ax, _legend(scale, trace, _gradients_shown(ax)), clear=8.0)
        words = layers.name if title is None else title
        _title(ax, words, [_headline(trace), *notes])
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


def short(value: Any) -> str:
    """Return a number in three digits, with a true minus sign."""
    text = f"{float(value) + 0.0:.3g}"  # + 0.0: no negative zero
    return text.replace("-", "\N{MINUS SIGN}", 1) if text.startswith("-") else text


def _numbers(layers: Layers, trace: Trace | None) -> tuple[Sequence[Array], Sequence[Array]]:
    if trace is None:
        return layers.weights, layers.biases
    if not isinstance(trace, Trace):
        raise TypeError(f"trace must be what glassnet.trace returns; got {trace!r:.60}")
    dense = [layer for layer in trace.plan.layers if layer.kind == "dense"]
    sizes = [trace.plan.n_inputs, *(layer.units for layer in dense)]
    if sizes != layers.sizes:
        raise ValueError(f"trace must be of this model, {layers.sizes}; got one of {sizes}")
    weights, biases = ([trace.before[la.parameters[k].name] for la in dense] for k in (0, 1))
    return weights, biases


def _names(layers: Layers, given: Sequence[str] | None) -> list[str]:
    n = layers.sizes[0]
    if given is None:
        return [f"x{i}" for i in range(n)]
    if isinstance(given, str) or len(given) != n:
        raise ValueError(
            f"feature_names must hold one name for each of the {n} features; got {given!r}"
        )
    return [str(name) for name in given]


def _headline(trace: Trace | None) -> str:
    if trace is None:
        return ""
    n = len(trace.X)
    which = "One sample" if n == 1 else f"Sample {trace.sample} of a batch of {n}"
    letters = "z pre-activation, a activation, δ = ∂L/∂z"
    return f"{which}, loss L = {trace.loss:.4g}. {letters}."


def _title(ax: Axes, words: str, notes: list[str]) -> None:
    """Write the title above the columns' heads."""
    note = " ".join(filter(None, notes))
    heading(ax, words, note, lift=36.0)


# --- units -------------------------------------------------------------------------------


def _nodes(
    ax: Axes,
    columns: list[Column],
    biases: Sequence[Array],
    scale: float,
    names: list[str],
    trace: Trace | None,
    room: tuple[float, float],
) -> str:
    """Draw the units; return what has to be said about their numbers."""
    tall = max(len(c.units) + (c.missing > 0) for c in columns)
    pitch = room[1] / tall  # points from one unit to the next
    size = min(8.5, 0.92 * pitch / 3.6, room[0] / len(columns) / 9.5)
    written = trace is not None and size >= 4.5
    diameter = float(np.clip(0.62 * pitch, 4.0, 30.0))
    for column in (c for c in columns if c.layer >= 0):
        fills = _fills(column, biases, scale)
        for y, unit, fill in zip(column.y, column.units, fills, strict=True):
            if written:
                _box(ax, (column.x, y), _lines(column, unit, names, trace), fill, size)
                continue
            look = {"markeredgecolor": MUTED, "markeredgewidth": 0.8, "zorder": 3}
            ax.plot(column.x, y, "o", ms=diameter, markerfacecolor=fill, **look)
            if column.layer == 0:
                spot = {"xytext": (-diameter / 2 - 5, 0), "textcoords": "offset points"}
                look = {"ha": "right", "va": "center", "annotation_clip": False}
                fit = min(10.0, 0.8 * pitch)
                ax.annotate(names[unit], (column.x, y), fontsize=fit, **spot, **look)
    if trace is None or written:
        return ""
    return "The units' numbers do not fit at this size."


def _fills(column: Column, biases: Sequence[Array], scale: float) -> list[Any]:
    if column.layer == 0:
        return [PAPER] * len(column.units)
    share = np.clip(biases[column.layer - 1][list(column.units)] / scale, -1, 1)
    return list(SIGNS(0.5 + 0.5 * share))


def _lines(column: Column, unit: int, names: list[str], trace: Trace) -> str:
    """Return what is written on a unit."""
    s = trace.sample
    if column.layer == 0:
        return f"{names[unit]}\n{short(trace.X[s][unit])}"
    layers = trace.plan.layers
    dense = [i for i, layer in enumerate(layers) if layer.kind == "dense"]
    first = dense[column.layer - 1]
    last = [*dense, len(layers)][column.layer] - 1
    z = layers[first].output
    a = "output" if last == len(layers) - 1 else layers[last].output
    values = trace.values[z], trace.values[a], trace.values[f"delta_{z}"]
    return "\n".join(
        f"{letter} {short(v[s][unit])}" for letter, v in zip("zaδ", values, strict=True)
    )


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
    trace: Trace | None,
    room: tuple[float, float],
) -> str:
    """Write each weight (and its gradient) on its edge, in one column without overlaps.

    Of `n` units on the left and `m` on the right, at the share 1/(n + 1) of the way all
    ``n m`` edges lie equally far apart; from the right at 1/(m + 1).
    """
    left_out = False
    for left, right in pairs(columns):
        n, m = (len(c.units) + (c.missing > 0) for c in (left, right))
        texts = {
            (i, j): _edge_text(weights[right.layer - 1], right.layer, i, j, trace)
            for i in left.units
            for j in right.units
        }
        t = 1 / (n + 1) if n <= m else m / (m + 1)
        near = 16.0 if trace is None else 24.0 if n <= m and left.layer == 0 else 36.0
        clear = min(t, 1 - t) * room[0] / len(columns) - near
        widest = max(text_width(text, 1.0) for text in texts.values())
        gap = room[1] / (max(n, m) * (min(n, m) + 1))
        size = min(8.0, 0.72 * gap, 2 * clear / widest)
        if size < 5.5:
            left_out = True
            continue
        for (i, j), text in texts.items():
            x = left.x + t * (right.x - left.x)
            y = (1 - t) * left.y[left.units.index(i)] + t * right.y[right.units.index(j)]
            box = {"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"}
            place = {"ha": "center", "va": "center", "bbox": box, "zorder": 2}
            ax.text(x, y, text, fontsize=size, color=INK, **place)
    if not left_out or trace is None:
        return ""
    return "Numbers on edges are left out where they do not fit."


def _edge_text(W: Array, layer: int, i: int, j: int, trace: Trace | None) -> str:
    """Return what is written on an edge."""
    if trace is None:
        return short(W[i, j])
    return f"{short(W[i, j])} ({short(_gradient(trace, layer)[i, j])})"


def _gradients_shown(ax: Axes) -> bool:
    return any(text.get_text().endswith(")") for text in ax.texts)


def _gradient(trace: Trace, layer: int) -> Array:
    dense = [one for one in trace.plan.layers if one.kind == "dense"]
    return trace.gradient[dense[layer - 1].parameters[0].name]


def _legend(scale: float, trace: Trace | None, edges: bool) -> list[Line2D]:
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
    what = "rim: bias" if trace is not None else "fill: bias"
    for sign, words in ((-1, "negative"), (1, "positive")):
        color = SIGNS(0.5 + 0.5 * sign)
        look = {"markersize": 8, "markeredgecolor": MUTED, "markerfacecolor": color}
        if trace is not None:
            look |= {"markeredgecolor": color, "markerfacecolor": PAPER, "markeredgewidth": 2}
        handles.append(Line2D([], [], marker="o", ls="none", label=f"{what} {words}", **look))
    if trace is not None and edges:
        handles.append(Line2D([], [], ls="none", label="on edges: weight (gradient)"))
    return handles
