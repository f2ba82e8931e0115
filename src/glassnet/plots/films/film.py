"""`film`: a training or a race, moving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.arguments import whole_number
from glassnet.mlp import MLP
from glassnet.plots.boundary import model_name
from glassnet.plots.films.boundary import boundary_picture
from glassnet.plots.films.files import WRITERS, check_path
from glassnet.plots.films.networks import hidden_picture, weights_picture
from glassnet.plots.films.networks_race import is_records, networks_scene
from glassnet.plots.films.page import page
from glassnet.plots.films.race import race_scene
from glassnet.plots.films.scene import Scene
from glassnet.plots.films.training import Drawn, Picture, training_scene
from glassnet.plots.records import check_record

__all__ = ["Film", "film"]


@dataclass(frozen=True, eq=False)
class Film:
    """A film, which shows itself in a notebook; its frames are drawn when they are needed.

    Attributes
    ----------
    scene : Scene
        What it shows: ``len(scene)`` frames, ``scene.frame(i)`` the pixels of one.
    fps : float
        Frames a second.
    hold : float
        Seconds that the last frame stays.
    """

    scene: Scene
    fps: float
    hold: float

    def save(self, path: Any) -> Path:
        """Write the film to a file; its ending says which kind: .gif, .mp4 or .html.

        Parameters
        ----------
        path : str or Path
            Appears when the film is complete, and is overwritten if it is there.

        Returns
        -------
        Path
            `path`.

        Raises
        ------
        TypeError, ValueError, FileNotFoundError
            If `path` is no such path, or its folder does not exist.
        RuntimeError
            For an MP4, if the program ffmpeg is not there, or fails.
        """
        place = check_path(path)
        WRITERS[place.suffix.lower()](self.scene, place, self.fps, self.hold)
        return place

    @cached_property
    def page(self) -> str:
        """The HTML of a page with the film and a slider."""
        return page(self.scene, self.fps, self.hold)

    def __repr__(self) -> str:
        labels = self.scene.labels
        return f"Film: {len(labels)} frames, {labels[0]} to {labels[-1]}"

    def _repr_html_(self) -> str:
        height, width, _ = self.scene.frame(0).shape
        return (
            f'<iframe srcdoc="{escape(self.page)}" width="{width + 26}" '
            f'height="{height + 76}" style="border: 0; max-width: 100%"></iframe>'
        )


def film(
    record: Any,
    kind: Any = "boundary",
    path: Any = None,
    *,
    X: Any = None,
    y: Any = None,
    frames: int = 120,
    fps: float = 20.0,
    hold: float = 2.0,
    title: str | None = None,
    **options: Any,
) -> Film:
    """Make a film of a recorded training, or of a race of optimizers.

    Parameters
    ----------
    record : Recorder; for "race" also dict or list of Recorder, str, Landscape, list of Run
        Passed to ``fit``. It should have probe rows, ``Recorder(X, y)``. Networks race by
        their records, ``{"SGD": record, "Adam": other}``. Optimizers race on a landscape of
        `glassnet.landscapes`, as `optimizer_race` draws it, or have raced, by
        `glassnet.race.race`.
    kind : {"boundary", "hidden", "weights", "race"} or callable
        "boundary": what the network decides over two features, beside the loss (of the
        probe rows, or else as ``fit`` recorded it). "hidden": how each layer bends the plane,
        as `hidden_space` draws it; "weights": the matrices and their histograms, as `weights`
        does. "race": paths over the landscape, beside their losses; of networks that are alike
        over the plane of all their paths, with what it hides in numbers, and of others the
        losses only. ``kind(model, ax=ax, **options)`` draws a picture of your own of each
        network beside the loss: first into an empty SubFigure, then, for each frame, into
        a list of the Axes that it made there, cleared.
    path : str or Path, optional
        Where to save it: .gif, .mp4 (which needs ffmpeg) or .html, a page of its own with a
        slider that needs no network.
    X, y : arrays, optional
        The rows to draw; those of the record if None.
    frames : int, >= 1
        At most so many of the record's snapshots are shown, at even distances; of the steps
        of a race, close together at first.
    fps : float, 1 to 50
        Frames a second.
    hold : float, >= 0
        Seconds that the last frame stays.
    title : str, optional
        Instead of the one that names the network or counts the steps; "" for none.
    **options
        Of the picture, for "boundary": ``features``, ``feature_names``, ``class_names``,
        ``resolution``, ``threshold`` as of `decision_boundary`; for "hidden" and "weights",
        those of the picture; for "race": ``optimizers``, ``steps``, ``rates``, ``start`` as
        of `optimizer_race`, for runs that are there their ``landscape``, and for networks
        the contours' ``resolution`` as of `landscapes.of_network`.

    Returns
    -------
    Film
        ``.save(path)`` saves it again; in a notebook it shows itself.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    FileNotFoundError
        If the folder of `path` does not exist.
    RuntimeError
        For an MP4, if ffmpeg is not there, or fails.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from glassnet import MLP, Recorder, plots
    >>> X, y = make_moons(50, noise=0.1, random_state=0)
    >>> recorder = Recorder(X, y)
    >>> net = MLP([2, 8, 1], loss="binary_cross_entropy", seed=0)
    >>> net = net.fit(X, y, epochs=10, callbacks=[recorder])
    >>> plots.film(recorder, title="Ten epochs")  # .save("moons.gif")
    Film: 11 frames, epoch 0 to epoch 10
    """
    if path is not None:
        check_path(path)
    pace = _number("fps", fps, 1.0, 50.0), _number("hold", hold, 0.0, 600.0)
    most = whole_number("frames", frames)
    made = Film(_maker(kind)(record, X, y, most, title, options), *pace)
    if path is not None:
        made.save(path)
    return made


def _maker(kind: Any) -> Callable[..., Scene]:
    """Return what makes the scene of a kind."""
    if callable(kind):
        return partial(_own, kind)
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind must be {', '.join(KINDS)} or a function; got {kind!r}")
    return KINDS[kind]


def _boundary(
    record: Any, X: Any, y: Any, most: int, title: str | None, options: dict[str, Any]
) -> Scene:
    picture = boundary_picture(check_record(record), X, y, **options)
    return training_scene(record, picture, most, _title(record, title))


def _own(
    draw: Callable[..., Any],
    record: Any,
    X: Any,
    y: Any,
    most: int,
    title: str | None,
    options: dict[str, Any],
) -> Scene:
    if X is not None or y is not None:
        raise ValueError("X and y belong to no picture of your own; let it hold its rows")

    def picture(model: MLP, ax: Any) -> Drawn:
        """Let the user's function draw, and say nothing beside it."""
        draw(model, ax=ax, **options)
        return Drawn()

    return training_scene(check_record(record), picture, most, _title(record, title))


def _title(record: Any, title: str | None) -> str:
    return f"{model_name(record.model_at(-1))} learning" if title is None else title


def _race(
    record: Any, X: Any, y: Any, most: int, title: str | None, options: dict[str, Any]
) -> Scene:
    if is_records(record):
        return networks_scene(record, X, y, most, title, **options)
    if X is not None or y is not None:
        raise ValueError("X and y belong to no race on a landscape; leave them out")
    return race_scene(record, most, title, **options)


def _of_network(
    maker: Callable[..., Picture],
    record: Any,
    X: Any,
    y: Any,
    most: int,
    title: str | None,
    options: dict[str, Any],
) -> Scene:
    picture = maker(check_record(record), X, y, **options)
    return training_scene(record, picture, most, _title(record, title), 1180.0, 2.6)


KINDS: dict[str, Callable[..., Scene]] = {
    "boundary": _boundary,
    "race": _race,
    "hidden": partial(_of_network, hidden_picture),
    "weights": partial(_of_network, weights_picture),
}
"""Kinds of films to what makes their scenes."""


def _number(name: str, value: Any, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not low <= number <= high:
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}; got {value!r}")
    return number
