"""Rules that divide each element's gradient by its own running size."""

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["adadelta_step", "adagrad_step", "rmsprop_step"]


def adagrad_step(
    param: Array, grad: Array, square_sum: Array, rate: float | Array, epsilon: float
) -> None:
    r"""Step by the gradient over the root of its summed squares, in place.

    .. math::

        s \leftarrow s + g^2, \qquad
        \theta \leftarrow \theta - \eta \frac{g}{\sqrt{s} + \epsilon}

    The sum only grows, so steps only shrink.

    Parameters
    ----------
    param, grad, square_sum : float arrays, one shape
        `param` and the sum `square_sum` are overwritten.
    rate : float or array
        :math:`\eta > 0`.
    epsilon : float
        :math:`\epsilon > 0`; keeps 0/0 away.

    References
    ----------
    Duchi, Hazan and Singer (2011), "Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization", JMLR 12, the diagonal form of figure 1.

    Examples
    --------
    >>> theta, square_sum = np.array([1.0]), np.array([9.0])
    >>> adagrad_step(theta, np.array([4.0]), square_sum, rate=0.5, epsilon=1e-10)
    >>> square_sum, theta
    (array([25.]), array([0.6]))
    """
    square_sum += grad * grad
    param -= rate * grad / (np.sqrt(square_sum) + epsilon)


def adadelta_step(
    param: Array,
    grad: Array,
    square_mean: Array,
    step_square_mean: Array,
    rate: float | Array,
    rho: float,
    epsilon: float,
) -> None:
    r"""Step by the gradient in the units of earlier steps, in place.

    .. math::

        s \leftarrow \rho s + (1 - \rho) g^2, \qquad
        d = \sqrt{\frac{r + \epsilon}{s + \epsilon}}\; g, \qquad
        r \leftarrow \rho r + (1 - \rho) d^2, \qquad
        \theta \leftarrow \theta - \eta d

    Parameters
    ----------
    param, grad, square_mean, step_square_mean : float arrays, one shape
        `param`, :math:`s` and :math:`r` are overwritten.
    rate : float or array
        :math:`\eta > 0`; 1 in the paper.
    rho : float
        Memory of both means, in ``[0, 1)``.
    epsilon : float
        :math:`\epsilon > 0`; it also sets the length of the first steps.

    References
    ----------
    Zeiler (2012), "ADADELTA: An Adaptive Learning Rate Method", algorithm 1.

    Examples
    --------
    >>> theta, s, r = np.array([1.0]), np.array([0.0]), np.array([3.0])
    >>> adadelta_step(theta, np.array([1.0]), s, r, rate=1.0, rho=0.0, epsilon=1.0)
    >>> s, r, theta.round(4)
    (array([1.]), array([2.]), array([-0.4142]))
    """
    square_mean *= rho
    square_mean += (1 - rho) * (grad * grad)
    # Two roots, not the root of a quotient: no overflow where the mean is tiny.
    delta = np.sqrt(step_square_mean + epsilon) / np.sqrt(square_mean + epsilon) * grad
    step_square_mean *= rho
    step_square_mean += (1 - rho) * (delta * delta)
    param -= rate * delta


def rmsprop_step(
    param: Array,
    grad: Array,
    square_mean: Array,
    rate: float | Array,
    rho: float,
    epsilon: float,
    mean: Array | None = None,
    velocity: Array | None = None,
    momentum: float = 0.0,
) -> None:
    r"""Step by the gradient over the root of its mean square, in place.

    .. math::

        s \leftarrow \rho s + (1 - \rho) g^2, \qquad
        d = \frac{g}{\sqrt{s} + \epsilon}, \qquad
        \theta \leftarrow \theta - \eta d

    Centred: with :math:`\bar g \leftarrow \rho \bar g + (1 - \rho) g`, the variance
    :math:`s - \bar g^2` takes the place of :math:`s` under the root. With momentum:
    :math:`v \leftarrow \mu v + d` takes the place of :math:`d` in the step.

    Parameters
    ----------
    param, grad, square_mean : float arrays, one shape
        `param` and `square_mean` are overwritten.
    rate : float or array
        :math:`\eta > 0`. It multiplies the velocity, it does not enter it.
    rho : float
        Memory of the means, in ``[0, 1)``.
    epsilon : float
        :math:`\epsilon > 0`; keeps 0/0 away.
    mean : array, optional
        :math:`\bar g`, overwritten; given means centred.
    velocity : array, optional
        :math:`v`, overwritten; given means with momentum.
    momentum : float
        :math:`0 \le \mu < 1`; used with `velocity` only.

    References
    ----------
    Tieleman and Hinton (2012), "Lecture 6.5: rmsprop", Neural Networks for Machine
    Learning. Centred, with momentum: Graves (2013), "Generating Sequences With Recurrent
    Neural Networks", equations 38 to 41 (where epsilon stands under the root).

    Examples
    --------
    >>> theta, square_mean = np.array([1.0]), np.array([0.0])
    >>> rmsprop_step(theta, np.array([4.0]), square_mean, 0.1, rho=0.75, epsilon=1e-8)
    >>> square_mean, theta.round(6)
    (array([4.]), array([0.8]))
    """
    square_mean *= rho
    square_mean += (1 - rho) * (grad * grad)
    second: Array = square_mean
    if mean is not None:
        mean *= rho
        mean += (1 - rho) * grad
        second = running_variance(square_mean, mean)
    direction: Array = grad / (np.sqrt(second) + epsilon)
    if velocity is not None:
        velocity *= momentum
        velocity += direction
        direction = velocity
    param -= rate * direction


def running_variance(square_mean: Array, mean: Array) -> Array:
    r"""Return :math:`\max(s - \bar g^2, 0)`, the variance of gradients from running means.

    Parameters
    ----------
    square_mean, mean : float arrays, one shape
        Running means of the squares and of the gradients themselves, of one memory.

    Returns
    -------
    array, shape and dtype of `mean`
        At least 0: rounding can leave a constant gradient's variance just below zero.

    References
    ----------
    Graves (2013), "Generating Sequences With Recurrent Neural Networks", equation 40.

    Examples
    --------
    >>> running_variance(np.array([5.0, 4.0]), np.array([1.0, 2.1]))
    array([4., 0.])
    """
    return np.maximum(square_mean - mean * mean, 0.0)
