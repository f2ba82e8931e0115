"""The arguments of `MLP.fit`, checked: nothing is changed before all of them are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet import catalog
from glassnet.arguments import callables, listed, stopping, whole_number, yes_or_no
from glassnet.engines.choice import choose
from glassnet.engines.cores import n_threads as usable
from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.inputs import decode
from glassnet.network import Plan
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.schedules import resolve
from glassnet.training import EarlyStopping, Epoch, Settings
from glassnet.training.metrics import METRICS
from glassnet.training.progress import check_verbose

__all__ = ["optimizer_for", "ready"]


def ready(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    optimizer: object,
    epochs: int,
    batch_size: int | None,
    X_val: ArrayLike | None,
    y_val: ArrayLike | None,
    callbacks: Iterable[Callable[[Epoch], Any]] | None,
    schedule: object,
    verbose: bool | int,
    sample_weight: ArrayLike | None,
    shuffle: bool,
    early_stopping: EarlyStopping | int | bool | None,
    metrics: Iterable[str] | Mapping[str, Callable[[Any, Any], float]] | None,
) -> tuple[Data, Data | None, Settings]:
    """Return the arguments of `fit` as training takes them; nothing is changed.

    Parameters
    ----------
    model : MLP
        Whose `fit` it is.
    X, y, optimizer, epochs, batch_size, X_val, y_val, callbacks, schedule, verbose
        As of `MLP.fit`.
    sample_weight, shuffle, early_stopping, metrics
        As of `MLP.fit`.

    Returns
    -------
    data : Data
        What to train on.
    validation : Data or None
    settings : Settings

    Raises
    ------
    ValueError, TypeError, ImportError
        As of `MLP.fit`.
    """
    plan = model.plan
    data = model._data(X, y, sample_weight).apart_from(model.state)
    validation = _validation(model, X_val, y_val, data.X.dtype)
    rule = optimizer_for(plan, optimizer, batch_size, schedule)
    epochs = whole_number("epochs", epochs)
    size = _batch_size(plan, batch_size, len(data.y))
    settings = Settings(
        optimizer=rule,
        epochs=epochs,
        batch_size=size,
        shuffle=yes_or_no("shuffle", shuffle),
        schedule=resolve(schedule),
        early_stopping=stopping(early_stopping),
        metrics=_metrics(model, metrics),
        callbacks=callables("callbacks", callbacks),
        verbose=check_verbose(verbose),
        engine=choose(model.engine, plan, rule, data, epochs, size),
        threads=usable(model.n_threads),
    )
    return data, validation, settings


def optimizer_for(
    plan: Plan, spec: object, batch_size: int | None, schedule: object
) -> Optimizer | LBFGS:
    """Return the optimizer that an argument means, if it can go with the others."""
    found = catalog.optimizer(spec)
    if found.full_batch:
        rules = {
            "batch_size must be None": batch_size is not None,
            "schedule must be None": schedule is not None,
            "dropout must be 0": plan.has_dropout,
        }
        for rule, broken in rules.items():
            if broken:
                raise ValueError(
                    f"{rule} with {type(found).__name__}, which needs one function that "
                    "stays the same"
                )
    return found


def _validation(
    model: Any, X: ArrayLike | None, y: ArrayLike | None, dtype: np.dtype[Any]
) -> Data | None:
    if (X is None) != (y is None):
        raise ValueError("X_val and y_val go together; got one without the other")
    if X is None or y is None:
        return None
    found: Data = model._data(X, y, None, "_val", dtype).apart_from(model.state)
    return found


def _batch_size(plan: Plan, value: int | None, n: int) -> int:
    size = n if value is None else min(whole_number("batch_size", value), n)
    if size == 1 and plan.buffers:
        raise ValueError(
            "batch_size must be at least 2 with norm='batch': one sample has no variance; "
            f"got batch_size={value!r} for {n} sample(s)"
        )
    return size


def _metrics(
    model: Any, metrics: Iterable[str] | Mapping[str, Callable[[Any, Any], float]] | None
) -> dict[str, Callable[[Array, Array], float]]:
    """Return metrics of (encoded targets, outputs) from metrics of (y, prediction)."""
    metrics = (metrics,) if isinstance(metrics, str) else metrics or ()
    if not isinstance(metrics, Mapping):
        names = listed("metrics", metrics)
        unknown = [name for name in names if name not in METRICS]
        if unknown:
            raise ValueError(f"unknown metrics {unknown}; known: {', '.join(METRICS)}")
        if "accuracy" in names and not model.classification:
            raise ValueError(
                f"metrics: accuracy needs labels, and loss {model.plan.loss!r} predicts "
                "numbers; give a function of your own, {'accuracy': lambda y, p: ...}"
            )
        metrics = {name: METRICS[name] for name in names}
    callables("metrics", metrics.values())
    for name in metrics:
        if not isinstance(name, str) or name.startswith("validation_"):
            raise ValueError(
                "metrics must have names that do not begin with 'validation_', which is "
                f"what they are called on validation data; got {name!r}"
            )

    def on_outputs(metric: Callable[[Any, Any], float]) -> Callable[[Array, Array], float]:
        return lambda y, outputs: float(
            metric(decode(y.copy(), model.plan), decode(outputs, model.plan))
        )

    return {name: on_outputs(metric) for name, metric in metrics.items()}
