r"""Losses: what an error costs, and which way is downhill.

Every loss is two functions of the targets ``y`` and the logits ``f`` (the network's
last pre-activations), both of shape ``(n_samples, n_outputs)``:

- its value for each sample, summed over the outputs, shape ``(n_samples,)``;
- the gradient of that value by the logits, shape ``(n_samples, n_outputs)``.

Taken at the logits, a cross-entropy needs no logarithm of a probability that has
rounded to 0 or 1: its value stays exact and its gradient alive however sure the
network is.

Three rules hold for all of them. At a kink, where two slopes meet, the gradient is 0
(each of these kinks is a minimum). At an infinite logit the value is the limit,
wherever there is one. A value or gradient too large for the dtype is ``inf``, and NumPy
gives no warning. NaN passes through the values.
"""

from __future__ import annotations

import math

import numpy as np

from glassnet.formulas.activations import exp, log_softmax, sigmoid, softmax, softplus
from glassnet.formulas.types import Array

__all__ = [
    "absolute_error",
    "absolute_error_gradient",
    "binary_cross_entropy",
    "binary_cross_entropy_gradient",
    "categorical_cross_entropy",
    "categorical_cross_entropy_gradient",
    "hinge",
    "hinge_gradient",
    "huber",
    "huber_gradient",
    "poisson",
    "poisson_gradient",
    "quantile",
    "quantile_gradient",
    "squared_error",
    "squared_error_gradient",
    "squared_hinge",
    "squared_hinge_gradient",
    "weighted_gradient",
    "weighted_mean",
]


_MEAN_IS_INFINITE = 1e3  # a logit beyond which exp(f) is inf in every dtype


# --- regression ------------------------------------------------------------------------


def squared_error(y: Array, f: Array) -> Array:
    r"""Return half the squared distance, :math:`\ell = \tfrac12 \sum_k (f_k - y_k)^2`.

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    The half makes the gradient the plain error. A report of the mean squared error is
    twice this loss.

    References
    ----------
    Rumelhart, Hinton & Williams (1986), "Learning representations by back-propagating
    errors", Nature 323, eq. 3.

    Examples
    --------
    >>> squared_error(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]))
    array([4.5])
    """
    _check_shapes(y, f)
    return _over_outputs(0.5 * _square(f - y))


def squared_error_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = f_k - y_k`, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `squared_error`.

    Examples
    --------
    >>> squared_error_gradient(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]))
    array([[3., 0.]])
    """
    _check_shapes(y, f)
    return f - y


def absolute_error(y: Array, f: Array) -> Array:
    r"""Return the sum of absolute errors, :math:`\ell = \sum_k |f_k - y_k|`.

    Its minimum over samples is their median: one wild target cannot drag it away.

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Koenker & Bassett (1978), "Regression Quantiles", doi:10.2307/1913643: twice their
    loss for the median.

    Examples
    --------
    >>> absolute_error(np.array([[1.0, 2.0]]), np.array([[4.0, 1.5]]))
    array([3.5])
    """
    _check_shapes(y, f)
    return _over_outputs(np.abs(f - y))


def absolute_error_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = \operatorname{sign}(f_k - y_k)`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `absolute_error`.

    Returns
    -------
    array, shape of `f`
        -1 or 1, and 0 where ``f == y``.

    Examples
    --------
    >>> absolute_error_gradient(np.array([[1.0, 2.0]]), np.array([[4.0, 2.0]]))
    array([[1., 0.]])
    """
    _check_shapes(y, f)
    return np.sign(f - y)


def huber(y: Array, f: Array, delta: float = 1.0) -> Array:
    r"""Return a loss that is squared for small errors and straight for large ones.

    .. math:: \ell = \sum_k \begin{cases} \tfrac12 r_k^2 & |r_k| \le \delta \\
        \delta\,(|r_k| - \tfrac12 \delta) & \text{otherwise} \end{cases},
        \qquad r = f - y

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.
    delta : float, > 0
        Size of the error at which the straight part begins, in the units of `y`.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ or `delta` is not positive and finite.

    References
    ----------
    Huber (1964), "Robust Estimation of a Location Parameter",
    doi:10.1214/aoms/1177703732.

    Examples
    --------
    >>> huber(np.zeros((1, 2)), np.array([[0.5, 3.0]]))
    array([2.625])
    """
    _check_shapes(y, f)
    _check_delta(delta)
    size = np.abs(f - y)
    capped = np.minimum(size, delta)
    return _over_outputs(capped * (size - 0.5 * capped))


def huber_gradient(y: Array, f: Array, delta: float = 1.0) -> Array:
    r"""Return the error cut off at ``-delta`` and ``delta``, shape of `f`.

    Parameters
    ----------
    y, f, delta
        As for `huber`.

    Examples
    --------
    >>> huber_gradient(np.zeros((1, 2)), np.array([[0.5, 3.0]]))
    array([[0.5, 1. ]])
    """
    _check_shapes(y, f)
    _check_delta(delta)
    return np.clip(f - y, -delta, delta)


def quantile(y: Array, f: Array, q: float = 0.5) -> Array:
    r"""Return the pinball loss, whose minimum over samples is their `q` quantile.

    .. math:: \ell = \sum_k \max\bigl(q\,(y_k - f_k),\ (1 - q)\,(f_k - y_k)\bigr)

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Targets, any finite number.
    f : float array, shape (n_samples, n_outputs)
        Predictions.
    q : float, 0 < q < 1
        Share of targets that should lie below the prediction; 0.5 is the median.

    Returns
    -------
    array, shape (n_samples,)
        At least 0.

    Raises
    ------
    ValueError
        If the shapes differ or `q` is outside its range.

    References
    ----------
    Koenker & Bassett (1978), "Regression Quantiles", doi:10.2307/1913643.

    Examples
    --------
    A prediction 2 too low costs nine times one that is 2 too high:

    >>> quantile(np.array([[5.0], [5.0]]), np.array([[3.0], [7.0]]), q=0.9)
    array([1.8, 0.2])
    """
    _check_shapes(y, f)
    _check_q(q)
    return _over_outputs(np.maximum(q * (y - f), (1 - q) * (f - y)))


def quantile_gradient(y: Array, f: Array, q: float = 0.5) -> Array:
    r"""Return ``-q`` where `f` is below `y`, ``1 - q`` above, 0 where they are equal.

    Parameters
    ----------
    y, f, q
        As for `quantile`.

    Returns
    -------
    array, shape of `f`

    Examples
    --------
    >>> quantile_gradient(np.array([[5.0, 5.0]]), np.array([[3.0, 7.0]]), q=0.75)
    array([[-0.75,  0.25]])
    """
    _check_shapes(y, f)
    _check_q(q)
    level = np.where(f < y, -q, f - y)
    return np.where(f > y, 1 - q, level)


def poisson(y: Array, f: Array) -> Array:
    r"""Return half the Poisson deviance of counts from the mean :math:`\mu = e^{f}`.

    .. math:: \ell = \sum_k y_k \log\frac{y_k}{\mu_k} - y_k + \mu_k

    Parameters
    ----------
    y : float array, shape (n_samples, n_outputs)
        Counts or rates, at least 0; ``0 log 0`` is 0.
    f : float array, shape (n_samples, n_outputs)
        Logarithm of the predicted mean.

    Returns
    -------
    array, shape (n_samples,)
        At least 0; ``inf`` once :math:`\mu` exceeds the dtype.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    With :math:`d = f - \log y` the loss is :math:`y\,(e^{d} - 1 - d)`. Written with
    ``expm1`` this stays accurate and never negative near the minimum, where the three
    terms of the equation cancel.

    References
    ----------
    Nelder & Wedderburn (1972), "Generalized Linear Models", doi:10.2307/2344614.

    Examples
    --------
    >>> poisson(np.array([[0.0], [3.0]]), np.log(np.array([[2.0], [3.0]])))
    array([2., 0.])
    """
    _check_shapes(y, f)
    d = np.minimum(f, _MEAN_IS_INFINITE) - np.log(np.where(y > 0, y, 1))
    near = _times(y, np.expm1(np.minimum(d, 1)) - d)
    far = exp(f) - y - _times(y, d)  # for d > 1, where it is the more accurate; for y = 0
    return _over_outputs(np.where((y > 0) & (d <= 1), near, far))


def poisson_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = e^{f_k} - y_k`, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `poisson`.

    Examples
    --------
    >>> poisson_gradient(np.array([[0.0, 3.0]]), np.array([[0.0, 0.0]]))
    array([[ 1., -2.]])
    """
    _check_shapes(y, f)
    return exp(f) - y


# --- classification --------------------------------------------------------------------


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
    >>> binary_cross_entropy(np.array([[1.0], [1.0]]), np.array([[0.0], [-1000.0]]))
    array([6.93147181e-01, 1.00000000e+03])
    """
    _check_shapes(y, f)
    _check_smoothing(smoothing)
    yes, no = _smooth(y, smoothing, 2), _smooth(1 - y, smoothing, 2)
    return _over_outputs(_times(yes, softplus(-f)) + _times(no, softplus(f)))


def binary_cross_entropy_gradient(y: Array, f: Array, smoothing: float = 0.0) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = \sigma(f_k) - t_k`, shape of `f`.

    Parameters
    ----------
    y, f, smoothing
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
    >>> binary_cross_entropy_gradient(np.array([[1.0, 1.0]]), np.array([[0.0, 50.0]]))
    array([[-5.00000000e-01, -1.92874985e-22]])
    """
    _check_shapes(y, f)
    _check_smoothing(smoothing)
    yes, no = _smooth(y, smoothing, 2), _smooth(1 - y, smoothing, 2)
    return no * sigmoid(f) - yes * sigmoid(-f)


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
    >>> y = np.array([[1.0, 0.0, 0.0]])
    >>> categorical_cross_entropy(y, np.array([[0.0, 0.0, 0.0]]))
    array([1.09861229])
    >>> categorical_cross_entropy(y, np.array([[0.0, 1000.0, 0.0]]))
    array([1000.])
    """
    _check_shapes(y, f)
    _check_smoothing(smoothing)
    t = _smooth(y, smoothing, y.shape[-1])
    return _over_outputs(_times(t, -log_softmax(f)))


def categorical_cross_entropy_gradient(y: Array, f: Array, smoothing: float = 0.0) -> Array:
    r"""Return :math:`\partial \ell / \partial f_k = p_k - t_k`, shape of `f`.

    Parameters
    ----------
    y, f, smoothing
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
    >>> y = np.array([[1.0, 0.0, 0.0, 0.0]])
    >>> categorical_cross_entropy_gradient(y, np.zeros((1, 4)))
    array([[-0.75,  0.25,  0.25,  0.25]])
    """
    _check_shapes(y, f)
    _check_smoothing(smoothing)
    t = _smooth(y, smoothing, y.shape[-1])
    return _over_outputs(t)[..., None] * softmax(f) - t


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
    _check_shapes(y, f)
    return _over_outputs(np.maximum(1 - (2 * y - 1) * f, 0))


def hinge_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`-s_k` where :math:`s_k f_k < 1` and 0 elsewhere, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `hinge`.

    Notes
    -----
    At the corner, :math:`s_k f_k = 1`, it is 0: a margin just met asks for no more.

    Examples
    --------
    >>> hinge_gradient(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.25, 0.25]]))
    array([[ 0., -1.,  1.]])
    """
    _check_shapes(y, f)
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
    Tang (2013), "Deep Learning using Linear Support Vector Machines", arXiv:1306.0239,
    section 2.1.

    Examples
    --------
    >>> squared_hinge(np.array([[1.0], [0.0]]), np.array([[0.5], [1.0]]))
    array([0.25, 4.  ])
    """
    _check_shapes(y, f)
    return _over_outputs(_square(np.maximum(1 - (2 * y - 1) * f, 0)))


def squared_hinge_gradient(y: Array, f: Array) -> Array:
    r"""Return :math:`-2 s_k \max(0,\ 1 - s_k f_k)`, shape of `f`.

    Parameters
    ----------
    y, f : float arrays, shape (n_samples, n_outputs)
        As for `squared_hinge`.

    Examples
    --------
    >>> squared_hinge_gradient(np.array([[1.0, 0.0]]), np.array([[0.5, 1.0]]))
    array([[-1.,  4.]])
    """
    _check_shapes(y, f)
    s = 2 * y - 1
    return -2 * s * np.maximum(1 - s * f, 0)


# --- over a batch ----------------------------------------------------------------------


def weighted_mean(per_sample: Array, weight: Array | None = None) -> float:
    r"""Return :math:`\sum_i w_i \ell_i / \sum_i w_i`, the loss of a batch.

    Parameters
    ----------
    per_sample : float array, shape (n_samples,)
        Loss of each sample.
    weight : float array, shape (n_samples,), optional
        Weights, at least 0; None weighs all samples alike.

    Returns
    -------
    float
        A sample of weight 0 does not count, whatever its loss. 0 if no sample counts.

    Raises
    ------
    ValueError
        If `weight` has another shape.

    Examples
    --------
    >>> weighted_mean(np.array([1.0, 5.0]), np.array([3.0, 1.0]))
    2.0
    """
    if weight is None:
        return float(np.mean(per_sample))
    return float(np.sum(_times(_shares(weight, per_sample), per_sample)))


def weighted_gradient(gradient: Array, weight: Array | None = None) -> Array:
    r"""Return :math:`w_i g_i / \sum_j w_j`, the gradient of `weighted_mean` by the logits.

    Parameters
    ----------
    gradient : float array, shape (n_samples, n_outputs)
        Gradient of each sample's own loss.
    weight : float array, shape (n_samples,), optional
        Weights, at least 0; None weighs all samples alike.

    Returns
    -------
    array, shape and dtype of `gradient`

    Raises
    ------
    ValueError
        If `weight` has another shape.

    Examples
    --------
    >>> weighted_gradient(np.array([[4.0], [8.0]]), np.array([3.0, 1.0]))
    array([[3.],
           [2.]])
    """
    if weight is None:
        return gradient / len(gradient)
    return _times(_shares(weight, gradient)[:, None], gradient)


# --- helpers ---------------------------------------------------------------------------


def _over_outputs(x: Array) -> Array:
    return np.asarray(np.sum(x, axis=-1))


def _shares(weight: Array, of: Array) -> Array:
    """Return each sample's share of the whole weight, in the dtype of `of`."""
    if weight.shape != of.shape[:1]:
        raise ValueError(
            f"weight must hold one number per sample, shape {of.shape[:1]}; "
            f"got shape {weight.shape}"
        )
    total = np.sum(weight)
    return np.asarray(weight / np.where(total == 0, 1, total), dtype=of.dtype)


def _times(weight: Array, x: Array) -> Array:
    """Return ``weight * x``, and 0 where `weight` is 0, even for an infinite `x`."""
    return weight * np.where(weight == 0, 0, x)


def _square(x: Array) -> Array:
    """Return ``x**2``; ``inf`` beyond the dtype, with no overflow warning."""
    root = math.sqrt(float(np.finfo(x.dtype).max))
    return np.where(np.abs(x) > root, np.inf, x) ** 2


def _smooth(y: Array, smoothing: float, n_classes: int) -> Array:
    return (1 - smoothing) * y + smoothing / n_classes


def _check_shapes(y: Array, f: Array) -> None:
    if y.shape != f.shape or f.ndim < 2:
        raise ValueError(
            "y and f must have one shape, (n_samples, n_outputs); "
            f"got {y.shape} for y and {f.shape} for f"
        )


def _check_smoothing(smoothing: float) -> None:
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1); got {smoothing!r}")


def _check_delta(delta: float) -> None:
    if not 0 < delta < math.inf:
        raise ValueError(f"delta must be positive and finite; got {delta!r}")


def _check_q(q: float) -> None:
    if not 0 < q < 1:
        raise ValueError(f"q must lie strictly between 0 and 1; got {q!r}")
