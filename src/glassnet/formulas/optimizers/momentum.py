"""Rules that follow the gradient, or a running sum of gradients."""

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["lion_step", "momentum_step", "sgd_step"]


def sgd_step(param: Array, grad: Array, rate: float | Array) -> None:
    r"""Step against the gradient, in place.

    .. math:: \theta \leftarrow \theta - \eta g

    Parameters
    ----------
    param, grad : float arrays, one shape
        `param` is overwritten.
    rate : float or array
        :math:`\eta > 0`.

    References
    ----------
    Robbins and Monro (1951), "A Stochastic Approximation Method",
    Annals of Mathematical Statistics 22(3).

    Examples
    --------
    >>> theta = np.array([3.0, 2.0])
    >>> sgd_step(theta, np.array([6.0, 4.0]), rate=0.1)
    >>> theta
    array([2.4, 1.6])
    """
    param -= rate * grad


def momentum_step(
    param: Array,
    grad: Array,
    velocity: Array,
    rate: float | Array,
    momentum: float,
    nesterov: bool = False,
) -> None:
    r"""Step along a velocity that remembers earlier gradients, in place.

    .. math::

        v \leftarrow \mu v + \eta g, \qquad
        \theta \leftarrow \theta - v
        \quad\text{or, with Nesterov's look-ahead,}\quad
        \theta \leftarrow \theta - (\mu v + \eta g)

    Parameters
    ----------
    param, grad, velocity : float arrays, one shape
        `param` and `velocity` are overwritten.
    rate : float or array
        :math:`\eta > 0`.
    momentum : float
        :math:`0 \le \mu < 1`.
    nesterov : bool
        Apply the new velocity once more before stepping.

    Notes
    -----
    The rate stands inside the velocity, as in scikit-learn. PyTorch keeps
    :math:`b = v / \eta` instead: the same path at a constant rate, a different one under
    a schedule, where here an earlier gradient keeps the rate that it was seen with.

    References
    ----------
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods",
    doi:10.1016/0041-5553(64)90137-5. Nesterov's form: Sutskever et al. (2013), "On the
    importance of initialization and momentum in deep learning", section 2.

    Examples
    --------
    >>> theta, velocity = np.array([1.0]), np.array([0.5])
    >>> momentum_step(theta, np.array([2.0]), velocity, rate=0.1, momentum=0.8)
    >>> velocity, theta
    (array([0.6]), array([0.4]))
    """
    velocity *= momentum
    velocity += rate * grad
    if nesterov:
        param -= momentum * velocity + rate * grad
    else:
        param -= velocity


def lion_step(
    param: Array,
    grad: Array,
    m: Array,
    rate: float | Array,
    beta1: float,
    beta2: float,
    weight_decay: float | Array = 0.0,
) -> None:
    r"""Step by the sign of a mix of momentum and gradient, in place.

    .. math::

        u = \operatorname{sign}(\beta_1 m + (1 - \beta_1) g), \qquad
        \theta \leftarrow \theta - \eta (u + \lambda \theta), \qquad
        m \leftarrow \beta_2 m + (1 - \beta_2) g

    Every element moves by the same length, so good rates are three to ten times smaller
    than Adam's.

    Parameters
    ----------
    param, grad, m : float arrays, one shape
        `param` and the momentum `m` are overwritten.
    rate : float or array
        :math:`\eta > 0`.
    beta1, beta2 : float
        In ``[0, 1)``: the mix for this step, and the memory of the momentum.
    weight_decay : float or array
        :math:`\lambda \ge 0`, decoupled: it shrinks `param`, it does not enter `m`.

    References
    ----------
    Chen et al. (2023), "Symbolic Discovery of Optimization Algorithms", algorithm 2.

    Examples
    --------
    >>> theta, m = np.array([1.0, 1.0]), np.zeros(2)
    >>> lion_step(theta, np.array([40.0, -0.1]), m, rate=0.01, beta1=0.9, beta2=0.99)
    >>> theta
    array([0.99, 1.01])
    """
    direction = np.sign(lion_mix(grad, m, beta1))
    param -= rate * (direction + weight_decay * param)
    m *= beta2
    m += (1 - beta2) * grad


def lion_mix(grad: Array, m: Array, beta1: float) -> Array:
    r"""Return :math:`\beta_1 m + (1 - \beta_1) g`, whose signs `lion_step` steps by.

    Parameters
    ----------
    grad, m : float arrays, one shape
        The gradient, and the momentum before it takes that in.
    beta1 : float
        As for `lion_step`.

    Returns
    -------
    array, shape and dtype of `grad`

    References
    ----------
    Chen et al. (2023), "Symbolic Discovery of Optimization Algorithms", algorithm 2.

    Examples
    --------
    >>> lion_mix(np.array([4.0]), np.array([2.0]), 0.75)
    array([2.5])
    """
    return beta1 * m + (1 - beta1) * grad
