"""A scene: a figure that can show one moment after another, on axes that stay put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from glassnet.plots.style import PAPER, style

__all__ = ["Pixels", "Scene", "moments", "new_figure", "settle"]

Pixels = NDArray[np.uint8]
"""One frame, shape (height, width, 3)."""

DPI = 100.0


@dataclass(frozen=True, eq=False)
class Scene:
    """What a film shows.

    Attributes
    ----------
    figure : Figure
        Laid out for good.
    show : callable
        ``show(i)`` turns the figure into that of frame `i`.
    labels : sequence of str
        What each frame is: "epoch 12".
    title : str
        Of the whole film.
    """

    figure: Figure
    show: Callable[[int], None]
    labels: Sequence[str]
    title: str

    def __len__(self) -> int:
        return len(self.labels)

    def frame(self, i: int) -> Pixels:
        """Return the pixels of frame `i`."""
        with style():
            self.show(i)
            canvas = self.figure.canvas
            assert isinstance(canvas, FigureCanvasAgg)
            canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()

    def frames(self) -> Iterator[Pixels]:
        """Return the pixels of every frame, one at a time."""
        return (self.frame(i) for i in range(len(self)))


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many pixels, which pyplot does not know."""
    figure = Figure(
        figsize=(width / DPI, height / DPI), dpi=DPI, layout="constrained", facecolor=PAPER
    )
    FigureCanvasAgg(figure)
    return figure


def settle(figure: Figure) -> None:
    """Lay a figure out as it is now, in place, and let nothing move from then on."""
    for _ in range(2):  # the first pass moves ticks, whose labels the second makes room for
        figure.draw_without_rendering()
    figure.set_layout_engine("none")


def moments(n: int, most: int, power: float = 1.0) -> list[int]:
    """Return at most so many of `n` places, with both ends.

    Parameters
    ----------
    n, most : int, >= 1
    power : float, >= 1
        1 for even distances; more for places that lie close together at first.

    Examples
    --------
    >>> moments(101, 6), moments(101, 6, power=2.0)
    ([0, 20, 40, 60, 80, 100], [0, 4, 16, 36, 64, 100])
    """
    if n <= most:
        return list(range(n))
    if most == 1:
        return [n - 1]
    places = np.linspace(0, 1, most) ** power * (n - 1)
    return [int(place) for place in np.unique(np.round(places))]
