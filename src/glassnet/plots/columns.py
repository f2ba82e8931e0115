"""A network's units in columns: where each stands, which are shown, and the edges."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, to_rgba

from glassnet.arguments import whole_number
from glassnet.formulas.types import Array
from glassnet.plots.canvas import text_width
from glassnet.plots.layers import Layers
from glassnet.plots.style import BASE, CLASS_COLORS, MUTED, RULE, SMALL, diverging

__all__ = ["SIGNS", "Column", "columns_of", "draw_edges", "draw_heads", "shown_of"]

SIGNS: Colormap = diverging(CLASS_COLORS[1], CLASS_COLORS[0], 1.0)
"""Negative numbers amber, positive ones blue, zero white."""


@dataclass(frozen=True)
class Column:
    """The units of one layer that are shown, and where.

    Attributes
    ----------
    layer : int
        0 for the inputs, then the number of the dense layer; -1 for layers left out.
    x : float
        Place of the column; one column stands 1 from the next.
    units : tuple of int
        Which units are shown, from the top.
    y : array
        Height of each, 0 (bottom) to 1.
    missing : int
        How many more units (or layers) there are.
    head : str
        What stands above.
    """

    layer: int
    x: float
    units: tuple[int, ...]
    y: Array
    missing: int
    head: str


def shown_of(n: int, most: int) -> tuple[list[int], int]:
    """Return which of `n` things are shown, the first and the last, and how many are not.

    Examples
    --------
    >>> shown_of(3, 6), shown_of(9, 5)
    (([0, 1, 2], 0), ([0, 1, 2, 7, 8], 4))
    """
    if n <= most:
        return list(range(n)), 0
    first = (most + 1) // 2
    return [*range(first), *range(n - (most - first), n)], n - most


def columns_of(layers: Layers, max_units: int, max_layers: int) -> list[Column]:
    """Return the columns of a network, at most `max_layers` layers and the inputs."""
    whole_number("max_units", max_units)
    whole_number("max_layers", max_layers, 2)
    shown, missing = shown_of(len(layers.sizes), max_layers + 1)
    found: list[Column] = []
    for before, i in zip([-1, *shown], shown, strict=False):
        if i != before + 1:
            words = f"… {missing}\nmore\nlayer{'s' * (missing > 1)}"
            found.append(Column(-1, len(found), (), np.array([0.5]), missing, words))
        found.append(_column(layers, i, len(found), max_units))
    return found


def _column(layers: Layers, i: int, x: float, max_units: int) -> Column:
    n = layers.sizes[i]
    units, missing = list(range(min(n, max_units))), max(n - max_units, 0)
    places = len(units) + (missing > 0)
    y = 1.0 - (np.arange(len(units)) + 0.5) / places
    formula = layers.activations[i - 1] if i else ""
    head = layers.title(i) + (f"\n{formula}" if formula else f"\n{n}" * (missing > 0))
    return Column(i, x, tuple(units), y, missing, head)


def pairs(columns: list[Column]) -> Iterator[tuple[Column, Column]]:
    """Yield each two neighbouring columns with the edges between them in the model."""
    for left, right in itertools.pairwise(columns):
        if left.layer >= 0 and right.layer >= 0:
            yield left, right


def draw_edges(ax: Axes, columns: list[Column], weights: Any, scale: float) -> None:
    """Draw an edge for each weight: wide where it is large, coloured by its sign."""
    for left, right in pairs(columns):
        W = np.asarray(weights[right.layer - 1])[np.ix_(left.units, right.units)]
        order = np.argsort(np.abs(W), axis=None)  # the strongest on top
        i, j = np.unravel_index(order, W.shape)
        ends = [[(left.x, left.y[a]), (right.x, right.y[b])] for a, b in zip(i, j, strict=True)]
        share = W[i, j] / scale
        colors = SIGNS(0.5 + 0.5 * np.sign(share) * (0.2 + 0.8 * np.abs(share)))
        colors[share == 0] = to_rgba(RULE)  # white would be no edge at all
        crowd = np.clip(60 / W.size, 0.5, 1.0)
        ax.add_collection(
            LineCollection(
                ends,
                colors=colors,
                linewidths=crowd * width_of(share),
                zorder=1,
                capstyle="round",
            ),
            autolim=False,
        )


def width_of(share: Any) -> Any:
    """Return the width, in points, of an edge with this share of the largest weight."""
    return 0.4 + 4.6 * np.abs(share)


def draw_heads(ax: Axes, columns: list[Column], width: float) -> None:
    """Write what each column is above it, and how many units are left out below it."""
    room = 0.96 * width / max(len(columns), 1)
    size = min([BASE, *(_size(line, room) for c in columns for line in c.head.split("\n"))])
    for column in columns:
        name, _, under = column.head.partition("\n")
        if column.layer < 0:
            ax.text(column.x, 0.5, column.head, ha="center", va="center", color=MUTED)
            continue
        put = {"ha": "center", "annotation_clip": False, "xycoords": "data"}
        at = (column.x, 1.0)
        off = {"textcoords": "offset points", "va": "bottom", **put}
        ax.annotate(under, at, xytext=(0, 5), fontsize=size - 1, color=MUTED, **off)
        ax.annotate(name, at, xytext=(0, 18), fontsize=size, weight="bold", **off)
        if column.missing:
            low = 0.5 / (len(column.units) + 1)
            words = f"… {column.missing:,} more\n{'input' if not column.layer else 'unit'}"
            words += "s" * (column.missing > 1)
            ax.text(column.x, low, words, ha="center", va="center", color=MUTED, fontsize=9)


def _size(text: str, room: float) -> float:
    return max(BASE * min(1.0, room / max(text_width(text, BASE, bold=True), 1.0)), SMALL - 3)
