"""The perceptron's rule on rows, compiled: the same door as `glassnet.estimators.row_sums`.

The kernel runs without the interpreter's lock, for a stretch of rows at a time: between two
of them Ctrl-C is heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.arrays import entries_of
from glassnet.engines.compiled import perceptron as kernel
from glassnet.engines.compiled.compilation import function
from glassnet.engines.compiled.layout import Numbers
from glassnet.formulas.types import Array

__all__ = ["Rows", "one_pass", "samples_of", "scores"]

# Entries that a stretch reads: milliseconds, or some tenths of a second where each weight
# that a sparse row asks for comes from far away in memory.
_STRETCH = 2**22


@dataclass(frozen=True)
class Rows:
    """Rows as the kernel reads them.

    Attributes
    ----------
    values : array
        All entries, one row behind the other.
    at : Numbers
        Their shape, and the addresses of what says where they stand.
    alive : tuple
        The arrays that `at` points at.
    """

    values: Array
    at: Numbers
    alive: tuple[Any, ...] = ()


def samples_of(X: Any) -> Rows:
    """Return `X` as the kernel reads it, without a copy where it can be.

    Parameters
    ----------
    X : array or SciPy sparse matrix (CSR), shape (n_samples, n_features)
        Samples, float32 or float64.

    Returns
    -------
    Rows

    Raises
    ------
    ValueError
        For a sparse matrix that names columns, or places of entries, which it has not.
    """
    at = Numbers(kernel.AT, np.int64)
    at["rows"], at["features"] = X.shape
    if isinstance(X, np.ndarray):
        return Rows(np.require(X, requirements=["C", "A"]), at)
    found = entries_of(X, X.dtype)
    at["starts"] = found.starts.ctypes.data
    at["columns"], at["wide"] = found.columns.ctypes.data, found.wide
    return Rows(found.values, at, (found,))


def scores(X: Any, coef: Array, intercept: Array) -> Array:
    """Return ``X @ coef.T + intercept``, in the very sums that `one_pass` makes.

    Parameters
    ----------
    X : array or SciPy sparse matrix (CSR), shape (n_samples, n_features)
        Samples.
    coef : array, shape (k, n_features)
        Weights, one row per perceptron.
    intercept : array, shape (k,)
        Biases.

    Returns
    -------
    array, shape (n_samples, k)

    Examples
    --------
    >>> scores(np.array([[2.0, 1.0]]), np.array([[1.0, 0.5], [0.0, 3.0]]), np.zeros(2))
    array([[2.5, 3. ]])
    """
    precision = np.result_type(X.dtype, coef.dtype)
    rows = samples_of(X.astype(precision, copy=False))
    found = np.empty((len(coef), X.shape[0]), precision)
    weights = np.ascontiguousarray(coef, precision)
    for w, bias, out in zip(weights, intercept, found, strict=True):
        at = rows.at.copy()
        at["scores"] = out.ctypes.data
        _run(w, rows, at, float(bias), 0.0)
    return found.T


def one_pass(
    w: Array,
    b: Array,
    samples: Rows,
    wanted: NDArray[np.bool_],
    rate: float,
    order: NDArray[np.integer[Any]] | None,
) -> int:
    """Do what `perceptron_epoch` does for one perceptron, but for the order of its sums.

    Parameters
    ----------
    w : array, shape (n_features,)
        Weights, contiguous; overwritten.
    b : array, shape (1,)
        Bias, overwritten.
    samples : Rows
        From `samples_of`, in the precision of `w`.
    wanted : bool array, shape (n_samples,)
        What the perceptron should answer to each sample.
    rate : float
        Learning rate, above 0.
    order : int array, shape (n_samples,), optional
        The samples' places, in the order in which they are shown.

    Returns
    -------
    int
        Mistakes, that is, updates.

    Raises
    ------
    ValueError
        If `wanted` or `order` is not as long as there are rows: machine code would read what
        is not there.

    Examples
    --------
    >>> w, b, X = np.zeros(1), np.zeros(1), np.array([[2.0], [-1.0]])
    >>> one_pass(w, b, samples_of(X), np.array([False, True]), 1.0, None), w, b
    (1, array([-2.]), array([-1.]))
    """
    wanted = np.ascontiguousarray(wanted, np.bool_)
    if wanted.shape != (samples.at["rows"],):
        raise ValueError(f"wanted must have shape ({samples.at['rows']},); got {wanted.shape}")
    at = samples.at.copy()
    at["wanted"] = wanted.ctypes.data
    if order is not None:
        order = np.ascontiguousarray(order, np.int64)
        if order.shape != wanted.shape:
            raise ValueError(f"order must have shape {wanted.shape}; got {order.shape}")
        at["order"] = order.ctypes.data
    mistakes, b[0] = _run(w, samples, at, float(b[0]), rate)
    return mistakes


def _run(w: Array, rows: Rows, at: Numbers, bias: float, rate: float) -> tuple[int, float]:
    """Run the kernel over all rows, stretch by stretch; return mistakes and bias."""
    assert w.flags.c_contiguous
    call = function(kernel.perceptron, w.dtype.name)
    constants, reals = Numbers(kernel.CONSTANTS, np.float64), Numbers(kernel.REALS, np.float64)
    constants["rate"], reals["bias"] = rate, bias
    context = Numbers(kernel.CONTEXT, np.int64)
    arrays = w, rows.values, at.array, constants.array, context.array, reals.array
    addresses = [array.ctypes.data for array in arrays]
    while context["next"] < at["rows"]:
        context["left"] = _STRETCH
        call(*addresses)
    return int(context["mistakes"]), float(reals["bias"])
