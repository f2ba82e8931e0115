"""Check what a user hands to `MLP`, and encode targets for the loss.

Every check ends in an error that names the argument, what was received and the rule,
or in a warning where training is possible but cannot mean what it seems to.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import catalog
from glassnet.formulas.types import Array
from glassnet.network import Plan

__all__ = ["check_features", "check_targets", "check_weight", "decode", "warn_of_scale"]

_HUGE = 1e6
_TINY = 1e-8


def check_features(X: Any, n_inputs: int, name: str = "X") -> Array:
    """Return `X` as a finite two-dimensional float array; float32 stays float32.

    SciPy sparse matrices come back in CSR form.

    Raises
    ------
    TypeError, ValueError
        If `X` is not numeric, not two-dimensional, empty, of another width, not finite.
    """
    if hasattr(X, "tocsr"):
        X = X.tocsr()
        values = _floats(X.data, name)
        X = X if X.dtype == values.dtype else X.astype(values.dtype)
    else:
        X = values = _floats(X, name)
    if X.ndim != 2:
        raise ValueError(
            f"{name} must have shape (n_samples, {n_inputs}); got {X.ndim} dimension(s), shape "
            f"{X.shape}. One sample: {name}.reshape(1, -1); one feature: {name}.reshape(-1, 1)"
        )
    if X.shape[0] == 0:
        raise ValueError(f"{name} must hold at least one sample; got shape {X.shape}")
    if X.shape[1] != n_inputs:
        raise ValueError(
            f"{name} must have {n_inputs} columns, one per input of the network; "
            f"got {X.shape[1]}"
        )
    _finite(values, name)
    checked: Array = X
    return checked


def check_targets(y: Any, plan: Plan, n_samples: int, name: str = "y") -> Array:
    """Return `y` encoded for the loss, shape (n, n_outputs).

    Class numbers become one-hot rows for a multi-class loss. A one-dimensional `y` of
    any other loss is the single output's column; it is never broadcast.

    Raises
    ------
    TypeError, ValueError
        If `y` has another length or shape, is not numeric or finite, or holds values that
        the loss cannot take.
    """
    if hasattr(y, "toarray"):
        y = y.toarray()
    loss = catalog.loss(plan.loss)
    values = np.asarray(y)
    if values.dtype.kind not in "buif":
        values = _floats(values, name)  # says what is wrong, or converts numbers in objects
    if values.ndim == 0 or len(values) != n_samples:
        raise ValueError(
            f"{name} must hold one target per sample, {n_samples}; got shape {values.shape}"
        )
    if values.dtype.kind == "f":
        _finite(values, name)
    if loss.task == "multiclass" and _is_column(values):
        return _one_hot(values.reshape(-1), plan.n_outputs, name)
    encoded = values.reshape(-1, 1) if values.ndim == 1 else values
    if encoded.shape != (n_samples, plan.n_outputs):
        raise ValueError(
            f"{name} must have shape {(n_samples, plan.n_outputs)} for a network with "
            f"{plan.n_outputs} output(s); got {values.shape}"
        )
    encoded = encoded.astype(np.float64)
    low, high = loss.bounds
    if encoded.min() < low or encoded.max() > high:
        raise ValueError(
            f"{name} must lie in [{low:g}, {high:g}] for loss {loss.name!r}; got values from "
            f"{encoded.min():g} to {encoded.max():g}"
        )
    if loss.task == "multiclass" and not np.allclose(encoded.sum(axis=1), 1):
        raise ValueError(
            f"{name}: each row must sum to 1, or {name} be class numbers of shape (n_samples,)"
        )
    return encoded


def check_weight(weight: Any, n_samples: int, name: str = "sample_weight") -> Array | None:
    """Return sample weights as floats, shape (n,), or None.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, all are zero, or the shape is another.
    """
    if weight is None:
        return None
    values = _floats(weight, name)
    if values.shape != (n_samples,):
        raise ValueError(f"{name} must have shape ({n_samples},); got {values.shape}")
    _finite(values, name)
    if values.min() < 0 or not values.any():
        raise ValueError(f"{name} must be >= 0 and not all zero; got {_summary(values)}")
    return values


def decode(outputs: Array, plan: Plan, threshold: float | None = None) -> NDArray[Any]:
    """Return predictions: labels for a classification loss, else the outputs themselves.

    Shape (n,), or (n, n_outputs) where there are several outputs and no single class.
    """
    task = catalog.loss(plan.loss).task
    if task == "multiclass":
        return np.asarray(np.argmax(outputs, axis=1))
    values: NDArray[Any] = outputs
    if task == "binary" or threshold is not None:
        middle = 0.5 if plan.output == "sigmoid" else 0.0
        values = (outputs > (middle if threshold is None else threshold)).astype(np.int64)
    return values[:, 0] if values.shape[1] == 1 else values


def warn_of_scale(X: Array, y: Array, plan: Plan) -> None:
    """Warn where the numbers are fine for Python and hopeless for a network."""
    dense = X.data if hasattr(X, "tocsr") else X
    largest = float(np.max(np.abs(dense), initial=0.0))
    if largest > _HUGE:
        warnings.warn(
            f"X reaches {largest:.3g}: units saturate or overflow on such numbers; scale the "
            "columns first (mean 0, standard deviation 1)",
            stacklevel=3,
        )
    elif len(y) > 1 and not hasattr(X, "tocsr") and float(np.max(np.ptp(X, axis=0))) < _TINY:
        warnings.warn(
            f"no column of X varies by more than {_TINY:g}: the network can learn no more than "
            "a constant; scale the columns, or check that they are the right ones",
            stacklevel=3,
        )
    if catalog.loss(plan.loss).task != "regression" and len(y) > 1:
        constant = np.flatnonzero(np.ptp(y, axis=0) == 0)
        if len(constant) == y.shape[1]:
            warnings.warn(
                "y holds one class only: the network can learn no more than a constant",
                stacklevel=3,
            )


def _floats(values: Any, name: str) -> Array:
    try:
        array = np.asarray(values)
    except ValueError:
        raise TypeError(f"{name} must be an array; its rows differ in length") from None
    if array.dtype == np.float32:
        return array
    if array.dtype.kind == "c":
        raise TypeError(f"{name} must hold real numbers; got dtype {array.dtype}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} must hold numbers; got dtype {array.dtype}, for example "
            f"{array.reshape(-1)[0]}" + (", a label" if name.startswith("y") else "")
        ) from None


def _finite(values: Array, name: str) -> None:
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        first = tuple(int(i) for i in wrong[0])
        raise ValueError(
            f"{name} must be finite (no NaN, no infinity); got {values[first]} at index {first}"
            f" and {len(wrong) - 1} more"
        )


def _is_column(values: NDArray[Any]) -> bool:
    return values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)


def _one_hot(labels: NDArray[Any], n_classes: int, name: str) -> Array:
    whole = labels == np.floor(labels) if labels.dtype.kind == "f" else np.True_
    if not (np.all(whole) and labels.min() >= 0 and labels.max() < n_classes):
        raise ValueError(
            f"{name} must hold class numbers 0 to {n_classes - 1}, one per output of the "
            f"network; got {_summary(labels)}"
        )
    return np.eye(n_classes)[labels.astype(np.intp)]


def _summary(values: NDArray[Any]) -> str:
    found = np.unique(values)
    text = ", ".join(f"{v:g}" for v in found[:6])
    return text + (f", ... ({len(found)} values)" if len(found) > 6 else "")
