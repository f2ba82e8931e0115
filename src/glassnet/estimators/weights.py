"""Sample weights, class weights, and their product."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight

__all__ = ["check_weights", "checked", "product"]


def checked(sample_weight: Any, X: Any) -> Any:
    """Return the user's weights as floats, shape (n,), or None."""
    if sample_weight is None:
        return None
    weight = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
    if not np.any(weight):
        raise ValueError("sample_weight must have a sum above 0; got zeros only")
    return weight


def product(a: Any, b: Any) -> Any:
    """Return the product of two sets of weights, either of which may be missing."""
    if a is None or b is None:
        return a if b is None else b
    return a * b


def check_weights(weight: Any) -> None:
    """Raise unless the product of class and sample weights is one to train by."""
    if weight is None:
        return
    if not (np.isfinite(weight).all() and np.min(weight) >= 0 and np.any(weight)):
        raise ValueError(
            "class_weight times sample_weight must be finite and >= 0, and above 0 for at "
            f"least one sample to train on; got weights from {np.min(weight):g} to "
            f"{np.max(weight):g}"
        )
