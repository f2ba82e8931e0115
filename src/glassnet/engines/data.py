"""What an engine trains on: arrays that were checked and encoded before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array

__all__ = ["Batches", "Data", "addressable"]

Rows = NDArray[np.integer[Any]] | slice


@dataclass(frozen=True)
class Data:
    """Samples, their encoded targets and their weights.

    Attributes
    ----------
    X : array or sparse matrix, shape (n, n_inputs)
    y : array, shape (n, n_outputs)
    weight : array, shape (n,), optional
    """

    X: Array
    y: Array
    weight: Array | None = None

    @property
    def total(self) -> float:
        """Sum of the weights; the number of samples where there are none."""
        return float(len(self.y) if self.weight is None else np.sum(self.weight))

    def take(self, rows: Rows) -> tuple[Array, Array, Array | None]:
        """Return the samples at `rows`."""
        weight = None if self.weight is None else _rows(self.weight, rows)
        return _rows(self.X, rows), _rows(self.y, rows), weight


@dataclass(frozen=True)
class Batches:
    """How `n` rows are cut into batches of `size`; the last one may be smaller.

    With `no_single` a last batch of one row joins the batch before it: one row has no
    variance for batch normalization to divide by.
    """

    n: int
    size: int
    no_single: bool = False

    @property
    def per_epoch(self) -> int:
        """Batches, and so updates, in an epoch."""
        joined = self.no_single and self.n > self.size > 1 and self.n % self.size == 1
        return -(-self.n // self.size) - joined

    def shares(
        self, permutation: NDArray[np.integer[Any]] | None, weight: Array | None
    ) -> Array:
        """Return how much each batch counts: its sum of weights, or its number of rows."""
        if weight is None:
            found = np.full(self.per_epoch, float(self.size))
            found[-1] = self.n - (self.per_epoch - 1) * self.size
            return found
        return np.array([float(np.sum(weight[rows])) for rows in self.rows(permutation)])

    def rows(self, permutation: NDArray[np.integer[Any]] | None) -> Iterator[Rows]:
        """Yield the rows of each batch, in the order of `permutation`."""
        last = self.per_epoch - 1
        for i in range(self.per_epoch):
            batch = slice(i * self.size, self.n if i == last else (i + 1) * self.size)
            yield batch if permutation is None else permutation[batch]


def _rows(array: Array, rows: Rows) -> Array:
    """Return ``array[rows]``."""
    if isinstance(rows, slice) or not isinstance(array, np.ndarray):  # the latter: sparse
        return array[rows]
    return array.take(rows, axis=0)  # the same, in half the time


def addressable(array: Any, dtype: Any) -> Array:
    """Return `array` such that whole numbers of that type lie between its elements.

    It is copied if need be, as a field of packed records is, whose rows may lie a fraction
    of a number apart.
    """
    found = np.asarray(array, dtype)
    whole = all(stride % found.itemsize == 0 for stride in found.strides)
    return found if whole and found.flags.aligned else found.copy()
