"""Smooth relatives of the rectifier: flat on the left, straight on the right."""

from __future__ import annotations

import math

import numpy as np

from glassnet.formulas.activations.saturating import sigmoid
from glassnet.formulas.special import normal_cdf, normal_density
from glassnet.formulas.types import Array

# Beyond these, in float64 too, a gate is exactly 0 or 1. A factor z is cut there because
# inf times 0 is NaN: sigmoid(-1000), Φ(-40) and the slope of mish's gate at 40 are negligible.
_SIGMOID_END = 1000.0
_NORMAL_END = 40.0
_MISH_END = 40.0

_SELU_SCALE = 1.0507009873554805
_SELU_DEPTH = 1.7580993408473768  # λ α, rounded once
# The last float32 and float64 whose product with λ is finite, by bits of the number.
_SELU_LAST_FINITE = {32: 3.2386219460124296e38, 64: 1.7109464600266028e308}
_GELU_CUBIC = 0.044715
_GELU_RATE = 2.0 * math.sqrt(2.0 / math.pi)


def elu(z: Array, alpha: float = 1.0) -> Array:
    r"""Return `z` where it is positive and an exponential that levels off elsewhere.

    .. math:: a = z \text{ for } z > 0, \qquad a = \alpha (e^z - 1) \text{ for } z \le 0

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.
    alpha : float, default 1.0
        Depth of the negative side, positive; the slope has no jump only for 1.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[-alpha, inf]``. NaN passes through.

    References
    ----------
    Clevert, Unterthiner and Hochreiter (2016), "Fast and Accurate Deep Network Learning by
    Exponential Linear Units", ICLR, equation 15.

    Examples
    --------
    >>> elu(np.array([-np.inf, 0.0, 2.0])).tolist()
    [-1.0, 0.0, 2.0]
    """
    return np.where(z > 0.0, z, alpha * np.expm1(np.minimum(z, 0.0)))


def elu_slope(z: Array, a: Array, alpha: float = 1.0) -> Array:
    """Return 1 where ``z > 0`` and ``a + alpha`` elsewhere; shape of `z`."""
    return np.where(z > 0.0, 1.0, a + alpha)


def selu(z: Array) -> Array:
    r"""Return the ELU scaled so that layers keep mean 0 and variance 1.

    .. math:: a = \lambda z \text{ for } z > 0, \qquad
              a = \lambda \alpha (e^z - 1) \text{ for } z \le 0

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[-1.758..., inf]``, ``inf`` where the exact value
        is above the largest finite number. NaN passes through.

    Notes
    -----
    λ = 1.0507009873554805 and α = 1.6732632423543772 solve the two conditions on a standard
    normal input (the paper's appendix A gives them in closed form).

    References
    ----------
    Klambauer et al. (2017), "Self-Normalizing Neural Networks", NeurIPS, equation 2.

    Examples
    --------
    >>> selu(np.array([0.0, 2.0])).tolist()
    [0.0, 2.101401974710961]
    """
    last = _SELU_LAST_FINITE[np.finfo(z.dtype).bits]
    right = np.where(z > last, np.inf, _SELU_SCALE * np.clip(z, 0.0, last))
    return np.where(z > 0.0, right, _SELU_DEPTH * np.expm1(np.minimum(z, 0.0)))


def selu_slope(z: Array, a: Array) -> Array:
    """Return λ where ``z > 0`` and ``a + λ α`` elsewhere; shape of `z`."""
    return np.where(z > 0.0, _SELU_SCALE, a + _SELU_DEPTH)


def softplus(z: Array) -> Array:
    r"""Return the smooth ramp :math:`a = \log(1 + e^z)`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values in ``[0, inf]``. NaN passes through.

    Notes
    -----
    Computed as ``max(z, 0) + log1p(exp(-|z|))``: no tail overflows.

    References
    ----------
    Dugas et al. (2000), "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing", NIPS 13.

    Examples
    --------
    >>> bool(softplus(np.array(800.0)) == 800.0)
    True
    """
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def softplus_slope(z: Array, a: Array) -> Array:
    """Return ``1 - exp(-a)``, the slope read from the output; shape of `a`."""
    return -np.expm1(-a)  # expm1 keeps precision where a is tiny


def swish(z: Array) -> Array:
    r"""Return `z` times its own sigmoid, :math:`a = z \sigma(z)`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values from -0.2785 (at ``z = -1.278``) upwards. NaN passes
        through.

    References
    ----------
    Ramachandran, Zoph and Le (2018), "Searching for Activation Functions", with β = 1;
    the same as the SiLU of Elfwing, Uchibe and Doya (2018), Neural Networks 107.

    Examples
    --------
    >>> swish(np.array([-np.inf, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """
    return np.maximum(z, -_SIGMOID_END) * sigmoid(z)


def swish_slope(z: Array, a: Array) -> Array:
    """Return ``σ(z) (1 + z σ(-z))``; shape of `z`."""
    near = np.clip(z, -_SIGMOID_END, _SIGMOID_END)
    return sigmoid(near) * (1.0 + near * sigmoid(-near))


def gelu(z: Array) -> Array:
    r"""Return `z` times the chance that a standard normal number is below it.

    .. math:: a = z\,\Phi(z) = \tfrac12 z \operatorname{erfc}(-z / \sqrt 2)

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values from -0.1700 (at ``z = -0.7518``) upwards. NaN passes
        through.

    References
    ----------
    Hendrycks and Gimpel (2016), "Gaussian Error Linear Units", arXiv:1606.08415, section 2.

    Examples
    --------
    >>> gelu(np.array([-np.inf, 0.0, 100.0])).tolist()
    [-0.0, 0.0, 100.0]
    """
    return np.maximum(z, -_NORMAL_END) * normal_cdf(z)


def gelu_slope(z: Array, a: Array) -> Array:
    """Return ``Φ(z) + z φ(z)``, φ the normal density; shape of `z`."""
    near = np.clip(z, -_NORMAL_END, _NORMAL_END)
    return normal_cdf(near) + near * normal_density(near)


def gelu_tanh(z: Array) -> Array:
    r"""Return the GELU with its normal distribution replaced by a tanh of a cubic.

    .. math:: a = \tfrac12 z \left(1 + \tanh\left(
              \sqrt{2/\pi}\,(z + 0.044715 z^3)\right)\right)

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values from -0.1700 (at ``z = -0.7525``) upwards, within
        5e-4 of `gelu`. NaN passes through.

    Notes
    -----
    Computed as ``z σ(2u)``, with u the argument of tanh: the same function, without the
    cancellation of ``1 + tanh`` on the negative side.

    References
    ----------
    Hendrycks and Gimpel (2016), "Gaussian Error Linear Units", arXiv:1606.08415, section 2.

    Examples
    --------
    >>> gelu_tanh(np.array([-np.inf, 0.0, 100.0])).tolist()
    [-0.0, 0.0, 100.0]
    """
    near = np.clip(z, -_NORMAL_END, _NORMAL_END)
    gate = sigmoid(_GELU_RATE * near * (1.0 + _GELU_CUBIC * near * near))
    return np.maximum(z, -_NORMAL_END) * gate


def gelu_tanh_slope(z: Array, a: Array) -> Array:
    """Return ``σ(v) (1 + z v' σ(-v))`` with v twice the argument of tanh; shape of `z`."""
    near = np.clip(z, -_NORMAL_END, _NORMAL_END)
    v = _GELU_RATE * near * (1.0 + _GELU_CUBIC * near * near)
    v_slope = _GELU_RATE * (1.0 + 3.0 * _GELU_CUBIC * near * near)
    return sigmoid(v) * (1.0 + near * v_slope * sigmoid(-v))


def mish(z: Array) -> Array:
    r"""Return `z` times the tanh of its softplus, :math:`a = z \tanh(\log(1 + e^z))`.

    Parameters
    ----------
    z : float array, any shape
        Pre-activation.

    Returns
    -------
    array
        Shape and dtype of `z`; values from -0.3088 (at ``z = -1.192``) upwards. NaN passes
        through.

    References
    ----------
    Misra (2020), "Mish: A Self Regularized Non-Monotonic Activation Function", BMVC.

    Examples
    --------
    >>> mish(np.array([-np.inf, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """
    return np.maximum(z, -_SIGMOID_END) * np.tanh(softplus(z))


def mish_slope(z: Array, a: Array) -> Array:
    """Return ``tanh(s) + z σ(z) / cosh²(s)`` with s the softplus of z; shape of `z`."""
    near = np.clip(z, -_SIGMOID_END, _MISH_END)
    s = softplus(near)
    bend: Array = swish(near) / np.cosh(s) ** 2
    return np.tanh(s) + bend
