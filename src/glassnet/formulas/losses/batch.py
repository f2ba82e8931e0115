"""From the loss of each sample to that of a batch."""

from __future__ import annotations

import numpy as np

from glassnet.formulas.losses.common import times
from glassnet.formulas.types import Array

__all__ = [
    "weighted_gradient",
    "weighted_mean",
]


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
    return float(np.sum(times(_shares(weight, per_sample), per_sample)))


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
    return times(_shares(weight, gradient)[:, None], gradient)


def _shares(weight: Array, of: Array) -> Array:
    """Return each sample's share of the whole weight, in the dtype of `of`."""
    if weight.shape != of.shape[:1]:
        raise ValueError(
            f"weight must hold one number per sample, shape {of.shape[:1]}; "
            f"got shape {weight.shape}"
        )
    total = np.sum(weight)
    return np.asarray(weight / np.where(total == 0, 1, total), dtype=of.dtype)
