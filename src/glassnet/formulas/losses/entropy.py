"""Cross-entropies: how improbable the right answer was."""

from __future__ import annotations

import numpy as np

from glassnet.formulas.activations import log_softmax, sigmoid, softmax, softplus
from glassnet.formulas.activations.rowwise import softmax_and_log_softmax
from glassnet.formulas.losses.common import check_shapes, over_outputs, times
from glassnet.formulas.types import Array

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_both",
    "binary_cross_entropy_gradient",
    "categorical_cross_entropy",
    "categorical_cross_entropy_both",
    "categorical_cross_entropy_gradient",
]


def binary_cross_entropy(y: Array, f: Array, smoothing: float = 0.0) -> Array:
    r"""Return the surprise at yes-or-no answers, given the logits of "yes".

    .. math:: \ell = -\sum_k t_k \log \sigma(f_k) + (1 - t_k) \log(1 - \sigma(f_k)),
        \qquad t = (1 - s)\,y + \tfrac{s}{2}

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        0 for no, 1 for yes, or a probability between. Each output is a question of its
        own, so several may be yes at once.
    f : float array, shape (n_samples, n_outputs)
        Logits; the predicted probability is :math:`\sigma(f)`.
    smoothing : float, 0 <= s < 1
        Pulls the targets this far towards ½.

    Returns
    -------
    array, shape (n_samples,)
        At least 0, in nats; it grows in proportion to the logit of a wrong answer.

    Raises
    ------
    ValueError
        If the shapes differ or `smoothing` is outside its range.

    Notes
    -----
    With the softplus :math:`\zeta` it is :math:`(1-t)\,\zeta(f) + t\,\zeta(-f)`, since
    :math:`-\log\sigma(f) = \zeta(-f)`: no term is negative, so nothing cancels.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", eq. 4.90; smoothing:
    Szegedy et al. (2016), "Rethinking the Inception Architecture", arXiv:1512.00567,
    section 7.

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy(np.array([[1.0], [1.0]]), np.array([[0.0], [-1000.0]]))
    array([6.93147181e-01, 1.00000000e+03])
    """
    check_shapes(y, f)
    _check_smoothing(smoothing)
    yes, no = _smooth(y, smoothing, 2), _smooth(1 - y, smoothing, 2)
    return over_outputs(times(yes, softplus(-f)) + times(no, softplus(f)))


def binary_cross_entropy_gradient(y: Array, f: Array, smoothing: float = 0.0) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = \sigma(f_k) - t_k`, shape of `f`.

    Parameters
    ----------
    y, f, smoothing
        As for `binary_cross_entropy`.

    Raises
    ------
    ValueError
        As for `binary_cross_entropy`.

    Notes
    -----
    Computed as :math:`(1-t)\,\sigma(f) - t\,\sigma(-f)`: the subtraction of 1 would
    lose the small gradient of an answer that is nearly right.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", eq. 4.91.

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy_gradient(np.array([[1.0, 1.0]]), np.array([[0.0, 50.0]]))
    array([[-5.00000000e-01, -1.92874985e-22]])
    """
    check_shapes(y, f)
    _check_smoothing(smoothing)
    yes, no = _smooth(y, smoothing, 2), _smooth(1 - y, smoothing, 2)
    return no * sigmoid(f) - yes * sigmoid(-f)


def binary_cross_entropy_both(
    y: Array, f: Array, smoothing: float = 0.0
) -> tuple[Array, Array]:
    r"""Return `binary_cross_entropy` and its gradient, the very same numbers, in one go.

    One :math:`e^{-|f|}` serves all: :math:`\zeta(\pm f) = \max(\pm f, 0) +
    \log(1 + e^{-|f|})`, and :math:`\sigma(\pm f)` is 1 or :math:`e^{-|f|}` over
    :math:`1 + e^{-|f|}`.

    Parameters
    ----------
    y, f, smoothing
        As for `binary_cross_entropy`.

    Returns
    -------
    value : array, shape (n_samples,)
    gradient : array, shape (n_samples, n_outputs)

    Raises
    ------
    ValueError
        As for `binary_cross_entropy`.

    References
    ----------
    As for `binary_cross_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> binary_cross_entropy_both(np.array([[1.0]]), np.array([[0.0]]))
    (array([0.69314718]), array([[-0.5]]))
    """
    check_shapes(y, f)
    _check_smoothing(smoothing)
    yes, no = _smooth(y, smoothing, 2), _smooth(1 - y, smoothing, 2)
    e = np.exp(-np.abs(f))
    tail, whole = np.log1p(e), 1.0 + e
    softplus_up, softplus_down = np.maximum(f, 0.0) + tail, np.maximum(-f, 0.0) + tail
    sigmoid_up = np.where(f >= 0.0, 1.0, e) / whole
    sigmoid_down = np.where(f <= 0.0, 1.0, e) / whole
    value = over_outputs(times(yes, softplus_down) + times(no, softplus_up))
    return value, no * sigmoid_up - yes * sigmoid_down


def categorical_cross_entropy(y: Array, f: Array, smoothing: float = 0.0) -> Array:
    r"""Return the surprise at the true one of K classes, given a logit for each.

    .. math:: \ell = -\sum_k t_k \log p_k,
        \qquad p = \operatorname{softmax}(f), \quad t = (1 - s)\,y + \tfrac{s}{K}

    Parameters
    ----------
    y : float array, shape (n_samples, K)
        1 for the true class and 0 elsewhere, or probabilities.
    f : float array, shape (n_samples, K)
        Logits.
    smoothing : float, 0 <= s < 1
        Share of each target that is spread evenly over all classes.

    Returns
    -------
    array, shape (n_samples,)
        At least 0, in nats; it grows in proportion to the lead of a wrong class.

    Raises
    ------
    ValueError
        If the shapes differ or `smoothing` is outside its range.

    Notes
    -----
    :math:`\log p` is the log-softmax of the logits, which keeps all its digits where
    :math:`p` is nearly 1. No term is negative, so nothing cancels.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", eq. 4.108; smoothing:
    Szegedy et al. (2016), "Rethinking the Inception Architecture", arXiv:1512.00567,
    section 7.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[1.0, 0.0, 0.0]])
    >>> categorical_cross_entropy(y, np.array([[0.0, 0.0, 0.0]]))
    array([1.09861229])
    >>> categorical_cross_entropy(y, np.array([[0.0, 1000.0, 0.0]]))
    array([1000.])
    """
    check_shapes(y, f)
    _check_smoothing(smoothing)
    t = _smooth(y, smoothing, y.shape[-1])
    return over_outputs(times(t, -log_softmax(f)))


def categorical_cross_entropy_gradient(y: Array, f: Array, smoothing: float = 0.0) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = p_k - t_k`, shape of `f`.

    Parameters
    ----------
    y, f, smoothing
        As for `categorical_cross_entropy`.

    Raises
    ------
    ValueError
        As for `categorical_cross_entropy`.

    Notes
    -----
    Where the targets of a sample add up to another sum than 1, :math:`p` counts with
    that sum.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", eq. 4.109.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[1.0, 0.0, 0.0, 0.0]])
    >>> categorical_cross_entropy_gradient(y, np.zeros((1, 4)))
    array([[-0.75,  0.25,  0.25,  0.25]])
    """
    check_shapes(y, f)
    _check_smoothing(smoothing)
    t = _smooth(y, smoothing, y.shape[-1])
    return over_outputs(t)[..., None] * softmax(f) - t


def categorical_cross_entropy_both(
    y: Array, f: Array, smoothing: float = 0.0
) -> tuple[Array, Array]:
    r"""Return `categorical_cross_entropy` and its gradient, the very same numbers, in one go.

    Parameters
    ----------
    y, f, smoothing
        As for `categorical_cross_entropy`.

    Returns
    -------
    value : array, shape (n_samples,)
    gradient : array, shape (n_samples, K)

    Raises
    ------
    ValueError
        As for `categorical_cross_entropy`.

    References
    ----------
    As for `categorical_cross_entropy`.

    Examples
    --------
    >>> import numpy as np
    >>> categorical_cross_entropy_both(np.array([[1.0, 0.0]]), np.zeros((1, 2)))
    (array([0.69314718]), array([[-0.5,  0.5]]))
    """
    check_shapes(y, f)
    _check_smoothing(smoothing)
    t = _smooth(y, smoothing, y.shape[-1])
    p, log_p = softmax_and_log_softmax(f)
    return over_outputs(times(t, -log_p)), over_outputs(t)[..., None] * p - t


def _smooth(y: Array, smoothing: float, n_classes: int) -> Array:
    return (1 - smoothing) * y + smoothing / n_classes


def _check_smoothing(smoothing: float) -> None:
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1); got {smoothing!r}")
