"""What the user gives to `diagnose`: checked, and looked at before any model is."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.arguments import whole_number, yes_or_no
from glassnet.formulas.types import Array
from glassnet.inputs import as_floats, is_sparse
from glassnet.insight.diagnosis.case import WrongTargets
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding

__all__ = ["check_data", "check_settings", "features", "named", "refused", "unusable"]

_MOST = 2**28  # numbers that sparse data may have once they are dense: 2 GiB


def features(X: Any, name: str) -> Array:
    """Return `X` as a new float64 array of two dimensions.

    Raises
    ------
    TypeError, ValueError
        If it is none; columns of text are named.
    """
    if is_sparse(X):
        if X.shape[0] * X.shape[1] > _MOST:
            raise ValueError(
                f"{name} must have at most {_MOST:,} entries, for sparse data are made dense; "
                f"got shape {X.shape}: give fewer rows"
            )
        X = X.toarray()
    text = [str(column) for column in getattr(X, "columns", ()) if _is_text(X[column])]
    if text:
        raise TypeError(
            f"{name} must hold numbers only; got text in column(s) {', '.join(text)}: encode "
            "them as numbers first, as with sklearn.preprocessing.OneHotEncoder"
        )
    if hasattr(X, "isna") and bool(np.any(X.isna())):  # pandas' NA is no float by itself
        X = X.to_numpy(dtype=float, na_value=np.nan)
    found = np.array(as_floats(X, name), dtype=float)
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(f"{name} must have shape (n_samples, n_features); got {found.shape}")
    return found


def named(X: Any, model: Any, given: Any, width: int) -> tuple[str, ...]:
    """Return the names of the features: as given, of the frame, or those of the fit.

    Raises
    ------
    ValueError
        If there are not as many as features.
    """
    if given is None:
        own = vars(model).get("feature_names_in_", ()) if hasattr(model, "__dict__") else ()
        given = getattr(X, "columns", own)
        given = given if len(given) == width else ()
    names = tuple(map(str, given))
    if names and len(names) != width:
        raise ValueError(f"feature_names must be {width}, one per column; got {len(names)}")
    return names


def _is_text(column: Any) -> bool:
    try:
        np.asarray(column).astype(float)
    except (TypeError, ValueError):
        return True
    return False


def check_settings(seed: Any, prove: Any, epochs: Any, batch_size: Any) -> None:
    """Raise unless these are what they should be."""
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < 2**32:
        raise ValueError(f"seed must be a whole number from 0 to 2**32 - 1; got {seed!r}")
    yes_or_no("prove", prove)
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if value is not None:
            whole_number(name, value)


def check_data(X: Array, y: Any, X_val: Array | None, y_val: Any) -> None:
    """Raise unless features and targets go together."""
    if (X_val is None) != (y_val is None):
        raise ValueError("X_val and y_val go together; got one without the other")
    pairs = [("X", X, "y", y), ("X_val", X_val, "y_val", y_val)]
    for name, rows, target, values in pairs:
        if rows is not None and (np.ndim(values) == 0 or len(values) != len(rows)):
            raise ValueError(
                f"{target} must hold one target per row of {name}, {len(rows)}; "
                f"got shape {np.shape(values)}"
            )
        found = np.asarray(values)
        gaps = [v for v in found.flat if _is_missing(v)] if found.dtype.kind == "O" else []
        if rows is not None and gaps:
            raise ValueError(f"{target} must have a value in every row; got {gaps[0]} in some")
    if len(X) < 2:
        raise ValueError(f"X must have 2 rows or more; got {len(X)}")
    if X_val is not None and X_val.shape[1] != X.shape[1]:
        raise ValueError(
            f"X_val must have {X.shape[1]} features as X has; got {X_val.shape[1]}"
        )


def _is_missing(value: Any) -> bool:
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA compares to nothing
        return True


def unusable(
    X: Array, y: Any, X_val: Array | None, y_val: Any, names: tuple[str, ...]
) -> Finding | None:
    """Return what makes training pointless, whatever the model: NaN, or a single target."""
    given = {"X": X, "y": y, "X_val": X_val, "y_val": y_val}
    bad = {name: _not_finite(values) for name, values in given.items()}
    where = [name for name, count in bad.items() if count]
    if where:
        return finding(
            "non_finite",
            Evidence(
                f"numbers of {' and '.join(where)} that are NaN or infinite",
                sum(bad.values()),
                "0",
                " and ".join(where),
            ),
            f"The data hold NaN or infinite numbers{_holding(X, names)}: NaN stands for a "
            "missing value. A single one makes every weight NaN in one step of training.",
            cure="fill them in, as sklearn.impute.SimpleImputer does, or drop these rows or "
            "columns",
        )
    targets = np.asarray(y)
    if not (targets == targets[0]).all():
        return None
    return finding(
        "unlearnable_target",
        Evidence("distinct values of the target", 1, "2 or more", "y"),
        "The target is the same in every row. A constant answers that: there is nothing to "
        "learn from these rows.",
    )


def _holding(X: Array, names: tuple[str, ...]) -> str:
    """Return which features of `X` hold such numbers, in words."""
    bad = np.flatnonzero(~np.isfinite(X).all(axis=0))
    shown = ", ".join(f"feature {names[j]!r}" if names else f"feature {j}" for j in bad[:5])
    return f", in {shown}{' and others' if len(bad) > 5 else ''}" if len(bad) else ""


def _not_finite(values: Any) -> int:
    numbers = np.asarray(values)
    return int((~np.isfinite(numbers)).sum()) if numbers.dtype.kind == "f" else 0


def refused(error: WrongTargets, y: Any) -> Finding:
    """Return the finding for targets that the model's loss cannot take."""
    return finding(
        "wrong_loss_or_output",
        Evidence(
            "distinct values of the target",
            len(np.unique(np.asarray(y))),
            "what the loss can take",
            "y",
        ),
        f"The model's loss cannot take these targets: {error}",
    )
