"""Central differences: what a gradient is held against, and when they cannot judge it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.formulas.types import Array

__all__ = ["TOLERANCE", "Compared", "compare"]

TOLERANCE = 1e-5
"""Relative error up to which a gradient counts as right."""

# The first suits smooth functions; the smaller ones step less often over a kink.
_STEPS = (1e-5, 1e-6, 1e-7)
_ROUNDINGS = 50  # of the function's value, in units of float64's precision
_BETWEEN = 0.51  # half the jump of the slope at a kink, and room for rounding


@dataclass(frozen=True)
class Compared:
    """Derivatives by formula and by difference, all of one shape.

    Attributes
    ----------
    analytic, numeric : float arrays
        What is checked, and the central difference: of the first step at which the two agree,
        or else of the last.
    wrong : bool array
        Where they disagree at every step, and no kink explains it.
    excluded : bool array
        Where no difference can judge: a kink lies too near, or the function is not finite.
    noise : float array
        What rounding alone can make of a difference: smaller derivatives are not told apart.
    """

    analytic: Array
    numeric: Array
    wrong: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    noise: Array


def compare(
    function: Callable[[Array], Any],
    x: Array,
    direction: Array,
    analytic: Any,
    tolerance: float = TOLERANCE,
    crosses: Callable[[Array, Array], bool] | None = None,
) -> Compared:
    r"""Hold derivatives along a direction against central differences.

    .. math:: \frac{f(x + h d) - f(x - h d)}{2 h} \approx \nabla f(x) \cdot d

    Steps of :math:`10^{-5}`, :math:`10^{-6}` and :math:`10^{-7}` (times the largest entry of
    `x` that moves, where that is above 1) are tried: a right derivative agrees at one of them.
    Where none agrees, and the difference quotients forward and backward lie on either side
    of the derivative, `x` is at a kink, and nothing is said; nor where `crosses` says so.

    Parameters
    ----------
    function : callable
        ``function(x)`` returns a number, or an array of numbers judged one by one, in
        float64; it must not write into `x`.
    x, direction : float64 arrays, one shape
    analytic : float or array
        The derivative of `function` along `direction`, of the shape of what it returns.
    tolerance : float
        Relative error that is allowed, beside that of rounding.
    crosses : callable, optional
        ``crosses(ahead, behind)`` tells whether a kink lies between two points. A function
        with several kinks in one place can look smooth to its differences.

    Returns
    -------
    Compared

    Examples
    --------
    >>> found = compare(lambda x: x**2, np.array([1.0, 3.0]), np.ones(2), np.array([2.0, 3.0]))
    >>> found.wrong, found.numeric.round(6)
    (array([False,  True]), array([2., 6.]))
    """
    with np.errstate(all="ignore"):
        return _compare(function, x, direction, np.asarray(analytic, float), tolerance, crosses)


def _compare(
    function: Callable[[Array], Any],
    x: Array,
    direction: Array,
    analytic: Array,
    allowed: float,
    crosses: Callable[[Array, Array], bool] | None,
) -> Compared:
    moved = np.abs(x[direction != 0])
    scale = max(1.0, float(moved.max(initial=0.0)))
    agreed = np.zeros(analytic.shape, bool)
    numeric, noise = np.full(analytic.shape, np.nan), np.zeros(analytic.shape)
    kink = np.zeros(analytic.shape, bool)
    for step in _STEPS:
        h = step * scale
        ahead = np.asarray(function(x + h * direction), float)
        behind = np.asarray(function(x - h * direction), float)
        found = (ahead - behind) / (2 * h)
        rounding = _ROUNDINGS * np.finfo(float).eps * np.maximum(abs(ahead), abs(behind)) / h
        off, size = abs(found - analytic), np.maximum(abs(found), abs(analytic))
        taken = ~agreed & np.isfinite(found)
        numeric, noise = np.where(taken, found, numeric), np.where(taken, rounding, noise)
        agreed |= np.isfinite(off) & (off <= allowed * size + rounding)
        if agreed.all():
            break
    else:
        middle = np.asarray(function(x), float)
        kink = off <= _BETWEEN * abs((ahead - middle) - (middle - behind)) / h
        if crosses is not None:
            kink = kink | crosses(x + h * direction, x - h * direction)
    excluded = ~agreed & (~np.isfinite(numeric) | (kink & np.isfinite(analytic)))
    return Compared(analytic, numeric, ~agreed & ~excluded, excluded, noise)
