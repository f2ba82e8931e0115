"""Fresh cases of wrong rates, weights, depths and settings."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.diagnosed.data import Case, classes, fitted, multi, numbered, numbers, regressor
from benchmarks.diagnosed.fresh_data import (
    clouds,
    curve,
    houses,
    lending,
    parity,
    pixels,
    plane,
    roll,
    standard,
    stripes,
    tumours,
    vintages,
    waveform,
    waves,
)
from benchmarks.diagnosis_cases import Rows, how
from glassnet import MLP, MLPClassifier, optimizers
from glassnet.training import EarlyStopping

__all__ = ["fresh_training_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam


def fresh_training_cases() -> Iterator[Case]:
    """Yield them, cause by cause."""
    for cases in (
        _high, _low, _large_batches, _heavy, _early, _small,
        _dead, _fading, _growing, _loud, _equal, _flat,
    ):  # fmt: skip
        yield from cases()


def scaled(rows: Rows, target: bool = False) -> Rows:
    """Return the rows with standardized features, and the target where asked."""
    return standard(rows[0]), standard(rows[1]) if target else rows[1]


def _high() -> Iterator[Case]:
    name = "learning_rate_too_high"
    X, y = scaled(tumours())
    model = multi((50,), solver="sgd", learning_rate_init=10.0, random_state=23)
    yield name, "tumours", model, X, y, {}
    X, y = curve()
    yield name, "curve", regressor((64, 32), learning_rate_init=1.0, max_iter=100), X, y, {}
    X, y = plane()
    model = numbers((50,), solver="sgd", learning_rate_init=1.0, random_state=3)
    yield name, "plane", model, X, y, {}
    X, y = waveform()
    yield name, "waveform", classes(X, y, [32]), X, y, how(SGD(30.0), 40)
    X, y = roll()
    yield name, "roll", numbered(X, [32], activation="tanh"), X, y, how(ADAM(2.0), 80)
    X, y = pixels()
    model = MLPClassifier((30, 30), "elu", learning_rate_init=1.0, random_state=2)
    yield name, "pixels", fitted(model, X, y), X, y, {}
    X, y = stripes()
    yield name, "stripes", classes(X, y, [40, 40]), X, y, how(optimizers.NAdam(1.0), 80)
    X, y = scaled(vintages())
    told = how(SGD(100.0), 80, None)
    yield name, "vintages", fitted(classes(X, y, [24]), X, y, **told), X, y, told


def _low() -> Iterator[Case]:
    name = "learning_rate_too_low"
    X, y = scaled(tumours())
    yield name, "tumours", multi((100,), learning_rate_init=1e-6, random_state=1), X, y, {}
    X, y = plane()
    model = numbers((64,), solver="sgd", learning_rate_init=1e-6, max_iter=200)
    yield name, "plane", model, X, y, {}
    X, y = stripes()
    yield name, "stripes", classes(X, y, [32, 32]), X, y, how(ADAM(1e-6), 100)
    X, y = waveform()
    told = how(SGD(1e-5), 50)
    net = fitted(classes(X, y, [24], activation="tanh"), X, y, **told)
    yield name, "waveform", net, X, y, told
    X, y = scaled(houses(), target=True)
    model = regressor((40, 20), learning_rate_init=3e-6, max_iter=100)
    yield name, "houses", model, X, y, {}
    X, y = pixels()
    model = MLPClassifier((64,), solver="sgd", learning_rate_init=1e-5, max_iter=50)
    yield name, "pixels", model, X, y, {}
    X, y = roll()
    net = numbered(X, [32], activation="gelu")
    yield name, "roll", net, X, y, how(optimizers.Momentum(1e-6), 80)
    X, y = pixels()
    yield name, "pixels", fitted(multi((30,), max_iter=2, random_state=9), X, y), X, y, {}


def _large_batches() -> Iterator[Case]:
    name = "batch_too_large"
    X, y = waveform(2000)
    yield name, "waveform", classes(X, y, [40]), X, y, how(SGD(0.05), 15, 2000)
    X, y = clouds(1800)
    model = multi((60,), batch_size=1800, max_iter=15, learning_rate_init=0.002)
    yield name, "clouds", model, X, y, {}
    X, y = stripes(1600)
    yield (
        name,
        "stripes",
        classes(X, y, [64], activation="gelu"),
        X,
        y,
        how(ADAM(0.003), 60, None),
    )
    X, y = scaled(houses(1500), target=True)
    model = regressor((50,), "tanh", batch_size=1500, max_iter=20, learning_rate_init=0.001)
    yield name, "houses", fitted(model, X, y), X, y, {}


def _heavy() -> Iterator[Case]:
    name = "too_much_regularization"
    X, y = waveform()
    yield name, "waveform", multi((50,), alpha=1000.0, random_state=23), X, y, {}
    X, y = plane()
    yield name, "plane", numbers((40,), alpha=500.0, learning_rate_init=0.01), X, y, {}
    X, y = pixels()
    model = MLPClassifier((80,), dropout=0.95, learning_rate_init=0.005, max_iter=50)
    yield name, "pixels", model, X, y, {}
    X, y = stripes()
    yield name, "stripes", classes(X, y, [32, 32], alpha=100.0), X, y, how(ADAM(0.01), 120)
    X, y = parity()
    told = how(optimizers.AdamW(0.01, weight_decay=30.0), 60)
    yield name, "parity", classes(X, y, [24], activation="tanh"), X, y, told
    X, y = roll()
    told = how(ADAM(0.01), 100)
    net = fitted(numbered(X, [48], dropout=0.9), X, y, **told)
    yield name, "roll", net, X, y, told
    X, y = scaled(houses(), target=True)
    yield name, "houses", regressor((32,), alpha=300.0, learning_rate_init=0.01), X, y, {}


def _early() -> Iterator[Case]:
    name = "stopped_too_early"
    X, y = pixels()
    model = multi((40,), tol=0.3, n_iter_no_change=1, random_state=23)
    yield name, "pixels", fitted(model, X, y), X, y, {}
    X, y = stripes()
    model = multi((64,), tol=0.02, n_iter_no_change=2, max_iter=500, learning_rate_init=0.003)
    yield name, "stripes", model, X, y, {}
    X, y = roll()
    model = regressor((40,), "tanh", tol=0.05, n_iter_no_change=2, max_iter=300,
                      learning_rate_init=0.003)  # fmt: skip
    yield name, "roll", fitted(model, X, y), X, y, {}
    X, y = parity()
    told = how(ADAM(0.002), 400)
    net = classes(X, y, [48], activation="tanh")
    yield name, "parity", fitted(net, X, y, early_stopping=EarlyStopping(1, 0.05), **told), \
        X, y, told  # fmt: skip
    X, y = waves()
    model = MLP([1, 32, 32, 1], activation="tanh", seed=9)
    told = how(ADAM(0.002), 300)
    yield name, "waves", fitted(model, X, y, early_stopping=EarlyStopping(2, 0.1), **told), \
        X, y, told  # fmt: skip


def _small() -> Iterator[Case]:
    name = "too_small_network"
    X, y = pixels()
    yield name, "pixels", multi((1,), learning_rate_init=0.01, max_iter=150), X, y, {}
    X, y = stripes()
    yield name, "stripes", classes(X, y, [1], activation="tanh"), X, y, how(ADAM(0.02), 200)
    X, y = roll()
    yield name, "roll", numbered(X, [2], activation="tanh"), X, y, how(ADAM(0.02), 150)
    X, y = clouds()
    model = MLPClassifier((1,), learning_rate_init=0.01, max_iter=150, random_state=4)
    yield name, "clouds", model, X, y, {}
    X, y = waves()
    told = how(ADAM(0.01), 200)
    yield name, "waves", fitted(numbered(X, [1], activation="elu"), X, y, **told), X, y, told


def _dead() -> Iterator[Case]:
    name = "dead_units"
    X, y = waveform()
    net = classes(X, y, [32])
    net.biases[0] -= 30.0
    yield name, "waveform", net, X, y, how(ADAM(0.003), 50)
    X, y = plane()
    net = numbered(X, [24, 24])
    net.biases[1] -= 40.0
    yield name, "plane", net, X, y, how(ADAM(0.01), 60)
    X, y = pixels()
    net = classes(X, y, [48], seed=8)
    net.biases[0][:46] = -50.0
    yield name, "pixels", net, X, y, how(SGD(0.1), 50)
    X, y = stripes()
    net = classes(X, y, [64], activation="relu6")
    net.biases[0][:62] = -20.0
    told = how(SGD(0.1), 80)
    yield name, "stripes", fitted(net, X, y, **told), X, y, told
    X, y = scaled(tumours())
    model = fitted(multi((32, 16), random_state=23), X, y).made()
    model.intercepts_[0] -= 60.0
    yield name, "tumours", model, X, y, {}


def _fading() -> Iterator[Case]:
    name = "vanishing_gradients"
    X, y = waveform()
    net = classes(X, y, [20] * 8, activation="sigmoid")
    yield name, "waveform", net, X, y, how(SGD(0.1), 60)
    X, y = pixels()
    model = multi((30,) * 5, activation="logistic", solver="sgd", learning_rate_init=0.01)
    yield name, "pixels", model, X, y, {}
    X, y = scaled(tumours())
    model = MLPClassifier((12,) * 7, "sigmoid", solver="sgd", learning_rate_init=0.05,
                          max_iter=100, random_state=6)  # fmt: skip
    yield name, "tumours", fitted(model, X, y), X, y, {}
    X, y = roll()
    told = how(SGD(0.05), 80)
    net = fitted(numbered(X, [10] * 5, activation="sigmoid"), X, y, **told)
    yield name, "roll", net, X, y, told
    X, y = stripes()
    net = classes(X, y, [12] * 6, activation="tanh", initializer="normal(0.05)")
    yield name, "stripes", net, X, y, how(SGD(0.1), 80)
    X, y = scaled(houses(), target=True)
    model = regressor((20,) * 6, "sigmoid", solver="sgd", learning_rate_init=0.01, max_iter=80)
    yield name, "houses", model, X, y, {}
    X, y = clouds()
    net = classes(X, y, [16] * 6, activation="hard_sigmoid")
    yield name, "clouds", net, X, y, how(optimizers.Momentum(0.02), 60)


def _growing() -> Iterator[Case]:
    name = "exploding_gradients"
    X, y = waveform()
    net = classes(X, y, [40] * 8, initializer="normal(0.6)")
    yield name, "waveform", net, X, y, how(SGD(0.01), 50)
    X, y = plane()
    net = numbered(X, [64] * 5, activation="leaky_relu", initializer="normal(0.7)")
    yield name, "plane", net, X, y, how(SGD(0.01), 50)
    X, y = scaled(tumours())
    net = classes(X, y, [30] * 10, initializer="normal(0.7)", seed=23)
    yield name, "tumours", net, X, y, how(SGD(0.05), 60)
    X, y = pixels()
    model = MLPClassifier((50,) * 6, "relu", initializer="normal(1.0)", solver="sgd",
                          learning_rate_init=0.01, max_iter=50)  # fmt: skip
    yield name, "pixels", model, X, y, {}
    X, y = scaled(houses(), target=True)
    net = numbered(X, [32] * 7, initializer="normal(0.9)")
    yield name, "houses", net, X, y, how(ADAM(0.001), 60)


def _loud() -> Iterator[Case]:
    name = "initial_weights_too_large"
    X, y = waveform()
    net = classes(X, y, [48], activation="tanh", initializer="normal(5)")
    yield name, "waveform", net, X, y, how(SGD(0.05), 50)
    X, y = pixels()
    net = classes(X, y, [64], activation="sigmoid", initializer="normal(4)")
    yield name, "pixels", net, X, y, how(ADAM(0.001), 30)
    X, y = roll()
    net = numbered(X, [50], initializer="normal(10)")
    yield name, "roll", net, X, y, how(ADAM(0.003), 60)
    X, y = parity()
    net = classes(X, y, [80], activation="tanh", initializer="normal(15)")
    yield name, "parity", net, X, y, how(SGD(0.1), 80)
    X, y = scaled(lending())
    model = MLPClassifier((64, 64), "tanh", initializer="normal(4)", solver="sgd",
                          learning_rate_init=0.05, random_state=3)  # fmt: skip
    yield name, "lending", model, X, y, {}


def _equal() -> Iterator[Case]:
    name = "symmetric_start"
    X, y = waveform()
    yield name, "waveform", classes(X, y, [32], initializer="zeros"), X, y, how(ADAM(0.01), 60)
    X, y = pixels()
    yield name, "pixels", MLPClassifier((40,), initializer="zeros", max_iter=60), X, y, {}
    X, y = curve()
    yield name, "curve", regressor((30, 30), initializer="zeros", max_iter=80), X, y, {}
    X, y = roll()
    net = numbered(X, [24], activation="tanh")
    net.weights[0][...], net.weights[1][...] = 0.3, 0.3
    yield name, "roll", net, X, y, how(SGD(0.1), 80)
    X, y = stripes()
    told = how(ADAM(0.01), 80)
    net = classes(X, y, [16, 16], activation="tanh", initializer="zeros")
    yield name, "stripes", fitted(net, X, y, **told), X, y, told


def _flat() -> Iterator[Case]:
    name = "saturated_outputs"
    X, y = scaled(tumours())
    net = classes(X, y, [20], loss="squared_error", output="sigmoid")
    net.biases[-1] += 50.0
    yield name, "tumours", net, X, y, how(SGD(0.1), 60)
    X, y = stripes()
    net = classes(X, y, [32], activation="tanh", loss="squared_error", output="tanh")
    net.biases[-1] -= 15.0
    yield name, "stripes", net, X, 2 * y - 1, how(SGD(0.1), 100)
    X, y = scaled(lending())
    net = classes(X, y, [20], loss="squared_error", output="sigmoid", seed=2)
    net.biases[-1] -= 35.0
    yield name, "lending", net, X, y, how(ADAM(0.002), 60)
    X, y = parity()
    net = classes(X, y, [32], activation="tanh", loss="squared_error", output="sigmoid")
    net.weights[-1][...] *= 150.0
    yield name, "parity", net, X, y, how(SGD(0.05), 60)
    X, y = scaled(lending())
    net = classes(X, y, [32], loss="huber", output="hard_sigmoid")
    net.biases[-1] += 40.0
    yield name, "lending", net, X, y, how(SGD(0.1), 60)
