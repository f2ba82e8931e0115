"""What several losses need."""

import math

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["check_shapes", "over_outputs", "square", "times"]


def check_shapes(y: Array, f: Array) -> None:
    """Raise unless targets and logits have one shape: nothing is ever broadcast."""
    if y.shape != f.shape or f.ndim < 2:
        raise ValueError(
            "y and f must have one shape, (n_samples, n_outputs); "
            f"got {y.shape} for y and {f.shape} for f"
        )


def over_outputs(x: Array) -> Array:
    """Return the sum over outputs, shape (n_samples,)."""
    return np.asarray(np.sum(x, axis=-1))


def square(x: Array) -> Array:
    """Return ``x**2``; ``inf`` beyond the dtype, with no overflow warning."""
    root = math.sqrt(float(np.finfo(x.dtype).max))
    return np.where(np.abs(x) > root, np.inf, x) ** 2


def times(weight: Array, x: Array) -> Array:
    """Return ``weight * x``, and 0 where `weight` is 0, even for an infinite `x`."""
    return weight * np.where(weight == 0, 0, x)
