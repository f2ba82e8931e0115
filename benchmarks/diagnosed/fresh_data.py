"""Tables that no threshold was chosen on, as people have them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_wine,
    make_classification,
    make_friedman3,
    make_regression,
    make_swiss_roll,
)
from sklearn.preprocessing import StandardScaler

from benchmarks.diagnosis_cases import Rows

__all__ = [
    "clouds",
    "curve",
    "houses",
    "lending",
    "marks",
    "parity",
    "pixels",
    "plane",
    "progress",
    "rare",
    "roll",
    "shuffled",
    "standard",
    "stripes",
    "tumours",
    "vintages",
    "waveform",
    "waves",
    "words",
]


def standard(values: np.ndarray) -> np.ndarray:
    """Return columns, or a target, of mean 0 and width 1."""
    found = StandardScaler().fit_transform(values.reshape(len(values), -1))
    return found.reshape(values.shape)


def shuffled(rows: Rows, seed: int = 23, n: int | None = None) -> Rows:
    """Return the rows, or some of them, in another order."""
    order = np.random.default_rng(seed).permutation(len(rows[0]))[:n]
    return rows[0][order].astype(float), rows[1][order]


def waves(n: int = 500, seed: int = 23) -> Rows:
    """Return a sine of one number, with some noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-3, 3, (n, 1))
    return standard(X), standard(np.sin(2 * X[:, 0]) + 0.1 * rng.normal(size=n))


def houses(n: int = 900, seed: int = 23) -> Rows:
    """Return what houses cost, in dollars, and what is known of their district, as it is."""
    rng = np.random.default_rng(seed)
    income, age = rng.lognormal(1.2, 0.4, n), rng.integers(1, 53, n)
    rooms, people = rng.normal(5.4, 1.2, n), rng.lognormal(7.0, 0.7, n)
    latitude, longitude = rng.uniform(32.5, 42, n), rng.uniform(-124, -114, n)
    coast = np.exp(-((longitude + 119 + 0.8 * (latitude - 36)) ** 2) / 4)
    price = 42000 * income + 90000 * coast * np.sqrt(income) + 900 * age
    price = price + 12000 * (rooms - 5) - 8 * people + 15000 * rng.normal(size=n)
    return np.column_stack([income, age, rooms, people, latitude, longitude]), price


def lending(n: int = 900, seed: int = 23) -> Rows:
    """Return whether a loan was paid back, and what the bank knew, as it is."""
    rng = np.random.default_rng(seed)
    salary, age = rng.lognormal(10.5, 0.5, n), rng.integers(18, 75, n)
    share, late, years = rng.beta(2, 4, n), rng.poisson(0.8, n), rng.exponential(6, n)
    risk = 9 * (share - 0.33) * (11 - np.log(salary)) + 0.9 * late - 0.2 * years
    risk = risk + 2.0 * ((age < 28) & (years < 3)) + 0.3 * rng.normal(size=n)
    X = np.column_stack([salary, age, share, late, years])
    return X, (risk > np.median(risk)).astype(int)


def waveform(n: int = 900, seed: int = 23) -> Rows:
    """Return Breiman's waves: mixtures of two of three triangles, and noise."""
    rng, t = np.random.default_rng(seed), np.arange(21)
    h = [np.maximum(0, 6 - np.abs(t - c)) for c in (6, 14, 10)]
    y, u = rng.integers(0, 3, n), rng.uniform(size=(n, 1))
    first, second = np.array([h[0], h[0], h[1]])[y], np.array([h[1], h[2], h[2]])[y]
    return standard(u * first + (1 - u) * second + rng.normal(size=(n, 21))), y


def roll(n: int = 700, seed: int = 23) -> Rows:
    """Return how far along a rolled-up sheet each point lies."""
    X, y = make_swiss_roll(n, noise=0.1, random_state=seed)
    return standard(X), standard(y)


def parity(n: int = 1200, seed: int = 23) -> Rows:
    """Return whether an even number of three is negative."""
    X = np.random.default_rng(seed).uniform(-1.7, 1.7, (n, 3))
    return X, (X.prod(axis=1) > 0).astype(int)


def stripes(n: int = 600, seed: int = 23) -> Rows:
    """Return which colour of an awning each point has."""
    X = np.random.default_rng(seed).uniform(-1.7, 1.7, (n, 2))
    return X, (np.floor(1.1 * X.sum(axis=1)) % 2).astype(int)


def curve(n: int = 600, seed: int = 23) -> Rows:
    """Return Friedman's third regression, standardized."""
    X, y = make_friedman3(n, noise=0.05, random_state=seed)
    return standard(X), standard(y)


def plane(n: int = 400, seed: int = 23) -> Rows:
    """Return a sum of eight of fifteen features, standardized."""
    X, y = make_regression(n, 15, n_informative=8, noise=20.0, random_state=seed)
    return standard(X), standard(y)


def clouds(n: int = 800, seed: int = 23, **options: Any) -> Rows:
    """Return four classes over twenty features."""
    told = {"n_informative": 8, "n_classes": 4, "n_clusters_per_class": 1, "class_sep": 1.5}
    X, y = make_classification(n, 20, random_state=seed, **{**told, **options})
    return standard(X), y


def words(n: int = 600, seed: int = 23) -> Rows:
    """Return how often each of sixty words stands in texts on four topics."""
    rng = np.random.default_rng(seed)
    topics, y = rng.gamma(0.25, 1.6, (4, 60)), rng.integers(0, 4, n)
    return rng.poisson(topics[y]).astype(float), y


def marks(n: int = 700, seed: int = 23) -> Rows:
    """Return a yes or no from two numbers and three categories, one column per value."""
    rng = np.random.default_rng(seed)
    kinds = [rng.integers(0, k, n) for k in (4, 7, 3)]
    x = rng.normal(size=(n, 2))
    effects = [rng.normal(size=k.max() + 1)[k] for k in kinds]
    risk = sum(effects) + x[:, 0] * np.where(kinds[2] == 1, 2, -1) + x[:, 1] ** 2
    hot = [np.eye(k.max() + 1)[k] for k in kinds]
    return np.column_stack([x, *hot]), (risk > np.median(risk)).astype(int)


def rare(rows: Rows, kind: int, keep: int, seed: int = 23) -> Rows:
    """Return the rows with only so many of a class left, as class 1 beside all others."""
    X, y = shuffled(rows, seed)
    few = np.flatnonzero(y == kind)[:keep]
    left = np.sort(np.r_[np.flatnonzero(y != kind), few])
    return X[left], (y[left] == kind).astype(int)


def tumours(n: int | None = None) -> Rows:
    """Return benign and malignant, as measured."""
    return shuffled(load_breast_cancer(return_X_y=True), 31, n)


def vintages() -> Rows:
    """Return three kinds of wine, as measured."""
    return shuffled(load_wine(return_X_y=True), 31)


def progress() -> Rows:
    """Return the progression of diabetes, the features standardized, the target as it is."""
    X, y = shuffled(load_diabetes(return_X_y=True), 31)
    return standard(X), y


def pixels(n: int = 800) -> Rows:
    """Return handwritten digits, grey from 0 to 1."""
    X, y = shuffled(load_digits(return_X_y=True), 31, n)
    return X / 16, y
