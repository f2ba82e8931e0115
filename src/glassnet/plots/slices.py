"""A plane through a table: two features vary, the others are held still; a grid over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.arguments import is_whole_number
from glassnet.formulas.types import Array
from glassnet.names import did_you_mean
from glassnet.plots.style import verbatim

__all__ = ["Grid", "Plane", "plane"]


@dataclass(frozen=True)
class Plane:
    """Two features of a table and the values at which the others are held.

    Attributes
    ----------
    table : array or DataFrame, (n, d)
        What the model is asked about: as it was given, or as an array if the model was
        fitted without feature names.
    across, up : int
        Positions of the features on the horizontal and the vertical axis.
    names : tuple of str
        Of all `d` features.
    still : dict
        Position to value of each feature held.
    """

    table: Any
    across: int
    up: int
    names: tuple[str, ...]
    still: dict[int, Any]

    @property
    def points(self) -> Array:
        """The table's rows as points of the plane, ``(n, 2)``."""
        return np.column_stack([_column(self.table, i) for i in (self.across, self.up)])

    def rows(self, xy: Array) -> Any:
        """Return points of the plane, ``(m, 2)``, as rows that the model takes."""
        places = {self.across: xy[:, 0], self.up: xy[:, 1]}
        if not hasattr(self.table, "columns"):
            full = np.empty((len(xy), len(self.names)), dtype=self.table.dtype)
            for i in range(len(self.names)):
                full[:, i] = places.get(i, self.still.get(i))
            return full
        columns = {
            name: places[i] if i in places else np.full(len(xy), self.still[i])
            for i, name in enumerate(self.table.columns)
        }
        frame = type(self.table)(columns)
        if hasattr(frame, "astype"):  # pandas: categories must stay what the model saw
            odd = [i for i in self.still if not _is_number(_dtype(self.table, i))]
            names = [self.table.columns[i] for i in odd]
            frame = frame.astype({name: self.table[name].dtype for name in names})
        return frame

    def held(self) -> str:
        """Return the words that say which features are held, and where."""
        if not self.still:
            return ""
        numbers = all(isinstance(value, float) for value in self.still.values())
        where = "median" if numbers else "median or most frequent value"
        if len(self.still) > 3:
            return f"The other {len(self.still)} features are held at their {where}."
        parts = [f"{self.names[i]} = {_short(value)}" for i, value in self.still.items()]
        return f"Held at the {where}: {', '.join(parts)}."


@dataclass(frozen=True)
class Grid:
    """The lattice of points at which a model is asked: every `x` with every `y`."""

    x: Array
    y: Array

    @classmethod
    def over(cls, points: Array, resolution: int) -> Grid:
        """Return a grid over all points and a margin around them."""
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.07 * (high - low)
        flat = margin == 0
        margin[flat] = np.maximum(0.5, 0.07 * np.abs(low[flat]))
        sides = np.linspace(low - margin, high + margin, resolution)
        return cls(sides[:, 0], sides[:, 1])

    @property
    def points(self) -> Array:
        """All points, ``(m, 2)``, row by row from the bottom."""
        across, up = np.meshgrid(self.x, self.y)
        return np.column_stack([across.ravel(), up.ravel()])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top of an image with one pixel centred on each point."""
        dx, dy = (self.x[1] - self.x[0]) / 2, (self.y[1] - self.y[0]) / 2
        sides = self.x[0] - dx, self.x[-1] + dx, self.y[0] - dy, self.y[-1] + dy
        left, right, bottom, top = (float(side) for side in sides)
        return left, right, bottom, top


def plane(
    model: object,
    X: Any,
    features: Sequence[int | str],
    feature_names: Sequence[str] | None,
) -> Plane:
    """Return the plane through `X` spanned by two `features`.

    Raises
    ------
    TypeError, ValueError
        If `X` is no table of at least two columns, has not the model's width, a feature
        is unknown or not numeric, or a value to draw is not finite.
    """
    table = _table(X)
    n, d = table.shape
    _check_width(model, n, d)
    names = _names(table, feature_names)
    across, up = _positions(features, names)
    if _fitted_without_names(model) and hasattr(table, "columns"):
        table = table.to_numpy()
    for i in (across, up):
        column = _column(table, i)
        if not np.all(np.isfinite(column)):
            row = int(np.flatnonzero(~np.isfinite(column))[0])
            raise ValueError(
                f"X must be finite in the two features drawn; got {column[row]} "
                f"in row {row} of {names[i]!r}"
            )
    still = {i: _middle(table, i) for i in range(d) if i not in (across, up)}
    if feature_names is None:  # names that are handed over may hold formulas
        names = tuple(map(verbatim, names))
    return Plane(table, across, up, names, still)


def _table(X: Any) -> Any:
    if not hasattr(X, "columns"):
        X = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    if len(X.shape) != 2:
        raise ValueError(f"X must have shape (n, d); got shape {tuple(X.shape)}")
    if X.shape[1] < 2:
        raise ValueError(
            "X must have at least two features to draw a boundary in a plane; got "
            f"{X.shape[1]}: plot the model's predictions against the one feature instead"
        )
    if X.shape[0] == 0:
        raise ValueError(f"X must have at least one row; got shape {tuple(X.shape)}")
    if isinstance(X, np.ndarray) and X.dtype.kind in "biu":
        return X.astype(float)  # between two whole numbers the grid needs fractions
    return X


def _check_width(model: object, n: int, d: int) -> None:
    sizes = getattr(model, "layer_sizes", None)
    expected = getattr(model, "n_features_in_", sizes[0] if sizes else None)
    if expected is not None and expected != d:
        raise ValueError(
            f"X must have {expected} columns, as many as the model takes; got shape ({n}, {d})"
        )


def _names(table: Any, feature_names: Sequence[str] | None) -> tuple[str, ...]:
    d = table.shape[1]
    if feature_names is None:
        columns = getattr(table, "columns", None)
        if columns is None:
            return tuple(f"feature {i}" for i in range(d))
        return tuple(str(name) for name in columns)
    if isinstance(feature_names, str) or len(feature_names) != d:
        raise ValueError(
            f"feature_names must hold one name for each of the {d} features; "
            f"got {feature_names!r}"
        )
    return tuple(str(name) for name in feature_names)


def _positions(features: Sequence[int | str], names: tuple[str, ...]) -> tuple[int, int]:
    if isinstance(features, str) or len(features) != 2:
        array = isinstance(features, np.ndarray)  # it may be long: y where no y is taken
        got = f"an array of shape {features.shape}" if array else repr(features)
        raise ValueError(f"features must name two features; got {got}")
    across, up = (_position(feature, names) for feature in features)
    if across == up:
        raise ValueError(f"features must be two different features; got {features!r}")
    return across, up


def _position(feature: int | str, names: tuple[str, ...]) -> int:
    if isinstance(feature, str):
        feature = feature if feature in names else verbatim(feature)
        if feature not in names:
            meant = did_you_mean("", feature, names)
            raise ValueError(
                f"features: unknown name {feature!r}; known: {', '.join(names)}{meant}"
            )
        return names.index(feature)
    if not is_whole_number(feature):
        raise TypeError(f"features must be positions or names; got {feature!r}")
    if not 0 <= feature < len(names):
        raise ValueError(f"features must lie in 0 to {len(names) - 1}; got {feature}")
    return int(feature)


def _fitted_without_names(model: object) -> bool:
    """Return whether the model, in scikit-learn's terms, was fitted on a bare array."""
    return hasattr(model, "n_features_in_") and not hasattr(model, "feature_names_in_")


def _column(table: Any, i: int) -> Array:
    values = table[:, i] if isinstance(table, np.ndarray) else table[table.columns[i]]
    try:
        return np.asarray(values).astype(float)
    except (TypeError, ValueError):
        raise TypeError(f"features must be numeric to be drawn; feature {i} is not") from None


def _dtype(table: Any, i: int) -> Any:
    return table.dtype if isinstance(table, np.ndarray) else table[table.columns[i]].dtype


def _is_number(dtype: Any) -> bool:
    return getattr(dtype, "kind", "O") in "iuf"


def _middle(table: Any, i: int) -> Any:
    """Return the median of a numeric column, the most frequent value of any other."""
    values = table[:, i] if isinstance(table, np.ndarray) else table[table.columns[i]]
    values = np.asarray(values)
    try:
        numbers = values.astype(float)
    except (TypeError, ValueError):
        found, counts = np.unique(values.astype(str), return_counts=True)
        winner = found[np.argmax(counts)]
        return values[np.flatnonzero(values.astype(str) == winner)[0]]
    return float(np.nanmedian(numbers)) if not np.all(np.isnan(numbers)) else np.nan


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
