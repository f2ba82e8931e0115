"""Sample weights, class weights, and their product."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight

from glassnet.inputs import no_denormals

__all__ = ["check_weights", "checked", "product"]


def checked(sample_weight: Any, X: Any) -> Any:
    """Return the user's weights as floats, shape (n,), or None; denormal ones are 0."""
    if sample_weight is None:
        return None
    weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
    counted = no_denormals(weight)
    if not np.any(counted):
        raise ValueError(
            "sample_weight must have a sum above 0, where numbers below "
            f"{np.finfo(weight.dtype).tiny:.2g} count as 0; got {weight.max():.3g} at most"
        )
    return counted


def product(a: Any, b: Any) -> Any:
    """Return the product of two sets of weights, either of which may be missing."""
    given = [one for one in (a, b) if one is not None]
    return no_denormals(np.prod(given, axis=0)) if given else None


def check_weights(weight: Any) -> None:
    """Raise unless the product of class and sample weights is one to train by."""
    if weight is None:
        return
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.sum(weight)
    if not (np.isfinite(total) and np.min(weight) >= 0 and total > 0):
        raise ValueError(
            "class_weight times sample_weight must be >= 0, above 0 for at least one sample "
            "to train on, and finite with its sum; got weights from "
            f"{np.min(weight):g} to {np.max(weight):g}"
        )
