"""A regressor's answers as a surface, and what any shaded plane is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize

from glassnet.formulas.types import Array
from glassnet.plots.answers import Judge, Labels
from glassnet.plots.canvas import dress
from glassnet.plots.slices import Grid, Plane
from glassnet.plots.style import PAPER
from glassnet.training.metrics import r2

__all__ = ["Surface", "colorbar_of", "image_of", "point_size", "surface"]


@dataclass(frozen=True)
class Surface:
    """A regressor's picture, computed and ready to draw."""

    grid: Grid
    values: Array
    points: Array
    y: Array
    verdict: str
    note: str

    def draw(self, ax: Axes, colorbar: bool, show_mistakes: bool) -> list[Any]:
        """Draw the surface and the points; the colour bar explains both."""
        low, high = float(self.y.min()), float(self.y.max())
        if low == high:
            low, high = low - 0.5, high + 0.5
        norm = Normalize(low, high)
        values = self.values.reshape(self.grid.shape)
        image = image_of(ax, self.grid, values, cmap="cividis", norm=norm)
        ax.contour(
            self.grid.x,
            self.grid.y,
            values,
            levels=np.linspace(low, high, 9)[1:-1],
            colors=[PAPER],
            linewidths=0.7,
            negative_linestyles="solid",
            alpha=0.7,
        )
        ax.scatter(
            self.points[:, 0],
            self.points[:, 1],
            s=1.2 * point_size(len(self.y)),
            c=self.y,
            cmap="cividis",
            norm=norm,
            edgecolors=PAPER,
            linewidths=1.0,
            zorder=3,
            rasterized=len(self.y) > 5000,
        )
        if colorbar:
            beyond = values.min() < low or values.max() > high
            colorbar_of(ax, image, "prediction, and target of the points", None, beyond)
        return []


def surface(asked: Judge, flat: Plane, grid: Grid, y: Labels) -> Surface:
    """Ask a regressor over a plane; a target that is no finite number is an error."""
    try:
        y = y.astype(float)
    except ValueError:
        raise ValueError(f"y must be numbers for a regressor; got {y[:3].tolist()}") from None
    if not np.isfinite(y).all():
        raise ValueError(f"y must be finite; got {y[~np.isfinite(y)][0]}")
    verdict = f"{len(y)} points"
    if np.any(y != y[0]):
        verdict = f"R² = {r2(y, asked.ask(flat.table)):.3f} on {verdict}"
    values = asked.ask(flat.rows(grid.points))
    return Surface(grid, values, flat.points, y, verdict, "")


def image_of(ax: Axes, grid: Grid, pixels: Array, **look: Any) -> Any:
    """Draw values, or colours, of a grid's points as an image under all else."""
    look |= {"extent": grid.extent, "aspect": "auto", "interpolation": "nearest"}
    return ax.imshow(pixels, zorder=0, **look)


def point_size(n: int) -> float:
    """Return the area of a point in square points: smaller where there are many."""
    return float(np.clip(8000 / max(n, 1), 12.0, 46.0))


def colorbar_of(
    ax: Axes, image: Any, label: str, ticks: list[float] | None, beyond: bool
) -> None:
    """Explain an image's colours by a bar, pointed if values lie `beyond` its ends."""
    bar = ax.get_figure().colorbar(
        image,
        ax=ax,
        label=label,
        ticks=ticks,
        extend="both" if beyond else "neither",
        aspect=32,
        fraction=0.05,
        pad=0.02,
    )
    dress(bar.ax, grid=None)
    bar.outline.set_visible(False)
