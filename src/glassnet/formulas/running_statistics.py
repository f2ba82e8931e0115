"""Batch normalization's memory: statistics that outlast the batches they came from."""

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["normalize_with", "running_step"]


def normalize_with(z: Array, mean: Array, variance: Array, epsilon: float) -> Array:
    r"""Return `z` normalized with statistics that were gathered before.

    .. math:: \hat z = \frac{z - \mu}{\sqrt{\sigma^2 + \varepsilon}}

    So batch normalization predicts: what comes out for a row does not depend on the rows
    beside it.

    Parameters
    ----------
    z : float array, shape (n, units)
        Pre-activations.
    mean, variance : float arrays, shape (units,)
        Running statistics; `variance` is at least 0.
    epsilon : float, > 0
        Keeps a unit of variance 0 finite.

    Returns
    -------
    array, shape (n, units)

    References
    ----------
    Ioffe, Szegedy (2015), "Batch Normalization", arXiv:1502.03167, algorithm 2, line 11.

    Examples
    --------
    >>> normalize_with(np.array([[5.0]]), np.array([3.0]), np.array([4.0]), epsilon=0.0)
    array([[1.]])
    """
    return np.asarray((z - mean[..., None, :]) / np.sqrt(variance[..., None, :] + epsilon))


def running_step(
    running_mean: Array,
    running_variance: Array,
    mean: Array,
    variance: Array,
    n: int,
    momentum: float,
) -> None:
    r"""Move the running statistics towards those of one batch, in place.

    .. math::

        M \leftarrow M + \kappa\,(\mu - M), \qquad
        V \leftarrow V + \kappa \left(\tfrac{n}{n - 1}\,\sigma^2 - V\right)

    A batch's own variance :math:`\sigma^2` divides by `n`, and falls short of that of the
    data it was drawn from; the factor makes up for it.

    Parameters
    ----------
    running_mean, running_variance : float arrays, shape (units,)
        Overwritten; they start at 0 and 1.
    mean, variance : float arrays, shape (1, units)
        Of the batch, as `normalize` returns them.
    n : int, >= 2
        Rows of the batch; a single row tells nothing of the variance.
    momentum : float, in (0, 1]
        :math:`\kappa`; 1 forgets what was before.

    References
    ----------
    Ioffe, Szegedy (2015), arXiv:1502.03167, algorithm 2, line 10, for the factor; the
    moving average, and its momentum on the new value, are PyTorch's.

    Examples
    --------
    >>> M, V = np.array([0.0]), np.array([1.0])
    >>> running_step(M, V, np.array([[4.0]]), np.array([[2.0]]), n=2, momentum=0.5)
    >>> M, V
    (array([2.]), array([2.5]))
    """
    running_mean += momentum * (np.squeeze(mean, axis=-2) - running_mean)
    unbiased = n / (n - 1) * np.squeeze(variance, axis=-2)
    running_variance += momentum * (unbiased - running_variance)
