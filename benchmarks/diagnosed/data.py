"""Data and models that the other cases are made of."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_blobs,
    make_friedman2,
    make_gaussian_quantiles,
    make_hastie_10_2,
)
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks.diagnosis_cases import Rows, real
from glassnet import MLP, MLPRegressor

__all__ = [
    "Case",
    "Fit",
    "blobs",
    "breast",
    "classes",
    "diabetes",
    "digits",
    "fitted",
    "hastie",
    "iris",
    "multi",
    "numbered",
    "numbers",
    "physics",
    "regressor",
    "rings",
    "spirals",
    "wine",
]

Case = tuple[str, str, Any, np.ndarray, np.ndarray, dict]


def wine() -> Rows:
    """Return three kinds of wine, standardized."""
    return real(load_wine, 5)


def breast() -> Rows:
    """Return benign and malignant, standardized."""
    return real(load_breast_cancer, 5)


def digits(n: int = 600) -> Rows:
    """Return some of the handwritten digits, standardized."""
    X, y = real(load_digits, 5)
    X, y = X[:n], y[:n]
    return X[:, np.ptp(X, axis=0) > 0], y


def iris() -> Rows:
    """Return three kinds of iris, standardized."""
    return real(load_iris, 5)


def diabetes() -> Rows:
    """Return the progression of diabetes, all standardized."""
    return real(load_diabetes, 5)


def hastie(n: int = 800) -> Rows:
    """Return whether the squares of ten numbers add up to more than usual."""
    X, y = make_hastie_10_2(n, random_state=5)
    return X, (y > 0).astype(int)


def rings(n: int = 600) -> Rows:
    """Return three classes, shell around shell."""
    X, y = make_gaussian_quantiles(n_samples=n, n_features=3, n_classes=3, random_state=5)
    return X, y


def spirals(n: int = 500) -> Rows:
    """Return two spirals wound into each other."""
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, n)
    t = 0.4 + 3.6 * np.sqrt(rng.uniform(size=n))
    angle = 1.9 * t + np.pi * y
    X = np.column_stack([t * np.cos(angle), t * np.sin(angle)]) + 0.06 * rng.normal(size=(n, 2))
    return StandardScaler().fit_transform(X), y


def physics(n: int = 600) -> Rows:
    """Return the impedance of a circuit (Friedman's second), standardized."""
    X, y = make_friedman2(n, noise=20.0, random_state=5)
    return StandardScaler().fit_transform(X), (y - y.mean()) / y.std()


def blobs(n: int = 400, centers: int = 5) -> Rows:
    """Return clouds of points."""
    X, y = make_blobs(n, n_features=6, centers=centers, cluster_std=2.0, random_state=5)
    return StandardScaler().fit_transform(X), y


def classes(X: np.ndarray, y: np.ndarray, hidden: list[int], **options: Any) -> MLP:
    """Return a network for the classes of `y`."""
    k = len(np.unique(y))
    loss = "binary_cross_entropy" if k == 2 else "categorical_cross_entropy"
    outputs = 1 if k == 2 else k
    return MLP([X.shape[1], *hidden, outputs], **{"loss": loss, "seed": 5, **options})


def numbered(X: np.ndarray, hidden: list[int], **options: Any) -> MLP:
    """Return a network for one number."""
    return MLP([X.shape[1], *hidden, 1], **{"seed": 5, **options})


@dataclass(frozen=True)
class Fit:
    """A fit that is still to be made, for cases that nobody asks for cost nothing."""

    model: Any
    X: np.ndarray
    y: np.ndarray
    told: dict[str, Any]

    def made(self) -> Any:
        """Return the model after training, which may go wrong."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return self.model.fit(self.X, self.y, **self.told)


def fitted(model: Any, X: np.ndarray, y: np.ndarray, **told: Any) -> Fit:
    """Return the model to be trained so; a case is the same whenever it is made."""
    if getattr(model, "random_state", 0) is None:
        model.set_params(random_state=5)
    return Fit(model, X, y, told)


def multi(hidden: tuple[int, ...] = (32,), **options: Any) -> SklearnClassifier:
    """Return scikit-learn's classifier."""
    return SklearnClassifier(hidden, **{"random_state": 5, "max_iter": 100, **options})


def numbers(hidden: tuple[int, ...] = (32,), **options: Any) -> SklearnRegressor:
    """Return scikit-learn's regressor."""
    return SklearnRegressor(
        hidden_layer_sizes=hidden, **{"random_state": 5, "max_iter": 100, **options}
    )


def regressor(
    hidden: tuple[int, ...], activation: object = "relu", **options: Any
) -> MLPRegressor:
    """Return glassnet's regressor."""
    return MLPRegressor(
        hidden_layer_sizes=hidden, activation=activation, **{"random_state": 5, **options}
    )
