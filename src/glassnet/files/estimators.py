"""The estimators as data: their parameters and what `fit` has found; and back."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from glassnet import catalog
from glassnet.estimators.classifier import MLPClassifier
from glassnet.estimators.multilayer import _SKLEARN_NAMES
from glassnet.estimators.perceptron import Perceptron
from glassnet.estimators.regressor import MLPRegressor
from glassnet.estimators.safety import Best
from glassnet.estimators.solver import Rates
from glassnet.files.networks import (
    plan_as_data,
    plan_from_data,
    state_as_data,
    state_from_data,
    trained_by,
)
from glassnet.files.reader import Reader, part, parts
from glassnet.files.writer import Writer, custom
from glassnet.optimizers import Optimizer
from glassnet.schedules import PlateauState

__all__ = ["KINDS", "estimator_as_data", "estimator_from_data"]

KINDS = {cls.__name__: cls for cls in (MLPClassifier, MLPRegressor, Perceptron)}
"""The class of each kind of estimator."""

_CURVES = ("loss_curve_", "validation_loss_curve_", "validation_scores_")
_COUNTS = ("n_iter_", "t_", "_no_improvement_count")
_FIGURES = ("loss_", "best_loss_", "best_validation_score_")
_DERIVED = ("n_layers_", "n_outputs_", "out_activation_", "n_features_in_")
_OF_FIT = ("engine_", "engine_reason_", "_random_state")


def estimator_as_data(writer: Writer, est: Any) -> dict[str, Any]:
    """Return an estimator as data; its arrays are put aside.

    Raises
    ------
    TypeError
        If a parameter or attribute is none that a file holds.
    """
    est._validate_params()
    parameters = est.get_params(deep=False)
    for kind in ("activation", "loss", "initializer"):
        given = parameters.get(kind)
        for one in given if isinstance(given, list | tuple) else [given]:
            if isinstance(one, str) and _is_known(kind, one) and custom(kind, one):
                raise TypeError(
                    f"{kind} {one!r} is not glassnet's own: a file holds data and no code. "
                    "Save the model with pickle or joblib"
                )
    data: dict[str, Any] = {
        "parameters": {name: writer.value(name, value) for name, value in parameters.items()},
        "fitted": None,
    }
    fitted = {name: value for name, value in vars(est).items() if name not in parameters}
    if fitted:
        describe = _perceptron_fit if isinstance(est, Perceptron) else _network_fit
        data["fitted"] = {**_common(writer, fitted), **describe(writer, fitted)}
    if fitted:
        names = ", ".join(sorted(fitted))
        raise TypeError(f"{type(est).__name__} has attributes that no file holds: {names}")
    return data


def estimator_from_data(reader: Reader, kind: type[Any], data: Any) -> Any:
    """Return the estimator of this class that `data` describes."""
    parts(data, kind.__name__, "parameters", "fitted")
    given = part(data, "parameters", dict)
    parts(given, "parameters", *kind._get_param_names())
    est = kind(**{name: reader.value(name, value) for name, value in given.items()})
    est._validate_params()
    fitted = data["fitted"]
    if fitted is None:
        return est
    if not isinstance(fitted, dict):
        raise ValueError(f"fitted must be an object; got {fitted!r:.60}")
    read = _read_perceptron if kind is Perceptron else _read_network
    width = read(reader, fitted, est)
    est.engine_, est.engine_reason_ = trained_by(fitted)
    est._random_state = reader.random("random", fitted["random"])
    if not isinstance(est._random_state, np.random.RandomState):
        raise ValueError("an estimator draws from a RandomState")
    est.n_features_in_ = width
    if fitted["feature_names"] is not None:
        names = reader.array("feature_names", fitted["feature_names"], (width,), "O")
        est.feature_names_in_ = names
    return est


def _is_known(kind: str, text: str) -> bool:
    try:
        getattr(catalog, kind)(text)
    except ValueError:
        return False  # as "log_loss"
    return True


def _common(writer: Writer, fitted: dict[str, Any]) -> dict[str, Any]:
    """Return what every fitted estimator has, and take it out of `fitted`."""
    names = fitted.pop("feature_names_in_", None)
    classes = fitted.pop("classes_", None)
    engine, reason, source = (fitted.pop(name) for name in _OF_FIT)
    return {
        "engine_": engine,
        "engine_reason_": reason,
        "random": writer.random("random_state", source),
        "feature_names": None if names is None else writer.array("feature_names_in_", names),
        "classes": None if classes is None else writer.array("classes_", classes),
    }


def _read_classes(reader: Reader, data: Any) -> Any:
    classes = reader.array("classes_", data)
    order = classes.ravel().tolist()
    if classes.ndim != 1 or not all(a < b for a, b in pairwise(order)):
        raise ValueError("classes_ must be one row of labels in rising order")
    return classes


# --- Perceptron


def _perceptron_fit(writer: Writer, fitted: dict[str, Any]) -> dict[str, Any]:
    for name in ("n_features_in_", "n_iter_"):
        del fitted[name]
    found = {name: writer.array(name, fitted.pop(name)) for name in ("coef_", "intercept_")}
    mistakes = np.array(fitted.pop("mistakes_"), np.int64)
    return {**found, "mistakes_": writer.array("mistakes_", mistakes)}


def _read_perceptron(reader: Reader, data: Any, est: Perceptron) -> int:
    names = ("engine_", "engine_reason_", "random", "feature_names", "classes")
    parts(data, "fitted", *names, "coef_", "intercept_", "mistakes_")
    est.classes_ = _read_classes(reader, data["classes"])
    rows = 1 if len(est.classes_) == 2 else len(est.classes_)
    coef = reader.floats("coef_", data["coef_"], None)
    if rows < 1 or coef.ndim != 2 or len(coef) != rows or coef.shape[1] < 1:
        raise ValueError(f"coef_ must have a row per class; got shape {coef.shape}")
    est.coef_ = coef
    est.intercept_ = reader.floats("intercept_", data["intercept_"], (rows,), coef.dtype)
    est.mistakes_ = reader.array("mistakes_", data["mistakes_"], None, "i").ravel().tolist()
    est.n_iter_ = len(est.mistakes_)
    return int(coef.shape[1])


# --- MLPClassifier and MLPRegressor


def _network_fit(writer: Writer, fitted: dict[str, Any]) -> dict[str, Any]:
    for name in _DERIVED:
        del fitted[name]
    plan, best = fitted.pop("_plan"), fitted.pop("_best")
    binarizer, running = fitted.pop("_label_binarizer", None), fitted.pop("_running")
    curves = {name: fitted.pop(name) for name in _CURVES}
    labels = None
    if binarizer is not None:
        labels = {"kind": binarizer.y_type_, "sparse": bool(binarizer.sparse_input_)}
    return {
        "plan": plan_as_data(plan),
        "state": state_as_data(writer, fitted.pop("_state")),
        "best": [writer.array("best", best.theta), writer.array("best", best.buffers)],
        "running": None if running is None else _running_as_data(writer, *running),
        "labels": labels,
        **{
            name: None if values is None else writer.array(name, np.array(values, float))
            for name, values in curves.items()
        },
        **{name: int(fitted.pop(name)) for name in _COUNTS},
        **{name: writer.value(name, fitted.pop(name)) for name in _FIGURES},
    }


def _running_as_data(writer: Writer, optimizer: Optimizer, rates: Rates) -> dict[str, Any]:
    plain = {f.name: getattr(rates, f.name) for f in fields(Rates) if f.name != "plateau"}
    data = {name: writer.value("schedule", value) for name, value in plain.items()}
    plateau = None if rates.plateau is None else writer.value("plateau", list(rates.plateau))
    return {"optimizer": writer.value("solver", optimizer), **data, "plateau": plateau}


def _read_network(reader: Reader, data: Any, est: Any) -> int:
    names = ("engine_", "engine_reason_", "random", "feature_names", "classes", "plan", "state")
    parts(data, "fitted", *names, "best", "running", "labels", *_CURVES, *_COUNTS, *_FIGURES)
    plan = est._plan = plan_from_data(data["plan"])
    est._state = state_from_data(reader, data["state"], plan)
    _read_best(reader, data, est)
    est._running = _read_running(reader, data["running"], est._state)
    if isinstance(est, MLPClassifier):
        _read_labels(reader, data, est)
    elif data["classes"] is not None or data["labels"] is not None:
        raise ValueError("a regressor has no classes")
    for name in _CURVES:
        known = data[name] is not None or name != "validation_scores_"
        values = reader.array(name, data[name], None, "f").ravel() if known else None
        setattr(est, name, None if values is None else list(values))
    for name in _COUNTS:
        setattr(est, name, part(data, name, int))
        if getattr(est, name) < 0:
            raise ValueError(f"{name} must be >= 0; got {getattr(est, name)}")
    for name in _FIGURES:
        figure = reader.value(name, data[name])
        if figure is not None and type(figure) not in (int, float):
            raise ValueError(f"{name} must be a number; got {figure!r:.60}")
        setattr(est, name, figure if figure is None else np.float64(figure))
    est.n_layers_ = sum(layer.kind == "dense" for layer in plan.layers) + 1
    est.n_outputs_ = plan.n_outputs
    est.out_activation_ = _SKLEARN_NAMES.get(plan.output, plan.output)
    return plan.n_inputs


def _read_best(reader: Reader, data: Any, est: Any) -> None:
    best = part(data, "best", list)
    if len(best) != 2:
        raise ValueError("best must hold theta and buffers")
    state = est._state
    est._best = Best(
        reader.floats("best theta", best[0], state.theta.shape, state.theta.dtype),
        reader.floats("best buffers", best[1], state.buffers.shape, state.theta.dtype),
    )


def _read_running(reader: Reader, data: Any, state: Any) -> tuple[Optimizer, Rates] | None:
    if data is None:
        return None
    names = [field.name for field in fields(Rates)]
    parts(data, "running", "optimizer", *names)
    optimizer = reader.value("optimizer", data["optimizer"])
    schedule = reader.value("schedule", data["schedule"])
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"optimizer must be one; got {optimizer!r:.60}")
    catalog.schedule("constant" if schedule is None else schedule)
    now, first, power = (float(part(data, n, int, float)) for n in ("now", "first", "power"))
    mode = part(data, "mode", str)
    if mode not in ("constant", "invscaling", "adaptive"):
        raise ValueError(f"mode must be one of scikit-learn's; got {mode!r:.40}")
    if not (0 < now < np.inf and 0 < first < np.inf and 0 <= power < np.inf):
        raise ValueError("learning rates must be above 0 and finite")
    plateau = reader.value("plateau", data["plateau"])
    if plateau is not None:
        if type(plateau) is not list or [type(n) for n in plateau] != [float, float, int, int]:
            raise ValueError(f"plateau must be two numbers and two counts; got {plateau!r:.80}")
        plateau = PlateauState(*plateau)
    _check_slots(optimizer, state)
    return optimizer, Rates(now, mode, first, power, schedule, plateau)


def _check_slots(optimizer: Optimizer, state: Any) -> None:
    """Raise if slots of these names have other shapes than the optimizer's."""
    fresh = optimizer.start(state.theta)
    if set(fresh) == set(state.slots):
        for name, array in fresh.items():
            given = state.slots[name]
            if (given.shape, given.dtype) != (array.shape, array.dtype):
                raise ValueError(f"slot {name} must be {array.dtype} of shape {array.shape}")


def _read_labels(reader: Reader, data: Any, est: MLPClassifier) -> None:
    parts(data["labels"], "labels", "kind", "sparse")
    kind, outputs = part(data["labels"], "kind", str), est._plan.n_outputs
    est.classes_ = classes = _read_classes(reader, data["classes"])
    fits = {
        "binary": outputs == 1 and len(classes) in (1, 2),
        "multiclass": outputs == len(classes) > 2,
        "multilabel-indicator": outputs == len(classes),
    }
    if not fits.get(kind, False):
        raise ValueError(
            f"{len(classes)} classes and {outputs} outputs do not go together for {kind!r:.40}"
        )
    binarizer = LabelBinarizer()
    binarizer.y_type_, binarizer.classes_ = kind, classes
    binarizer.sparse_input_ = part(data["labels"], "sparse", bool)
    est._label_binarizer = binarizer
