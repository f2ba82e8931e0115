"""What each unit answers over the plane of two features, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from glassnet.arguments import whole_number
from glassnet.formulas.types import Array
from glassnet.plots.canvas import axes_size, canvas, heading
from glassnet.plots.columns import SIGNS, Column, columns_of, draw_edges, draw_heads
from glassnet.plots.layers import layers_of
from glassnet.plots.network import symmetric_limit
from glassnet.plots.slices import Grid, Plane, plane
from glassnet.plots.style import MUTED
from glassnet.plots.traced import short

__all__ = ["units"]

PROBABILITIES = ("sigmoid", "softmax")


def units(
    model: Any,
    X: Any,
    features: Sequence[int | str] = (0, 1),
    *,
    feature_names: Sequence[str] | None = None,
    resolution: int = 40,
    max_units: int = 16,
    max_layers: int = 6,
    limits: Sequence[float] | None = None,
    ax: Any = None,
    title: str | None = None,
) -> Axes:
    """Draw each unit's answer over the plane of two features, as TensorFlow Playground does.

    A square is the plane of the two features; blue is above the middle of its layer's scale
    and amber below it. The middle is 0, but 0.5 for probabilities and for an input that of
    its range. Behind the squares stand the weights, blue if positive, as `network` draws
    them.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
    X : array or DataFrame, (n, d), d >= 2
        Its range is that of the squares.
    features : two positions or names
        Across and up. The others are held at their median, and the figure says so.
    feature_names : sequence of d str, optional
    resolution : int, >= 2
        Points along each side of a square.
    max_units, max_layers : int
        As of `network`; the figure says what is left out.
    limits : sequence of float > 0, one per layer, optional
        End of each layer's scale, from the middle; the largest answer if None. For frames
        of a film.
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
        If an argument is not as described.

    References
    ----------
    Smilkov et al. (2017), "Direct-Manipulation Visualization of Deep Networks",
    arXiv:1708.03788.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from glassnet import MLP
    >>> ax = units(MLP([2, 3, 1], seed=0), np.eye(2), ax=Figure())
    >>> len(ax.images)  # two inputs, three units, one output
    6
    """
    layers = layers_of(model)
    whole_number("resolution", resolution, 2)
    flat = plane(model, X, features, feature_names)
    columns = columns_of(layers, max_units, max_layers)
    grid = Grid.over(flat.points, resolution)
    rows = np.asarray(flat.rows(grid.points), dtype=float)
    answers = [rows, *layers.answers(rows)]
    scales = _scales(answers, layers.activations, limits)
    columns = [replace(c, head=_head(c, scales)) for c in columns]
    weight = symmetric_limit(layers.weights, None)
    tall = max(len(c.units) + (c.missing > 0) for c in columns)
    size = {"height": 1.6 + max(2.8, 0.55 * tall), "width": max(7.0, 1.35 * len(columns))}
    with canvas(ax, **size) as axes:
        ax = axes[0, 0]
        ax.axis("off")
        draw_edges(ax, columns, layers.weights, weight)
        room = axes_size(ax)
        for column in (c for c in columns if c.layer >= 0):
            middle, reach = scales[column.layer]
            shades = 0.5 + 0.5 * np.clip((answers[column.layer] - middle) / reach, -1, 1)
            _squares(ax, column, shades, grid, (room[0] / len(columns), room[1]), tall)
        ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(0, 1))
        draw_heads(ax, columns, room[0])
        words = layers.name if title is None else title
        heading(ax, words, _note(flat, grid), lift=36.0)
    return ax


def _scales(
    answers: list[Array], formulas: Sequence[str], limits: Sequence[float] | None
) -> list[tuple[Any, Any]]:
    """Return the middle of each layer's scale, and how far it reaches."""
    if limits is not None and (isinstance(limits, str) or len(limits) != len(formulas)):
        raise ValueError(
            f"limits must hold one number for each of {len(formulas)} layers; got {limits!r}"
        )
    low, high = answers[0].min(axis=0), answers[0].max(axis=0)
    found: list[tuple[Any, Any]] = [((low + high) / 2, np.where(high > low, high - low, 2) / 2)]
    for k, (formula, values) in enumerate(zip(formulas, answers[1:], strict=True)):
        likely = k == len(formulas) - 1 and formula in PROBABILITIES
        middle = 0.5 if likely else 0.0
        given = limits[k] if limits is not None else 0.5 if likely else None
        found.append((middle, symmetric_limit([values - middle], given)))
    return found


def _head(column: Column, scales: list[tuple[Any, Any]]) -> str:
    if column.layer < 1:
        return column.head
    middle, reach = scales[column.layer]
    ends = (
        f"±{short(reach)}" if not middle else f"{short(middle - reach)}…{short(middle + reach)}"
    )
    return f"{column.head} {ends}"


def _squares(
    ax: Axes,
    column: Column,
    shades: Array,
    grid: Grid,
    pitch: tuple[float, float],
    tall: int,
) -> None:
    """Draw a column's units as squares; `pitch` are the points of one column and of all."""
    side = min(0.62 * pitch[0], 0.86 * pitch[1] / tall, 84.0)
    w, h = side / 2 / pitch[0], side / 2 / pitch[1]
    for y, unit in zip(column.y, column.units, strict=True):
        ax.imshow(
            shades[:, unit].reshape(grid.shape),
            extent=(column.x - w, column.x + w, y - h, y + h),
            cmap=SIGNS,
            vmin=0,
            vmax=1,
            aspect="auto",
            interpolation="bilinear",
            zorder=3,
        )
        frame = {"fill": False, "edgecolor": MUTED, "linewidth": 0.8, "zorder": 4}
        ax.add_patch(Rectangle((column.x - w, y - h), 2 * w, 2 * h, **frame))


def _note(flat: Plane, grid: Grid) -> str:
    """Return what a square's sides are."""
    sides = ((flat.across, grid.x, "across"), (flat.up, grid.y, "up"))
    parts = [f"{flat.names[i]} from {short(v[0])} to {short(v[-1])} {w}" for i, v, w in sides]
    signs = "Blue lies above the middle of a layer's scale, amber below."
    square = f"In each square: {', '.join(parts)}."
    return " ".join(filter(None, [square, signs, flat.held()]))
