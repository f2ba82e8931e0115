"""What an engine trains on: arrays that were checked and encoded before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array

__all__ = ["Batches", "Data"]

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

    def astype(self, dtype: np.dtype[np.floating[Any]]) -> Data:
        """Return the same data in another precision."""
        if self.X.dtype == dtype:
            return self
        weight = None if self.weight is None else self.weight.astype(dtype)
        return Data(self.X.astype(dtype), self.y.astype(dtype), weight)

    def take(self, rows: Rows) -> tuple[Array, Array, Array | None]:
        """Return the samples at `rows`."""
        weight = None if self.weight is None else self.weight[rows]
        return self.X[rows], self.y[rows], weight


@dataclass(frozen=True)
class Batches:
    """How `n` rows are cut into batches of `size`; the last one may be smaller."""

    n: int
    size: int

    @property
    def per_epoch(self) -> int:
        """Batches, and so updates, in an epoch."""
        return -(-self.n // self.size)

    def rows(self, permutation: NDArray[np.integer[Any]] | None) -> Iterator[Rows]:
        """Yield the rows of each batch, in the order of `permutation`."""
        for start in range(0, self.n, self.size):
            batch = slice(start, min(start + self.size, self.n))
            yield batch if permutation is None else permutation[batch]
