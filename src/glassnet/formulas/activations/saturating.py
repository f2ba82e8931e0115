"""S-shaped activations, flat on both sides, and the exponential."""

from __future__ import annotations

import numpy as np

from glassnet.formulas.types import Array

# The last float32 and float64 whose exponential is finite, by bits of the number.
_LAST_FINITE_EXP = {32: 88.72283172607422, 64: 709.782712893384}


def sigmoid(z: Array) -> Array:
    r"""Return the logistic curve :math:`a = 1 / (1 + e^{-z})`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation; for a classifier the log-odds.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, 1]``. NaN passes through.

    Notes
    -----
    Only ``exp(-|z|)`` is taken, so that nothing overflows and the lower tail keeps its
    relative accuracy down to the smallest number.

    References
    ----------
    Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating
    errors", Nature 323, equation 2.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0, e) / (1.0 + e)


def sigmoid_slope(z: Array, a: Array) -> Array:
    """Return ``a (1 - a)``, at most 1/4; shape of `a`."""
    return a * (1.0 - a)


def tanh(z: Array) -> Array:
    r"""Return the hyperbolic tangent :math:`a = (e^z - e^{-z}) / (e^z + e^{-z})`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[-1, 1]``. NaN passes through.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), "Efficient BackProp", section 4.4, on why a curve
    centred on zero trains faster than the sigmoid.

    Examples
    --------
    >>> tanh(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    return np.tanh(z)


def tanh_slope(z: Array, a: Array) -> Array:
    """Return ``1 - a²``, as a product that keeps its digits near ``|a| = 1``; shape of `a`."""
    return (1.0 - a) * (1.0 + a)


def softsign(z: Array) -> Array:
    r"""Return :math:`a = z / (1 + |z|)`, which nears its limits slower than tanh.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[-1, 1]``. NaN passes through.

    References
    ----------
    Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS, section 3.

    Examples
    --------
    >>> softsign(np.array([-np.inf, -1.0, 3.0])).tolist()
    [-1.0, -0.5, 0.75]
    """
    z = np.clip(z, -1e30, 1e30)  # the value is ±1 long before; inf / inf would be NaN
    return z / (1.0 + np.abs(z))


def softsign_slope(z: Array, a: Array) -> Array:
    """Return ``1 / (1 + |z|)²``; shape of `z`."""
    root = 1.0 / (1.0 + np.abs(z))
    return root * root  # the square of 1 + |z| could overflow


def exp(z: Array) -> Array:
    r"""Return :math:`a = e^z`: turns the logit of a Poisson loss into a rate.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation: the logarithm of a rate.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, inf]``, ``inf`` where the exact value is
        above the largest finite number. NaN passes through.

    Examples
    --------
    >>> exp(np.array([-np.inf, 0.0, 1000.0])).tolist()
    [0.0, 1.0, inf]
    """
    last = _LAST_FINITE_EXP[np.finfo(z.dtype).bits]
    return np.where(z > last, np.inf, np.exp(np.minimum(z, last)))


def exp_slope(z: Array, a: Array) -> Array:
    """Return `a` itself: the exponential is its own slope."""
    return a
