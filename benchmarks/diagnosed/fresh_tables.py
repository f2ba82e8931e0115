"""Fresh cases of data, targets, losses and formulas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.datasets import load_iris, make_gaussian_quantiles

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
)
from benchmarks.diagnosed.fresh_training import scaled
from benchmarks.diagnosis_cases import Rows, how
from glassnet import MLPClassifier, Perceptron, optimizers
from glassnet.catalog import Activation, Loss

__all__ = ["fresh_table_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam
SQUARELESS = Activation("tanh_squareless", np.tanh, lambda z, a: 1 - a, check=False)
BACKWARDS = Activation(
    "sigmoid_backwards", lambda z: 1 / (1 + np.exp(-z)), lambda z, a: a * (a - 1), check=False
)
CUBELESS = Activation("cube_as_square", lambda z: z**3, lambda z, a: 2 * z, check=False)
AWAY = Loss(
    "cosh_away",
    lambda y, f: np.log(np.cosh(f - y)).sum(axis=-1),
    lambda y, f: -np.tanh(f - y),
    check=False,
)


def fresh_table_cases() -> Iterator[Case]:
    """Yield them, cause by cause."""
    for cases in (
        _inputs, _targets, _useless, _leaks, _noise, _rare, _losses, _straight, _by_heart,
        _sorted, _not_finite, _slopes,
    ):  # fmt: skip
        yield from cases()


def _inputs() -> Iterator[Case]:
    name = "unscaled_inputs"
    yield name, "vintages", multi((50, 20), random_state=1), *vintages(), {}
    yield name, "tumours", fitted(multi((20,), solver="sgd"), *tumours()), *tumours(), {}
    X, y = lending()
    yield name, "lending", MLPClassifier((40,), random_state=2, max_iter=100), X, y, {}
    X, y = houses()
    yield (
        name,
        "houses",
        numbered(X, [32], activation="tanh"),
        X,
        standard(y),
        how(ADAM(0.005), 80),
    )
    X, y = pixels()
    yield name, "pixels", classes(X, y, [24]), 255 * X, y, how(SGD(0.05), 60)
    X, y = roll()
    yield name, "roll", numbers((40,), max_iter=100), 0.001 * X, y, {}
    X, y = stripes()
    told = how(ADAM(0.01), 80)
    net = classes(X, y, [32, 32])
    X = X * [1.0, 0.002] + [300.0, 0.0]
    yield name, "stripes", fitted(net, X, y, **told), X, y, told


def _targets() -> Iterator[Case]:
    name = "unscaled_target"
    X, y = scaled(houses())
    yield name, "houses", fitted(numbers((64,), random_state=3), X, y), X, y, {}
    X, y = progress()
    yield name, "progress", numbers((50,), max_iter=150, random_state=3), X, y, {}
    X, y = plane()
    yield name, "plane", numbered(X, [32]), X, 1e6 * y, how(ADAM(0.01), 60)
    X, y = roll()
    yield name, "roll", regressor((48,), "tanh", max_iter=100), X, y + 1000, {}
    X, y = curve()
    yield (
        name,
        "curve",
        numbered(X, [24], activation="tanh"),
        X,
        300 * y - 50,
        how(SGD(0.001), 60),
    )


def _useless() -> Iterator[Case]:
    name = "constant_or_duplicate_features"
    X, y = scaled(lending())
    X = np.column_stack([X, X[:, 0]])
    yield name, "lending", multi((24,), learning_rate_init=0.01, max_iter=60), X, y, {}
    X, y = waveform()
    X = np.column_stack([np.full(len(X), 3.0), X, np.zeros(len(X))])
    yield name, "waveform", classes(X, y, [12], alpha=3.0), X, y, how(ADAM(0.005), 20)
    X, y = scaled(houses(), target=True)
    X = np.column_stack([X, -X[:, 1], 2 * X[:, 4] + 1])
    yield name, "houses", regressor((32,), learning_rate_init=0.01, max_iter=60), X, y, {}
    X, y = scaled(tumours())
    X = np.column_stack([X, X[:, :3]])
    model = fitted(multi((16,), alpha=1.0, max_iter=80), X, y)
    yield name, "tumours", model, X, y, {}
    X, y = plane()
    X = np.column_stack([X, np.ones(len(X))])
    yield name, "plane", numbered(X, []), X, y, how(SGD(0.02), 60)


def _leaks() -> Iterator[Case]:
    name, rng = "leakage_suspected", np.random.default_rng(23)
    X, y = scaled(lending())
    X = np.column_stack([X, y])
    yield name, "lending", multi((30,), learning_rate_init=0.005), X, y, {}
    X, y = scaled(houses(), target=True)
    X = np.column_stack([0.9 * y + 0.01 * rng.normal(size=len(y)), X])
    yield name, "houses", numbered(X, [24]), X, y, how(ADAM(0.01), 50)
    X, y = waveform()
    X = np.column_stack([X, y + 0.05 * rng.normal(size=len(y))])
    model = MLPClassifier((20,), learning_rate_init=0.005, max_iter=60)
    yield name, "waveform", fitted(model, X, y), X, y, {}
    X, y = progress()
    X, y = np.column_stack([X, standard(y)]), standard(y)
    yield name, "progress", numbers((20,), learning_rate_init=0.01), X, y, {}
    X, y = clouds(n_classes=2, n_informative=4, flip_y=0.2, class_sep=0.8)
    X = np.column_stack([X[:, :5], np.where(y == 1, 2.0, -2.0), X[:, 5:]])
    yield name, "clouds", classes(X, y, [16]), X, y, how(ADAM(0.005), 30)


def _noise() -> Iterator[Case]:
    name, rng = "unlearnable_target", np.random.default_rng(23)
    X, y = scaled(tumours())
    yield name, "tumours", multi((30,), max_iter=60), X, rng.permutation(y), {}
    X = pixels(500)[0]
    yield name, "pixels", MLPClassifier((40,), max_iter=60), X, rng.integers(0, 10, 500), {}
    X, y = scaled(houses(600), target=True)
    yield name, "houses", regressor((32,), max_iter=60), X, rng.permutation(y), {}
    X = rng.normal(size=(200, 5))
    y = rng.integers(0, 2, 200)
    yield name, "noise", fitted(classes(X, y, [16, 16]), X, y, epochs=40), X, y, {}
    X = rng.normal(size=(1000, 10))
    yield name, "noise", numbers((50,), max_iter=50), X, rng.normal(size=1000), {}
    X, y = waveform(400)
    net = classes(X, y, [16], activation="tanh")
    yield name, "waveform", net, X, rng.permutation(y), how(ADAM(0.01), 30)


def _rare() -> Iterator[Case]:
    name = "majority_collapse"
    X, y = rare(waveform(2400), 0, 40)
    model = multi((20,), solver="sgd", max_iter=30)
    yield name, "waveform", model, X, y, {}
    X, y = rare(clouds(2000, class_sep=0.7), 2, 25)
    net = classes(X, y, [16], activation="tanh")
    yield name, "clouds", net, X, y, how(SGD(0.02), 20)
    X, y = rare(scaled(lending(3000)), 1, 90)
    model = MLPClassifier((16,), solver="sgd", learning_rate_init=0.01, max_iter=40)
    yield name, "lending", fitted(model, X, y), X, y, {}
    X, y = rare(scaled(tumours()), 0, 15)
    told = how(SGD(0.01), 30)
    yield name, "tumours", fitted(classes(X, y, [24]), X, y, **told), X, y, told
    X, y = rare(stripes(2000), 1, 60)
    net = classes(X, y, [24], activation="gelu")
    yield name, "stripes", net, X, y, how(ADAM(0.001), 30)


def _losses() -> Iterator[Case]:
    name = "wrong_loss_or_output"
    X, y = pixels()
    yield name, "pixels", numbers((40,), learning_rate_init=0.005), X, y, {}
    X, y = scaled(vintages())
    yield name, "vintages", regressor((20,), learning_rate_init=0.01), X, y, {}
    X, y = scaled(houses())
    yield name, "houses", MLPClassifier((20,), max_iter=20), X, y, {}
    X, y = plane()
    yield name, "plane", numbered(X, [24], output="sigmoid"), X, y, how(ADAM(0.01), 60)
    X, y = roll()
    yield name, "roll", numbered(X, [32], output="tanh"), X, 3 * y, how(ADAM(0.01), 60)
    X, y = stripes()
    yield (
        name,
        "stripes",
        classes(X, y, [32, 32], loss="squared_error"),
        X,
        y,
        how(ADAM(0.01), 100),
    )
    X, y = progress()
    yield name, "progress", multi((20,), max_iter=40), X, y.astype(int), {}
    X, y = waveform()
    net = classes(X, y, [24], loss="squared_error")
    told = how(ADAM(0.005), 40)
    yield name, "waveform", fitted(net, X, np.eye(3)[y], **told), X, np.eye(3)[y], told


def _straight() -> Iterator[Case]:
    name = "linear_model_on_nonlinear_problem"
    yield name, "parity", Perceptron(random_state=0), *parity(), {}
    yield name, "stripes", fitted(Perceptron(n_iterations=100), *stripes()), *stripes(), {}
    yield name, "roll", numbers((30,), activation="identity"), *roll(), {}
    X, y = make_gaussian_quantiles(n_samples=500, n_features=4, n_classes=2, random_state=23)
    yield name, "shells", classes(X, y, []), X, y, how(ADAM(0.02), 80)
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    yield name, "xor", Perceptron(n_iterations=50), X, np.array([1, 0, 0, 1]), {}
    X, y = waves()
    told = how(SGD(0.05), 60)
    yield name, "waves", fitted(numbered(X, []), X, y, **told), X, y, told


def _by_heart() -> Iterator[Case]:
    name, rng = "overfitting", np.random.default_rng(23)
    X, y = clouds(120, flip_y=0.2)
    X = np.column_stack([X, rng.normal(size=(120, 30))])
    yield name, "clouds", multi((200,), learning_rate_init=0.005, max_iter=400), X, y, {}
    X, y = plane(80)
    y = y + 0.5 * rng.normal(size=80)
    yield name, "plane", numbered(X, [128, 128]), X, y, how(ADAM(0.005), 200)
    X, y = scaled(lending(300))
    y = np.where(rng.uniform(size=300) < 0.2, 1 - y, y)
    net = fitted(classes(X, y, [200, 200], activation="gelu"), X, y, **how(ADAM(0.005), 200))
    yield name, "lending", net, X, y, how(ADAM(0.005), 200)
    X, y = progress()
    model = numbers((100, 100), alpha=0.0, learning_rate_init=0.005, max_iter=500)
    yield name, "progress", fitted(model, X[:200], standard(y)[:200]), X[:200], \
        standard(y)[:200], {}  # fmt: skip
    X, y = marks(250)
    y = np.where(rng.uniform(size=250) < 0.15, 1 - y, y)
    model = MLPClassifier((128, 64), "tanh", learning_rate_init=0.01, max_iter=200)
    yield name, "marks", model, X, y, {}


def ordered(rows: Rows) -> Rows:
    """Return the rows sorted by the target."""
    order = np.argsort(rows[1], kind="stable")
    return rows[0][order], rows[1][order]


def _sorted() -> Iterator[Case]:
    name = "unshuffled_batches"
    X, y = ordered(waveform())
    yield name, "waveform", classes(X, y, [32]), X, y, how(SGD(0.3), 40, shuffle=False)
    X, y = ordered(scaled(tumours()))
    model = multi((30,), solver="sgd", shuffle=False, batch_size=10, learning_rate_init=0.5)
    yield name, "tumours", model, X, y, {}
    X, y = ordered(scaled(houses(), target=True))
    model = regressor((30,), shuffle=False, batch_size=16, learning_rate_init=0.01, max_iter=40)
    yield name, "houses", model, X, y, {}
    X, y = ordered(pixels())
    told = how(ADAM(0.01), 30, 25, shuffle=False)
    yield name, "pixels", fitted(classes(X, y, [32]), X, y, **told), X, y, told
    X, y = ordered(stripes())
    yield name, "stripes", classes(X, y, [32, 32]), X, y, how(ADAM(0.01), 80, 10, shuffle=False)


def _not_finite() -> Iterator[Case]:
    name = "non_finite"
    X, y = houses()
    X[10, 3] = np.nan
    yield name, "houses", numbers((30,)), X, y, {}
    X, y = plane()
    y[4] = -np.inf
    yield name, "plane", numbered(X, [16]), X, y, how(ADAM(0.01), 20)
    X, y = scaled(vintages())
    model = fitted(multi((16,), max_iter=30), X, y).made()
    model.coefs_[1][0, 0] = np.nan
    yield name, "vintages", model, X, y, {}
    X, y = lending()
    X[::7, 0] = np.nan
    yield name, "lending", MLPClassifier((20,)), X, y, {}
    X, y = shuffled_iris()
    X[5] = np.inf
    yield name, "iris", Perceptron(), X, y, {}


def shuffled_iris() -> Rows:
    """Return three kinds of iris, as measured."""
    X, y = load_iris(return_X_y=True)
    return X.copy(), y


def _slopes() -> Iterator[Case]:
    name = "wrong_gradient"
    X, y = waveform()
    yield (
        name,
        "waveform",
        classes(X, y, [24], activation=SQUARELESS),
        X,
        y,
        how(ADAM(0.01), 40),
    )
    X, y = scaled(tumours())
    yield name, "tumours", MLPClassifier((20,), BACKWARDS, max_iter=40), X, y, {}
    X, y = curve()
    yield name, "curve", numbered(X, [16], activation=CUBELESS), X, y, how(ADAM(0.01), 40)
    X, y = roll()
    net = numbered(X, [32], activation="tanh", loss=AWAY)
    yield name, "roll", net, X, y, how(ADAM(0.01), 40)
    X, y = stripes()
    net = classes(X, y, [24, 24], activation=["relu", BACKWARDS])
    yield name, "stripes", net, X, y, how(SGD(0.1), 60)
