"""What an engine trains on: arrays that were checked and encoded before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.types import Array
from glassnet.network.state import State

__all__ = [
    "Batches",
    "Block",
    "Data",
    "Order",
    "all_finite",
    "pieces",
]

Order = NDArray[np.integer[Any]] | None
"""Rows in the order of their use; None keeps the data's own."""
Rows = NDArray[np.integer[Any]] | slice
_ALONE_IN_BLAS = 10_000  # numbers up to which BLAS takes a product alone, whatever its limit
_PIECE = 65_536  # numbers that stay in the cache from one look to the next


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

    @property
    def entries(self) -> int | None:
        """How many numbers are stored of a sparse `X`; None for an array."""
        return None if isinstance(self.X, np.ndarray) else int(self.X.nnz)

    def take(self, rows: Rows) -> tuple[Array, Array, Array | None]:
        """Return the samples at `rows`."""
        weight = None if self.weight is None else _rows(self.weight, rows)
        return _rows(self.X, rows), _rows(self.y, rows), weight

    def apart_from(self, state: State) -> Data:
        """Return the samples in memory of their own where they lie in a network's numbers.

        Rows of θ are data like others, but training writes there.
        """
        own = state.theta, state.buffers

        def apart(array: Any) -> Any:
            """Return the array, or a copy of it."""
            values = array if isinstance(array, np.ndarray) else array.data
            return (
                array.copy() if any(np.may_share_memory(values, one) for one in own) else array
            )

        weight = None if self.weight is None else apart(self.weight)
        return Data(apart(self.X), apart(self.y), weight)


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

    @property
    def last(self) -> int:
        """Rows of the last batch."""
        return self.n - (self.per_epoch - 1) * self.size

    def shares(self, permutation: Order, weight: Array | None) -> Array:
        """Return how much each batch counts: its sum of weights, or its number of rows."""
        if weight is None:
            found = np.full(self.per_epoch, float(self.size))
            found[-1] = self.last
            return found
        return np.array([float(np.sum(weight[rows])) for rows in self.rows(permutation)])

    def rows(self, permutation: Order) -> Iterator[Rows]:
        """Yield the rows of each batch, in the order of `permutation`."""
        last = self.per_epoch - 1
        for i in range(self.per_epoch):
            batch = slice(i * self.size, self.n if i == last else (i + 1) * self.size)
            yield batch if permutation is None else permutation[batch]


@dataclass(frozen=True)
class Block:
    """Some epochs to train: in which order rows come, how fast to learn, how rows are cut.

    Attributes
    ----------
    orders : sequence of (permutation or None), one per epoch
    rates : array, shape (epochs, steps per epoch)
        Learning rate of each update.
    batches : Batches

    Raises
    ------
    ValueError
        If they do not fit each other.
    """

    orders: Sequence[Order]
    rates: Array
    batches: Batches

    def __post_init__(self) -> None:
        n, shape = self.batches.n, (len(self.orders), self.batches.per_epoch)
        fits = all(one is None or len(one) == n for one in self.orders)
        if self.rates.shape != shape or not fits:
            raise ValueError(f"rates must have shape {shape}, and each order {n} places")

    def __len__(self) -> int:
        return len(self.orders)

    def first(self, count: int) -> Block:
        """Return the first so many of them."""
        return replace(self, orders=self.orders[:count], rates=self.rates[:count])


def _rows(array: Array, rows: Rows) -> Array:
    """Return ``array[rows]``."""
    if isinstance(rows, slice) or not isinstance(array, np.ndarray):  # the latter: sparse
        return array[rows]
    return array.take(rows, axis=0)  # the same, in half the time


def pieces(array: Array) -> Iterator[Array]:
    """Yield `array` some rows at a time: what is made of a piece is small and in the cache."""
    rows = max(1, _PIECE * len(array) // max(array.size, 1))
    for first in range(0, len(array), rows):
        yield array[first : first + rows]


def all_finite(array: Array) -> bool:
    """Return whether no element is infinite or NaN; takes one pass, and no memory to speak of.

    Examples
    --------
    >>> all_finite(np.array([1.0, 1e200])), all_finite(np.array([1.0, np.nan]))
    (True, False)
    """
    return _finite(array) if array.size <= _ALONE_IN_BLAS else _finite_by_pieces(array)


@one_blas_thread
def _finite_by_pieces(array: Array) -> bool:
    # in the order in which they lie, so that no piece has to be copied where rows do not
    return all(_finite(piece.ravel("K")) for piece in pieces(array))


def _finite(array: Array) -> bool:
    # One quick product tells almost always: squares cannot cancel. Those of finite numbers
    # may overflow.
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())
