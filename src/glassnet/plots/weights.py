"""A model's weights: matrices on one scale, images of the first layer, histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase

from glassnet.arguments import whole_number
from glassnet.formulas.types import Array
from glassnet.plots.canvas import canvas, dress, heading, title_of_all
from glassnet.plots.columns import SIGNS, shown_of
from glassnet.plots.layers import Layers, layers_of
from glassnet.plots.network import symmetric_limit
from glassnet.plots.style import MUTED, SHADE

__all__ = ["weights"]


def weights(
    model: Any,
    *,
    image_shape: tuple[int, int] | None = None,
    limit: float | None = None,
    tallest: float | None = None,
    bins: int = 41,
    max_layers: int = 5,
    max_images: int = 36,
    ax: Any = None,
    title: str | None = None,
) -> Any:
    """Draw the weight matrices of a model on one scale around zero, and their histograms.

    Above, each layer's matrix: a row for each unit it reads, a column for each of its own;
    blue is positive, amber negative, white zero. Below, a histogram of its weights.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
    image_shape : (rows, columns), optional
        Draw the first layer's weights as one image for each unit, as ``(28, 28)`` for
        784 inputs.
    limit : float, > 0, optional
        End of the scale; the largest absolute weight if None. For frames of a film; what
        lies beyond has the end's colour, and counts in the last bins.
    tallest : float, in (0, 1], optional
        Height of the histograms' axes, a share of the weights; what they need if None.
    bins : int, >= 1
        Of the histograms, over the whole scale.
    max_layers : int, >= 2
        Layers shown; the middle ones of a deeper network are left out.
    max_images : int, >= 1
        Units of the first layer shown as images.
    ax : Figure, or a sequence of Axes, optional
        Two for each layer shown: the matrices', then the histograms'; a new figure if None.
    title : str, optional
        Instead of the network's shape; "" for none.

    Returns
    -------
    array of Axes, shape (2, layers shown)

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or the image has another size than the inputs.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from glassnet import MLP
    >>> weights(MLP([2, 3, 1], seed=0), ax=Figure()).shape
    (2, 2)
    """
    layers = layers_of(model)
    scale = symmetric_limit(layers.weights, limit)
    for name, value in (("bins", bins), ("max_images", max_images)):
        whole_number(name, value)
    whole_number("max_layers", max_layers, 2)
    shape = None if image_shape is None else _image_shape(image_shape, layers)
    shown, missing = shown_of(len(layers.weights), max_layers)
    counts = [_histogram(layers.weights[i], scale, bins) for i in shown]
    top = 1.08 * max(float(h.max()) for h in counts) if tallest is None else _share(tallest)
    size = {"height": 5.0, "width": max(7.0, 2.6 * len(shown) + 0.6)}
    ratio = {"height_ratios": [2.0, 1.0]}
    with canvas(ax, 2, len(shown), gridspec_kw=ratio, **size) as axes:
        for k, i in enumerate(shown):
            picture = shape if i == 0 else None
            image = _matrix(axes[0, k], layers, i, scale, picture, max_images)
            _bars(axes[1, k], counts[k], scale, top, first=k == 0)
        if ax is None or isinstance(ax, FigureBase):
            figure = axes[0, 0].get_figure()
            bar = figure.colorbar(image, ax=list(axes[0]), fraction=0.03, pad=0.02)
            bar.set_label("weight")
            dress(bar.ax, grid=None)
            bar.outline.set_visible(False)
            more = f": {missing} layers in the middle are not shown" if missing else ""
            title_of_all(figure, layers.name + more if title is None else title)
    return axes


def _share(tallest: float) -> float:
    if not isinstance(tallest, int | float | np.number) or not 0 < tallest <= 1:
        raise ValueError(f"tallest must be a share in (0, 1]; got {tallest!r}")
    return float(tallest)


def _image_shape(given: Sequence[int], layers: Layers) -> tuple[int, int]:
    n = layers.sizes[0]
    if isinstance(given, str) or len(given) != 2:
        raise ValueError(f"image_shape must be (rows, columns); got {given!r}")
    rows, columns = (whole_number("image_shape", one) for one in given)
    if rows * columns != n:
        raise ValueError(
            f"image_shape must have as many pixels as there are inputs, {n}; got {given!r}"
        )
    return rows, columns


def _histogram(W: Array, scale: float, bins: int) -> Array:
    """Return the share of weights in each of `bins` equal parts of the scale."""
    counts, _ = np.histogram(np.clip(W, -scale, scale), bins, (-scale, scale))
    return counts / W.size


def _matrix(
    ax: Axes,
    layers: Layers,
    i: int,
    scale: float,
    shape: tuple[int, int] | None,
    max_images: int,
) -> Any:
    W = layers.weights[i]
    dress(ax, grid=None)
    look = {"cmap": SIGNS, "vmin": -scale, "vmax": scale, "interpolation": "nearest"}
    words = f"{W.shape[0]:,} × {W.shape[1]:,} weights"
    if shape is None:
        image = ax.imshow(W, aspect="auto", origin="upper", **look)
        source = "inputs" if i == 0 else f"units of {layers.title(i)}"
        ax.set(xlabel="units", ylabel=source)
        _whole_ticks(ax, W.shape)
    else:
        n = min(W.shape[1], max_images)
        image = ax.imshow(_mosaic(W[:, :n], shape), origin="upper", **look)
        ax.set_facecolor(SHADE)
        ax.set_axis_off()
        rest = W.shape[1] - n
        words = f"one image for each of {n} units" + (f"; … {rest:,} more" if rest else "")
    heading(ax, layers.title(i + 1), words, small=True)
    return image


def _mosaic(W: Array, shape: tuple[int, int]) -> Array:
    """Return the columns of `W` as images, side by side with a gap of one pixel (NaN)."""
    rows, columns = shape
    n = W.shape[1]
    across = int(np.ceil(np.sqrt(n * rows / columns)))
    down = -(-n // across)
    wall = np.full((down * (rows + 1) - 1, across * (columns + 1) - 1), np.nan)
    for k in range(n):
        r, c = divmod(k, across)
        place = slice(r * (rows + 1), None), slice(c * (columns + 1), None)
        wall[place][:rows, :columns] = W[:, k].reshape(shape)
    return wall


def _whole_ticks(ax: Axes, shape: tuple[int, ...]) -> None:
    """Put numbers on rows and columns: all of a few, the first and the last of many."""
    for set_ticks, n in ((ax.set_yticks, shape[0]), (ax.set_xticks, shape[1])):
        set_ticks(range(n) if n <= 5 else [0, n - 1])


def _bars(ax: Axes, shares: Array, scale: float, top: float, first: bool) -> None:
    dress(ax, grid="y")
    edges = np.linspace(-scale, scale, len(shares) + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    colors = SIGNS(0.5 + 0.5 * np.sign(middles) * np.clip(np.abs(middles) / scale, 0.15, 1))
    ax.bar(middles, shares, width=np.diff(edges), color=colors, edgecolor=MUTED, linewidth=0.4)
    ax.set(xlim=(-scale, scale), ylim=(0, top), xlabel="weight")
    if first:
        ax.set_ylabel("share")
