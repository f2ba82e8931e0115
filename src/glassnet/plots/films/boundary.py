"""What a network decides over two features, as one frame of a film."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D

from glassnet.insight.recorder import Recorder
from glassnet.mlp import MLP
from glassnet.plots.answers import targets
from glassnet.plots.boundary import boundary_view
from glassnet.plots.films.training import Drawn, Picture
from glassnet.plots.style import INK, verbatim

__all__ = ["boundary_picture", "rows_of"]

RESOLUTION = 220
"""Points of the grid along each axis: about one for two pixels."""


def rows_of(record: Recorder, X: Any, y: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Return the rows to draw, and their names, as the recorded network speaks of them.

    Parameters
    ----------
    record : Recorder
    X, y : arrays, or None
        None takes those that the record was made with.

    Returns
    -------
    X, y : arrays
        Labels of an estimator as numbers of its classes.
    names : dict
        ``feature_names`` and ``class_names``, where an estimator has them.

    Raises
    ------
    ValueError
        If there are no rows, or a label is none of the estimator's.
    """
    if (X is None) != (y is None):
        raise ValueError("X and y go together; got one without the other")
    X, y = record.probe if X is None else (X, y)
    if X is None:
        raise ValueError(
            "X and y must be given for this film: the record has no probe rows of its own"
        )
    names: dict[str, Any] = {}
    if record.feature_names is not None:
        names["feature_names"] = [verbatim(name) for name in record.feature_names]
    known = record.class_labels
    if isinstance(known, np.ndarray):
        y = targets(y, len(np.asarray(y)))
        unknown = y[~np.isin(y, known)]
        if unknown.size:
            raise ValueError(
                f"y must hold the classes {known.tolist()}; got {unknown.tolist()[0]!r}"
            )
        y = np.searchsorted(known, y)
        names["class_names"] = [verbatim(label) for label in known]
    return X, y, names


def boundary_picture(record: Recorder, X: Any = None, y: Any = None, **options: Any) -> Picture:
    """Return what draws a network's answers over two features.

    Parameters
    ----------
    record : Recorder
    X, y : arrays, optional
        The record's own rows if None.
    **options
        Of `glassnet.plots.decision_boundary`: ``features``, ``feature_names``,
        ``class_names``, ``resolution``, ``threshold``.

    Raises
    ------
    ValueError
        If there are no rows.
    """
    X, y, names = rows_of(record, X, y)
    options = {"resolution": RESOLUTION, **names, **options}

    def picture(model: MLP, ax: Any) -> Drawn:
        """Draw the answers of one network."""
        first = isinstance(ax, SubFigure)
        one: Axes = ax.subplots() if first else ax[0]
        view = boundary_view(model, X, y, **options)
        handles = view.draw(one, colorbar=first and view.is_surface, show_mistakes=True)
        kept = _with_mistakes(handles) if handles else []
        return Drawn(view.verdict, kept, view.note.replace("\n", " "))

    return picture


def _with_mistakes(handles: list[Any]) -> list[Any]:
    """Return the legend's entries, rings among them whether there is a mistake now or not."""
    kept = [one for one in handles if not re.fullmatch(r"wrong: \d+", str(one.get_label()))]
    look = {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.4}
    return [*kept, Line2D([], [], linestyle="none", marker="o", ms=9, label="wrong", **look)]
