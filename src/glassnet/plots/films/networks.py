"""Frames of a film from the pictures of a network: its hidden spaces, its weights.

The axes stay as they are through the whole film: they have room for the first network and for
the last, and the hidden spaces are all seen along the last one's directions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure, FigureBase

from glassnet.insight.recorder import Recorder
from glassnet.mlp import MLP
from glassnet.plots.films.boundary import rows_of
from glassnet.plots.films.training import Drawn, Picture
from glassnet.plots.hidden_space import hidden_space
from glassnet.plots.weights import weights

__all__ = ["hidden_picture", "weights_picture"]


def hidden_picture(record: Recorder, X: Any, y: Any, **options: Any) -> Picture:
    """Return what draws how each layer bends the plane.

    Parameters
    ----------
    record : Recorder
        Of the training.
    X, y : arrays, optional
        The rows to draw; those of the record if None.
    **options
        As of `hidden_space`.
    """
    rows_of(record, X, y)  # they are there, and speak of the classes that it knows
    rows, answers = record.probe if X is None else (X, y)
    last = record.model_at(-1)
    options = {"like": last, **options}
    ends = [
        hidden_space(model, rows, answers, ax=Figure(), **options)
        for model in (record.model_at(0), last)
    ]
    windows = [[(ax.get_xlim(), ax.get_ylim()) for ax in axes] for axes in ends]
    limits = [_around(*pair) for pair in zip(*windows, strict=True)]

    def picture(model: MLP, ax: Any) -> Drawn:
        """Draw one frame."""
        axes = list(np.ravel(ax.subplots(1, len(limits)))) if isinstance(ax, FigureBase) else ax
        hidden_space(model, rows, answers, **{"limits": limits, **options}, ax=axes)
        handles, labels = axes[0].get_legend_handles_labels()
        return Drawn(handles=list(dict(zip(labels, handles, strict=True)).values()))

    return picture


def weights_picture(record: Recorder, X: Any, y: Any, **options: Any) -> Picture:
    """Return what draws the weights of each layer.

    Parameters
    ----------
    record : Recorder
        Of the training.
    X, y
        None: there are no rows in the picture.
    **options
        As of `weights`.

    Raises
    ------
    ValueError
        If rows are given.
    """
    if X is not None or y is not None:
        raise ValueError("X and y belong to no film of weights; leave them out")
    models = [record.model_at(i) for i in range(len(record))]
    limit = max(float(np.abs(W).max()) for model in models for W in model.weights)
    options = {"limit": limit or 1.0, **options}
    ends = [weights(model, ax=Figure(), **options) for model in (models[0], models[-1])]
    tallest = min(1.0, max(float(ax.get_ylim()[1]) for axes in ends for ax in axes[1]))
    options = {"tallest": tallest, **options}
    layers = ends[0].shape[1]

    def picture(model: MLP, ax: Any) -> Drawn:
        """Draw one frame."""
        if isinstance(ax, FigureBase):
            ax = list(ax.subplots(2, layers, height_ratios=[2.0, 1.0], squeeze=False).ravel())
        weights(model, **options, ax=ax)
        return Drawn()

    return picture


def _around(one: Any, other: Any) -> list[tuple[float, float]]:
    """Return limits of both axes that hold two windows."""
    pairs = zip(one, other, strict=True)
    return [(min(a[0], b[0]), max(a[1], b[1])) for a, b in pairs]
