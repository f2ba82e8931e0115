r"""Learning-rate schedules: the factor on the rate as a function of progress.

Progress :math:`p \in [0, 1]` is the share of the planned updates that are already done:
before update :math:`t = 1, \dots, T` it is :math:`p = (t - 1) / T`. A formula takes one
number or an array of them.
"""

import math
from typing import NamedTuple

import numpy as np

from glassnet.formulas.types import Array

__all__ = [
    "PlateauState",
    "constant",
    "cosine",
    "exponential",
    "inverse_scaling",
    "one_cycle",
    "reduce_on_plateau",
    "step",
    "warmup_cosine",
]

# Progress counted in steps (3/10 over 1/10) may fall a rounding error short of a whole
# number; less than this is taken for rounding.
_ROUNDING = 1e-9


def constant(p: Array) -> Array:
    """Return one at every `p`: the rate never changes.

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.

    Returns
    -------
    array
        Shape of `p`.

    Examples
    --------
    >>> constant(np.array([0.0, 0.5, 1.0]))
    array([1., 1., 1.])
    """
    return np.ones_like(p)


def step(p: Array, drop: float, every: float) -> Array:
    r"""Return :math:`\text{drop}^{\lfloor p / \text{every} \rfloor}`: a staircase.

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.
    drop : float
        Factor at each stair, in ``(0, 1]``.
    every : float
        Length of a stair, in ``(0, 1]``.

    Returns
    -------
    array
        Shape of `p`; values in ``(0, 1]``.

    Examples
    --------
    >>> step(np.array([0.0, 0.2, 0.25, 0.6]), drop=0.5, every=0.25)
    array([1.  , 1.  , 0.5 , 0.25])
    """
    factor: Array = drop ** np.floor(p / every + _ROUNDING)
    return factor


def exponential(p: Array, final: float) -> Array:
    r"""Return :math:`\text{final}^p`: the same loss of rate at every update.

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.
    final : float
        Factor at the end, above 0; above 1 the rate grows.

    Returns
    -------
    array
        Shape of `p`; from 1 to `final`.

    Examples
    --------
    >>> exponential(np.array([0.0, 0.5, 1.0]), final=0.01)
    array([1.  , 0.1 , 0.01])
    """
    factor: Array = np.exp(math.log(final) * p)
    return factor


def inverse_scaling(p: Array, power: float, scale: float) -> Array:
    r"""Return :math:`(1 + \text{scale} \cdot p)^{-\text{power}}`: a long, slow fall.

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.
    power : float
        How fast it falls, at least 0; 0 is constant, 1/2 is the classic rate of stochastic
        approximation.
    scale : float
        How far it gets, at least 0: the last factor is
        :math:`(1 + \text{scale})^{-\text{power}}`.

    Returns
    -------
    array
        Shape of `p`; values in ``(0, 1]``.

    Notes
    -----
    With the number of samples seen in the whole training as `scale`, every epoch begins at
    the rate of scikit-learn's ``"invscaling"``. There the rate then rests until the epoch's
    end; here it falls at every update. So the two are equal throughout only where an epoch
    is one update, that is, with the full batch.

    References
    ----------
    Robbins and Monro (1951), "A Stochastic Approximation Method",
    Annals of Mathematical Statistics 22(3): which powers converge.

    Examples
    --------
    >>> inverse_scaling(np.array([0.0, 1.0]), power=0.5, scale=99.0)
    array([1. , 0.1])
    """
    return (1 + scale * p) ** -power


def cosine(p: Array, final: float) -> Array:
    r"""Return half a cosine wave from 1 down to `final`.

    .. math:: \text{final} + (1 - \text{final}) \tfrac12 (1 + \cos \pi p)

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.
    final : float
        Factor at the end, in ``[0, 1]``.

    Returns
    -------
    array
        Shape of `p`; from 1 to `final`.

    References
    ----------
    Loshchilov and Hutter (2017), "SGDR: Stochastic Gradient Descent with Warm Restarts",
    equation 5, one period.

    Examples
    --------
    >>> cosine(np.array([0.0, 0.5, 1.0]), final=0.0).round(12)
    array([1. , 0.5, 0. ])
    """
    return _half_wave(p, 1.0, final)


def warmup_cosine(p: Array, warmup: float, start: float, final: float) -> Array:
    r"""Return a straight rise from `start` to 1, then half a cosine wave down to `final`.

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.
    warmup : float
        Share of the training that the rise takes, in ``(0, 1)``.
    start, final : float
        First and last factor, in ``[0, 1]``.

    Returns
    -------
    array
        Shape of `p`; values in ``[0, 1]``.

    References
    ----------
    The linear rise: Goyal et al. (2017), "Accurate, Large Minibatch SGD: Training ImageNet
    in 1 Hour", section 2.2. The fall: see `cosine`.

    Examples
    --------
    >>> p = np.array([0.0, 0.1, 0.2, 0.6, 1.0])
    >>> warmup_cosine(p, warmup=0.2, start=0.0, final=0.0).round(12)
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    rise = start + (1 - start) * p / warmup
    return np.where(p < warmup, rise, _half_wave((p - warmup) / (1 - warmup), 1.0, final))


def one_cycle(p: Array, warmup: float, start: float, final: float) -> Array:
    r"""Return half a wave from `start` up to 1, then half a wave down to `final`.

    The rate is large in the middle of the training, where it acts against sharp minima,
    and far below the first rate at its end. (The paper turns the momentum the other way
    round at the same time; here only the rate moves.)

    Parameters
    ----------
    p : float array, any shape
        Progress, in ``[0, 1]``.
    warmup : float
        Share of the training that the rise takes, in ``(0, 1)``.
    start, final : float
        First and last factor, in ``[0, 1]``.

    Returns
    -------
    array
        Shape of `p`; values in ``[0, 1]``.

    References
    ----------
    Smith and Topin (2018), "Super-Convergence: Very Fast Training of Neural Networks Using
    Large Learning Rates"; half waves in place of straight lines, as in fastai and PyTorch.

    Examples
    --------
    >>> one_cycle(np.array([0.0, 0.25, 0.5, 1.0]), warmup=0.5, start=0.2, final=0.0).round(12)
    array([0.2, 0.6, 1. , 0. ])
    """
    rise = _half_wave(p / warmup, start, 1.0)
    return np.where(p < warmup, rise, _half_wave((p - warmup) / (1 - warmup), 1.0, final))


def _half_wave(p: Array, first: float, last: float) -> Array:
    factor: Array = last + (first - last) * 0.5 * (1 + np.cos(math.pi * p))
    return factor


class PlateauState(NamedTuple):
    """What `reduce_on_plateau` remembers between two values.

    Attributes
    ----------
    factor : float
        Factor on the learning rate from now on.
    best : float
        Least value that counted as an improvement.
    bad : int
        Values in a row without improvement.
    waiting : int
        Values still to come before they are counted again.
    """

    factor: float = 1.0
    best: float = math.inf
    bad: int = 0
    waiting: int = 0


def reduce_on_plateau(
    state: PlateauState,
    value: float,
    factor: float,
    patience: int,
    threshold: float,
    cooldown: int,
    minimum: float,
) -> PlateauState:
    r"""Return the state after one more `value`; the rate falls when values stop falling.

    A value :math:`l` is an improvement on the best one :math:`b` if
    :math:`l < b - \text{threshold} \cdot |b|`. After more than `patience` values in a row
    without one, the factor is multiplied by `factor`, the count starts again, and the next
    `cooldown` values are not counted.

    Parameters
    ----------
    state : PlateauState
        ``PlateauState()`` at first.
    value : float
        Loss of an epoch: smaller is better. NaN is no improvement.
    factor : float
        What one reduction leaves of the rate, in ``(0, 1)``.
    patience, cooldown : int
        At least 0.
    threshold : float
        Relative improvement that counts, in ``[0, 1)``.
    minimum : float
        The factor never falls below this.

    Returns
    -------
    PlateauState
        A new one; `state` is left as it is.

    References
    ----------
    The rule and its defaults are those of PyTorch's ``ReduceLROnPlateau`` (mode "min",
    relative threshold), whose threshold :math:`b (1 - \text{threshold})` is on the wrong
    side where losses are negative.

    Examples
    --------
    >>> state = PlateauState()
    >>> for loss in (1.0, 0.5, 0.5, 0.5):
    ...     state = reduce_on_plateau(state, loss, 0.1, 1, 1e-4, 0, 0.0)
    >>> state
    PlateauState(factor=0.1, best=0.5, bad=0, waiting=0)
    """
    # A product, not b - threshold |b|: the first best is infinite.
    if value < state.best * (1 - math.copysign(threshold, state.best)):
        best, bad = value, 0
    else:
        best, bad = state.best, state.bad + 1
    waiting = state.waiting
    if waiting > 0:
        waiting, bad = waiting - 1, 0
    if bad > patience:
        return PlateauState(max(state.factor * factor, minimum), best, 0, cooldown)
    return PlateauState(state.factor, best, bad, waiting)
