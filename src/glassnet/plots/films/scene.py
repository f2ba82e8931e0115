"""A scene: a figure that can show one moment after another, on axes that stay put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
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
    moving : sequence of Artist
        All that differs between frames, Axes or what they hold, from the back to the
        front; the rest is drawn once.
    """

    figure: Figure
    show: Callable[[int], None]
    labels: Sequence[str]
    title: str
    moving: Sequence[Artist]

    def __len__(self) -> int:
        return len(self.labels)

    def frame(self, i: int) -> Pixels:
        """Return the pixels of frame `i`."""
        with style():
            still = self._still
            self.show(i)
            self._canvas.restore_region(still)
            renderer = self._canvas.get_renderer()
            for artist in self.moving:
                if isinstance(artist, Axes):
                    artist.apply_aspect()
                artist.draw(renderer)
        return np.asarray(self._canvas.buffer_rgba())[..., :3].copy()

    @property
    def _canvas(self) -> FigureCanvasAgg:
        canvas = self.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        return canvas

    @cached_property
    def _still(self) -> Any:
        """What stays the same in all frames."""
        for artist in self.moving:
            artist.set_visible(False)
        self._canvas.draw()
        for artist in self.moving:
            artist.set_visible(True)
        return self._canvas.copy_from_bbox(self.figure.bbox)

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
