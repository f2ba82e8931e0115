"""The perceptron's rule on rows, dense or sparse: it learns and predicts by the same sums.

One product for all rows would add in another order than a product for each. Then a score
that the rule saw as 0 could come out as -1e-18, and a perceptron without mistakes would
predict one wrong.
"""

import itertools
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse

from glassnet.formulas.types import Array

__all__ = ["Sample", "one_pass", "products", "samples_of"]

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


def products(X: Any, coef: Array) -> Array:
    """Return ``X @ coef.T``, each row by itself, in the very sums that `one_pass` makes.

    Parameters
    ----------
    X : array or SciPy sparse matrix (CSR), shape (n_samples, n_features)
        Samples.
    coef : array, shape (k, n_features)
        Weights, one row per perceptron.

    Returns
    -------
    array, shape (n_samples, k)

    Examples
    --------
    >>> products(np.array([[2.0, 1.0]]), np.array([[1.0, 0.5], [0.0, 3.0]]))
    array([[2.5, 3. ]])
    """
    if not scipy.sparse.issparse(X):
        return np.asarray(np.vecdot(X[:, None, :], coef))
    return np.array([np.vecdot(x, coef[:, columns]) for x, columns in samples_of(X)])


def one_pass(
    w: Array,
    b: Array,
    samples: list[Sample],
    wanted: list[bool],
    rate: float,
    order: Iterable[int],
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
    wanted : list of bool
        What the perceptron should answer to each sample.
    rate : float
        Learning rate, above 0.
    order : iterable of int
        The samples' places, in the order in which they are shown.

    Returns
    -------
    int
        Mistakes, that is, updates.

    Examples
    --------
    >>> w, b, X = np.zeros(1), np.zeros(1), np.array([[2.0], [-1.0]])
    >>> one_pass(w, b, samples_of(X), [False, True], 1.0, range(2)), w, b
    (1, array([-2.]), array([-1.]))
    """
    mistakes, bias = 0, b[0]
    for i in order:
        x, columns = samples[i]
        part = w[columns]
        if (x.dot(part) + bias >= 0) != wanted[i]:
            update = rate if wanted[i] else -rate
            w[columns] = part + update * x
            bias += update
            mistakes += 1
    b[0] = bias
    return mistakes
