"""Arrays and sparse matrices as machine code reads them: by addresses and by steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array

__all__ = ["Entries", "addressable", "element_strides", "entries_of"]


@dataclass(frozen=True)
class Entries:
    """A sparse matrix as kernels read it: its entries, row by row.

    Attributes
    ----------
    values : float array, shape (n_entries,)
        In any order within a row; those of one place add up.
    columns : int32 or int64 array, shape (n_entries,)
    starts : int64 array, shape (n + 1,)
        Where each row's entries begin, and the end.
    """

    values: Array
    columns: NDArray[Any]
    starts: NDArray[np.int64]

    @property
    def wide(self) -> bool:
        """Whether `columns` are int64."""
        return self.columns.dtype == np.int64


def addressable(array: Any, dtype: Any) -> Array:
    """Return `array` such that whole numbers of that type lie between its elements.

    It is copied if need be, as a field of packed records is, whose rows may lie a fraction
    of a number apart.
    """
    found = np.asarray(array, dtype)
    whole = all(stride % found.itemsize == 0 for stride in found.strides)
    return found if whole and found.flags.aligned else found.copy()


def element_strides(array: Array) -> tuple[int, int]:
    """Return how many elements lie from a row of `array` to the next, and from a column.

    Parameters
    ----------
    array : array, shape (n, k)
        As `addressable` returns it.

    Examples
    --------
    >>> element_strides(np.zeros((2, 3))), element_strides(np.zeros((3, 2)).T)
    ((3, 1), (1, 2))
    """
    row, column = (stride // array.itemsize for stride in array.strides)
    return row, column


def entries_of(X: Any, dtype: Any) -> Entries:
    """Return a sparse matrix by its entries, without a copy where it can be.

    Parameters
    ----------
    X : SciPy sparse matrix, shape (n, n_features)
    dtype : float type
        Of the values.

    Returns
    -------
    Entries

    Raises
    ------
    ValueError
        If it names columns, or places of entries, which it has not: a kernel would read
        what is not there.
    """
    X = X.tocsr()
    given = (X.data, dtype), (X.indices, _index(X.indices)), (X.indptr, np.int64)
    values, columns, starts = (np.require(one, kind, ["C", "A"]) for one, kind in given)
    entries = min(len(values), len(columns))
    whole = len(starts) == X.shape[0] + 1 and starts[0] >= 0 and starts[-1] <= entries
    if not whole or (np.diff(starts) < 0).any():
        raise ValueError(f"X.indptr must rise from 0 to at most {entries}, X's entries")
    if columns.min(initial=0) < 0 or columns.max(initial=0) >= max(X.shape[1], 1):
        raise ValueError(f"X.indices must lie from 0 to {X.shape[1] - 1}, X's columns")
    return Entries(values, columns, starts)


def _index(columns: NDArray[Any]) -> Any:
    return np.int32 if columns.dtype == np.int32 else np.int64
