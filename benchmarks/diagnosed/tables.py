"""Other cases of data, targets and losses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, make_friedman2

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
from benchmarks.diagnosis_cases import chequers, circles, friedman, how
from glassnet import MLPClassifier, Perceptron, optimizers

__all__ = ["table_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam


def table_cases() -> Iterator[Case]:
    """Yield them, cause by cause."""
    for cases in (
        _scales, _targets, _useless, _noise, _rare, _losses, _straight, _by_heart, _leaks,
        _sorted, _not_finite,
    ):  # fmt: skip
        yield from cases()


def _scales() -> Iterator[Case]:
    name = "unscaled_inputs"
    X, y = iris()
    X = X * [1.0, 1000.0, 1.0, 0.001]
    yield name, "iris", multi((20,)), X, y, {}
    X, y = load_breast_cancer(return_X_y=True)
    model = MLPClassifier((30,), "tanh", max_iter=100, random_state=5)
    yield name, "breast", fitted(model, X, y), X, y, {}
    X, y = hastie()
    X = 30 * X + 500
    yield name, "hastie", classes(X, y, [32], activation="tanh"), X, y, how(ADAM(0.01), 60)
    X, y = load_diabetes(return_X_y=True, scaled=False)
    y = (y - y.mean()) / y.std()
    yield name, "diabetes", regressor((30,), random_state=5, max_iter=100), X, y, {}
    X, _ = make_friedman2(600, noise=20.0, random_state=5)
    _, y = physics()
    net = numbered(X, [24], activation="sigmoid")
    told = how(ADAM(0.01), 60)
    yield name, "physics", fitted(net, X, y, **told), X, y, told
    X, y = rings()
    X = 0.001 * X
    yield name, "rings", multi((32,), solver="sgd", max_iter=150), X, y, {}


def _targets() -> Iterator[Case]:
    name = "unscaled_target"
    X, y = diabetes()
    y = 77 * y + 152
    yield name, "diabetes", regressor((40,), random_state=5, max_iter=150), X, y, {}
    X, y = physics()
    net = numbered(X, [32], activation="gelu")
    yield name, "physics", net, X, 5000 * y + 20000, how(ADAM(0.01), 60)
    X, y = friedman(5)
    model = numbers(max_iter=100)
    yield name, "friedman", fitted(model, X, 20000 * y + 1e5), X, 20000 * y + 1e5, {}
    X, y = physics()
    net = numbered(X, [32], activation="tanh", loss="huber")
    yield name, "physics", net, X, y + 60, how(ADAM(0.005), 60)


def _useless() -> Iterator[Case]:
    name = "constant_or_duplicate_features"
    X, y = wine()
    X = np.column_stack([X, X[:, 4], X[:, 7]])
    yield name, "wine", multi((32,), learning_rate_init=0.01), X, y, {}
    X, y = diabetes()
    X = np.column_stack([X, np.zeros(len(X))])
    net = numbered(X, [8], alpha=1.0)
    yield name, "diabetes", net, X, y, how(ADAM(0.005), 20)
    X, y = iris()
    X = np.column_stack([X, 2.0 * X[:, 1] + 1])
    yield name, "iris", MLPClassifier((16,), learning_rate_init=0.01, random_state=5), X, y, {}
    X, y = load_digits(return_X_y=True)
    X, y = np.column_stack([X[:700], X[:700, 20]]) / 16, y[:700]
    yield name, "digits", fitted(multi((32,), learning_rate_init=0.005), X, y), X, y, {}
    X, y = chequers(5)
    X = np.column_stack([X, -X[:, 0]])
    yield name, "chequers", classes(X, y, [16]), X, y, how(ADAM(0.01), 80)


def _noise() -> Iterator[Case]:
    name, rng = "unlearnable_target", np.random.default_rng(5)
    X, y = wine()
    yield name, "wine", multi((50,)), X, rng.permutation(y), {}
    X, y = diabetes()
    yield name, "diabetes", regressor((30,), random_state=5), X, rng.permutation(y), {}
    X = rng.normal(size=(500, 6))
    y = rng.integers(0, 4, 500)
    yield name, "noise", fitted(classes(X, y, [20], activation="tanh"), X, y), X, y, {}
    X, y = breast()
    net = classes(X, y, [32, 16], activation="elu")
    yield name, "breast", net, X, rng.permutation(y), how(ADAM(0.01), 40)
    X = rng.uniform(-1, 1, size=(300, 4))
    y = rng.normal(size=300)
    yield name, "noise", numbers((64,)), X, y, {}


def _rare() -> Iterator[Case]:
    name = "majority_collapse"
    X, y = hastie(2500)
    rows = np.flatnonzero((y == 0) | (np.arange(len(y)) % 14 == 0))
    X, y = X[rows], y[rows]
    yield (
        name,
        "hastie",
        multi((16,), solver="sgd", learning_rate_init=0.003, max_iter=30),
        X,
        y,
        {},
    )
    X, y = circles(5, 1200)
    rows = np.flatnonzero((y == 0) | (np.arange(len(y)) % 20 == 0))
    net = classes(X, y, [12], activation="tanh")
    yield name, "circles", net, X[rows], y[rows], how(SGD(0.05), 25)
    X, y = rings(1800)
    rows = np.flatnonzero((y == 2) | (np.arange(len(y)) % 12 == 0))
    X, y = X[rows], np.minimum(y[rows], 2) // 2
    told = how(ADAM(0.0005), 20)
    net = fitted(classes(X, y, [16], activation="swish"), X, y, **told)
    yield name, "rings", net, X, y, told
    X, y = spirals(1500)
    rows = np.flatnonzero((y == 0) | (np.arange(len(y)) % 15 == 0))
    model = MLPClassifier((24,), learning_rate_init=0.002, max_iter=40, random_state=5)
    yield name, "spirals", model, X[rows], y[rows], {}


def _losses() -> Iterator[Case]:
    name = "wrong_loss_or_output"
    X, y = iris()
    yield name, "iris", regressor((20,), random_state=5, max_iter=100), X, y, {}
    X, y = breast()
    yield name, "breast", numbers((20,), learning_rate_init=0.01), X, y, {}
    X, y = diabetes()
    yield name, "diabetes", MLPClassifier((20,), random_state=5, max_iter=60), X, y, {}
    X, y = hastie()
    net = classes(X, y, [16])
    yield name, "hastie", net, X, 2 * y + 1, how(ADAM(0.01), 40)
    X, y = physics()
    yield name, "physics", numbered(X, [16], output="relu"), X, y, how(ADAM(0.01), 60)
    X, y = friedman(5)
    yield name, "friedman", numbered(X, [16], loss="poisson"), X, y, how(ADAM(0.01), 40)
    X, y = digits()
    net = numbered(X, [32], activation="tanh")
    told = how(ADAM(0.01), 40)
    yield name, "digits", fitted(net, X, y, **told), X, y, told
    X, y = load_diabetes(return_X_y=True)
    yield name, "diabetes", multi((32,), max_iter=60), 20 * X, y, {}


def _straight() -> Iterator[Case]:
    name = "linear_model_on_nonlinear_problem"
    yield name, "spirals", Perceptron(), *spirals(), {}
    X, y = hastie()
    yield name, "hastie", classes(X, y, []), X, y, how(ADAM(0.01), 60)
    X, y = circles(5)
    yield name, "circles", MLPClassifier((20,), "identity", random_state=5), X, y, {}
    X, y = rings()
    yield name, "rings", fitted(Perceptron(n_iterations=50), X, y == 1), X, y == 1, {}
    X, y = physics()
    yield name, "physics", numbered(X, []), X, y, how(SGD(0.05), 60)
    X, y = rings()
    yield name, "rings", fitted(multi((32, 32), activation="identity"), X, y), X, y, {}


def _by_heart() -> Iterator[Case]:
    name, rng = "overfitting", np.random.default_rng(5)
    X, y = breast()
    X = np.column_stack([X[:120, :3], rng.normal(size=(120, 40))])
    y = np.where(rng.uniform(size=120) < 0.15, 1 - y[:120], y[:120])
    model = multi((200,), alpha=0.0, learning_rate_init=0.01, max_iter=300)
    yield name, "breast", model, X, y, {}
    X, y = diabetes()
    net = numbered(X[:160], [100, 100])
    yield name, "diabetes", net, X[:160], y[:160], how(ADAM(0.005), 200)
    X, y = hastie(600)
    y = np.where(rng.uniform(size=600) < 0.2, 1 - y, y)
    told = {**how(ADAM(0.005), 120), "X_val": X[400:], "y_val": y[400:]}
    net = fitted(classes(X, y, [100, 100]), X[:400], y[:400], **told)
    yield name, "hastie", net, X[:400], y[:400], told
    X, y = diabetes()
    model = regressor((256, 256), "tanh", learning_rate_init=0.003, max_iter=400,
                         n_iter_no_change=400, random_state=5)  # fmt: skip
    yield name, "diabetes", fitted(model, X, y), X, y, {}
    X, y = blobs(150, 4)
    X = np.column_stack([X[:, :2], rng.normal(size=(150, 30))])
    y = np.where(rng.uniform(size=150) < 0.2, rng.permutation(y), y)
    yield name, "blobs", classes(X, y, [128], activation="elu"), X, y, how(ADAM(0.01), 150)


def _leaks() -> Iterator[Case]:
    name, rng = "leakage_suspected", np.random.default_rng(5)
    X, y = hastie()
    X = np.column_stack([X, 3.0 * y + 0.1 * rng.normal(size=len(y))])
    yield name, "hastie", multi((32,), learning_rate_init=0.005), X, y, {}
    X, y = diabetes()
    X = np.column_stack([X[:, :4], -y + 0.03 * rng.normal(size=len(y)), X[:, 4:]])
    yield name, "diabetes", numbered(X, [16], activation="tanh"), X, y, how(ADAM(0.01), 60)
    X, y = rings()
    X = np.column_stack([y - 1.0, X])
    yield name, "rings", MLPClassifier((20,), learning_rate_init=0.01, random_state=5), X, y, {}
    X, y = physics()
    y = y + rng.normal(size=len(y))
    X = np.column_stack([X, y])
    told = how(ADAM(0.01), 60)
    yield name, "physics", fitted(numbered(X, [16]), X, y, **told), X, y, told


def _sorted() -> Iterator[Case]:
    name = "unshuffled_batches"

    def ordered(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows sorted by the target."""
        order = np.argsort(y, kind="stable")
        return X[order], y[order]

    X, y = ordered(*wine())
    model = multi((30,), shuffle=False, batch_size=16, solver="sgd", learning_rate_init=0.05)
    yield name, "wine", model, X, y, {}
    X, y = ordered(*friedman(5))
    net = numbered(X, [24], activation="tanh")
    yield name, "friedman", net, X, y, how(SGD(0.1), 60, shuffle=False)
    X, y = ordered(*digits())
    model = MLPClassifier((32,), shuffle=False, batch_size=20, max_iter=40, random_state=5)
    yield name, "digits", model, X, y, {}
    X, y = ordered(*hastie())
    net = classes(X, y, [24], activation="elu")
    told = how(ADAM(0.01), 40, 50, shuffle=False)
    yield name, "hastie", fitted(net, X, y, **told), X, y, told


def _not_finite() -> Iterator[Case]:
    name = "non_finite"
    X, y = wine()
    X = X.copy()
    X[7, 2] = np.inf
    yield name, "wine", multi((16,)), X, y, {}
    X, y = friedman(5)
    y = y.copy()
    y[11] = np.nan
    yield name, "friedman", numbered(X, [16]), X, y, how(ADAM(0.01), 20)
    X, y = breast()
    net = fitted(classes(X, y, [16]), X, y, epochs=3).made()
    net.weights[0][2, 3] = np.nan
    yield name, "breast", net, X, y, {}
    X, y = iris()
    X = X.copy()
    X[::10, 1] = np.nan
    yield name, "iris", Perceptron(), X, y, {}
