"""The perceptron's rule on rows, in NumPy: it learns and predicts by the same sums.

One product for all rows would add in another order than a product for each. Then a score
that the rule saw as 0 could come out as -1e-18, and a perceptron without mistakes would
predict one wrong.
"""

import itertools
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from glassnet.formulas.types import Array

__all__ = ["Sample", "one_pass", "samples_of", "scores"]

Sample: TypeAlias = tuple[Array, Any]  # entries of one row, and the columns they stand in


def samples_of(X: Any) -> list[Sample]:
    """Return the entries of each row and their columns: all, or a CSR's non-zeros.

    Parameters
    ----------
    X : array or SciPy sparse matrix (CSR), shape (n_samples, n_features)
        Samples.

    Returns
    -------
    list of (array, slice or array)
        The columns are a slice where the row is dense.

    Examples
    --------
    >>> samples_of(np.array([[2.0, 0.0]]))
    [(array([2., 0.]), slice(None, None, None))]
    """
    if not scipy.sparse.issparse(X):
        return [(x, slice(None)) for x in X]
    rows = [slice(*ends) for ends in itertools.pairwise(X.indptr.tolist())]
    return [(X.data[row], X.indices[row]) for row in rows]


def scores(X: Any, coef: Array, intercept: Array) -> Array:
    """Return ``X @ coef.T + intercept``, in the very sums that `one_pass` makes.

    Parameters
    ----------
    X : array or SciPy sparse matrix (CSR), shape (n_samples, n_features)
        Samples.
    coef : array, shape (k, n_features)
        Weights, one row per perceptron.
    intercept : array, shape (k,)
        Biases.

    Returns
    -------
    array, shape (n_samples, k)

    Examples
    --------
    >>> scores(np.array([[2.0, 1.0]]), np.array([[1.0, 0.5], [0.0, 3.0]]), np.zeros(2))
    array([[2.5, 3. ]])
    """
    if not scipy.sparse.issparse(X):
        products = np.vecdot(X[:, None, :], coef)
    else:
        products = np.array([np.vecdot(x, coef[:, where]) for x, where in samples_of(X)])
    return np.asarray(products + intercept)


def one_pass(
    w: Array,
    b: Array,
    samples: list[Sample],
    wanted: NDArray[np.bool_],
    rate: float,
    order: NDArray[np.integer[Any]] | None,
) -> int:
    """Do what `perceptron_epoch` does for one perceptron, bit for bit, passing over zeros.

    A right answer changes nothing, and a zero changes no weight: so neither is computed.

    Parameters
    ----------
    w : array, shape (n_features,)
        Weights, overwritten.
    b : array, shape (1,)
        Bias, overwritten.
    samples : list of Sample
        From `samples_of`.
    wanted : bool array, shape (n_samples,)
        What the perceptron should answer to each sample.
    rate : float
        Learning rate, above 0.
    order : int array, shape (n_samples,), optional
        The samples' places, in the order in which they are shown.

    Returns
    -------
    int
        Mistakes, that is, updates.

    Examples
    --------
    >>> w, b, X = np.zeros(1), np.zeros(1), np.array([[2.0], [-1.0]])
    >>> one_pass(w, b, samples_of(X), np.array([False, True]), 1.0, None), w, b
    (1, array([-2.]), array([-1.]))
    """
    mistakes, bias, answers = 0, b[0], wanted.tolist()
    for i in range(len(answers)) if order is None else order.tolist():
        x, columns = samples[i]
        part = w[columns]
        if (x.dot(part) + bias >= 0) != answers[i]:
            update = rate if answers[i] else -rate
            w[columns] = part + update * x
            bias += update
            mistakes += 1
    b[0] = bias
    return mistakes
