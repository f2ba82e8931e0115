"""Losses for numbers: how far a prediction is off."""

from __future__ import annotations

import math

import numpy as np

from glassnet.formulas.activations import exp
from glassnet.formulas.losses.common import check_shapes, over_outputs, square, times
from glassnet.formulas.types import Array

__all__ = [
    "absolute_error",
    "absolute_error_gradient",
    "huber",
    "huber_gradient",
    "poisson",
    "poisson_gradient",
    "quantile",
    "quantile_gradient",
    "squared_error",
    "squared_error_gradient",
]

_MEAN_IS_INFINITE = 1e3  # a logit beyond which exp(f) is inf in every dtype


def squared_error(y: Array, f: Array) -> Array:
    r"""Return half the squared distance, :math:`\ell = \tfrac12 \sum_k (f_k - y_k)^2`.

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    The half makes the gradient the plain error. A report of the mean squared error is
    twice this loss.

    References
    ----------
    Rumelhart, Hinton & Williams (1986), "Learning representations by back-propagating
    errors", Nature 323, eq. 3.

    Examples
    --------
    >>> squared_error(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]))
    array([4.5])
    """
    check_shapes(y, f)
    return over_outputs(0.5 * square(f - y))


def squared_error_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = f_k - y_k`, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `squared_error`.

    Raises
    ------
    ValueError
        As for `squared_error`.

    Examples
    --------
    >>> squared_error_gradient(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]))
    array([[3., 0.]])
    """
    check_shapes(y, f)
    return f - y


def absolute_error(y: Array, f: Array) -> Array:
    r"""Return the sum of absolute errors, :math:`\ell = \sum_k |f_k - y_k|`.

    Its minimum over samples is their median: one wild target cannot drag it away.

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Koenker & Bassett (1978), "Regression Quantiles", doi:10.2307/1913643: twice their
    loss for the median.

    Examples
    --------
    >>> absolute_error(np.array([[1.0, 2.0]]), np.array([[4.0, 1.5]]))
    array([3.5])
    """
    check_shapes(y, f)
    return over_outputs(np.abs(f - y))


def absolute_error_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = \operatorname{sign}(f_k - y_k)`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `absolute_error`.

    Returns
    -------
    array, shape of `f`
        -1 or 1, and 0 where ``f == y``.

    Raises
    ------
    ValueError
        As for `absolute_error`.

    Examples
    --------
    >>> absolute_error_gradient(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]))
    array([[1., 0.]])
    """
    check_shapes(y, f)
    return np.sign(f - y)


def huber(y: Array, f: Array, delta: float = 1.0) -> Array:
    r"""Return a loss that is squared for small errors and straight for large ones.

    .. math:: \ell = \sum_k \begin{cases} \tfrac12 r_k^2 & |r_k| \le \delta \\
        \delta\,(|r_k| - \tfrac12 \delta) & \text{otherwise} \end{cases},
        \qquad r = f - y

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.
    delta : float, > 0
        Size of the error at which the straight part begins, in the units of `y`.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ or `delta` is not positive and finite.

    References
    ----------
    Huber (1964), "Robust Estimation of a Location Parameter",
    doi:10.1214/aoms/1177703732.

    Examples
    --------
    >>> huber(np.zeros((1, 2)), np.array([[0.5, 3.0]]))
    array([2.625])
    """
    check_shapes(y, f)
    _check_delta(delta)
    size = np.abs(f - y)
    capped = np.minimum(size, delta)
    return over_outputs(capped * (size - 0.5 * capped))


def huber_gradient(y: Array, f: Array, delta: float = 1.0) -> Array:
    r"""Return the error cut off at ``-delta`` and ``delta``, shape of `f`.

    Parameters
    ----------
    y, f, delta
        As for `huber`.

    Raises
    ------
    ValueError
        As for `huber`.

    Examples
    --------
    >>> huber_gradient(np.zeros((1, 2)), np.array([[0.5, 3.0]]))
    array([[0.5, 1. ]])
    """
    check_shapes(y, f)
    _check_delta(delta)
    return np.clip(f - y, -delta, delta)


def quantile(y: Array, f: Array, q: float = 0.5) -> Array:
    r"""Return the pinball loss, whose minimum over samples is their `q` quantile.

    .. math:: \ell = \sum_k \max\bigl(q\,(y_k - f_k),\ (1 - q)\,(f_k - y_k)\bigr)

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.
    q : float, 0 < q < 1
        Share of targets that should lie below the prediction; 0.5 is the median.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ or `q` is outside its range.

    References
    ----------
    Koenker & Bassett (1978), "Regression Quantiles", doi:10.2307/1913643.

    Examples
    --------
    A prediction 2 too low costs nine times one that is 2 too high:

    >>> quantile(np.array([[5.0], [5.0]]), np.array([[3.0], [7.0]]), q=0.9)
    array([1.8, 0.2])
    """
    check_shapes(y, f)
    _check_q(q)
    return over_outputs(np.maximum(q * (y - f), (1 - q) * (f - y)))


def quantile_gradient(y: Array, f: Array, q: float = 0.5) -> Array:
    r"""Return ``-q`` where `f` is below `y`, ``1 - q`` above, 0 where they are equal.

    Parameters
    ----------
    y, f, q
        As for `quantile`.

    Returns
    -------
    array, shape of `f`

    Raises
    ------
    ValueError
        As for `quantile`.

    Examples
    --------
    >>> quantile_gradient(np.array([[5.0, 5.0]]), np.array([[3.0, 7.0]]), q=0.75)
    array([[-0.75,  0.25]])
    """
    check_shapes(y, f)
    _check_q(q)
    level = np.where(f < y, -q, f - y)
    return np.where(f > y, 1 - q, level)


def poisson(y: Array, f: Array) -> Array:
    r"""Return half the Poisson deviance of counts from the mean :math:`\mu = e^{f}`.

    .. math:: \ell = \sum_k y_k \log\frac{y_k}{\mu_k} - y_k + \mu_k

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Counts or rates, at least 0; ``0 log 0`` is 0.
    f : float array, shape (n_samples, n_outputs)
        Logarithm of the predicted mean.

    Returns
    -------
    array, shape (n_samples,)
        At least 0; ``inf`` once :math:`\mu` exceeds the dtype.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    With :math:`d = f - \log y` the loss is :math:`y\,(e^{d} - 1 - d)`. Written with
    ``expm1`` this stays accurate and never negative near the minimum, where the three
    terms of the equation cancel.

    References
    ----------
    Nelder & Wedderburn (1972), "Generalized Linear Models", doi:10.2307/2344614.

    Examples
    --------
    >>> poisson(np.array([[0.0], [3.0]]), np.log(np.array([[2.0], [3.0]])))
    array([2., 0.])
    """
    check_shapes(y, f)
    d = np.minimum(f, _MEAN_IS_INFINITE) - np.log(np.where(y > 0, y, 1))
    near = times(y, np.expm1(np.minimum(d, 1)) - d)
    far = exp(f) - y - times(y, d)  # for d > 1, where it is the more accurate; for y = 0
    return over_outputs(np.where((y > 0) & (d <= 1), near, far))


def poisson_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = e^{f_k} - y_k`, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `poisson`.

    Raises
    ------
    ValueError
        As for `poisson`.

    Examples
    --------
    >>> poisson_gradient(np.array([[0.0, 3.0]]), np.array([[0.0, 0.0]]))
    array([[ 1., -2.]])
    """
    check_shapes(y, f)
    return exp(f) - y


def _check_delta(delta: float) -> None:
    if not 0 < delta < math.inf:
        raise ValueError(f"delta must be positive and finite; got {delta!r}")


def _check_q(q: float) -> None:
    if not 0 < q < 1:
        raise ValueError(f"q must lie strictly between 0 and 1; got {q!r}")
