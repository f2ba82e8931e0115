"""Check what a user hands to `MLP`, and encode targets for the loss.

Every check ends in an error that names the argument, what was received and the rule,
or in a warning where training is possible but cannot mean what it seems to.
"""

from __future__ import annotations

import sys
import warnings
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import catalog
from glassnet.engines.data import Data, all_finite, pieces
from glassnet.formulas.types import Array
from glassnet.network import Plan
from glassnet.optimizers import LBFGS, SGD, Momentum, Optimizer

__all__ = [
    "as_floats",
    "check_features",
    "check_targets",
    "check_threshold",
    "check_vector",
    "check_weight",
    "decode",
    "is_sparse",
    "no_denormals",
    "warn_of_flatness",
    "warn_of_penalty",
    "warn_of_scale",
]

_FLOATS = np.dtype(np.float32), np.dtype(np.float64)
_HUGE = 1e3
_TINY = 1e-8


def check_features(
    X: Any, n_inputs: int, name: str = "X", dtype: np.dtype[Any] | None = None
) -> Array:
    """Return `X` as a finite two-dimensional float array; float32 stays float32.

    SciPy sparse matrices come back in CSR form. With `dtype` it is cast to that, and what
    does not fit is refused.

    Raises
    ------
    TypeError, ValueError
        If `X` is not numeric, not two-dimensional, empty, of another width, not finite.
    """
    if not isinstance(X, np.ndarray) and is_sparse(X):
        X = X.tocsr()
        values = _cast(as_floats(X.data, name), dtype)
        X = X if X.dtype == values.dtype else X.astype(values.dtype)
    else:
        X = values = _cast(as_floats(X, name), dtype)
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


def check_targets(
    y: Any, plan: Plan, n_samples: int, name: str = "y", dtype: np.dtype[Any] | None = None
) -> Array:
    """Return `y` encoded for the loss, shape (n, n_outputs).

    Class numbers become one-hot rows for a multi-class loss. A one-dimensional `y` of
    any other loss is the single output's column; it is never broadcast.

    Raises
    ------
    TypeError, ValueError
        If `y` has another length or shape, is not numeric or finite, or holds values that
        the loss cannot take.
    """
    loss = catalog.loss(plan.loss)
    values = _cast(_numbers_or_labels(y.toarray() if is_sparse(y) else y, name), dtype)
    if values.ndim == 0 or len(values) != n_samples:
        raise ValueError(
            f"{name} must hold one target per sample, {n_samples}; got shape {values.shape}"
        )
    _finite(values, name)
    if loss.task == "multiclass" and _is_column(values):
        return _one_hot(values.reshape(-1), plan.n_outputs, name)
    encoded = values.reshape(-1, 1) if values.ndim == 1 else values
    if encoded.shape != (n_samples, plan.n_outputs):
        raise ValueError(
            f"{name} must have shape {(n_samples, plan.n_outputs)} for a network with "
            f"{plan.n_outputs} output(s); got {values.shape}{_classes(values, plan)}"
        )
    low, high = loss.bounds
    if encoded.min() < low or encoded.max() > high:
        raise ValueError(
            f"{name} must lie in [{low:g}, {high:g}] for loss {loss.name!r}; got values from "
            f"{encoded.min():g} to {encoded.max():g}{_classes(values, plan)}"
        )
    if loss.task == "binary" and loss.link == "identity" and not np.isin(encoded, (0, 1)).all():
        raise ValueError(
            f"{name} must hold 0 (no) and 1 (yes) for loss {loss.name!r}; "
            f"got {_summary(encoded)}"
        )
    if loss.task == "multiclass" and not np.allclose(encoded.sum(axis=1), 1):
        raise ValueError(
            f"{name}: each row must sum to 1, or {name} be class numbers of shape (n_samples,)"
        )
    return encoded


def _numbers_or_labels(y: Any, name: str) -> Array:
    """Return `y` as floats; where it holds text, say what to do about that."""
    try:
        return as_floats(y, name)
    except TypeError as error:
        texts = [v for v in np.ravel(np.asarray(y, object))[:100] if isinstance(v, str)]
        if not texts:
            raise
        raise TypeError(
            f"{error}. Labels that are text: number the classes from 0, as "
            f"np.unique({name}, return_inverse=True)[1] does, or use MLPClassifier, which "
            "takes labels as they are"
        ) from None


def _classes(values: Array, plan: Plan) -> str:
    """Return what to do if `values`, which this network cannot take, are class numbers."""
    loss = catalog.loss(plan.loss)
    if not _is_column(values) or np.any(values != np.floor(values)):
        return ""
    low, high = float(values.min()), float(values.max())
    if low == -1 and loss.task == "binary" and np.all(np.isin(values, (-1, 0, 1))):
        return ". For the labels -1 and 1: give (y > 0), which is 0 and 1"
    if low < 0 or not 0 < high < 1000 or (loss.task == "regression" and plan.n_outputs == 1):
        return ""
    k = int(high) + 1
    return f". For {k} classes: loss='categorical_cross_entropy' and {k} outputs"


def check_vector(values: Any, like: Array, name: str) -> Array:
    """Return finite numbers in the shape and precision of `like`."""
    vector = _cast(as_floats(values, name), like.dtype)
    if vector.shape != like.shape:
        raise ValueError(f"{name} must have shape {like.shape}; got {vector.shape}")
    _finite(vector, name)
    return vector


def check_weight(
    weight: Any, n_samples: int, name: str = "sample_weight", dtype: np.dtype[Any] | None = None
) -> Array | None:
    """Return sample weights as floats, shape (n,), or None.

    Those below the smallest normal number are 0.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, their sum is zero or beyond the precision,
        or the shape is another.
    """
    if weight is None:
        return None
    values = _cast(as_floats(weight, name), dtype)
    if values.shape != (n_samples,):
        raise ValueError(f"{name} must have shape ({n_samples},); got {values.shape}")
    _finite(values, name)
    counted = no_denormals(values)
    with np.errstate(over="ignore"):
        total = np.sum(counted)
    if counted.min() < 0 or total == 0 or not np.isfinite(total):
        raise ValueError(
            f"{name} must be >= 0, and its sum above 0 and finite in {values.dtype}, where "
            f"numbers below {np.finfo(values.dtype).tiny:.2g} count as 0; "
            f"got {_summary(values)}"
        )
    return counted


def no_denormals(weight: Array) -> Array:
    """Return weights with 0 for those below the smallest normal number.

    Machine code flushes them, NumPy does not: so all engines leave out the same samples.

    Examples
    --------
    >>> no_denormals(np.array([1.0, 1e-310]))
    array([1., 0.])
    """
    return np.where((weight > 0) & (weight < np.finfo(weight.dtype).tiny), 0, weight)


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


def check_threshold(threshold: Any, plan: Plan) -> float | None:
    """Return the threshold as a float, or None.

    Raises
    ------
    ValueError
        If it is not one finite number, or the network chooses among several classes.
    """
    if threshold is None:
        return None
    if not _is_number(threshold):
        raise ValueError(f"threshold must be a finite number; got {threshold!r}")
    if catalog.loss(plan.loss).task == "multiclass":
        raise ValueError(
            f"threshold must be None with loss {plan.loss!r}, which takes the class of the "
            f"greatest output; got {threshold!r}"
        )
    return float(threshold)


def warn_of_scale(X: Array, y: Array, plan: Plan) -> None:
    """Warn where the numbers are fine for Python and hopeless for a network."""
    values: Any = X.data if is_sparse(X) else X
    largest = _largest(values)
    if largest > _HUGE:
        warnings.warn(
            f"X reaches {largest:.3g}: units saturate or overflow on such numbers; scale the "
            "columns first (mean 0, standard deviation 1)",
            stacklevel=4,  # the caller of MLP.fit
        )
    elif len(y) > 1 and not is_sparse(X) and not _varies(X):
        warnings.warn(
            f"no column of X varies by more than {_TINY:g}: the network can learn no more than "
            "a constant; scale the columns, or check that they are the right ones",
            stacklevel=4,  # the caller of MLP.fit
        )
    if catalog.loss(plan.loss).task != "regression" and len(y) > 1:
        constant = np.flatnonzero(np.ptp(y, axis=0) == 0)
        if len(constant) == y.shape[1]:
            warnings.warn(
                "y holds one class only: the network can learn no more than a constant",
                stacklevel=4,  # the caller of MLP.fit
            )


def _largest(values: Array) -> float:
    """Return the largest absolute value, 0 of none at all."""
    return max((float(max(one.max(), -one.min())) for one in pieces(values)), default=0.0)


def _varies(X: Array) -> bool:
    """Return whether a column holds numbers that are not all but equal."""
    low = high = X[0]
    for piece in pieces(X):  # the first few rows tell almost always
        low, high = np.minimum(low, piece.min(axis=0)), np.maximum(high, piece.max(axis=0))
        if np.max(high - low) >= _TINY:
            return True
    return False


def warn_of_flatness(plan: Plan) -> None:
    """Warn where no gradient can pass: gradient descent teaches nothing before a step."""
    hidden = [layer.formula for layer in plan.layers if layer.kind == "activation"]
    behind = {name: "layers" for name in hidden} | {
        name: "whole network" for name in [plan.output] if not plan.fused
    }
    for name, learner in behind.items():
        if _has_slope(catalog.activation(name)):
            continue
        warnings.warn(
            f"activation {name!r} has slope 0 everywhere: no gradient passes it, and the "
            f"{learner} before it cannot learn; 'sigmoid' is its smooth sister",
            stacklevel=4,  # the caller of MLP.fit
        )


@lru_cache(maxsize=64)
def _has_slope(record: catalog.Activation) -> bool:
    z = np.linspace(-4.0, 4.0, 16).reshape(-1, 1)
    return record.rowwise or bool(np.any(record.backward(np.ones_like(z), z, record(z))))


def warn_of_penalty(
    plan: Plan, data: Data, optimizer: Optimizer | LBFGS, batch_size: int
) -> None:
    r"""Warn where the L2 penalty alone throws the weights past zero at every update.

    Gradient descent multiplies them by :math:`1 - \eta \alpha / s`, `s` being the sum of a
    batch's sample weights: below -1 they explode.
    """
    if plan.alpha == 0 or not isinstance(optimizer, SGD | Momentum):
        return
    total = data.total * batch_size / len(data.y)
    pull = plan.alpha * optimizer.learning_rate / total
    if pull > 1:
        warnings.warn(
            f"alpha is {plan.alpha:g} where a batch's samples weigh {total:.3g} in all: at "
            f"learning rate {optimizer.learning_rate:g} each update multiplies the weights by "
            f"{1 - pull:.3g} for the L2 penalty alone. Lower alpha or the rate, or let "
            "sample_weight average 1",
            stacklevel=4,  # the caller of MLP.fit
        )


def is_sparse(values: Any) -> bool:
    """Return whether this is one of SciPy's sparse matrices."""
    sparse = sys.modules.get("scipy.sparse")  # who has a sparse matrix has loaded it
    return sparse is not None and bool(sparse.issparse(values))


def _is_number(value: Any) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool) and bool(np.isfinite(value))


def as_floats(values: Any, name: str) -> Array:
    """Return numbers as a float array; float32 stays float32, nothing else is copied in vain.

    Raises
    ------
    TypeError, ValueError
        If these are not real numbers, or some are masked.
    """
    if isinstance(values, np.ma.MaskedArray) and np.any(np.ma.getmaskarray(values)):
        raise ValueError(f"{name} must have no masked entries: fill them in or leave them out")
    try:
        array = np.asarray(values)
    except ValueError:
        raise TypeError(f"{name} must be an array; its rows differ in length") from None
    if array.dtype in _FLOATS:
        return array
    if array.dtype.kind not in "buifO":
        raise TypeError(
            f"{name} must hold real numbers; got dtype {array.dtype}" + _example(array)
        )
    try:
        if array.dtype.kind == "O" and any(isinstance(v, str | bytes) for v in array.flat):
            raise TypeError
        single = array.dtype.kind == "f" and array.dtype.itemsize == 4  # of other byte order
        with np.errstate(over="ignore"):  # a number beyond float64 is found to be infinite
            return array.astype(np.float32 if single else np.float64)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"{name} must hold numbers; got dtype {array.dtype}{_example(array)}"
        ) from None


def _example(array: NDArray[Any]) -> str:
    """Return the first entry that is no number, and where it stands."""
    for index, value in np.ndenumerate(array):
        try:
            if isinstance(value, str | bytes | complex):
                raise TypeError
            float(value)
        except (TypeError, ValueError, OverflowError):
            return f", {str(value)[:40]!r} at index {index}"
    return ""


def _cast(values: Array, dtype: np.dtype[Any] | None) -> Array:
    if dtype is None or values.dtype == dtype:
        return values
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is found
        return values.astype(dtype)


def _finite(values: Array, name: str) -> None:
    if all_finite(values):
        return
    wrong = np.argwhere(~np.isfinite(values))
    first = tuple(int(i) for i in wrong[0])
    raise ValueError(
        f"{name} must be finite in {values.dtype} (no NaN, no infinity); got "
        f"{values[first]} at index {first} and {len(wrong) - 1} more"
    )


def _is_column(values: NDArray[Any]) -> bool:
    return values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)


def _one_hot(labels: NDArray[Any], n_classes: int, name: str) -> Array:
    if not (
        np.all(labels == np.floor(labels)) and labels.min() >= 0 and labels.max() < n_classes
    ):
        raise ValueError(
            f"{name} must hold class numbers 0 to {n_classes - 1}, one per output of the "
            f"network; got {_summary(labels)}"
        )
    encoded: Array = np.zeros((len(labels), n_classes), labels.dtype)
    encoded[np.arange(len(labels)), labels.astype(np.intp)] = 1.0
    return encoded


def _summary(values: NDArray[Any]) -> str:
    found = np.unique(values)
    text = ", ".join(f"{v:g}" for v in found[:6])
    return text + (f", ... ({len(found)} values)" if len(found) > 6 else "")
