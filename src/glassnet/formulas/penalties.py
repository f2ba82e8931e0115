"""What a network pays for large weights, beside its loss."""

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["l2_penalty", "l2_penalty_gradient"]


def l2_penalty(weights: Array, strength: float) -> Array:
    r"""Return :math:`\tfrac{s}{2} \sum_k w_k^2`, the price of these weights.

    For a network's L2 penalty :math:`\alpha` and a batch of `n` samples the strength is
    :math:`\alpha / n`, with `n` the sum of the sample weights where there are any: so the
    penalty of a whole epoch does not depend on how it is cut into batches.

    Parameters
    ----------
    weights : float array, shape (n_weights,)
        A matrix's weights in one row. Leading axes are kept (many networks at once).
    strength : float, >= 0
        :math:`s`.

    Returns
    -------
    array, shape ()
        At least 0; ``inf`` where the sum of squares is above the largest finite number.

    References
    ----------
    Krogh and Hertz (1991), "A Simple Weight Decay Can Improve Generalization", NIPS 4,
    equation 1. The division by the batch's samples is scikit-learn's.

    Examples
    --------
    >>> float(l2_penalty(np.array([3.0, -4.0]), 0.5))
    6.25
    """
    return np.asarray(strength / 2 * np.vecdot(weights, weights))


def l2_penalty_gradient(weights: Array, strength: float) -> Array:
    r"""Return :math:`s\,w`, the gradient of `l2_penalty` by the weights.

    Parameters
    ----------
    weights : float array, any shape
    strength : float, >= 0
        :math:`s`.

    Returns
    -------
    array, shape and dtype of `weights`

    Examples
    --------
    >>> l2_penalty_gradient(np.array([3.0, -4.0]), 0.5)
    array([ 1.5, -2. ])
    """
    return strength * weights
