"""What may happen to a gradient before a rule sees it. Each returns a new array."""

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["add_l2", "clip_by_norm", "clip_by_value"]


def add_l2(grad: Array, param: Array, weight_decay: float | Array) -> Array:
    r"""Return :math:`g + \lambda \theta`, the gradient of a loss with a squared penalty.

    The penalty is :math:`\tfrac{\lambda}{2} \lVert \theta \rVert^2`.

    Parameters
    ----------
    grad, param : float arrays, one shape
        Gradient of the loss without the penalty, and where it was taken.
    weight_decay : float or array
        :math:`\lambda \ge 0`.

    Returns
    -------
    array
        Shape of `grad`.

    References
    ----------
    Krogh and Hertz (1991), "A Simple Weight Decay Can Improve Generalization", NIPS 4.

    Examples
    --------
    >>> add_l2(np.array([1.0, 0.0]), np.array([2.0, -4.0]), 0.5)
    array([ 2., -2.])
    """
    return grad + weight_decay * param


def clip_by_value(grad: Array, limit: float) -> Array:
    r"""Return the gradient with each element moved into :math:`[-c, c]`.

    Parameters
    ----------
    grad : float array, any shape
        Gradient.
    limit : float
        :math:`c > 0`.

    Returns
    -------
    array
        Shape of `grad`; NaN passes through.

    References
    ----------
    Mikolov (2012), "Statistical Language Models Based on Neural Networks", PhD thesis,
    Brno University of Technology.

    Examples
    --------
    >>> clip_by_value(np.array([-3.0, 0.5]), 1.0)
    array([-1. ,  0.5])
    """
    return np.clip(grad, -limit, limit)


def clip_by_norm(grad: Array, limit: float) -> Array:
    r"""Return the gradient shortened to Euclidean length `limit` where it is longer.

    .. math:: g \cdot \min(1,\; c / \lVert g \rVert)

    Parameters
    ----------
    grad : float array, any shape
        All parameters' gradient: one norm for the whole vector.
    limit : float
        :math:`c > 0`.

    Returns
    -------
    array
        Shape of `grad`: unchanged, bit by bit, where it is short enough. A gradient with
        NaN or an infinity becomes NaN throughout.

    Notes
    -----
    Elements are divided by the greatest before they are squared, so neither huge nor tiny
    gradients overflow or vanish. PyTorch divides by :math:`\lVert g \rVert + 10^{-6}`.

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), "On the difficulty of training recurrent neural
    networks", algorithm 1.

    Examples
    --------
    >>> clip_by_norm(np.array([30.0, 40.0]), 5.0)
    array([3., 4.])
    """
    largest = np.max(np.abs(grad))
    scale = np.where(largest > 0, largest, 1.0)
    unit = grad / scale
    # At least 1 but for a gradient of zeros: a limit divided by it cannot overflow.
    length = np.maximum(np.sqrt(np.sum(unit**2)), 1.0)
    clipped: Array = np.where(scale <= limit / length, grad, unit * (limit / length))
    return clipped
