r"""Initializers: the weights a network has before it has seen anything.

Every rule is a function ``rule(rng, fan_in, fan_out, **parameters)`` that returns a
float64 array of shape ``(fan_in, fan_out)``: ``fan_in`` inputs feed each of ``fan_out``
units. ``rng`` is a `numpy.random.Generator` or a `numpy.random.RandomState`; the same
seed gives the same weights, and a rule that draws refuses anything else with a
TypeError. Biases start at zero, but for scikit-learn's rule.

All weights of a layer equal would make all its units learn the same. Random weights
must have the right size: a layer multiplies the variance of its inputs by
``fan_in`` times the variance of its weights, and over many layers a signal dies out or
explodes unless that product stays near 1.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from glassnet.formulas.types import Array

__all__ = [
    "constant",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "normal",
    "orthogonal",
    "sklearn_biases",
    "sklearn_weights",
    "uniform",
    "zeros",
]

# In quotes, since naming it loads numpy.random, which a plain import need not pay for.
Rng: TypeAlias = "np.random.Generator | np.random.RandomState"


# --- fixed sizes -----------------------------------------------------------------------


def zeros(rng: Rng, fan_in: int, fan_out: int) -> Array:
    """Return zeros: right for a single layer, no start at all for a hidden one.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        Nothing is drawn from it.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Notes
    -----
    Behind a hidden layer whose weights are all zero, no gradient arrives in front of it.

    Examples
    --------
    >>> zeros(np.random.default_rng(0), 2, 3)
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    return np.zeros((fan_in, fan_out))


def constant(rng: Rng, fan_in: int, fan_out: int, value: float = 0.1) -> Array:
    """Return one `value` everywhere: all units of a layer then stay equal for ever.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        Nothing is drawn from it.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.
    value : float
        Any finite number.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    ValueError
        If `value` is not finite.

    Examples
    --------
    >>> constant(np.random.default_rng(0), 1, 2, value=0.5)
    array([[0.5, 0.5]])
    """
    if not math.isfinite(value):
        raise ValueError(f"value must be a finite number; got {value!r}")
    return np.full((fan_in, fan_out), float(value))


def normal(rng: Rng, fan_in: int, fan_out: int, scale: float = 0.1) -> Array:
    r"""Draw :math:`W_{ij} \sim \text{scale} \cdot N(0, 1)`, whatever the layer's size.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One standard normal number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.
    scale : float, >= 0
        Standard deviation.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.
    ValueError
        If `scale` is negative or not finite.

    Examples
    --------
    The draws of ``np.random.seed(42); np.random.randn(2, 10) * 0.1``:

    >>> normal(np.random.RandomState(42), 2, 10)[0, :3].round(4)
    array([ 0.0497, -0.0138,  0.0648])
    """
    _check_rng(rng)
    _check_size("scale", scale)
    return np.asarray(scale * rng.standard_normal((fan_in, fan_out)))


def uniform(rng: Rng, fan_in: int, fan_out: int, scale: float = 0.1) -> Array:
    r"""Draw :math:`W_{ij}` evenly from :math:`[-\text{scale}, \text{scale})`.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One uniform number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.
    scale : float, >= 0
        Greatest weight; the standard deviation is :math:`\text{scale} / \sqrt 3`.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.
    ValueError
        If `scale` is negative or not finite.

    Examples
    --------
    >>> W = uniform(np.random.default_rng(0), 100, 100, scale=0.5)
    >>> bool(abs(W).max() <= 0.5), round(float(W.std()), 2)
    (True, 0.29)
    """
    _check_rng(rng)
    _check_size("scale", scale)
    return np.asarray(rng.uniform(-scale, scale, (fan_in, fan_out)))


# --- sizes that keep the signal's variance ---------------------------------------------


def glorot_normal(rng: Rng, fan_in: int, fan_out: int) -> Array:
    r"""Draw normal weights of variance :math:`2 / (n_\text{in} + n_\text{out})`.

    A compromise between :math:`1 / n_\text{in}`, which keeps the variance of a signal
    going forward, and :math:`1 / n_\text{out}`, which keeps that of a gradient going
    back, through units of slope 1 at zero (tanh).

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One standard normal number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.

    References
    ----------
    Glorot & Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS, eq. 12.

    Examples
    --------
    >>> round(float(glorot_normal(np.random.default_rng(0), 300, 200).var()), 4)
    0.004
    """
    return normal(rng, fan_in, fan_out, math.sqrt(2 / (fan_in + fan_out)))


def glorot_uniform(rng: Rng, fan_in: int, fan_out: int) -> Array:
    r"""Draw evenly within :math:`\pm\sqrt{6 / (n_\text{in} + n_\text{out})}`.

    The variance is that of `glorot_normal`.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One uniform number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.

    References
    ----------
    Glorot & Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", AISTATS, eq. 16.

    Examples
    --------
    >>> round(float(glorot_uniform(np.random.default_rng(0), 300, 200).var()), 4)
    0.004
    """
    return uniform(rng, fan_in, fan_out, math.sqrt(6 / (fan_in + fan_out)))


def he_normal(rng: Rng, fan_in: int, fan_out: int) -> Array:
    r"""Draw normal weights of variance :math:`2 / n_\text{in}`.

    The 2 makes up for the half of the signal that a relu sets to zero.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One standard normal number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.

    References
    ----------
    He et al. (2015), "Delving Deep into Rectifiers", arXiv:1502.01852, eq. 10.

    Examples
    --------
    >>> round(float(he_normal(np.random.default_rng(0), 200, 300).var()), 3)
    0.01
    """
    return normal(rng, fan_in, fan_out, math.sqrt(2 / fan_in))


def he_uniform(rng: Rng, fan_in: int, fan_out: int) -> Array:
    r"""Draw evenly within :math:`\pm\sqrt{6 / n_\text{in}}`.

    The variance is that of `he_normal`.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One uniform number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.

    References
    ----------
    He et al. (2015), "Delving Deep into Rectifiers", arXiv:1502.01852, eq. 10.

    Examples
    --------
    >>> round(float(he_uniform(np.random.default_rng(0), 200, 300).var()), 3)
    0.01
    """
    return uniform(rng, fan_in, fan_out, math.sqrt(6 / fan_in))


def lecun_normal(rng: Rng, fan_in: int, fan_out: int) -> Array:
    r"""Draw normal weights of variance :math:`1 / n_\text{in}`, as selu asks for.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One standard normal number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.

    References
    ----------
    LeCun, Bottou, Orr & Müller (1998), "Efficient BackProp", section 4.6.

    Klambauer et al. (2017), "Self-Normalizing Neural Networks", arXiv:1706.02515.

    Examples
    --------
    >>> round(float(lecun_normal(np.random.default_rng(0), 200, 300).var()), 4)
    0.005
    """
    return normal(rng, fan_in, fan_out, math.sqrt(1 / fan_in))


def orthogonal(rng: Rng, fan_in: int, fan_out: int, gain: float = 1.0) -> Array:
    r"""Draw a matrix that turns signals without stretching them (but for `gain`).

    .. math:: W^\top W = \text{gain}^2 I \quad (n_\text{in} \ge n_\text{out}), \qquad
        W W^\top = \text{gain}^2 I \quad (n_\text{in} \le n_\text{out})

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One standard normal number is drawn for each weight.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.
    gain : float, >= 0
        Length of the shorter side's vectors.

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.
    ValueError
        If `gain` is negative or not finite.

    Notes
    -----
    The matrix is the Q of a QR decomposition of normal numbers. Its columns' signs are
    whatever the decomposition happens to choose, so they are set to make the diagonal
    of R positive: only then is every rotation as likely as any other (Mezzadri).

    References
    ----------
    Saxe, McClelland & Ganguli (2014), "Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks", arXiv:1312.6120.

    Mezzadri (2007), "How to generate random matrices from the classical compact
    groups", arXiv:math-ph/0609050, section 5.

    Examples
    --------
    >>> W = orthogonal(np.random.default_rng(0), 4, 2)
    >>> bool(np.allclose(W.T @ W, np.eye(2)))
    True
    """
    _check_rng(rng)
    _check_size("gain", gain)
    q, r = np.linalg.qr(rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out))))
    q = gain * q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return np.ascontiguousarray(q if fan_in >= fan_out else q.T)


# --- scikit-learn's rule ---------------------------------------------------------------


def sklearn_weights(rng: Rng, fan_in: int, fan_out: int, factor: float = 6.0) -> Array:
    r"""Draw as scikit-learn's `MLPClassifier` and `MLPRegressor` draw their weights.

    Evenly within :math:`\pm\sqrt{\text{factor} / (n_\text{in} + n_\text{out})}`, and the
    layer's biases after them (`sklearn_biases`): the same `RandomState` then gives the
    same ``coefs_`` and ``intercepts_`` to start from.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One uniform number is drawn for each weight, row by row.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.
    factor : float, >= 0
        6, or 2 where scikit-learn's hidden layers are "logistic".

    Returns
    -------
    array, shape (fan_in, fan_out)

    Raises
    ------
    TypeError
        If `rng` cannot draw.
    ValueError
        If `factor` is negative or not finite.

    References
    ----------
    Glorot & Bengio (2010), as `glorot_uniform`; the 2 and the biases are scikit-learn's.

    Examples
    --------
    >>> W = sklearn_weights(np.random.RandomState(0), 2, 4)
    >>> W.shape, bool(abs(W).max() <= 1)
    ((2, 4), True)
    """
    return uniform(rng, fan_in, fan_out, _sklearn_bound(fan_in, fan_out, factor))


def sklearn_biases(rng: Rng, fan_in: int, fan_out: int, factor: float = 6.0) -> Array:
    r"""Draw the biases that go with `sklearn_weights`, from the same interval.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        One uniform number is drawn for each bias.
    fan_in, fan_out : int, >= 1
        Inputs and units of the layer.
    factor : float, >= 0
        As for the weights.

    Returns
    -------
    array, shape (fan_out,)

    Raises
    ------
    TypeError
        If `rng` cannot draw.
    ValueError
        If `factor` is negative or not finite.

    Examples
    --------
    >>> sklearn_biases(np.random.RandomState(0), 2, 4).shape
    (4,)
    """
    _check_rng(rng)
    bound = _sklearn_bound(fan_in, fan_out, factor)
    return np.asarray(rng.uniform(-bound, bound, fan_out))


def _sklearn_bound(fan_in: int, fan_out: int, factor: float) -> float:
    _check_size("factor", factor)
    return math.sqrt(factor / (fan_in + fan_out))


def _check_rng(rng: Rng) -> None:
    if not (hasattr(rng, "standard_normal") and hasattr(rng, "uniform")):
        raise TypeError(f"rng must be a numpy Generator or RandomState; got {rng!r}")


def _check_size(name: str, value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError(f"{name} must be finite and not negative; got {value!r}")
