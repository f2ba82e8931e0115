"""A race of networks as a film: their paths over the loss they lower, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from glassnet.formulas.types import Array
from glassnet.landscapes import NetworkLandscape
from glassnet.plots.boundary import model_name
from glassnet.plots.canvas import dress, legend_outside, log_ticks, title_of_all
from glassnet.plots.films.entrants import Entrant, entrants_of, is_records, plane_of
from glassnet.plots.films.growing import Growing
from glassnet.plots.films.scene import Scene, moments, new_figure, settle
from glassnet.plots.history import is_steep
from glassnet.plots.network_landscape import labels_of
from glassnet.plots.race import look_of
from glassnet.plots.relief import START, relief
from glassnet.plots.style import style

__all__ = ["is_records", "networks_scene"]

WIDTH, HEIGHT = 860.0, 520.0


def networks_scene(
    records: Any,
    X: Any,
    y: Any,
    most: int,
    title: str | None = None,
    *,
    resolution: int = 41,
) -> Scene:
    """Return the film of a race of recorded networks.

    Parameters
    ----------
    records : Recorder, mapping of str to Recorder, or sequence of Recorder
    X, y : arrays, optional
        The rows whose loss is drawn; those of the records if None.
    most : int
        Frames.
    title : str, optional
        Instead of one that counts the epochs and names the winner at the end.
    resolution : int
        Points along each side of the grid that contours are drawn from.

    Raises
    ------
    TypeError, ValueError
        If they are no such records, or do not fit together.
    """
    entrants, rows = entrants_of(records, X, y)
    ground, reason = plane_of(entrants, rows, resolution)
    figure = new_figure(WIDTH, HEIGHT if ground else 0.8 * HEIGHT)
    with style():
        axes = list(np.ravel(figure.subplots(1, 2 if ground else 1)))
        if ground is not None:
            _draw_paths(axes[0], ground, entrants)
        _draw_losses(axes[-1], entrants)
        name = _name(entrants, ground)
        verdict = f"{name}: {_verdict(entrants)}"
        title_of_all(figure, verdict if title is None else title)
        note = reason if ground is None else _note(ground, entrants)
        legend_outside(figure, _handles(entrants, ground), note)
        settle(figure)
    return _scene(figure, axes, entrants, most, title, name, verdict)


def _scene(
    figure: Figure,
    axes: Sequence[Axes],
    entrants: Sequence[Entrant],
    most: int,
    title: str | None,
    name: str,
    verdict: str,
) -> Scene:
    epochs = np.unique(np.concatenate([one.epochs for one in entrants]))
    chosen = [int(epochs[i]) for i in moments(len(epochs), most)]
    of_name = {one.name: one for one in entrants}
    lines = [
        (Growing.of(line), of_name[line.get_label()].epochs)
        for ax in axes
        for line in ax.lines
        if line.get_label() in of_name
    ]

    def show(frame: int) -> None:
        """Let every path end at the epoch of a frame."""
        epoch = chosen[frame]
        for line, known in lines:
            line.end_at(int(np.searchsorted(known, epoch, side="right")) - 1)
        if title is None:
            over = epoch == chosen[-1]
            title_of_all(figure, verdict if over else f"{name}: epoch {epoch}")

    moving = sorted((line for ax in axes for line in ax.lines), key=lambda a: a.get_zorder())
    labels = [f"epoch {epoch}" for epoch in chosen]
    words = name if title is None else title
    return Scene(figure, show, labels, words, [*moving, *figure.texts])


# --- what is drawn -----------------------------------------------------------------------


def _draw_paths(ax: Axes, ground: NetworkLandscape, entrants: Sequence[Entrant]) -> None:
    dress(ax, grid=None)
    relief(ax, ground, ground.window)
    x0, x1, y0, y1 = ground.window
    across, up = labels_of(ground)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel=across, ylabel=up)
    ax.locator_params(nbins=6)
    for i, (one, points) in enumerate(zip(entrants, _parted(ground, entrants), strict=True)):
        look = {**look_of(i), "linewidth": 1.7, "markevery": [len(points) - 1]}
        ax.plot(*points.T, zorder=3 + 0.01 * i, label=one.name, **look)
        ax.plot(*points[0], label="_start", zorder=5, **START)


def _parted(ground: NetworkLandscape, entrants: Sequence[Entrant]) -> list[Array]:
    """Return where each one's snapshots fall on the plane."""
    return np.split(ground.path.points, _ends(entrants)[:-1] + 1)  # type: ignore[union-attr]


def _draw_losses(ax: Axes, entrants: Sequence[Entrant]) -> None:
    dress(ax)
    values = np.concatenate([one.losses for one in entrants])
    known = values[np.isfinite(values)]
    last = max(int(one.epochs[-1]) for one in entrants)
    for i, one in enumerate(entrants):
        look = {**look_of(i), "linewidth": 1.7, "markevery": _marks(one, i, entrants)}
        ax.plot(one.epochs, one.losses, label=one.name, zorder=3, **look)
    ax.set(xlim=(0, max(1.02 * last, 1.0)), xlabel="epoch", ylabel="loss")
    if is_steep(values):
        ax.set_yscale("log")
        log_ticks(ax, float(known.min()), float(known.max()))
    ax.margins(y=0.06)
    ax.autoscale(axis="y")
    ax.set_ylim(ax.get_ylim())  # from now on it stays
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def _marks(one: Entrant, i: int, entrants: Sequence[Entrant]) -> list[int]:
    """Return where marks stand: each at epochs of its own, so that none hides another's."""
    n = len(entrants)
    last = max(int(each.epochs[-1]) for each in entrants)
    wanted = np.arange(i + 1, 6 * n, n) * (last / (6 * n))
    wanted = wanted[wanted < one.epochs[-1]]
    places = np.searchsorted(one.epochs, wanted)
    return sorted({*places.tolist(), len(one.epochs) - 1})


def _handles(entrants: Sequence[Entrant], ground: NetworkLandscape | None) -> list[Line2D]:
    found = [
        Line2D([], [], label=one.name, linewidth=1.9, **look_of(i))
        for i, one in enumerate(entrants)
    ]
    if ground is not None:
        found.append(Line2D([], [], label="first snapshot", **START))
    return found


# --- what is said ------------------------------------------------------------------------


def _name(entrants: Sequence[Entrant], ground: NetworkLandscape | None) -> str:
    if ground is None and len(entrants) > 1:
        return "Losses"
    return model_name(entrants[0].record.model_at(-1))


def _verdict(entrants: Sequence[Entrant]) -> str:
    last = max(int(one.epochs[-1]) for one in entrants)
    within = f"{last} {'epoch' if last == 1 else 'epochs'}"
    ends = [float(one.losses[-1]) for one in entrants]
    if len(entrants) == 1:
        return f"loss {ends[0]:.3g} after {within}"
    least = np.nanmin(ends) if np.isfinite(ends).any() else np.nan
    winners = [one.name for one, end in zip(entrants, ends, strict=True) if end == least]
    if not winners:
        return f"no loss is known after {within}"
    verb = "ends" if len(winners) == 1 else "end"
    return f"{' and '.join(winners)} {verb} lowest after {within}"


def _note(ground: NetworkLandscape, entrants: Sequence[Entrant]) -> str:
    """Say, in numbers, what the plane does not show of the paths."""
    path = ground.path
    assert path is not None  # the plane is that of the paths
    loss = ground.loss[:1].upper() + ground.loss[1:]
    share = 100 * path.variance_explained.sum()
    whose, epochs = _owners(entrants)
    far = int(np.argmax(path.off_plane))
    gap = np.abs(ground.path_losses - ground.plane_losses)
    gap = np.where(np.isfinite(gap), gap, -1.0)
    worst, ends = int(np.argmax(gap)), _ends(entrants)
    best = entrants[int(np.argmin(path.from_origin[ends]))]
    many = len(entrants) > 1
    last = int(np.argmax(gap[ends]))
    of_ends = f"; of the ends, at that of {entrants[last].name}: {_both(ground, ends[last])}"
    through = f"the end of {best.name}" if many else "the end point"
    paths = "the paths'" if many else "the path's"
    return (
        f"{loss}. The contours are the loss on the plane of the path{'s' * many} through "
        f"{through}, which holds {share:.1f} % of {paths} variance and is up to "
        f"{path.off_plane[far]:.3g} away from {'them' if many else 'it'} "
        f"({whose[far]}epoch {epochs[far]}). Off the plane a path has another loss than "
        f"they show; the two differ most at {whose[worst]}epoch {epochs[worst]}: "
        f"{_both(ground, worst)}{of_ends * many}."
    )


def _both(ground: NetworkLandscape, i: int) -> str:
    own, seen = ground.path_losses[i], ground.plane_losses[i]
    return f"the loss is {own:.3g}, the plane shows {seen:.3g}"


def _owners(entrants: Sequence[Entrant]) -> tuple[list[str], NDArray[np.int64]]:
    """Return, of all snapshots in a row, whose each is, in words, and its epoch."""
    named = "{}, " if len(entrants) > 1 else ""
    whose = [named.format(one.name) for one in entrants for _ in one.epochs]
    return whose, np.concatenate([one.epochs for one in entrants])


def _ends(entrants: Sequence[Entrant]) -> NDArray[np.int64]:
    """Return, of all snapshots in a row, each one's last."""
    return np.cumsum([len(one.epochs) for one in entrants]) - 1
