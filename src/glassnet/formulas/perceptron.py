"""Rosenblatt's learning rule."""

import numpy as np

from glassnet.formulas.activations import step
from glassnet.formulas.types import Array

__all__ = ["perceptron_epoch"]


def perceptron_epoch(W: Array, b: Array, X: Array, y: Array, rate: float) -> Array:
    r"""Show each sample once, in order, to `k` perceptrons side by side; learn in place.

    .. math::

        \hat y = \operatorname{step}(x W + b), \qquad
        W \leftarrow W + x^{\top} \eta\, (y - \hat y), \qquad
        b \leftarrow b + \eta\, (y - \hat y)

    Parameters
    ----------
    W : array, shape (n_features, k)
        Weights, one column per perceptron; overwritten.
    b : array, shape (k,)
        Biases; overwritten.
    X : array, shape (n, n_features)
        Samples, in the order in which they are shown.
    y : array of 0 and 1, shape (n, k)
        What each perceptron should answer to each sample.
    rate : float
        Learning rate :math:`\eta > 0`.

    Returns
    -------
    array, shape (k,)
        Mistakes that each perceptron made, that is, its number of updates.

    Notes
    -----
    ``step(0) = 1``: an untrained perceptron, all zeros, answers 1. The error
    :math:`y - \hat y` is 0 for a right answer, so that only mistakes move the weights.

    If some hyperplane parts the two classes with a margin :math:`\gamma`, and no
    :math:`(x, 1)` is longer than :math:`R`, a perceptron that starts at zero makes at
    most :math:`(R / \gamma)^2` mistakes in all, whatever the order of the samples and
    the learning rate (Novikoff). If there is none, it never stops making them.

    References
    ----------
    Rosenblatt (1958), "The Perceptron: A Probabilistic Model for Information Storage and
    Organization in the Brain", Psychological Review 65(6), doi:10.1037/h0042519.
    Novikoff (1962), "On Convergence Proofs on Perceptrons", Symposium on the
    Mathematical Theory of Automata 12, pp. 615-622.

    Examples
    --------
    The logical OR, in four passes, the last without a mistake:

    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = np.array([[0.0], [1.0], [1.0], [1.0]])
    >>> W, b = np.zeros((2, 1)), np.zeros(1)
    >>> [int(perceptron_epoch(W, b, X, y, rate=1.0)[0]) for _ in range(4)]
    [2, 2, 1, 0]
    >>> W[:, 0], b
    (array([1., 1.]), array([-1.]))
    """
    mistakes = np.zeros(len(b))
    for x, target in zip(X, y, strict=True):
        error = target - step(x @ W + b)
        W += x[:, None] * (rate * error)
        b += rate * error
        mistakes += np.abs(error)
    return mistakes
