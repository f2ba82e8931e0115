"""Activations of a whole row: probabilities of classes and their logarithms.

Their slope is a matrix per row, so `*_slope` takes the gradient that arrives and returns
its product with that matrix.
"""

from __future__ import annotations

import numpy as np

from glassnet.formulas.types import Array


def softmax(z: Array) -> Array:
    r"""Return each row as probabilities, :math:`a_i = e^{z_i} / \sum_j e^{z_j}`.

    Parameters
    ----------
    z : float array, shape (..., k)
        Logits; a row is the last axis, ``k >= 1``.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, 1]``, each row sums to 1. Entries that share
        an infinite maximum share the probability. A NaN makes its row NaN.

    Notes
    -----
    The largest logit is taken off first, so that nothing overflows. What this subtraction
    rounds away is put back (at a gap of 80 it would change the result by up to 32 ulp), and
    the largest term of the sum, exactly 1, is added last.

    References
    ----------
    Bridle (1990), "Probabilistic Interpretation of Feedforward Classification Network
    Outputs", Neurocomputing, NATO ASI F68.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0], [0.0, -np.inf]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    _, e, others = _below_largest(z)
    return e / (1.0 + others)


def softmax_slope(z: Array, a: Array, delta: Array) -> Array:
    r"""Return the gradient at `z`, :math:`a_i (\delta_i - \sum_j a_j \delta_j)`.

    Here `delta`, of the shape of `a`, is the gradient at ``a = softmax(z)``.
    """
    mean: Array = np.sum(a * delta, axis=-1, keepdims=True)
    return a * (delta - mean)


def log_softmax(z: Array) -> Array:
    r"""Return the logarithm of the softmax, :math:`a_i = z_i - \log \sum_j e^{z_j}`.

    Parameters
    ----------
    z : float array, shape (..., k)
        Logits; a row is the last axis, ``k >= 1``.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[-inf, 0]``. A NaN makes its row NaN.

    Notes
    -----
    The largest term of the sum is exactly 1 and is left to ``log1p``: the logarithm of a
    probability near 1 keeps all its digits.

    References
    ----------
    Blanchard, Higham and Higham (2021), "Accurately computing the log-sum-exp and softmax
    functions", IMA Journal of Numerical Analysis 41(4), algorithm 4.1.

    Examples
    --------
    >>> log_softmax(np.array([[1e30, 0.0]])).tolist()
    [[0.0, -1e+30]]
    """
    gap, _, others = _below_largest(z)
    logarithm: Array = np.log1p(others)
    return gap - logarithm


def softmax_and_log_softmax(z: Array) -> tuple[Array, Array]:
    r"""Return `softmax` and `log_softmax`, the very same numbers, for little more than one.

    Parameters
    ----------
    z : float array, shape (..., k)
        Logits.

    Returns
    -------
    probabilities, logarithms : arrays
        Shape and dtype of `z`.

    References
    ----------
    As for `softmax` and `log_softmax`.

    Examples
    --------
    >>> softmax_and_log_softmax(np.array([[0.0, -np.inf]]))
    (array([[1., 0.]]), array([[  0., -inf]]))
    """
    gap, e, others = _below_largest(z)
    logarithm: Array = np.log1p(others)
    return e / (1.0 + others), gap - logarithm


def log_softmax_slope(z: Array, a: Array, delta: Array) -> Array:
    r"""Return the gradient at `z`, :math:`\delta_i - e^{a_i} \sum_j \delta_j`.

    Here `delta`, of the shape of `a`, is the gradient at ``a = log_softmax(z)``.
    """
    total: Array = np.sum(delta, axis=-1, keepdims=True)
    return delta - np.exp(a) * total


def _below_largest(z: Array) -> tuple[Array, Array, Array]:
    """Return ``z - max(z)``, its exponential, and their sum over a row but for one maximum."""
    largest: Array = np.max(z, axis=-1, keepdims=True)
    top = z == largest
    # The largest are cut out because inf - inf is NaN; halves, because the gap may overflow.
    half = np.where(top, 0.0, z / 2.0) - np.where(top, 0.0, largest / 2.0)
    reach = float(np.finfo(z.dtype).max) / 2.0
    gap = np.where(half < -reach, -np.inf, 2.0 * np.maximum(half, -reach))
    e: Array = np.exp(gap)
    e = e + e * _rounded_away(z, largest)
    ties: Array = np.sum(np.where(top, np.ones_like(z), 0.0), axis=-1, keepdims=True)
    others: Array = np.sum(np.where(top, 0.0, e), axis=-1, keepdims=True)
    return gap, e, others + (ties - 1.0)


def _rounded_away(z: Array, largest: Array) -> Array:
    """Return what ``z - largest`` loses to rounding, exact where ``exp(z - largest) > 0``.

    Knuth's two-sum. The clipping keeps infinities out and alters nothing: beyond 4096, gaps
    whose exponential is above 0 have no rounding error.
    """
    x, y = np.clip(z, -4096.0, 4096.0), np.clip(largest, -4096.0, 4096.0)
    gap = x - y
    minus_y = gap - x
    rest: Array = (x - (gap - minus_y)) - (y + minus_y)
    return rest
