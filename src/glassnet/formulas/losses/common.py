"""What several losses need."""

import math

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["check_shapes", "over_outputs", "square", "times"]


def check_shapes(y: Array, f: Array) -> None:
    """Raise unless targets and logits have one shape: nothing is ever broadcast.

    Parameters
    ----------
    y, f : float arrays
        Should have one shape, ``(n_samples, n_outputs)``; axes in front are allowed.

    Raises
    ------
    ValueError
        If the shapes differ or have fewer than two axes.

    Examples
    --------
    >>> check_shapes(np.ones((5, 1)), np.ones((5, 1)))
    """
    if y.shape != f.shape or f.ndim < 2:
        raise ValueError(
            "y and f must have one shape, (n_samples, n_outputs); "
            f"got {y.shape} for y and {f.shape} for f"
        )


def over_outputs(x: Array) -> Array:
    """Return the sum over outputs, shape (n_samples,).

    Parameters
    ----------
    x : float array, shape (n_samples, n_outputs)
        What each output adds to the loss of its sample.

    Examples
    --------
    >>> over_outputs(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([3., 7.])
    """
    return np.asarray(np.sum(x, axis=-1))


def square(x: Array) -> Array:
    """Return ``x**2``; ``inf`` beyond the dtype, with no overflow warning.

    Parameters
    ----------
    x : float array, any shape
        Any numbers.

    Examples
    --------
    >>> square(np.array([3.0, -1e200]))
    array([ 9., inf])
    """
    root = math.sqrt(float(np.finfo(x.dtype).max))
    return np.where(np.abs(x) > root, np.inf, x) ** 2


def times(weight: Array, x: Array) -> Array:
    """Return ``weight * x``, and 0 where `weight` is 0, even for an infinite `x`.

    Parameters
    ----------
    weight, x : float arrays, shapes that broadcast
        A target or a sample's weight, and what it multiplies.

    Examples
    --------
    >>> times(np.array([0.0, 2.0]), np.array([np.inf, 3.0]))
    array([0., 6.])
    """
    return weight * np.where(weight == 0, 0, x)
