"""A race of optimizers as a film: their paths over the landscape grow step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from glassnet.landscapes import Landscape
from glassnet.landscapes import landscape as find_landscape
from glassnet.plots.canvas import title_of_all
from glassnet.plots.films.growing import Growing
from glassnet.plots.films.scene import Scene, moments, new_figure, settle
from glassnet.plots.race import race_picture
from glassnet.plots.style import style
from glassnet.race import RATES, Run, race

__all__ = ["race_scene"]

WIDTH, HEIGHT = 860.0, 500.0

PACE = 2.0
"""Power of the steps between frames: the first steps, which are the largest, one by one."""


def race_scene(record: Any, most: int, title: str | None = None, **options: Any) -> Scene:
    """Return the film of a race.

    Parameters
    ----------
    record : str, Landscape, or sequence of Run
        Where to race, or a race that has been held.
    most : int
        Frames.
    title : str, optional
        Instead of one that counts the steps and names the winner at the end.
    **options
        For a race to be held ``optimizers``, ``steps``, ``rates`` and ``start`` as of
        `glassnet.race.race`; for one that has been held its ``landscape``.

    Raises
    ------
    TypeError, ValueError
        As `glassnet.race.race`; if `record` is something else, or lacks its landscape.
    """
    held = _held if _is_race(record) else _to_be_held
    ground, runs, steps, rates = held(record, **options)
    figure, name = new_figure(WIDTH, HEIGHT), ground.name.replace("_", " ").capitalize()
    with style():
        axes = race_picture(ground, runs, steps=steps, rates=rates, ax=figure, title=title)
        verdict = figure.get_suptitle()
        settle(figure)
    lines = [Growing.of(line) for line in _growing(axes)]
    chosen = moments(steps + 1, most, PACE)

    def show(frame: int) -> None:
        """Let every path end at the step of a frame."""
        step = chosen[frame]
        for line in lines:
            line.end_at(step)
        if title is None:
            title_of_all(figure, verdict if step == steps else f"{name}: step {step}")

    words = name if title is None else title
    moving = sorted((line for ax in axes for line in ax.lines), key=lambda a: a.get_zorder())
    labels = [f"step {step}" for step in chosen]
    return Scene(figure, show, labels, words, [*moving, *figure.texts])


_Race = tuple[Landscape, Sequence[Run], int, Sequence[float] | None]
"""Where, who, how many steps, and the grid of learning rates."""


def _is_race(record: Any) -> bool:
    if isinstance(record, str | Landscape):
        return False
    if isinstance(record, list | tuple) and record:
        return all(isinstance(one, Run) for one in record)
    raise TypeError(
        "record must be a landscape, its name, the runs of a race, or recorders of networks, "
        "with kind='race'; got "
        f"{type(record).__name__}"
    )


def _to_be_held(
    ground: str | Landscape,
    *,
    optimizers: Any = None,
    steps: int = 200,
    rates: Sequence[float] | None = RATES,
    start: Sequence[float] | None = None,
) -> _Race:
    ground = find_landscape(ground)
    return ground, race(ground, optimizers, steps, rates, start), int(steps), rates


def _held(runs: Sequence[Run], *, landscape: str | Landscape | None = None) -> _Race:
    if landscape is None:
        raise ValueError("landscape must be given with the runs of a race; got None")
    ground = find_landscape(landscape)
    steps = max(1, *(len(run.path) - 1 for run in runs))
    return ground, runs, steps, sorted({rate for run in runs for rate, _ in run.tried}) or None


def _growing(axes: Sequence[Axes]) -> list[Any]:
    """Return the lines of the runs, not those of start and minimum."""
    return [
        line
        for ax in axes
        for line in ax.lines
        if line.get_label() not in ("start", "minimum") and np.size(line.get_xdata()) > 0
    ]
