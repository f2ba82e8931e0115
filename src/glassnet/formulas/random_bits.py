"""Dropout's coin tosses: a hash, so that every engine tosses the same coins.

A mask depends on nothing but (key, step, layer, row, unit). It can be made again at any
time, in any order, by any number of threads, and needs no generator's state. All
arithmetic is 64-bit signed and wraps around, which NumPy, Numba and torch do alike.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIRST", "GOLDEN", "SECOND", "keep_mask", "mix"]

Integers = NDArray[np.int64]

# The increment and the two multipliers of SplitMix64, as signed numbers.
GOLDEN = np.int64(0x9E3779B97F4A7C15 - 2**64)
FIRST = np.int64(0xBF58476D1CE4E5B9 - 2**64)
SECOND = np.int64(0x94D049BB133111EB - 2**64)


def mix(h: Integers) -> Integers:
    """Return 64 well-mixed bits for each of `h`: the finalizer of SplitMix64.

    Parameters
    ----------
    h : int64 array, at least one-dimensional
        NumPy warns where a lone scalar wraps around, and not where an array does.

    References
    ----------
    Steele, Lea, Flood (2014), "Fast Splittable Pseudorandom Number Generators",
    OOPSLA, figure 16.

    Examples
    --------
    >>> int(mix(np.array([0]))[0])  # published: the first output for seed 0
    -2152535657050944081
    """
    z = h + GOLDEN
    z = (z ^ _shift(z, 30)) * FIRST
    z = (z ^ _shift(z, 27)) * SECOND
    mixed: Integers = z ^ _shift(z, 31)
    return mixed


def keep_mask(
    key: int, step: int, layer: int, rows: int, units: int, rate: float
) -> NDArray[np.bool_]:
    """Return which units of which rows are kept, each with probability ``1 - rate``.

    Parameters
    ----------
    key : int, below 2**63
        Drawn once per fit.
    step : int
        The update this mask belongs to, counted from 1.
    layer : int
        The layer's place in the plan.
    rows, units : int
        Shape of the mask.
    rate : float, in [0, 1)
        Probability of dropping a unit, rounded up to a multiple of 2**-53.

    Returns
    -------
    bool array, shape (rows, units)

    Examples
    --------
    >>> mask = keep_mask(key=1, step=1, layer=0, rows=1000, units=10, rate=0.25)
    >>> abs(float(mask.mean()) - 0.75) < 0.02
    True
    """
    h = mix(mix(mix(np.asarray([key], np.int64)) ^ step) ^ layer)
    by_row = mix(h ^ np.arange(rows, dtype=np.int64))
    bits = mix(by_row[:, None] ^ np.arange(units, dtype=np.int64))
    threshold = int(np.ceil(rate * 2.0**53))
    kept: NDArray[np.bool_] = _shift(bits, 11) >= threshold
    return kept


def _shift(z: Integers, places: int) -> NDArray[Any]:
    """Shift right and fill with zeros, though the numbers are signed."""
    return (z >> places) & ((1 << (64 - places)) - 1)
