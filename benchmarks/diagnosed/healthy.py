"""Models with nothing wrong, most of them on real data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.diagnosed.data import (
    Case,
    blobs,
    breast,
    classes,
    diabetes,
    digits,
    fitted,
    hastie,
    iris,
    multi,
    numbered,
    numbers,
    physics,
    regressor,
    rings,
    spirals,
    wine,
)
from benchmarks.diagnosis_cases import chequers, friedman, how
from glassnet import MLPClassifier, Perceptron, optimizers

__all__ = ["healthy_cases"]

ADAM = optimizers.Adam


def healthy_cases() -> Iterator[Case]:
    """Yield them."""
    for data, model, X, y, told in (*_estimators(), *_regressors(), *_networks(), *_lines()):
        yield "", data, model, X, y, told


Healthy = tuple[str, Any, np.ndarray, np.ndarray, dict]


def _estimators() -> Iterator[Healthy]:
    quick: dict[str, Any] = {"learning_rate_init": 0.01, "random_state": 5}
    yield "wine", multi((32,), learning_rate_init=0.01), *wine(), {}
    yield "breast", MLPClassifier((16,), "tanh", alpha=1.0, max_iter=40, **quick), *breast(), {}
    yield "digits", fitted(multi((64,), learning_rate_init=0.003), *digits()), *digits(), {}
    yield "iris", MLPClassifier((12,), solver="lbfgs", alpha=1.0, random_state=5), *iris(), {}
    yield "rings", MLPClassifier((32, 16), "gelu", **quick), *rings(), {}
    yield "breast", fitted(multi((24,), alpha=1.0, learning_rate_init=0.005, max_iter=40),
                           *breast()), *breast(), {}  # fmt: skip
    yield "digits", MLPClassifier((48,), dropout=0.2, norm="batch", max_iter=40, **quick), \
        *digits(), {}  # fmt: skip
    yield "wine", fitted(MLPClassifier((20, 10), early_stopping=True, **quick), *wine()), \
        *wine(), {}  # fmt: skip
    X, y = blobs()
    rare = np.flatnonzero((y != 0) | (np.arange(len(y)) % 8 == 0))
    model = MLPClassifier((32,), class_weight="balanced", max_iter=60, alpha=0.1, **quick)
    yield "blobs", model, X[rare], y[rare], {}
    model = multi((32,), solver="sgd", learning_rate_init=0.1, learning_rate="adaptive")
    yield "iris", model, *iris(), {}


def _regressors() -> Iterator[Healthy]:
    yield "diabetes", numbers((8,), alpha=3.0, learning_rate_init=0.005, max_iter=40), \
        *diabetes(), {}  # fmt: skip
    model = regressor((32,), "tanh", learning_rate_init=0.01, max_iter=80, random_state=5)
    yield "physics", model, *physics(), {}
    yield "friedman", numbers((50,), alpha=0.1, learning_rate_init=0.005), *friedman(5), {}
    model = regressor((16,), loss="huber", solver="sgd", learning_rate_init=0.02, alpha=0.1,
                         max_iter=60, random_state=5)  # fmt: skip
    yield "physics", fitted(model, *physics()), *physics(), {}
    X, y = diabetes()
    told = how(optimizers.AdamW(0.002), 30)
    yield "diabetes", fitted(numbered(X, [12], activation="swish"), X, y, **told), X, y, told


def _networks() -> Iterator[Healthy]:
    X, y = spirals()
    yield "spirals", classes(X, y, [32, 32], activation="swish"), X, y, how(ADAM(0.01), 150)
    X, y = chequers(5)
    told = how(optimizers.Momentum(0.1), 120)
    yield "chequers", fitted(classes(X, y, [24], activation="tanh"), X, y, **told), X, y, told
    X, y = digits()
    net = classes(X, y, [40, 40, 40, 40], norm="layer")
    yield "digits", net, X, y, how(ADAM(0.003), 40)
    X, y = rings()
    net = classes(X, y, [32], activation="elu", dropout=0.1)
    told = how(optimizers.NAdam(0.01), 60)
    yield "rings", fitted(net, X, y, **told), X, y, told
    X, y = wine()
    yield "wine", classes(X, y, [16] * 4, activation="selu"), X, y, how(ADAM(0.003), 40)
    X, y = breast()
    net = classes(X, y, [16], activation="sigmoid", alpha=0.1)
    yield "breast", net, X, y, how(ADAM(0.01), 40)


def _lines() -> Iterator[Healthy]:
    yield "breast", Perceptron(), *breast(), {}
    X, y = wine()
    yield "wine", fitted(Perceptron(), X, y), X, y, {}
    X, y = iris()
    yield "iris", classes(X, y, []), X, y, how(ADAM(0.05), 60)
    X, y = diabetes()
    yield "diabetes", numbered(X, []), X, y, how(optimizers.SGD(0.01), 40)
    X, y = hastie(1200)
    yield "hastie", MLPClassifier((48,), learning_rate_init=0.005, alpha=5.0, max_iter=25,
                                  random_state=5), X, y, {}  # fmt: skip
