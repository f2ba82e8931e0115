"""Columns that teach nothing: constant ones, and copies of others."""

from __future__ import annotations

import numpy as np

from glassnet.insight.diagnosis.measured import Measured
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding

__all__ = ["background", "constant_or_duplicate_features"]


def background(X: np.ndarray) -> np.ndarray:
    """Return how frequent each column's most frequent value is, as a share of the rows."""
    return np.array([np.unique(x, return_counts=True)[1].max() / len(x) for x in X.T])


def constant_or_duplicate_features(m: Measured) -> Finding | None:
    """Columns that never change, or are there twice."""
    X = m.whole.X
    constant = np.flatnonzero(np.ptp(X, axis=0) == 0)
    live = np.setdiff1d(np.arange(X.shape[1]), constant)
    # Pixels, counts, marks: where many rest at a value now and then, some always do.
    constant = np.array([j for j in constant if _rests(X[:, live], X[0, j]) < 0.25], dtype=int)
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


def _rests(X: np.ndarray, value: float) -> float:
    """Return the share of columns that a value is the most frequent one of, and frequent."""
    if not X.shape[1]:
        return 0.0
    found = [np.unique(x, return_counts=True) for x in X.T]
    return float(np.mean([v[n.argmax()] == value and n.max() > len(X) / 10 for v, n in found]))


def _copies(X: np.ndarray) -> np.ndarray:
    """Return the columns that are earlier ones in other units: a x + b, up to rounding."""
    if len(X) < 10:  # any two points lie on a line
        return _repeated(X)
    # Marks of one or two rows fall on the same rows by chance.
    often = np.flatnonzero(len(X) * (1 - background(X)) > 2.5)
    z = X[:, often]
    z = z / np.abs(z).max(axis=0)  # squares of large numbers would overflow
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    first = np.argmax(np.abs(z) > 0.1, axis=0)  # some value is so large where the std is 1
    sign = np.sign(z[first, np.arange(z.shape[1])])
    # A yes and its no are how categories are written; mirrors of numbers are copies.
    marks = (np.sort(z, axis=0)[1:] - np.sort(z, axis=0)[:-1] > 1e-9).sum(axis=0) == 1
    repeated: np.ndarray = often[_repeated(np.round(z * np.where(marks, 1.0, sign), 6) + 0.0)]
    return repeated


def _repeated(X: np.ndarray) -> np.ndarray:
    """Return the columns that stand there before."""
    if not X.shape[1]:
        return np.arange(0)
    kept = np.unique(X, axis=1, return_index=True)[1]
    repeated: np.ndarray = np.setdiff1d(np.arange(X.shape[1]), kept)
    return repeated
