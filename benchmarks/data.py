"""The samples: synthetic, of the shape of the sets that they stand for, the same every time.

Times do not depend on what the numbers are, only on how many there are and on their type;
so no set has to be downloaded. Each function takes a case and returns X and y: numbers for
`squared_error` as a column, else class numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases import Case

__all__ = ["make"]

Samples = tuple[NDArray[Any], NDArray[Any]]


def make(case: Case) -> Samples:
    """Return the samples of a case, in its precision."""
    X, y = _MAKERS[case.data](case, np.random.default_rng(0))
    if case.loss == "squared_error":
        y = y.reshape(case.rows, -1).astype(case.dtype)
    return np.ascontiguousarray(X, case.dtype), y


def _moons(case: Case, rng: np.random.Generator) -> Samples:
    """Return the notebook's two moons; for one row, its first."""
    from sklearn.datasets import make_moons

    X, y = make_moons(max(case.rows, 2), noise=0.2, random_state=0)
    return X[: case.rows], y[: case.rows]


def _matrix_exponentials(case: Case, rng: np.random.Generator) -> Samples:
    """Return 2 × 2 matrices and their exponentials: the SimpleChains.jl task itself."""
    from scipy.linalg import expm

    matrices = rng.standard_normal((case.rows, 2, 2))
    return matrices.reshape(-1, 4), expm(matrices).reshape(-1, 4)


def _classes(case: Case, rng: np.random.Generator) -> Samples:
    """Return scikit-learn's clouds on the corners of a cube."""
    from sklearn.datasets import make_classification

    return make_classification(
        case.rows,
        case.sizes[0],
        n_informative=case.sizes[0] // 2,
        n_classes=case.sizes[-1],
        random_state=0,
    )


def _two_numbers(case: Case, rng: np.random.Generator) -> Samples:
    """Return two smooth functions of a few directions."""
    X = rng.standard_normal((case.rows, case.sizes[0]))
    directions = rng.standard_normal((case.sizes[0], case.sizes[-1])) / case.sizes[0] ** 0.5
    return X, np.sin(2 * (X @ directions))


def _images(case: Case, rng: np.random.Generator) -> Samples:
    """Return noisy versions of ten patterns, a fifth of their pixels inked as in MNIST.

    A tenth of the labels are wrong, so that the loss, and with it the gradient, does not
    go down to numbers that are too small for float32.
    """
    y = rng.integers(case.sizes[-1], size=case.rows)
    inked = rng.random((case.sizes[-1], case.sizes[0])) < 0.2
    X = rng.random((case.rows, case.sizes[0]), np.float32)
    X *= inked[y]
    wrong = rng.random(case.rows) < 0.1
    y[wrong] = rng.integers(case.sizes[-1], size=np.count_nonzero(wrong))
    return X, y


def _gaussians(case: Case, rng: np.random.Generator) -> Samples:
    """Return one cloud per class."""
    y = rng.integers(case.sizes[-1], size=case.rows)
    centres = 0.2 * rng.standard_normal((case.sizes[-1], case.sizes[0]))
    return centres[y] + rng.standard_normal((case.rows, case.sizes[0])), y


def _two_clouds(case: Case, rng: np.random.Generator) -> Samples:
    """Return two clouds that no hyperplane parts, so that no pass ends training early.

    The first sample is of class 0: at a score of exactly 0, where everyone starts, the
    rules of glassnet and scikit-learn agree on that class only.
    """
    y = rng.integers(2, size=case.rows)
    y[:2] = 0, 1
    X = rng.standard_normal((case.rows, case.sizes[0]))
    return X + 0.3 * (2 * y[:, None] - 1), y


_MAKERS = {
    "moons": _moons,
    "matrix_exponentials": _matrix_exponentials,
    "table": _classes,
    "two_numbers": _two_numbers,
    "images": _images,
    "gaussians": _gaussians,
    "two_clouds": _two_clouds,
}
