"""What a model decides over the plane of two features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm, to_rgb
from matplotlib.lines import Line2D

from glassnet.arguments import whole_number
from glassnet.formulas.types import Array
from glassnet.plots.answers import Judge, Labels, check_order, judge, names_of, targets
from glassnet.plots.canvas import canvas, dress, has_room_outside, heading, legend_below
from glassnet.plots.slices import Grid, Plane, plane
from glassnet.plots.style import INK, PAPER, class_look, diverging
from glassnet.plots.surface import Surface, colorbar_of, image_of, point_size, surface

__all__ = ["BoundaryView", "boundary_view", "decision_boundary", "model_name"]

STRENGTH = 0.50
"""Of the shading where the model is sure."""


def decision_boundary(
    model: Any,
    X: Any,
    y: Any,
    *,
    features: Sequence[int | str] = (0, 1),
    feature_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
    resolution: int = 300,
    ax: Any = None,
    show_mistakes: bool = True,
    threshold: float | str | None = "auto",
    colorbar: bool = True,
    legend: bool = True,
    title: str | None = None,
) -> Axes:
    """Draw what a fitted model answers over two features, and the data on top.

    A classifier's regions carry the colours of its classes, paler where it is less sure;
    the line is where its answer changes; points it gets wrong are ringed. A regressor is
    drawn as a surface, with the points coloured by their target on the same scale.

    Parameters
    ----------
    model : fitted estimator
        A `glassnet.MLP`, or anything with ``predict``; ``predict_proba``,
        ``decision_function`` and ``classes_`` are used where they exist. The grid takes
        one call.
    X : array or DataFrame, (n, d), d >= 2
        A model fitted with feature names is asked with them.
    y : array, (n,)
        Labels of any kind, or numbers for a regressor.
    features : two positions or names
        The features on the two axes. The others are held at their median (the most
        frequent value, if they are not numbers), and the figure says so.
    feature_names : sequence of d str, optional
        The DataFrame's own if None.
    class_names : sequence of str, optional
        For the legend, in the order of the model's classes.
    resolution : int, >= 2
        Points of the grid along each axis; fewer for a model that needs much memory a row.
    ax : Axes or Figure, optional
        Where to draw; a new figure if None.
    show_mistakes : bool
        Ring the points whose own prediction is wrong.
    threshold : float, "auto" or None
        Where to cut a probability of two classes, or a regressor's output; "auto" cuts at
        0.5, a regressor only if `y` holds nothing but 0 and 1; None never cuts a regressor.
    colorbar : bool
        Explain the shading by a bar, where it stands for a number.
    legend : bool
        Name the classes: under the axes, or inside them where the figure has no layout
        that makes room.
    title : str, optional
        Instead of the one that says how many points are right; "" for none.

    Returns
    -------
    Axes
        Save the picture with ``ax.figure.savefig("boundary.png")``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described or stands in another's place, the widths of `X`
        and the model differ, or the model is not fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from sklearn.linear_model import LogisticRegression
    >>> X = np.array([[0.0, 0.0], [1.0, 0.2], [3.0, 1.0], [4.0, 0.8]])
    >>> y = ["low", "low", "high", "high"]
    >>> ax = decision_boundary(LogisticRegression().fit(X, y), X, y, ax=Figure())
    >>> ax.get_title(loc="left")
    'LogisticRegression: all 4 points right'
    """
    view = boundary_view(
        model,
        X,
        y,
        features=features,
        feature_names=feature_names,
        class_names=class_names,
        resolution=resolution,
        threshold=threshold,
    )
    with canvas(ax, height=5.2) as axes:
        ax = axes[0, 0]
        handles = view.draw(ax, colorbar, show_mistakes)
        words = f"{model_name(model)}: {view.verdict}" if title is None else title
        heading(ax, words, view.note)
        if legend:
            _legend(ax, handles, view.flat.points)
    return ax


@dataclass(frozen=True)
class BoundaryView:
    """What a model answers over a plane, computed and ready to draw."""

    flat: Plane
    grid: Grid
    scene: _Regions | Surface

    @property
    def verdict(self) -> str:
        """How good the model is on the points, in words."""
        return self.scene.verdict

    @property
    def is_surface(self) -> bool:
        """Whether it shows numbers, not classes."""
        return isinstance(self.scene, Surface)

    @property
    def note(self) -> str:
        """What the reader must know."""
        return "\n".join(filter(None, [self.flat.held(), self.scene.note]))

    def draw(self, ax: Axes, colorbar: bool, show_mistakes: bool) -> list[Any]:
        """Draw it and name the axes; return what a legend should explain."""
        dress(ax, grid=None)
        handles = self.scene.draw(ax, colorbar, show_mistakes)
        ax.set(xlim=self.grid.x[[0, -1]], ylim=self.grid.y[[0, -1]])
        ax.set(xlabel=self.flat.names[self.flat.across], ylabel=self.flat.names[self.flat.up])
        return handles


def boundary_view(
    model: Any,
    X: Any,
    y: Any,
    *,
    features: Sequence[int | str] = (0, 1),
    feature_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
    resolution: int = 300,
    threshold: float | str | None = "auto",
) -> BoundaryView:
    """Ask a model over two features; arguments and errors as of `decision_boundary`."""
    check_order(model, X, y)
    whole_number("resolution", resolution, 2)
    flat = plane(model, X, features, feature_names)
    y = targets(y, len(flat.points))
    asked = judge(model, y, threshold)
    grid = Grid.over(flat.points, int(resolution))
    try:
        if asked.classes is None:
            return BoundaryView(flat, grid, surface(asked, flat, grid, y))
        names = names_of(asked.classes, class_names)
        return BoundaryView(flat, grid, _regions(asked, flat, grid, y, names))
    except Exception as error:
        if type(error).__name__ != "NotFittedError":
            raise
        raise ValueError(
            f"model must be fitted before it is drawn; got {type(model).__name__} without "
            "fit: call model.fit(X, y) first"
        ) from error


@dataclass(frozen=True)
class _Regions:
    """A classifier's picture, computed and ready to draw."""

    grid: Grid
    judge: Judge
    names: list[str]
    scores: Array
    shade: Array | None
    points: Array
    y: Labels
    wrong: Array
    note: str

    @property
    def verdict(self) -> str:
        """Return how many points the model gets right."""
        n, right = len(self.y), int(len(self.y) - self.wrong.sum())
        if right == n:
            return f"all {n} points right"
        return f"{right} of {n} points right ({100 * right / n:.1f}\N{NO-BREAK SPACE}%)"

    def draw(self, ax: Axes, colorbar: bool, show_mistakes: bool) -> list[Any]:
        """Draw regions, lines and points; return what a legend should explain."""
        if len(self.names) == 2 and self.shade is not None:
            image = self._two(ax)
            if colorbar:
                self._bar(ax, image)
        else:
            image_of(ax, self.grid, self._many())
        self._lines(ax)
        handles = self._classes(ax)
        handles.append(Line2D([], [], color=INK, linewidth=1.6, label="boundary"))
        if show_mistakes and self.wrong.any():
            handles.append(self._mistakes(ax))
        return handles

    def _two(self, ax: Axes) -> Any:
        """Shade from one class's colour over white to the other's."""
        shade, middle = self.shade, self.judge.middle
        looks = [class_look(i)["color"] for i in (0, 1)]
        low, high = min(0.0, middle - 0.5), max(1.0, middle + 0.5)
        return image_of(
            ax,
            self.grid,
            np.clip(shade, low, high).reshape(self.grid.shape),
            cmap=diverging(looks[0], looks[1], STRENGTH),
            norm=TwoSlopeNorm(middle, low, high),
        )

    def _bar(self, ax: Axes, image: Any) -> None:
        """Explain the shading of two classes."""
        what = {
            "probability": f"probability of {self.names[1]}",
            "output": "model's output",
        }[self.judge.shade_name]
        norm = image.norm
        beyond = self.judge.shade_name == "output" and (
            self.shade.min() < norm.vmin or self.shade.max() > norm.vmax
        )
        colorbar_of(ax, image, what, sorted({norm.vmin, self.judge.middle, norm.vmax}), beyond)

    def _many(self) -> Array:
        """Return the winning class's tint at each grid point, paler where the lead is small."""
        winner = np.argmax(self.scores, axis=1)
        colors = np.array([to_rgb(class_look(i)["color"]) for i in range(len(self.names))])
        sure = np.ones(len(winner)) if self.shade is None else self.shade
        strength = 0.08 + (STRENGTH - 0.08) * sure
        pixels = 1 - strength[:, None] * (1 - colors[winner])
        return pixels.reshape(*self.grid.shape, 3)

    def _lines(self, ax: Axes) -> None:
        """Draw where each class ties with the best of the others."""
        winners = np.unique(np.argmax(self.scores, axis=1))
        pairs = winners[:-1] if len(winners) == 2 else winners
        for k in pairs if len(winners) > 1 else ():
            rest = np.max(np.delete(self.scores, k, axis=1), axis=1)
            lead = (self.scores[:, k] - rest).reshape(self.grid.shape)
            ax.contour(
                self.grid.x, self.grid.y, lead, levels=[0.0], colors=[INK], linewidths=1.6
            )

    def _classes(self, ax: Axes) -> list[Any]:
        """Draw the points, class by class."""
        size = point_size(len(self.y))
        handles = []
        for i, label in enumerate(self.judge.classes):
            mine = self.points[self.y == label]
            look = class_look(i)
            handles.append(
                ax.scatter(
                    mine[:, 0],
                    mine[:, 1],
                    s=size,
                    c=[look["color"]],
                    marker=look["marker"],
                    edgecolors=look["edge"],
                    linewidths=0.7,
                    label=self.names[i],
                    zorder=3,
                    rasterized=len(self.y) > 5000,
                )
            )
        return handles

    def _mistakes(self, ax: Axes) -> Any:
        """Ring the points that the model gets wrong."""
        points = self.points[self.wrong]
        return ax.scatter(
            points[:, 0],
            points[:, 1],
            s=3.0 * point_size(len(self.y)),
            facecolors="none",
            edgecolors=INK,
            linewidths=1.4,
            label=f"wrong: {len(points)}",
            zorder=4,
        )


def _regions(asked: Judge, flat: Plane, grid: Grid, y: Labels, names: list[str]) -> _Regions:
    decided = np.asarray(asked.decide(flat.table)).reshape(-1)
    here = asked.ask(flat.table)
    over = asked.ask(flat.rows(grid.points))
    scores = over.scores
    consistent = np.array_equal(asked.classes[np.argmax(here.scores, axis=1)], decided)
    if not consistent:
        # The model decides by another rule than its highest score (a tuned threshold, a
        # calibration that came later): the line follows its decisions.
        labels = np.asarray(asked.decide(flat.rows(grid.points))).reshape(-1)
        scores = (labels[:, None] == asked.classes).astype(float)
    wrong, notes = decided != y, []
    if flat.still:
        notes.append("A point is judged by all its features, not by where it lies here.")
    if len(names) > 2 and over.shade is not None:
        notes.append("Colour fades where the two likeliest classes come close.")
    return _Regions(
        grid, asked, names, scores, over.shade, flat.points, y, wrong, " ".join(notes)
    )


def _legend(ax: Axes, handles: list[Any], points: Array) -> None:
    if not handles:
        return
    if has_room_outside(ax):
        legend_below(ax, handles)
        return
    legend = ax.legend(handles=handles, loc=_emptiest_corner(ax, points), frameon=True)
    legend.get_frame().set(facecolor=PAPER, edgecolor="none", alpha=0.88)


def _emptiest_corner(ax: Axes, points: Array) -> str:
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    right = points[:, 0] > (x0 + x1) / 2
    upper = points[:, 1] > (y0 + y1) / 2
    corners = {
        "upper right": right & upper,
        "upper left": ~right & upper,
        "lower right": right & ~upper,
        "lower left": ~right & ~upper,
    }
    return min(corners, key=lambda place: int(corners[place].sum()))


def model_name(model: Any) -> str:
    """Return what to call the model in a title."""
    steps = getattr(model, "steps", None)
    if isinstance(steps, list) and steps:
        return model_name(steps[-1][1])
    sizes = getattr(model, "layer_sizes", None)
    if sizes is not None:
        return f"{type(model).__name__} {'-'.join(str(size) for size in sizes)}"
    return type(model).__name__
