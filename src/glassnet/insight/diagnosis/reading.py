"""From any model to the neutral description of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor

from glassnet import catalog
from glassnet.estimators import MLPClassifier, MLPRegressor, Perceptron
from glassnet.estimators.planning import first_weights, planned
from glassnet.estimators.solver import Rates, find_optimizer
from glassnet.estimators.trainer import batch_size as batch_rows
from glassnet.estimators.weights import check_weights, checked, product
from glassnet.fit_arguments import optimizer_for
from glassnet.formulas.types import Array
from glassnet.insight.diagnosis.case import Case, WrongTargets
from glassnet.insight.subjects import of_a_pipeline
from glassnet.mlp import MLP
from glassnet.network import Plan, State, build_plan, initial_state
from glassnet.optimizers import SGD
from glassnet.schedules import InverseScaling, ReduceOnPlateau

__all__ = ["case_of"]


def case_of(
    model: Any, X: Array, y: Any, X_val: Any, y_val: Any, settings: dict[str, Any], seed: int
) -> Case:
    """Return the description of `model`, of which nothing is shared or changed.

    Raises
    ------
    TypeError
        If `model` is of no known kind.
    WrongTargets
        If the targets are none that its loss can take.
    """
    model = deepcopy(model)
    if isinstance(model, MLP):
        return _of_network(model, X, y, X_val, y_val, settings, seed)
    if isinstance(model, SklearnClassifier | SklearnRegressor):
        model = _translated(model)
    if isinstance(model, MLPClassifier | MLPRegressor):
        return _of_estimator(model, X, y, X_val, y_val, settings, seed)
    if isinstance(model, Perceptron):
        if settings.get("sample_weight") is not None:
            raise ValueError("sample_weight must be None for a Perceptron, which takes none")
        return _of_perceptron(model, X, y, X_val, y_val, seed)
    raise TypeError(
        "model must be an MLP, MLPClassifier, MLPRegressor, Perceptron or one of "
        f"scikit-learn's MLPs; got {of_a_pipeline(model) or type(model).__name__}"
    )


def _translated(model: Any) -> Any:
    """Return scikit-learn's MLP as ours, which has the same parameters and numbers."""
    ours = MLPClassifier if is_classifier(model) else MLPRegressor
    known = ours().get_params()
    found = ours(**{k: v for k, v in model.get_params().items() if k in known})
    if hasattr(model, "coefs_"):
        found._given = [*zip(model.coefs_, model.intercepts_, strict=True)]
        found.loss_curve_ = list(getattr(model, "loss_curve_", ()))
        found.n_features_in_ = model.n_features_in_
    return found


def _of_network(
    net: MLP, X: Array, y: Any, X_val: Any, y_val: Any, settings: dict[str, Any], seed: int
) -> Case:
    if X.shape[1] != net.plan.n_inputs:
        raise ValueError(f"X must have {net.plan.n_inputs} features; got {X.shape[1]}")
    encoded = _encoded(net, X, y)
    trained = len(net.history) > 0
    # What a failed run went back to tells nothing of it: it is run again.
    kept = trained and net.history.stopped != "diverged"
    start = net.state.copy() if not trained else initial_state(net.plan, None, _rng(seed))
    optimizer = settings.get("optimizer") or (_inferred(net) if trained else "adam")
    size = settings.get("batch_size") or (_inferred_batch(net, len(X)) if trained else len(X))
    weight = net._data(X, y, settings.get("sample_weight")).weight
    rule = optimizer_for(net.plan, optimizer, None, settings.get("schedule"))
    return Case(
        kind="network",
        plan=net.plan,
        start=start,
        start_known=not kept,
        fitted=net.state.copy() if kept else None,
        optimizer=rule,
        epochs=settings.get("epochs") or (len(net.history) if kept else 0) or 100,
        batch_size=min(size, len(X)),
        shuffle=settings.get("shuffle", True),
        patience=None,
        tolerance=0.0,
        X=X,
        y=encoded,
        X_val=X_val,
        y_val=None if X_val is None else _held_out(lambda: net._data(X_val, y_val, None).y),
        labels=_labels(encoded, net.plan),
        history=tuple(net.history.loss),
        validation_history=tuple(net.history.validation_loss) if kept else (),
        weight=weight,
        schedule=settings.get("schedule"),
        stopped_itself=net.history.stopped == "early_stopping",
        diverged_itself=net.history.stopped == "diverged",
    )


def _inferred(net: MLP) -> Any:
    """Return the optimizer that a trained network's state and history speak of.

    Rules that keep the same vectors (Adam, AdamW and RAdam) cannot be told apart: it is the
    first of them.
    """
    rate = next((r for r in net.history.learning_rate if np.isfinite(r)), 0.001)
    slots = set(net.state.slots)
    for kind in catalog.OPTIMIZERS:
        rule = catalog.optimizer(kind.name)
        if not rule.full_batch and set(rule.start(net.theta)) == slots:
            return replace(rule, learning_rate=rate)
    return SGD(rate)


def _inferred_batch(net: MLP, n: int) -> int:
    """Return the size of batches that a trained network's count of updates speaks of."""
    best = net.history.best_epoch
    epochs = len(net.history) if best is None else best + 1
    batches = round(net.state.step / max(1, epochs))
    return -(-n // batches) if 1 <= batches <= n else n


def _encoded(net: MLP, X: Any, y: Any) -> Array:
    try:
        return net._data(X, y, None).y
    except (TypeError, ValueError) as error:
        raise WrongTargets(str(error)) from error


def _held_out(encode: Callable[[], Any]) -> Array:
    """Return the encoded targets of the held-out rows; those of training were accepted."""
    try:
        return np.asarray(encode(), float)
    except (TypeError, ValueError) as error:
        raise type(error)(f"y_val must hold targets such as y has: {error}") from error


def _of_estimator(
    model: Any, X: Array, y: Any, X_val: Any, y_val: Any, settings: dict[str, Any], seed: int
) -> Case:
    seen = vars(model).get("n_features_in_", X.shape[1])
    if seen != X.shape[1]:
        raise ValueError(f"X must have {seen} features; got {X.shape[1]}")
    est = clone(model)
    if isinstance(est, MLPRegressor):
        catalog.loss(est.loss)  # a wrong argument is no failure of the data
    y, y_val = np.asarray(y), None if y_val is None else np.asarray(y_val)
    try:
        encoded = np.asarray(est._encode(y, True, False), float)
    except (TypeError, ValueError) as error:
        raise WrongTargets(str(error)) from error
    plan = planned(est, X.shape[1], encoded.shape[1])
    rule = catalog.optimizer(settings.get("optimizer") or find_optimizer(est))
    epochs = settings.get("epochs") or est.max_iter
    schedule = _schedule(est, rule, epochs * len(X), settings.get("schedule"))
    fitted = _fitted(model, plan)
    stops = not (rule.full_batch or _adapts(est)) and np.isfinite(est.n_iter_no_change)
    return Case(
        kind="network",
        plan=plan,
        start=initial_state(plan, first_weights(est), _source(est, seed)),
        # A source that the fit drew from stands elsewhere now.
        start_known=fitted is None or isinstance(est.random_state, int | np.integer),
        fitted=fitted,
        optimizer=rule,
        epochs=epochs,
        batch_size=min(settings.get("batch_size") or batch_rows(est, len(X)), len(X)),
        shuffle=settings.get("shuffle", est.shuffle),
        patience=int(est.n_iter_no_change) if stops else None,
        tolerance=est.tol,
        X=X,
        y=encoded,
        X_val=X_val,
        y_val=None if X_val is None else _held_out(lambda: est._encode(y_val, False, False)),
        labels=_labels(encoded, plan),
        history=tuple(getattr(model, "loss_curve_", ())),
        validation_history=tuple(getattr(model, "validation_loss_curve_", ())),
        weight=_weight(est, X, y, settings.get("sample_weight")),
        schedule=schedule,
        watches_held_out=bool(est.early_stopping),
    )


def _weight(est: Any, X: Array, y: Any, sample_weight: Any) -> Any:
    """Return what each row counts, by the user's weights and by its class."""
    own = checked(sample_weight, X)
    found = product(own, est._class_weight(y, own))
    check_weights(found)
    return found


def _adapts(est: Any) -> bool:
    """Say whether scikit-learn's "adaptive" lowers the rate where others would stop."""
    return bool(est.solver == "sgd" and est.learning_rate == "adaptive")


def _schedule(est: Any, rule: Any, samples: int, given: Any) -> Any:
    """Return how the rate moves; scikit-learn's own ways as the schedules nearest to them."""
    if rule.full_batch:
        return None
    if given is not None:
        return given
    mode = Rates.of(est, rule).mode
    if mode == "invscaling":
        return InverseScaling(est.power_t, samples)
    if mode == "adaptive":
        return ReduceOnPlateau(0.2, int(min(est.n_iter_no_change, 1000)), 0.0)
    return est.schedule


def _source(est: Any, seed: int) -> np.random.RandomState:
    """Return what draws the first weights of an estimator's copy."""
    own = est.random_state
    if isinstance(own, np.random.RandomState):
        return own
    return np.random.RandomState(seed if own is None else own)


def _fitted(model: Any, plan: Plan) -> State | None:
    own = vars(model)
    if "_given" in own:
        theta = np.concatenate([np.concatenate([W.ravel(), b]) for W, b in own["_given"]])
        if theta.size != plan.n_parameters:  # it was fitted to other classes or targets
            return None
        return State(theta.astype(float), np.zeros(0))
    if "_state" not in own or own["_state"].theta.size != plan.n_parameters:
        return None
    found: State = own["_state"].copy()
    return found


def _of_perceptron(
    model: Perceptron, X: Array, y: Any, X_val: Any, y_val: Any, seed: int
) -> Case:
    classes, labels = np.unique(np.asarray(y), return_inverse=True)
    if len(classes) < 2:
        raise WrongTargets(f"y must hold two classes or more; got {len(classes)}")
    many = len(classes) > 2
    encoded = np.eye(len(classes))[labels] if many else labels.reshape(-1, 1).astype(float)
    loss = "categorical_cross_entropy" if many else "binary_cross_entropy"
    plan = build_plan([X.shape[1], encoded.shape[1]], loss=loss)
    start = initial_state(plan, None, _rng(seed))
    if not hasattr(model, "coef_"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = clone(model).fit(X, np.asarray(y))
    theta = np.concatenate([model.coef_.T.ravel(), np.ravel(model.intercept_)])
    fitted = State(theta.astype(float), np.zeros(0))
    held = None
    if X_val is not None:
        held = (np.asarray(y_val)[:, None] == classes).astype(float)
        held = held if many else held[:, 1:]
    return Case(
        kind="perceptron",
        plan=plan,
        start=start,
        start_known=False,
        fitted=fitted,
        optimizer=SGD(0.1),
        epochs=min(model.n_iterations, 300),
        batch_size=1,
        shuffle=model.shuffle,
        patience=None,
        tolerance=0.0,
        X=X,
        y=encoded,
        X_val=X_val,
        y_val=held,
        labels=labels,
    )


def _labels(encoded: Array, plan: Plan) -> Any:
    """Return class numbers: for losses of classes, and for numbers that look like classes."""
    if catalog.loss(plan.loss).task == "multiclass":
        return np.argmax(encoded, axis=1)
    if encoded.shape[1] > 1:
        return None
    values = np.unique(encoded)
    if len(values) == 2 and set(values) <= {0.0, 1.0, -1.0}:
        return (encoded[:, 0] == values[1]).astype(int)
    return None


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
