"""The cure of each failure: as text, and as a change of the case that can be run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from glassnet import catalog
from glassnet.insight.diagnosis.case import Case, hidden_activations, largest, rebuilt
from glassnet.network import initial_state
from glassnet.optimizers import Adam

__all__ = ["GENTLER", "TEXTS", "applied", "can_be_applied"]

TEXTS = {
    "unscaled_inputs": "make_pipeline(StandardScaler(), model), fitted on the training rows",
    "unscaled_target": "TransformedTargetRegressor(model, transformer=StandardScaler())",
    "unscaled_both": (
        "TransformedTargetRegressor(make_pipeline(StandardScaler(), model), "
        "transformer=StandardScaler()): here the one does not help without the other"
    ),
    "learning_rate_of_old": "divide the learning rate by 10, and by 10 again if need be",
    "dead_units": 'activation="leaky_relu", biases that start at 0, initializer="he_normal"',
    "vanishing_gradients": (
        'activation="tanh" (or "relu" in deep networks), the initializer that suits it '
        "(initializer=None), optimizer=Adam(0.01)"
    ),
    "fewer_layers": (
        "two hidden layers: in as many as these, another activation and Adam did not help; "
        'activation="tanh", initializer=None, optimizer=Adam(0.01)'
    ),
    "exploding_gradients": "initializer=None (scaled by the units before), clip_norm=1.0",
    "initial_weights_too_large": "initializer=None (scaled by the units before)",
    "initial_weights_and_rate": (
        "initializer=None (scaled by the units before), optimizer=Adam(0.01)"
    ),
    "symmetric_start": "initializer=None (random weights)",
    "saturated_outputs": 'loss="binary_cross_entropy" or "categorical_cross_entropy"',
    "majority_collapse": 'class_weight="balanced", or repeat the rows of the rare class',
    "linear_model_on_nonlinear_problem": (
        'a hidden layer with a bend: MLPClassifier(hidden_layer_sizes=(32,), activation="relu")'
    ),
    "too_small_network": "hidden layers of 32 units or more",
    "overfitting": "a tenth of the epochs (or early_stopping=True)",
    "overfitting_stopped": "a twentieth of the epochs (or early_stopping=True)",
    "overfitting_penalty": "a stronger penalty",
    "overfitting_smaller": "hidden layers of 8 units or fewer, a quarter of the epochs",
    "unshuffled_batches": "shuffle=True",
    "batch_too_large": "batch_size=32",
    "too_much_regularization": "alpha=0.0001, dropout=0, weight_decay=0",
    "stopped_too_early": "n_iter_no_change=50, a smaller tol, more epochs",
    "constant_or_duplicate_features": "drop these columns",
    "unlearnable_target": "look for features that have to do with the target",
    "leakage_suspected": "leave the feature out if it would not be known at prediction",
    "wrong_loss_or_output": (
        'for classes loss="binary_cross_entropy" or "categorical_cross_entropy" with an '
        "output per class; for numbers squared_error with output=identity"
    ),
    "wrong_gradient": "correct the slope: it must be the derivative of the value",
    "non_finite": "clean the data (np.isfinite), build the network anew, lower the rate",
}


def applied(case: Case, name: str, seed: int) -> Case:
    """Return the case with the cure of failure `name` put into practice."""
    return _CHANGES[name](case, seed)


def can_be_applied(name: str) -> bool:
    """Say whether the cure is a change that can be run without knowing more."""
    return name in _CHANGES


def _fresh(case: Case, seed: int, **changes: object) -> Case:
    """Return the case with another plan, and first weights that suit it."""
    plan = rebuilt(case.plan, **changes)
    start = initial_state(plan, None, np.random.default_rng(seed))
    return case.but(plan=plan, start=start, start_known=True)


def _scaled_inputs(case: Case, seed: int) -> Case:
    size = largest(case.X)
    X = case.X / size
    mean, std = X.mean(axis=0), X.std(axis=0)
    std = np.where(std > 1e-12, std, 1.0)
    held = None if case.X_val is None else (case.X_val / size - mean) / std
    return case.but(X=(X - mean) / std, X_val=held)


def _scaled_target(case: Case, seed: int) -> Case:
    mean, std = case.y.mean(axis=0), case.y.std(axis=0)
    std = np.where(std > 0, std, 1.0)
    held = None if case.y_val is None else (case.y_val - mean) / std
    return case.but(y=(case.y - mean) / std, y_val=held)


# Rates that suit most small networks on standardized data.
_USUAL = {"sgd": 0.1, "momentum": 0.03, "adam": 0.01}


def _rate(factor: float) -> Callable[[Case, int], Case]:
    def change(case: Case, seed: int) -> Case:
        rule = case.optimizer
        faster = replace(rule, learning_rate=rule.learning_rate * factor)
        return case.but(optimizer=faster)

    return change


def _bent(case: Case, seed: int) -> Case:
    """Return the case with an activation through which gradients pass, and Adam."""
    deep = len(hidden_activations(case.plan)) > 3
    found = _fresh(case, seed, activation="relu" if deep else "tanh")
    rule = case.optimizer
    is_adam = isinstance(rule, Adam) and rule.learning_rate >= 1e-3
    return found if is_adam else found.but(optimizer=Adam(0.01))


def _shallow(case: Case, seed: int) -> Case:
    """Return the case with the first two of its hidden layers, and what `_bent` gives them."""
    few = rebuilt(case.plan, hidden=_units(case)[:2], activation="tanh")
    return _bent(case.but(plan=few), seed)


def _sound(case: Case, seed: int) -> Case:
    """Return the case with formulas of the catalogue instead of the user's own."""
    own = {one.name for one in (*catalog.ACTIVATIONS, *catalog.LOSSES)}
    names = [a if a.split("(")[0] in own else "tanh" for a in hidden_activations(case.plan)]
    loss = case.plan.loss if case.plan.loss.split("(")[0] in own else "squared_error"
    plan = rebuilt(case.plan, activation=names, loss=loss)
    return case.but(plan=plan, fitted=None, start_known=True)


def _hidden(case: Case, seed: int) -> Case:
    found = _fresh(case, seed, hidden=[32], activation="relu", alpha=0.0001)
    return found.but(
        kind="network",
        optimizer=Adam(0.01),
        shuffle=True,
        batch_size=min(32, len(case.X)),
        patience=None,
    )


def _wider(case: Case, seed: int) -> Case:
    return _fresh(case, seed, hidden=[max(32, 4 * n) for n in _units(case)])


def _units(case: Case) -> list[int]:
    """Return how many units each hidden layer has."""
    return [la.units for la in case.plan.layers if la.kind == "dense"][:-1]


def _cross_entropy(case: Case, seed: int) -> Case:
    """Return the case with the loss of its classes, and targets of 0 and 1."""
    many = case.y.shape[1] > 1
    loss = "categorical_cross_entropy" if many else "binary_cross_entropy"
    middle = (case.y.min() + case.y.max()) / 2
    held = None if case.y_val is None else (case.y_val > middle).astype(float)
    return _fresh(case.but(y=(case.y > middle).astype(float), y_val=held), seed,
                  output=None, loss=loss)  # fmt: skip


def _balanced(case: Case, seed: int) -> Case:
    """Return the case with rows of rare classes repeated until all are about as many."""
    assert case.labels is not None
    counts = np.bincount(case.labels)
    times = np.maximum(1, counts.max() // np.maximum(counts, 1))[case.labels]
    rows = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(times)), times))
    whole = case.batch_size >= len(case.X)
    return case.but(
        X=case.X[rows],
        y=case.y[rows],
        labels=case.labels[rows],
        weight=None,
        batch_size=len(rows) if whole else case.batch_size,
    )


def _gentler(alpha: float, share: int, units: int = 0) -> Callable[[Case, int], Case]:
    """Return the change to a larger penalty, fewer epochs and, where given, fewer units."""

    def change(case: Case, seed: int) -> Case:
        """Return the case so changed."""
        case = case.but(epochs=max(3, case.epochs // share))
        penalty = max(alpha, 10 * case.plan.alpha)
        if not units:
            return case.but(plan=rebuilt(case.plan, alpha=penalty))
        hidden = [min(units, n) for n in _units(case)]
        return _fresh(case, seed, hidden=hidden, alpha=penalty)

    return change


GENTLER = ("overfitting", "overfitting_stopped", "overfitting_penalty", "overfitting_smaller")


_CHANGES: dict[str, Callable[[Case, int], Case]] = {
    "unscaled_inputs": _scaled_inputs,
    "unscaled_target": _scaled_target,
    "unscaled_both": lambda case, seed: _scaled_target(_scaled_inputs(case, seed), seed),
    "learning_rate_too_high": _rate(0.1),
    "learning_rate_far_too_high": _rate(0.01),
    "learning_rate_unusual": lambda case, seed: _rate(
        _USUAL.get(type(case.optimizer).name, 0.01) / case.optimizer.learning_rate
    )(case, seed),
    "learning_rate_too_low": _rate(10.0),
    "learning_rate_far_too_low": _rate(100.0),
    "too_few_epochs": lambda case, seed: case.but(epochs=10 * case.epochs, patience=None),
    "dead_units": lambda case, seed: _fresh(case, seed, activation="leaky_relu"),
    "vanishing_gradients": _bent,
    "fewer_layers": _shallow,
    "activation_alone": lambda case, seed: _bent(case, seed).but(optimizer=case.optimizer),
    "formulas_of_the_catalogue": _sound,
    "exploding_gradients": lambda case, seed: _fresh(case, seed).but(
        optimizer=replace(case.optimizer, clip_norm=1.0)
        if hasattr(case.optimizer, "clip_norm")
        else case.optimizer
    ),
    "initial_weights_too_large": lambda case, seed: _fresh(case, seed),
    "initial_weights_and_rate": lambda case, seed: _fresh(case, seed).but(optimizer=Adam(0.01)),
    "symmetric_start": lambda case, seed: _fresh(case, seed),
    "saturated_outputs": _cross_entropy,
    "majority_collapse": _balanced,
    "linear_model_on_nonlinear_problem": _hidden,
    "too_small_network": _wider,
    "overfitting": _gentler(1.0, 10),
    "overfitting_stopped": _gentler(0.1, 20),
    "overfitting_penalty": _gentler(10.0, 1),
    "overfitting_smaller": _gentler(1.0, 4, 8),
    "unshuffled_batches": lambda case, seed: case.but(shuffle=True),
    "batch_too_large": lambda case, seed: case.but(batch_size=min(32, len(case.X))),
    "too_much_regularization": lambda case, seed: case.but(
        plan=rebuilt(case.plan, alpha=0.0, dropout=0.0),
        optimizer=replace(case.optimizer, weight_decay=0.0)
        if getattr(case.optimizer, "weight_decay", 0.0)
        else case.optimizer,
    ),
    "stopped_too_early": lambda case, seed: case.but(
        patience=None, epochs=max(case.epochs, 10 * len(case.history) * case.stopped_itself)
    ),
}
