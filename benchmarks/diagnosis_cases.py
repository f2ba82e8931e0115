"""Broken networks with a known cause, and healthy ones, for `benchmarks.diagnosis`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
    make_circles,
    make_classification,
    make_friedman1,
    make_moons,
)
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.neural_network import MLPRegressor as SklearnRegressor
from sklearn.preprocessing import StandardScaler

from glassnet import MLP, MLPClassifier, MLPRegressor, Perceptron, optimizers
from glassnet.catalog import Activation

__all__ = ["Example", "examples"]

Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Example:
    """A model and its data, and the failure that was built in (empty: none)."""

    cause: str
    data: str
    seed: int
    model: Any
    X: np.ndarray
    y: np.ndarray
    settings: dict[str, Any] = field(default_factory=dict)


def moons(seed: int, n: int = 400) -> Rows:
    """Return two half circles that reach into each other."""
    X, y = make_moons(n, noise=0.15, random_state=seed)
    return StandardScaler().fit_transform(X), y


def circles(seed: int, n: int = 400) -> Rows:
    """Return a circle within a circle."""
    X, y = make_circles(n, noise=0.08, factor=0.5, random_state=seed)
    return StandardScaler().fit_transform(X), y


def table(seed: int, n: int = 1000, **options: Any) -> Rows:
    """Return two classes over twelve features."""
    X, y = make_classification(
        n, 12, n_informative=6, n_redundant=2, class_sep=1.2, random_state=seed, **options
    )
    return StandardScaler().fit_transform(X), y


def friedman(seed: int, n: int = 600) -> Rows:
    """Return Friedman's first regression, standardized."""
    X, y = make_friedman1(n, 8, noise=0.5, random_state=seed)
    return StandardScaler().fit_transform(X), (y - y.mean()) / y.std()


def real(load: Callable[..., Any], seed: int) -> Rows:
    """Return one of scikit-learn's bundled data sets, standardized."""
    X, y = load(return_X_y=True)
    rows = np.random.default_rng(seed).permutation(len(X))[:1000]
    X, y = X[rows].astype(float), y[rows]
    X = X[:, np.ptp(X, axis=0) > 0]
    X = StandardScaler().fit_transform(X)
    return X, (y - y.mean()) / y.std() if load is load_diabetes else y


def net(X: np.ndarray, hidden: list[int], seed: int, **options: Any) -> MLP:
    """Return an untrained network for two classes."""
    return MLP(
        [X.shape[1], *hidden, 1], **{"loss": "binary_cross_entropy", **options}, seed=seed
    )


def how(optimizer: object, epochs: int, batch_size: int | None = 32, **more: Any) -> dict:
    """Return what `fit` is told."""
    return {"optimizer": optimizer, "epochs": epochs, "batch_size": batch_size, **more}


ADAM = optimizers.Adam(0.01)
# The catalogue keeps a record's name for one record.
WRONG = Activation("tanh_uphill", lambda z: np.tanh(z), lambda z, a: -(1 - a * a), check=False)
GOOD = how(ADAM, 100)
LABELS = {"moons": moons, "circles": circles, "table": table}


def examples(seed: int) -> Iterator[Example]:
    """Yield all cases of a seed."""
    yield from healthy(seed)
    for name, rows in LABELS.items():
        yield from on_labels(name, *rows(seed), seed)
    yield from on_tables(seed)
    yield from on_numbers(seed)


def healthy(seed: int) -> Iterator[Example]:
    """Yield models with nothing wrong."""
    for name, rows in LABELS.items():
        X, y = rows(seed)
        act = ("relu", "tanh", "gelu")[(seed + len(name)) % 3]
        yield Example(
            "",
            name,
            seed,
            net(X, [16, 16], seed, activation=act),
            X,
            y,
            how(ADAM, 15 if name == "table" else 100),
        )
    for load in (load_iris, load_wine, load_breast_cancer, load_digits):
        X, y = real(load, seed)
        kind = (MLPClassifier, SklearnClassifier)[seed % 2]
        model = kind(
            hidden_layer_sizes=(32,), learning_rate_init=0.01, random_state=seed, max_iter=200
        )
        yield Example("", load.__name__[5:], seed, model, X, y)
    X, y = friedman(seed)
    kind = (MLPRegressor, SklearnRegressor)[seed % 2]
    model = kind(
        hidden_layer_sizes=(32,),
        learning_rate_init=0.01,
        alpha=0.1,
        random_state=seed,
        max_iter=60,
    )
    yield Example("", "friedman", seed, model, X, y)


def on_labels(name: str, X: np.ndarray, y: np.ndarray, seed: int) -> Iterator[Example]:
    """Yield failures on data of two classes."""
    act = ("relu", "tanh")[seed // 2 % 2]
    two = net(X, [16, 16], seed, activation=act)
    cases = [*_training(X, two, seed), *_starts(X, act, seed), *_settings(X, act, seed)]
    for cause, model, told in cases:
        yield Example(cause, name, seed, model, X, y, told)
    yield from _of_data(name, X, y, two, seed)
    if name != "table":
        yield from _of_size(name, X, y, act, seed)


def _training(X: np.ndarray, two: MLP, seed: int) -> Iterator[tuple[str, Any, dict]]:
    """Yield wrong rates, and units that training kills."""
    yield "learning_rate_too_high", two, how(optimizers.SGD(60.0), 60)
    yield "learning_rate_too_high", two, how(optimizers.Adam(3.0), 60)
    yield "learning_rate_too_low", two, how(optimizers.SGD(1e-5), 60)
    yield "learning_rate_too_low", two, how(optimizers.Adam(1e-6), 60)
    dead = net(X, [16, 16], seed)
    dead.biases[0] -= 12.0
    yield "dead_units", dead, how(ADAM, 60)


def _starts(X: np.ndarray, act: str, seed: int) -> Iterator[tuple[str, Any, dict]]:
    """Yield weights and depths from which nothing can be learnt."""
    deep = net(X, [10] * 6, seed, activation="sigmoid")
    yield "vanishing_gradients", deep, how(optimizers.SGD(0.05), 60)
    small = net(X, [10, 5], seed, activation="sigmoid", initializer="normal(0.1)")
    yield "vanishing_gradients", small, how(optimizers.SGD(0.01), 200, None)
    loud = net(X, [32] * 6, seed, initializer="normal(0.8)")
    yield "exploding_gradients", loud, how(optimizers.SGD(0.05), 60)
    big = net(X, [64, 64], seed, activation="tanh", initializer="normal(2.0)")
    yield "initial_weights_too_large", big, how(optimizers.SGD(0.05), 60)
    same = net(X, [16, 16], seed, activation=act)
    for W in same.weights:
        W[...] = 0.1
    yield "symmetric_start", same, how(ADAM, 60)
    sharp = net(X, [16], seed, activation="tanh", loss="squared_error", output="sigmoid")
    sharp.biases[1] += 30.0
    yield "saturated_outputs", sharp, how(optimizers.SGD(0.05), 60)


def _settings(X: np.ndarray, act: str, seed: int) -> Iterator[tuple[str, Any, dict]]:
    """Yield a loss, a penalty and a formula that are wrong."""
    plain = net(X, [16], seed, activation=act, loss="squared_error")
    yield "wrong_loss_or_output", plain, GOOD
    heavy = net(X, [16, 16], seed, activation=act, alpha=300.0)
    yield "too_much_regularization", heavy, how(ADAM, 60)
    yield "wrong_gradient", net(X, [16], seed, activation=WRONG), GOOD


def _of_data(name: str, X: np.ndarray, y: np.ndarray, two: MLP, seed: int) -> Iterator[Example]:
    """Yield data in a wrong order, broken, doubled, or of noise."""
    order = np.argsort(y, kind="stable")
    told = how(optimizers.SGD(0.3), 60, shuffle=False)
    yield Example("unshuffled_batches", name, seed, two, X[order], y[order], told)
    broken = X.copy()
    broken[3, 0] = np.nan
    yield Example("non_finite", name, seed, two, broken, y, GOOD)
    copies = np.column_stack([X, X[:, 0], np.ones(len(X))])
    wider = net(copies, [16, 16], seed)
    yield Example("constant_or_duplicate_features", name, seed, wider, copies, y, GOOD)
    noise = np.random.default_rng(seed).integers(0, 2, len(X))
    yield Example("unlearnable_target", name, seed, two, X, noise, how(ADAM, 30))


def _of_size(name: str, X: np.ndarray, y: np.ndarray, act: str, seed: int) -> Iterator[Example]:
    """Yield what is too simple for the data, and what ends too early."""
    bent = circles(seed) if name == "circles" else chequers(seed)
    yield Example("linear_model_on_nonlinear_problem", name, seed, Perceptron(), *bent)
    tiny = net(X, [1], seed, activation="tanh")
    yield Example("too_small_network", name, seed, tiny, X, y, how(ADAM, 200))
    early = MLPClassifier(
        hidden_layer_sizes=(32,),
        activation=act,
        random_state=seed,
        tol=0.05,
        n_iter_no_change=2,
        learning_rate_init=0.002,
        max_iter=300,
    )
    yield Example("stopped_too_early", name, seed, early, X, y)


def chequers(seed: int) -> Rows:
    """Return points labelled by the quadrant they lie in, as in XOR."""
    X = np.random.default_rng(seed).uniform(-1, 1, (400, 2))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def on_tables(seed: int) -> Iterator[Example]:
    """Yield failures that lie in a table, or show on one."""
    rng = np.random.default_rng(seed)
    for load in (load_wine, load_breast_cancer):
        X, y = load(return_X_y=True)
        model = SklearnClassifier(hidden_layer_sizes=(32,), random_state=seed, max_iter=150)
        yield Example("unscaled_inputs", load.__name__[5:], seed, model, X, y)
    X, y = moons(seed)
    wide = X * [1.0, 1000.0]
    yield Example("unscaled_inputs", "moons", seed, net(X, [16, 16], seed), wide, y, GOOD)
    X, y = table(seed, 1500)
    model = net(X, [32], seed)
    yield Example(
        "batch_too_large", "table", seed, model, X, y, how(optimizers.SGD(0.05), 30, 1500)
    )
    X, y = table(seed, 1000, weights=[0.96], flip_y=0.0)
    model = net(X, [8], seed)
    yield Example(
        "majority_collapse", "table", seed, model, X, y, how(optimizers.SGD(0.02), 15)
    )
    X, y = table(seed)
    leaky = np.column_stack([X, y + 0.05 * rng.normal(size=len(y))])
    yield Example(
        "leakage_suspected", "table", seed, net(leaky, [16], seed), leaky, y, how(ADAM, 30)
    )
    X, y = table(seed, 200, flip_y=0.25)
    yield Example("overfitting", "table", seed, net(X, [128, 128], seed), X, y, how(ADAM, 200))
    X, y = table(seed)
    drop = net(X, [16, 16], seed, dropout=0.95)
    yield Example("too_much_regularization", "table", seed, drop, X, y, how(ADAM, 40))


def on_numbers(seed: int) -> Iterator[Example]:
    """Yield failures of regressions."""
    X, y = friedman(seed)
    model = MLPRegressor(
        hidden_layer_sizes=(32,), random_state=seed, max_iter=100, learning_rate_init=0.01
    )
    yield Example("unscaled_target", "friedman", seed, model, X, 300 * y + 5000)
    X, y = real(load_diabetes, seed)
    model = SklearnRegressor(hidden_layer_sizes=(32,), random_state=seed, max_iter=100)
    yield Example("unscaled_target", "diabetes", seed, model, X, 77 * y + 152)
    X, y = friedman(seed, 150)
    model = MLP([8, 128, 128, 1], seed=seed)
    noisy = y + 0.5 * np.random.default_rng(seed).normal(size=len(y))
    yield Example("overfitting", "friedman", seed, model, X, noisy, how(ADAM, 200))
    X, y = friedman(seed)
    sigmoid = MLP([8, 16, 1], activation="tanh", output="sigmoid", seed=seed)
    yield Example("wrong_loss_or_output", "friedman", seed, sigmoid, X, y, GOOD)
