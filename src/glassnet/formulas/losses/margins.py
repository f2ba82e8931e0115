"""Hinge losses: whether an answer was right by a margin."""

from __future__ import annotations

import numpy as np

from glassnet.formulas.losses.common import check_shapes, over_outputs, square
from glassnet.formulas.types import Array

__all__ = [
    "hinge",
    "hinge_gradient",
    "squared_hinge",
    "squared_hinge_gradient",
]


def hinge(y: Array, f: Array) -> Array:
    r"""Return how far each score falls short of a margin of 1 on the right side.

    .. math:: \ell = \sum_k \max(0,\ 1 - s_k f_k), \qquad s = 2y - 1

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        0 for no, 1 for yes.
    f : float array, shape (n_samples, n_outputs)
        Scores; above 0 means yes.

    Returns
    -------
    array, shape (n_samples,)
        At least 0; 0 once every score is on its side by 1 or more.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    For K > 2 classes, let `y` be one-hot and K the number of outputs: each output then
    tells one class from all the rest, and the greatest score is the answer. This is not
    the multi-class hinge of Crammer & Singer, which compares the scores of a sample
    with one another. Scores are no probabilities.

    References
    ----------
    Cortes & Vapnik (1995), "Support-Vector Networks", doi:10.1007/BF00994018; one class
    against the rest: Rifkin & Klautau (2004), "In Defense of One-Vs-All
    Classification", JMLR 5.

    Examples
    --------
    >>> hinge(np.array([[1.0], [1.0], [0.0]]), np.array([[2.0], [0.25], [0.25]]))
    array([0.  , 0.75, 1.25])
    """
    check_shapes(y, f)
    return over_outputs(np.maximum(1 - (2 * y - 1) * f, 0))


def hinge_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`-s_k` where :math:`s_k f_k < 1` and 0 elsewhere, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `hinge`.

    Raises
    ------
    ValueError
        As for `hinge`.

    Notes
    -----
    At the corner, :math:`s_k f_k = 1`, it is 0: a margin just met asks for no more.

    Examples
    --------
    >>> hinge_gradient(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.25, 0.25]]))
    array([[ 0., -1.,  1.]])
    """
    check_shapes(y, f)
    s = 2 * y - 1
    return np.where(s * f < 1, -s, 0)


def squared_hinge(y: Array, f: Array) -> Array:
    r"""Return the squared shortfall from a margin of 1 on the right side.

    .. math:: \ell = \sum_k \max(0,\ 1 - s_k f_k)^2, \qquad s = 2y - 1

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        0 for no, 1 for yes; one-hot for more than two classes, as for `hinge`.
    f : float array, shape (n_samples, n_outputs)
        Scores; above 0 means yes.

    Returns
    -------
    array, shape (n_samples,)
        At least 0; 0 once every score is on its side by 1 or more.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    It has no kink, and punishes a large shortfall harder than `hinge` does.

    References
    ----------
    Tang (2013), "Deep Learning using Linear Support Vector Machines", arXiv:1306.0239:
    the L2-SVM.

    Examples
    --------
    >>> squared_hinge(np.array([[1.0], [0.0]]), np.array([[0.5], [1.0]]))
    array([0.25, 4.  ])
    """
    check_shapes(y, f)
    return over_outputs(square(np.maximum(1 - (2 * y - 1) * f, 0)))


def squared_hinge_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`-2 s_k \max(0,\ 1 - s_k f_k)`, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `squared_hinge`.

    Raises
    ------
    ValueError
        As for `squared_hinge`.

    Examples
    --------
    >>> squared_hinge_gradient(np.array([[1.0, 0.0]]), np.array([[0.5, 1.0]]))
    array([[-1.,  4.]])
    """
    check_shapes(y, f)
    s = 2 * y - 1
    return -2 * s * np.maximum(1 - s * f, 0)
