"""Data and helpers for what the MLP estimators can do and scikit-learn's cannot."""

import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.datasets import (
    make_classification,
    make_multilabel_classification,
    make_regression,
)

from glassnet import MLP, MLPClassifier, MLPRegressor, optimizers

TWO = make_classification(80, 5, random_state=1)
THREE = make_classification(90, 5, n_informative=4, n_redundant=0, n_classes=3, random_state=2)
LABELS = make_multilabel_classification(80, 5, n_classes=3, random_state=3)
VALUES = make_regression(80, 5, noise=5, random_state=4)
VALUES = VALUES[0], VALUES[1] / np.std(VALUES[1])

# Nothing that ends training early or that `MLP` has not. These data make one batch.
PLAIN = {
    "hidden_layer_sizes": (6,),
    "activation": "tanh",
    "alpha": 0.0,
    "max_iter": 8,
    "tol": 0.0,
    "n_iter_no_change": np.inf,
    "random_state": 0,
}


def classifier(**parameters):
    return MLPClassifier(**{**PLAIN, **parameters})


def regressor(**parameters):
    return MLPRegressor(**{**PLAIN, **parameters})


def start_of(estimator, X, y):
    """Return the first weights and biases that `estimator` draws for such data."""
    twin = copy.deepcopy(estimator)
    if isinstance(twin, MLPClassifier):
        built = twin.build(X.shape[1], np.unique(y))
    else:
        built = twin.build(X.shape[1])
    return list(built.coefs_), list(built.intercepts_)


def mlp_from(estimator, X, y, loss, **parameters):
    """Return an `MLP` that stands where `estimator` starts."""
    weights, biases = start_of(estimator, X, y)
    sizes = [X.shape[1], *(b.size for b in biases)]
    net = MLP(sizes, **{"activation": "tanh", "loss": loss, **parameters})
    net.weights, net.biases = weights, biases
    return net


def assert_same_weights(one, other, **tolerance):
    for ours, theirs in zip(one.coefs_, other.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, **{"rtol": 1e-9, "atol": 1e-11, **tolerance})
    for ours, theirs in zip(one.intercepts_, other.biases, strict=True):
        np.testing.assert_allclose(ours, theirs, **{"rtol": 1e-9, "atol": 1e-11, **tolerance})


@dataclass(frozen=True, repr=False)
class Recorder(optimizers.SGD):
    """Plain gradient descent that writes down its rates and how far each step went."""

    rates: ClassVar[list[float]] = []
    moves: ClassVar[list[np.ndarray]] = []

    def step(self, theta, gradient, slots, t, rate=None, **factors):
        before = theta.copy()
        super().step(theta, gradient, slots, t, rate, **factors)
        self.rates.append(float(rate))
        self.moves.append(theta - before)


def recorded(estimator, X, y):
    """Fit `estimator`, whose solver is a `Recorder`; return the rates and the moves."""
    Recorder.rates.clear()
    Recorder.moves.clear()
    estimator.fit(X, y)
    return np.array(Recorder.rates), np.array(Recorder.moves)
