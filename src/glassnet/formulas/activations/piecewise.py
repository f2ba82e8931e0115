"""Activations made of straight pieces: cheap, and with kinks."""

from __future__ import annotations

import numpy as np

from glassnet.formulas.types import Array


def identity(z: Array) -> Array:
    r"""Return the pre-activation unchanged, :math:`a = z`: the same array, not a copy.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        `z` itself.

    Examples
    --------
    >>> identity(np.array([-2.0, 3.0])).tolist()
    [-2.0, 3.0]
    """
    return z


def identity_slope(z: Array, a: Array) -> Array:
    """Return 1 everywhere; shape of `z`."""
    return np.ones_like(z)


def step(z: Array) -> Array:
    r"""Return 1 where :math:`z \ge 0` and 0 elsewhere: the perceptron's decision.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; each value 0 or 1, and 1 at zero. NaN passes through.

    References
    ----------
    Rosenblatt (1958), "The perceptron", Psychological Review 65(6).

    Examples
    --------
    >>> step(np.array([-0.5, 0.0, 2.0])).tolist()
    [0.0, 1.0, 1.0]
    """
    return np.minimum(np.sign(z) + 1.0, 1.0)  # from the sign, so that NaN passes


def step_slope(z: Array, a: Array) -> Array:
    """Return 0 everywhere, at the jump too: no gradient passes a step; shape of `z`."""
    return np.zeros_like(z)


def relu(z: Array) -> Array:
    r"""Return the rectified pre-activation, :math:`a = \max(z, 0)`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, inf]``. NaN passes through.

    References
    ----------
    Nair and Hinton (2010), "Rectified Linear Units Improve Restricted Boltzmann Machines",
    ICML.

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0])).tolist()
    [0.0, 0.0, 3.0]
    """
    return np.maximum(z, 0.0)


def relu_slope(z: Array, a: Array) -> Array:
    """Return 1 where the unit is on and 0 elsewhere (at zero too); shape of `a`."""
    return np.sign(a)  # a is never negative


def leaky_relu(z: Array, alpha: float = 0.01) -> Array:
    r"""Return `z` where it is positive and a small share of it elsewhere.

    .. math:: a = z \text{ for } z > 0, \qquad a = \alpha z \text{ for } z \le 0

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.
    alpha : float, default 0.01
        Slope of the negative side, ``0 <= alpha <= 1``.

    Returns
    -------
    array
        Shape and dtype of `z`. NaN passes through.

    References
    ----------
    Maas, Hannun and Ng (2013), "Rectifier Nonlinearities Improve Neural Network Acoustic
    Models", ICML workshop.

    Examples
    --------
    >>> leaky_relu(np.array([-2.0, 3.0]), alpha=0.25).tolist()
    [-0.5, 3.0]
    """
    return np.where(z > 0.0, z, alpha * z)


def leaky_relu_slope(z: Array, a: Array, alpha: float = 0.01) -> Array:
    """Return 1 where ``z > 0`` and `alpha` elsewhere; shape of `z`."""
    return np.where(z > 0.0, 1.0, np.where(np.isnan(z), z, alpha))


def relu6(z: Array) -> Array:
    r"""Return the rectified pre-activation, capped: :math:`a = \min(\max(z, 0), 6)`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, 6]``. NaN passes through.

    References
    ----------
    Krizhevsky (2010), "Convolutional Deep Belief Networks on CIFAR-10", technical report.

    Examples
    --------
    >>> relu6(np.array([-2.0, 3.0, 9.0])).tolist()
    [0.0, 3.0, 6.0]
    """
    return np.clip(z, 0.0, 6.0)


def relu6_slope(z: Array, a: Array) -> Array:
    """Return 1 where ``0 < z < 6`` and 0 elsewhere; shape of `z`."""
    inside = (z > 0.0) & (z < 6.0)
    return np.where(inside, 1.0, np.where(np.isnan(z), z, 0.0))


def hard_sigmoid(z: Array) -> Array:
    r"""Return the sigmoid drawn with three straight lines.

    .. math:: a = \min(\max(z / 6 + 1/2,\, 0),\, 1)

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, 1]``. NaN passes through.

    Notes
    -----
    Computed as ``clip(z + 3, 0, 6) / 6``: the sum is exact near ``z = -3``, where
    ``z / 6 + 1/2`` would cancel. PyTorch's definition; others use other slopes.

    References
    ----------
    Howard et al. (2019), "Searching for MobileNetV3", ICCV, section 5.2.

    Examples
    --------
    >>> hard_sigmoid(np.array([-4.0, 0.0, 1.5])).tolist()
    [0.0, 0.5, 0.75]
    """
    raised: Array = np.clip(z + 3.0, 0.0, 6.0)
    return raised / 6.0


def hard_sigmoid_slope(z: Array, a: Array) -> Array:
    """Return 1/6 where ``-3 < z < 3`` and 0 elsewhere; shape of `z`."""
    return np.where(np.abs(z) < 3.0, 1.0 / 6.0, np.where(np.isnan(z), z, 0.0))


def hard_swish(z: Array) -> Array:
    r"""Return the swish drawn with pieces: :math:`a = z \min(\max(z/6 + 1/2,\, 0),\, 1)`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values from -0.375 (at ``z = -1.5``) upwards. NaN passes
        through.

    References
    ----------
    Howard et al. (2019), "Searching for MobileNetV3", ICCV, section 5.2.

    Examples
    --------
    >>> hard_swish(np.array([-4.0, -1.5, 6.0])).tolist()
    [-0.0, -0.375, 6.0]
    """
    return np.maximum(z, -3.0) * hard_sigmoid(z)  # z itself would give -inf times 0: NaN


def hard_swish_slope(z: Array, a: Array) -> Array:
    """Return ``z/3 + 1/2`` where ``-3 < z < 3``, else 0 below and 1 above; shape of `z`."""
    return np.where(np.abs(z) < 3.0, z / 3.0 + 0.5, np.clip(z, 0.0, 1.0))
