"""A race of optimizers as a film: their paths over the landscape grow step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from glassnet.formulas.types import Array
from glassnet.landscapes import Landscape
from glassnet.landscapes import landscape as find_landscape
from glassnet.plots.canvas import title_of_all
from glassnet.plots.films.scene import Scene, moments, new_figure, settle
from glassnet.plots.race import race_picture
from glassnet.plots.style import style
from glassnet.race import RATES, race

__all__ = ["race_scene"]

WIDTH, HEIGHT = 860.0, 500.0

PACE = 2.0
"""Power of the steps between frames: the first steps, which are the largest, one by one."""


def race_scene(
    ground: str | Landscape,
    most: int,
    title: str | None = None,
    *,
    optimizers: Any = None,
    steps: int = 200,
    rates: Sequence[float] | None = RATES,
    start: Sequence[float] | None = None,
) -> Scene:
    """Return the film of a race.

    Parameters
    ----------
    ground : str or Landscape
    most : int
        Frames.
    title : str, optional
        Instead of one that counts the steps and names the winner at the end.
    optimizers, steps, rates, start
        As of `glassnet.race.race`.

    Raises
    ------
    TypeError, ValueError
        As `glassnet.race.race`.
    """
    ground = find_landscape(ground)
    runs = race(ground, optimizers, steps, rates, start)
    figure, name = new_figure(WIDTH, HEIGHT), ground.name.replace("_", " ").capitalize()
    with style():
        axes = race_picture(ground, runs, steps=steps, rates=rates, ax=figure, title=title)
        verdict = figure.get_suptitle()
        settle(figure)
    lines = [_Line(line, *line.get_data(), line.get_markevery()) for line in _growing(axes)]
    chosen = moments(steps + 1, most, PACE)

    def show(frame: int) -> None:
        """Let every path end at the step of a frame."""
        step = chosen[frame]
        for line in lines:
            line.end_at(step)
        if title is None:
            title_of_all(figure, verdict if step == steps else f"{name}: step {step}")

    words = name if title is None else title
    return Scene(figure, show, [f"step {step}" for step in chosen], words)


@dataclass(frozen=True)
class _Line:
    """A path or a curve of losses, one point per step."""

    artist: Any
    x: Array
    y: Array
    marks: Any

    def end_at(self, step: int) -> None:
        """Show it up to a step, or whole if it ended before; its mark is at its end."""
        last = min(step, len(self.x) - 1)
        self.artist.set_data(self.x[: last + 1], self.y[: last + 1])
        if self.marks is not None:
            passed = [mark for mark in self.marks if mark < last]
            self.artist.set_markevery([*passed, last])


def _growing(axes: Sequence[Axes]) -> list[Any]:
    """Return the lines of the runs, not those of start and minimum."""
    return [
        line
        for ax in axes
        for line in ax.lines
        if line.get_label() not in ("start", "minimum") and np.size(line.get_xdata()) > 0
    ]
