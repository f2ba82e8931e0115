"""The two figures of merit that everyone asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["METRICS", "accuracy", "r2"]


def accuracy(y: ArrayLike, prediction: ArrayLike) -> float:
    """Return the share of samples that were predicted right, in every output.

    Examples
    --------
    >>> accuracy([0, 1, 1, 1], [0, 1, 0, 1])
    0.75
    """
    right = np.asarray(y) == np.asarray(prediction)
    return float(np.mean(right if right.ndim == 1 else right.all(axis=1)))


def r2(y: ArrayLike, prediction: ArrayLike) -> float:
    r"""Return the coefficient of determination, the mean over outputs.

    .. math:: R^2 = 1 - \frac{\sum (y - \hat y)^2}{\sum (y - \bar y)^2}

    1 is perfect, 0 as good as the mean, less is worse. For a constant target it is 1 if
    every prediction is exact, else 0.

    Examples
    --------
    >>> r2([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    0.0
    """
    y, prediction = np.asarray(y, float), np.asarray(prediction, float)
    residual = np.sum((y - prediction) ** 2, axis=0)
    total = np.sum((y - np.mean(y, axis=0)) ** 2, axis=0)
    constant = np.ptp(y, axis=0) == 0  # the mean of equal numbers may round to another one
    found = 1 - residual / np.where(constant, 1.0, total)
    return float(np.mean(np.where(constant, residual == 0, found)))


METRICS: dict[str, Any] = {"accuracy": accuracy, "r2": r2}
