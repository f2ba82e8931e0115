"""Fresh models with nothing wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.datasets import make_blobs, make_moons

from benchmarks.diagnosed.data import Case, classes, fitted, multi, numbered, numbers, regressor
from benchmarks.diagnosed.fresh_data import (
    clouds,
    curve,
    houses,
    lending,
    marks,
    parity,
    pixels,
    plane,
    progress,
    rare,
    roll,
    standard,
    stripes,
    tumours,
    vintages,
    waveform,
    waves,
    words,
)
from benchmarks.diagnosed.fresh_tables import shuffled_iris
from benchmarks.diagnosed.fresh_training import scaled
from benchmarks.diagnosis_cases import Rows, how
from glassnet import MLPClassifier, Perceptron, optimizers

__all__ = ["fresh_healthy_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam
Healthy = tuple[str, Any, np.ndarray, np.ndarray, dict]


def fresh_healthy_cases() -> Iterator[Case]:
    """Yield them."""
    for cases in (_as_they_come, _trained, _classifiers, _regressors, _networks, _lines):
        for data, model, X, y, told in cases():
            yield "", data, model, X, y, told


def iris() -> Rows:
    """Return three kinds of iris, standardized."""
    return scaled(shuffled_iris())


def _as_they_come() -> Iterator[Healthy]:
    """Yield scikit-learn's and our classifiers with the settings that they come with."""
    yield "tumours", multi((100,), max_iter=200), *scaled(tumours()), {}
    yield "vintages", multi((100,), max_iter=200), *scaled(vintages()), {}
    yield "pixels", multi((100,), max_iter=200), *pixels(1500), {}
    yield "clouds", multi((100,), max_iter=200, random_state=1), *clouds(2000), {}
    yield "words", multi((100,), max_iter=60), *words(), {}
    yield "lending", multi((100,), max_iter=200, random_state=2), *scaled(lending(2000)), {}
    yield "tumours", MLPClassifier((100,), random_state=1), *scaled(tumours(200)), {}
    yield "pixels", MLPClassifier((100,), random_state=1), *pixels(600), {}
    yield "moons", MLPClassifier((100,), max_iter=500, random_state=1), *moons(), {}
    yield "roll", numbers((100,), max_iter=500, random_state=1), *roll(1500), {}
    yield "houses", numbers((100,), max_iter=300), *scaled(houses(1500), target=True), {}


def moons(n: int = 500) -> Rows:
    """Return two half circles, as they come."""
    X, y = make_moons(n, noise=0.1, random_state=23)
    return X, y


def _trained() -> Iterator[Healthy]:
    """Yield estimators after their fit."""
    quick: dict[str, Any] = {"learning_rate_init": 0.01, "random_state": 23}
    for data, model, rows in (
        ("tumours", multi((30,), alpha=0.5, max_iter=60, **quick), scaled(tumours())),
        ("vintages", multi((16, 16), activation="tanh", **quick), scaled(vintages())),
        ("iris", multi((20,), max_iter=200, **quick), iris()),
        (
            "pixels",
            multi((50,), early_stopping=True, n_iter_no_change=30, **quick),
            pixels(1200),
        ),
        ("waveform", multi((10,), alpha=2.0, max_iter=20, **quick), waveform(1500)),
        ("stripes", multi((50, 50), max_iter=300, **quick), stripes(1200)),
        ("roll", numbers((50, 50), activation="tanh", **quick), roll(1000)),
        ("curve", numbers((40,), **quick), curve(1000)),
        ("lending", MLPClassifier((24,), max_iter=60, **quick), scaled(lending(1500))),
        ("houses", regressor((40,), max_iter=80, **quick), scaled(houses(), target=True)),
    ):
        yield data, fitted(model, *rows), *rows, {}


def _classifiers() -> Iterator[Healthy]:
    quick: dict[str, Any] = {"learning_rate_init": 0.01, "random_state": 23}
    blobs = make_blobs(100, 2, centers=3, cluster_std=1.0, random_state=23)
    yield "blobs", multi((16,), max_iter=200, **quick), *scaled(blobs), {}
    yield "parity", multi((64,), max_iter=300, **quick), *parity(2000), {}
    yield "iris", multi((10,), solver="lbfgs", alpha=1.0, random_state=23), *iris(), {}
    model = multi((50,), solver="sgd", learning_rate_init=0.1, max_iter=200)
    yield "pixels", model, *pixels(1000), {}
    yield "marks", MLPClassifier((8,), alpha=1.0, max_iter=60, **quick), *marks(1500), {}
    model = MLPClassifier((64, 64), "swish", norm="batch", max_iter=40, **quick)
    yield "pixels", model, *pixels(), {}
    model = MLPClassifier((24,), class_weight="balanced", max_iter=60, **quick)
    yield "waveform", model, *rare(waveform(2000), 0, 150), {}
    model = MLPClassifier((32,), max_iter=100, **quick)
    yield "clouds", model, *rare(clouds(2000), 2, 60), {}
    yield "words", MLPClassifier((20,), dropout=0.3, max_iter=60, **quick), *words(1000), {}
    X, y = scaled(tumours())
    yield "tumours", MLPClassifier((50,), "identity", max_iter=60), X, y, {}


def _regressors() -> Iterator[Healthy]:
    X, y = progress()
    quick: dict[str, Any] = {"learning_rate_init": 0.005, "random_state": 23}
    yield "progress", numbers((16,), alpha=5.0, max_iter=40, **quick), X, standard(y), {}
    yield "plane", numbers((20,), alpha=1.0, max_iter=60, **quick), *plane(1000), {}
    yield "waves", regressor((32, 32), "tanh", max_iter=400, **quick), *waves(300), {}
    yield "curve", regressor((32, 32), "gelu", max_iter=80, **quick), *curve(800), {}
    X, y = houses()
    y = 3 * standard(y) + 5
    yield "houses", numbers((64,), max_iter=200, **quick), standard(X), y, {}


def _networks() -> Iterator[Healthy]:
    X, y = waveform(2000)
    yield "waveform", classes(X, y, [16], alpha=1.0), X, y, how(ADAM(0.005), 15)
    X, y = stripes(1500)
    told = how(ADAM(0.01), 100)
    yield "stripes", fitted(classes(X, y, [40, 40], activation="elu"), X, y, **told), X, y, told
    X, y = pixels(1000)
    yield "pixels", classes(X, y, [64] * 4), X, y, how(ADAM(0.002), 40)
    yield "pixels", classes(X, y, [40], activation="sigmoid"), X, y, how(ADAM(0.01), 60, 64)
    X, y = roll(1000)
    told = how(optimizers.RMSProp(0.003), 120)
    yield "roll", fitted(numbered(X, [40, 20], activation="tanh"), X, y, **told), X, y, told
    X, y = waves(1000)
    net = numbered(X, [32, 32], activation="mish", loss="huber")
    yield "waves", net, X, y, how(ADAM(0.005), 100)
    X, y = scaled(lending(1500))
    yield (
        "lending",
        classes(X, y, [24], activation="tanh"),
        X,
        y,
        how(optimizers.Momentum(0.02), 80),
    )
    X, y = parity(1500)
    net = classes(X, y, [48], activation="tanh", loss="hinge")
    yield "parity", net, X, y, how(ADAM(0.01), 100)
    X, y = clouds(1200)
    net = classes(X, y, [64, 32], dropout=0.3)
    yield "clouds", net, X, y, how(ADAM(0.003), 40)
    X, y = scaled(vintages())
    order = np.argsort(y, kind="stable")
    yield "vintages", classes(X, y, [16]), X[order], y[order], how(ADAM(0.01), 40, 16)
    X, y = iris()
    yield "iris", classes(X, y, [12], activation="softsign"), X, y, how(SGD(0.2), 150, 16)
    X, y = moons(200)
    yield "moons", classes(X, y, [16, 16], activation="tanh"), X, y, how(ADAM(0.05), 200, None)


def _lines() -> Iterator[Healthy]:
    X, y = scaled(vintages())
    yield "vintages", Perceptron(random_state=0), X, y == 1, {}
    X, y = iris()
    yield "iris", fitted(Perceptron(n_iterations=50), X, y == 0), X, y == 0, {}
    X, y = plane(800)
    yield "plane", numbered(X, []), X, y, how(SGD(0.02), 60)
    X, y = words(1000)
    yield "words", classes(X, y, []), X, y, how(ADAM(0.02), 40)
    X, y = plane(600)
    yield "plane", numbers((20,), activation="identity", learning_rate_init=0.005), X, y, {}
