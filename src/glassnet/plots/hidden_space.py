"""How each layer bends the plane: the data and a grid carried through a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import FigureBase

from glassnet.arguments import whole_number
from glassnet.formulas.types import Array
from glassnet.inputs import check_features
from glassnet.plots.answers import targets
from glassnet.plots.canvas import canvas, dress, heading, legend_outside, title_of_all
from glassnet.plots.columns import shown_of
from glassnet.plots.layers import Layers, layers_of
from glassnet.plots.network import symmetric_limit
from glassnet.plots.projections import Projection, projection_of
from glassnet.plots.slices import Grid
from glassnet.plots.style import INK, MUTED, PAPER, class_look, tint, verbatim
from glassnet.plots.traced import short

__all__ = ["hidden_space"]

Limits = Sequence[tuple[tuple[float, float], tuple[float, float]]]


def hidden_space(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    like: Any = None,
    limits: Limits | None = None,
    max_layers: int = 5,
    resolution: int = 120,
    ax: Any = None,
    title: str | None = None,
) -> Any:
    r"""Draw the data as each layer sees them, and how the layers bend the plane.

    The first picture is the data, each further one what a hidden layer makes of them: its
    two units as they are, or the first two principal components of more, with the share of
    the variance they hold. Data of two features bring a grid along, and the curve where the
    output changes its answer; the last layer's cut through it is straight, in its own space.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor or Perceptron
    X : array, (n, d)
        If d > 2 there is no grid, and the inputs are projected too.
    y : array, (n,), optional
        Labels or numbers, for the points' colours.
    like : model of the same shape, optional
        Whose principal components are used: frames of a film then share their axes.
    limits : sequence of ((left, right), (bottom, top)), one per panel, optional
    max_layers : int, >= 2
        Hidden layers shown; the middle ones of a deeper network are left out.
    resolution : int, >= 10
        Points of the carried grid along each side.
    ax : Figure, or a sequence of one Axes per panel, optional
        Where to draw; a new figure if None.
    title : str, optional
        Instead of the network's shape; "" for none.

    Returns
    -------
    array of Axes, one per panel

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    The last space is shaded by the answer there. With data of two features and more than
    two units in it the shading is left out, for the boundary is no line in the projection;
    with data of more features it is that of the plane through the mean, and the panel says
    so. Curves are interpolated between the points of the grid.

    References
    ----------
    Olah (2014), "Neural Networks, Manifolds, and Topology".

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from glassnet import MLP
    >>> axes = hidden_space(MLP([2, 3, 1], seed=0), np.eye(2), ax=Figure())
    >>> [ax.get_title(loc="left") for ax in axes]
    ['inputs', 'hidden 1']
    """
    scene = _scene(model, X, y, like, max_layers, resolution)
    n = len(scene.shown)
    if limits is not None and len(limits) != n:
        raise ValueError(f"limits must hold one pair for each of {n} panels; got {limits!r}")
    whole = ax is None or isinstance(ax, FigureBase)
    rows = -(-n // 3) if whole else 1
    columns = -(-n // rows)
    with canvas(
        ax, rows, columns, height=1.1 + 3.0 * rows, width=max(7.0, 3.2 * columns)
    ) as at:
        axes = at.ravel()
        for one in axes[n:]:
            one.set_axis_off()
        for k, (one, i) in enumerate(zip(axes, scene.shown, strict=False)):
            _panel(one, scene, i, None if limits is None else limits[k])
        if whole:
            figure = axes[0].get_figure()
            title_of_all(figure, scene.layers.name if title is None else title)
            legend_outside(figure, scene.handles, scene.note)
    return axes[:n]


@dataclass
class _Scene:
    """Everything to draw, in the spaces of the layers.

    ``points``, ``mesh`` hold one array per space, the inputs' first; ``curves`` for each
    curve a list of such.
    """

    layers: Layers
    shown: list[int]
    projections: list[Projection]
    points: list[Array]
    mesh: list[Array]
    curves: list[list[Array]]
    y: Any
    regression: bool
    classes: bool
    side: int
    note: str
    handles: list[Any]


def _scene(model: Any, X: Any, y: Any, like: Any, max_layers: int, resolution: int) -> _Scene:
    layers = layers_of(model)
    other = layers if like is None else layers_of(like)
    if other.sizes != layers.sizes:
        raise ValueError(f"like must have layers {layers.sizes}; got {other.sizes}")
    whole_number("max_layers", max_layers, 2)
    whole_number("resolution", resolution, 10)
    X = check_features(X, layers.sizes[0], "X", np.dtype(float))
    y = None if y is None else targets(y, len(X))
    classes = layers.classification or (y is not None and set(np.unique(y).tolist()) <= {0, 1})
    regression = not classes and y is not None and y.dtype.kind in "fiu"
    points = _carried(layers, X)
    symmetric_limit(points, None)  # raises where they are not finite
    projections = [projection_of(h) for h in _carried(other, X)]
    shown, missing = shown_of(len(points) - 1, max_layers)
    note = f"{missing} hidden layers in the middle are not shown." if missing else ""
    if regression:
        ends = f"{short(y.min())} (dark) to {short(y.max())} (bright)"
        note = f"Points are coloured by y, from {ends}. {note}".rstrip()
    mesh, curves = [], []
    if X.shape[1] == 2:
        grid = Grid.over(X, resolution)
        mesh = _carried(layers, grid.points)
        cuts = _cuts(layers, mesh[-1], classes)
        curves = [_carried(layers, line) for line in _curves(grid, cuts)]
    found = [0, *(i + 1 for i in shown)]
    side = resolution
    return _Scene(
        layers, found, projections, points, mesh, curves, y, regression, classes, side, note, []
    )


def _carried(layers: Layers, rows: Array) -> list[Array]:
    """Return rows as the inputs' and each hidden layer's space see them."""
    return [rows, *layers.answers(rows)[:-1]]


def _cuts(layers: Layers, entering: Array, classes: bool) -> list[Array]:
    """Return the fields whose zeros are to be drawn: where the answer changes, or levels."""
    z = layers.decide(entering)
    if z.shape[1] > 1 and classes:
        second, best = np.partition(z, -2, axis=1)[:, -2:].T
        rival = np.where(z == best[:, None], second[:, None], best[:, None])
        return list((z - rival).T)
    if classes:
        half = 0.5 if not layers.classification and layers.activations[-1] == "identity" else 0
        return [z[:, 0] - half]
    first = z[:, 0]
    return [first - level for level in np.linspace(first.min(), first.max(), 9)[1:-1]]


def _curves(grid: Grid, cuts: list[Array]) -> list[Array]:
    from contourpy import contour_generator  # comes with Matplotlib

    lines = []
    for cut in cuts:
        lines += contour_generator(grid.x, grid.y, cut.reshape(grid.shape)).lines(0.0)
    return [np.asarray(line) for line in lines if len(line) > 1]


# --- one panel ---------------------------------------------------------------------------


def _panel(ax: Axes, scene: _Scene, i: int, limits: Any) -> None:
    """Draw the space of layer `i`, 0 being the inputs."""
    seen = scene.projections[i]
    dress(ax, grid=None)
    if scene.mesh:
        _grid(ax, scene, i)
    points = seen.flat(scene.points[i])
    handles = _points(ax, points, scene)
    drawn = [points] + ([seen.flat(scene.mesh[i])] if scene.mesh else [])
    _window(ax, np.concatenate(drawn), limits)
    if i == len(scene.points) - 1 and scene.classes and (seen.exact or not scene.mesh):
        _shade(ax, scene, seen)
    for curve in scene.curves:
        flat = seen.flat(curve[i])
        (line,) = ax.plot(flat[:, 0], flat[:, 1], color=INK, linewidth=1.6, zorder=2)
        line.set_label("output changes" if scene.classes else "output's levels")
    if not scene.handles:
        scene.handles = [*handles, *ax.lines[:1]]
    _words(ax, scene, i, seen)


def _words(ax: Axes, scene: _Scene, i: int, seen: Projection) -> None:
    formula = scene.layers.activations[i - 1] if i else ""
    unit = "unit" if i else "feature"
    n = len(seen.centre)
    notes = [formula]
    if seen.exact:
        labels = [f"{unit} {k}" for k in range(n)] + [""] * (2 - n)
    else:
        labels = ["component 1", "component 2"]
        share = f"{100 * seen.held(scene.points[i]):.0f}\N{NO-BREAK SPACE}% of variance"
        notes.append(f"2 components of {n} {unit}s: {share}")
        if i == len(scene.points) - 1 and scene.classes and not scene.mesh:
            notes.append("shaded: the plane through the mean")
    ax.set(xlabel=labels[0], ylabel=labels[1])
    heading(ax, scene.layers.title(i), "; ".join(filter(None, notes)), small=True)


def _window(ax: Axes, drawn: Array, limits: Any) -> None:
    if limits is not None:
        ax.set(xlim=limits[0], ylim=limits[1])
        return
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    room = np.where(high > low, 0.05 * (high - low), 0.5)
    ax.set(
        xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1])
    )


def _grid(ax: Axes, scene: _Scene, i: int) -> None:
    """Draw the grid as this layer bends it: every few lines of the carried mesh."""
    side = scene.side
    lattice = scene.projections[i].flat(scene.mesh[i]).reshape(side, side, 2)
    every = np.unique(np.linspace(0, side - 1, 15).astype(int))
    lines = [*lattice[every], *lattice[:, every].transpose(1, 0, 2)]
    look = {"colors": [MUTED], "linewidths": 0.5, "alpha": 0.55, "zorder": 1}
    ax.add_collection(LineCollection(lines, **look), autolim=False)


def _shade(ax: Axes, scene: _Scene, seen: Projection) -> None:
    """Shade the last space by the answer there."""
    grid = Grid(*(np.linspace(*ends, 300) for ends in (ax.get_xlim(), ax.get_ylim())))
    cuts = _cuts(scene.layers, seen.full(grid.points), True)
    winner = np.argmax(cuts, axis=0) if len(cuts) > 1 else (cuts[0] > 0).astype(int)
    tints = np.array([tint(class_look(k)["color"], 0.3) for k in range(max(len(cuts), 2))])
    pixels = tints[winner].reshape(*grid.shape, 3)
    ax.imshow(pixels, extent=grid.extent, aspect="auto", zorder=0, interpolation="nearest")
    ax.set(xlim=grid.x[[0, -1]], ylim=grid.y[[0, -1]])


def _points(ax: Axes, points: Array, scene: _Scene) -> list[Any]:
    size = float(np.clip(4000 / len(points), 8.0, 36.0))
    look = {"s": size, "linewidths": 0.5, "zorder": 3}
    if scene.y is None:
        return [ax.scatter(*points.T, color=MUTED, edgecolors=PAPER, label="data", **look)]
    if scene.regression:
        look |= {"c": scene.y, "cmap": "cividis", "label": "data"}
        return [ax.scatter(*points.T, edgecolors=PAPER, **look)]
    handles = []
    for k, label in enumerate(np.unique(scene.y)):
        kind = class_look(k)
        place = points[scene.y == label].T
        paint = {"color": [to_rgb(kind["color"])], "edgecolors": kind["edge"], **look}
        handles.append(
            ax.scatter(*place, marker=kind["marker"], label=verbatim(f"class {label}"), **paint)
        )
    return handles
