"""Columns that teach nothing: constant ones, and copies of others."""

from __future__ import annotations

import numpy as np

from glassnet.insight.diagnosis.case import largest
from glassnet.insight.diagnosis.measured import Measured
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding

__all__ = ["constant_or_duplicate_features", "resting"]

_ROWS = 1000  # that tell where columns rest and which could be copies; more take long


def resting(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each column's most frequent value, and which share of the rows has it."""
    found = [np.unique(x, return_counts=True) for x in X.T]
    values = np.array([v[n.argmax()] for v, n in found])
    return values, np.array([n.max() for _, n in found]) / len(X)


def constant_or_duplicate_features(m: Measured) -> Finding | None:
    """Columns that never change, or are there twice."""
    X = m.whole.X
    constant = np.flatnonzero(np.ptp(X, axis=0) == 0)
    live = np.setdiff1d(np.arange(X.shape[1]), constant)
    # Pixels, counts, marks: where many rest at a value now and then, some always do.
    values, shares = resting(_some(X)[:, live])
    values = values[shares > 0.1]
    usual = [np.sum(values == X[0, j]) >= 0.25 * max(1, len(live)) for j in constant]
    constant = constant[~np.array(usual, dtype=bool)]
    copies = live[_copies(X[:, live])]
    useless = [*constant, *copies]
    if not useless:
        return None
    shown = ", ".join(m.whole.feature(j) for j in useless[:5])
    return finding(
        "constant_or_duplicate_features",
        Evidence("columns that are constant or copies", len(useless), "0", "X"),
        f"{len(constant)} column(s) never change and {len(copies)} repeat another (or another "
        f"in other units): {shown}{' and others' if len(useless) > 5 else ''}. They teach "
        "nothing; a copy makes its feature count twice.",
    )


def _some(X: np.ndarray) -> np.ndarray:
    return X[:: -(-len(X) // _ROWS)]


def _copies(X: np.ndarray) -> np.ndarray:
    """Return the columns that are earlier ones in other units: a x + b, up to rounding."""
    some = _some(X)
    # Marks of one or two rows fall on the same rows by chance.
    told = np.flatnonzero(len(some) * (1 - resting(some)[1]) > 2.5)
    first = _first_alike(some[:, told])
    twins = told[np.bincount(first)[first] > 1]
    copies: np.ndarray = twins[_first_alike(X[:, twins]) != np.arange(len(twins))]
    return copies


def _first_alike(X: np.ndarray) -> np.ndarray:
    """Return which column is the first that is the same in like units, for each."""
    seen: dict[bytes, int] = {}
    columns = np.ascontiguousarray(_in_like_units(X).T)
    return np.array([seen.setdefault(x.tobytes(), j) for j, x in enumerate(columns)], dtype=int)


def _in_like_units(X: np.ndarray) -> np.ndarray:
    """Return columns of mean 0 and width 1 that are the same, up to rounding, for a x + b."""
    if len(X) < 10:  # any two points lie on a line
        return X + 0.0
    z = X / largest(X)
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    first = np.argmax(np.abs(z) > 0.1, axis=0)  # some value is so large where the std is 1
    sign = np.sign(z[first, np.arange(z.shape[1])])
    # A yes and its no are how categories are written; mirrors of numbers are copies.
    marks = (np.diff(np.sort(z, axis=0), axis=0) > 1e-9).sum(axis=0) == 1
    like: np.ndarray = np.round(z * np.where(marks, 1.0, sign), 6) + 0.0  # -0.0 is 0.0
    return like
