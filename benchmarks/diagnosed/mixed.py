"""Cases with two failures at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.datasets import load_diabetes, load_wine

from benchmarks.diagnosed.data import (
    Case,
    breast,
    classes,
    digits,
    hastie,
    multi,
    numbered,
    numbers,
    physics,
    regressor,
    rings,
    spirals,
    wine,
)
from benchmarks.diagnosis_cases import friedman, how
from glassnet import MLPClassifier, optimizers

__all__ = ["mixed_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam


def mixed_cases() -> Iterator[Case]:
    """Yield them; the causes are joined by a plus."""
    yield from _tables()
    yield from _shapes()


def _tables() -> Iterator[Case]:
    """Yield those on features as they are measured."""
    X, y = load_wine(return_X_y=True)
    model = multi((32,), learning_rate_init=1e-6)
    yield "unscaled_inputs+learning_rate_too_low", "wine", model, X, y, {}
    X, y = load_diabetes(return_X_y=True, scaled=False)
    yield "unscaled_inputs+unscaled_target", "diabetes", numbers((32,)), X, y, {}
    X, y = hastie()
    X = np.column_stack([X, X[:, 2], np.ones(len(X))])
    net = classes(X, y, [32], activation="tanh")
    yield (
        "learning_rate_too_high+constant_or_duplicate_features",
        "hastie",
        net,
        X,
        y,
        how(SGD(50.0), 60),
    )
    X, y = spirals()
    net = classes(X, y, [12] * 6, activation="sigmoid", loss="squared_error")
    yield "vanishing_gradients+wrong_loss_or_output", "spirals", net, X, y, how(SGD(0.05), 60)
    X, y = physics()
    model = regressor((1,), "tanh", learning_rate_init=0.01, random_state=5)
    yield "unscaled_target+too_small_network", "physics", model, X, 370 * y + 460, {}


def _shapes() -> Iterator[Case]:
    """Yield the others."""
    X, y = rings()
    X = X * [1.0, 400.0, 1.0]
    net = classes(X, y, [24], alpha=400.0)
    yield "unscaled_inputs+too_much_regularization", "rings", net, X, y, how(ADAM(0.01), 80)
    X, y = friedman(5)
    X = np.column_stack([X, y + 0.02 * np.random.default_rng(5).normal(size=len(y)), X[:, 0]])
    net = numbered(X, [24])
    yield (
        "leakage_suspected+constant_or_duplicate_features",
        "friedman",
        net,
        X,
        y,
        how(ADAM(0.01), 60),
    )
    X, y = digits()
    model = MLPClassifier((32,), initializer="zeros", dropout=0.9, max_iter=40, random_state=5)
    yield "symmetric_start+too_much_regularization", "digits", model, X, y, {}
    X, y = wine()
    order = np.argsort(y, kind="stable")
    X = X[order] * np.where(np.arange(13) % 2, 1.0, 500.0)
    model = multi((32,), shuffle=False, batch_size=16)
    yield "unscaled_inputs+unshuffled_batches", "wine", model, X, y[order], {}
    X, y = breast()
    X = np.column_stack([X, X[:, 5]])
    net = classes(X, y, [24, 24])
    net.biases[0] -= 20.0
    yield "dead_units+constant_or_duplicate_features", "breast", net, X, y, how(ADAM(0.01), 60)
