"""Whether an activation's slope and a loss's gradient are the derivatives of their values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.differences import TOLERANCE, Compared, compare
from glassnet.formulas.types import Array
from glassnet.records import Activation, Loss, Record

__all__ = ["Points", "check_formula", "warn_of_gradient"]

_NEAR = 1e-3  # of a kink: no difference is taken there


@dataclass(frozen=True)
class Points:
    """What was compared, by the logits or pre-activations that it was compared at.

    Attributes
    ----------
    at : float array
        Where.
    compared : Compared
        Of the shape of `at`.
    """

    at: Array
    compared: Compared


def check_formula(record: Activation | Loss, tolerance: float = TOLERANCE) -> Points:
    """Hold a record's slope or gradient against differences of its value, in float64.

    Parameters
    ----------
    record : Activation or Loss
    tolerance : float
        Relative error that is allowed.

    Returns
    -------
    Points

    Examples
    --------
    >>> from glassnet import catalog
    >>> check_formula(catalog.activation("tanh")).compared.wrong.any()
    np.False_
    """
    if isinstance(record, Loss):
        return _check_loss(record, tolerance)
    z = np.random.default_rng(0).normal(scale=2.5, size=(24, 3))
    z[::4] *= 4  # as far out as units saturate
    for kink in record.kinks:
        z = np.where(abs(z - kink) < _NEAR, kink + 2 * _NEAR, z)
    # Each element has its own derivative; a row-wise one that of a weighted sum of outputs.
    delta = np.linspace(0.5, 1.5, 3) * np.ones_like(z) if record.rowwise else np.ones_like(z)
    with np.errstate(all="ignore"):
        gradient = record.backward(delta, z.copy(), record(z.copy()))

    def total(z: Array) -> Array:
        return np.asarray(np.sum(delta * record(z), axis=1))

    return Points(z, _by_column(total, z, gradient, tolerance))


def _check_loss(record: Loss, tolerance: float) -> Points:
    rng, numbers = np.random.default_rng(0), dict(record.parameters)
    # Logits may be any numbers; a loss of outputs behind a sigmoid needs them inside (0, 1).
    f = np.vstack([rng.uniform(0.05, 0.95, (12, 3)), rng.normal(scale=2.0, size=(12, 3))])
    y = np.clip(rng.normal(scale=2.0, size=f.shape), *record.bounds)
    if record.task == "binary":
        y = np.clip(rng.integers(0, 2, f.shape).astype(float), *record.bounds)
    elif record.task == "multiclass":
        y = np.eye(3)[rng.integers(0, 3, len(f))]
    with np.errstate(all="ignore"):
        gradient = record.gradient(y.copy(), f.copy(), **numbers)

    def value(f: Array) -> Array:
        return record.value(y.copy(), f, **numbers)

    return Points(f, _by_column(value, f, gradient, tolerance))


def _by_column(
    function: Callable[[Array], Array], at: Array, gradient: Array, tolerance: float
) -> Compared:
    """Compare all rows at once, one column after the other."""
    columns = np.eye(at.shape[1])
    parts = [
        compare(function, at, column * np.ones_like(at), gradient[:, j], tolerance)
        for j, column in enumerate(columns)
    ]
    names = ("analytic", "numeric", "wrong", "excluded", "noise")
    return Compared(*(np.stack([getattr(p, name) for p in parts], axis=1) for name in names))


def warn_of_gradient(record: Record) -> None:
    """Warn if the record asks to be checked and its slope or gradient is wrong.

    Parameters
    ----------
    record : Record
        Of an initializer there is nothing to check.

    Warns
    -----
    UserWarning
        Naming the point at which the two are furthest apart, and both numbers.
    """
    if not record.check or not isinstance(record, Activation | Loss):
        return
    found = check_formula(record)
    c = found.compared
    if not c.wrong.any():
        return
    off = np.where(c.wrong, np.nan_to_num(abs(c.analytic - c.numeric), nan=np.inf), -1.0)
    worst = np.unravel_index(np.argmax(off), off.shape)
    is_loss = isinstance(record, Loss)
    kind, what, at = ("loss", "gradient", "f") if is_loss else ("activation", "slope", "z")
    warnings.warn(
        f"{kind} {str(record)!r}: its {what} is not the derivative of its value: at {at} = "
        f"{found.at[worst]:.6g} it gives {c.analytic[worst]:.6g}, and the central difference "
        f"is {c.numeric[worst]:.6g}; glassnet.check_gradients tells more, and check=False on "
        "the record turns this off",
        stacklevel=2,
    )
