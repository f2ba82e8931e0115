"""Other cases of wrong rates, weights, depths and settings."""

from __future__ import annotations

from collections.abc import Iterator

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
from glassnet import MLPClassifier, optimizers
from glassnet.catalog import Activation, Loss
from glassnet.training import EarlyStopping

__all__ = ["training_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam
HALF = Activation("tanh_half_slope", np.tanh, lambda z, a: 0.5 * (1 - a * a), check=False)
LATE = Activation(
    "softplus_late", lambda z: np.logaddexp(0, z), lambda z, a: np.ones_like(z), check=False
)
SINE = Activation("sine_of_sine", np.sin, lambda z, a: np.cos(2 * z), check=False)
UPHILL = Loss(
    "squares_uphill",
    lambda y, f: 0.5 * ((f - y) ** 2).sum(axis=-1),
    lambda y, f: y - f,
    check=False,
)


def training_cases() -> Iterator[Case]:
    """Yield them, cause by cause."""
    for cases in (
        _high_rates, _low_rates, _dead, _vanishing, _exploding, _loud, _equal, _saturated,
        _heavy, _early, _large_batches, _small, _slopes,
    ):  # fmt: skip
        yield from cases()


def _high_rates() -> Iterator[Case]:
    name = "learning_rate_too_high"
    yield name, "digits", multi(learning_rate_init=2.0), *digits(), {}
    X, y = wine()
    yield name, "wine", MLPClassifier((40,), "tanh", solver="sgd", learning_rate_init=20.0,
                                      random_state=5), X, y, {}  # fmt: skip
    X, y = breast()
    told = how(SGD(80.0), 50)
    net = fitted(classes(X, y, [24, 12], activation="gelu"), X, y, **told)
    yield name, "breast", net, X, y, told
    X, y = diabetes()
    yield (
        name,
        "diabetes",
        regressor((20,), learning_rate_init=3.0, random_state=5),
        X,
        y,
        {},
    )
    X, y = spirals()
    net = classes(X, y, [32, 32], activation="swish")
    yield name, "spirals", net, X, y, how(optimizers.RMSProp(1.0), 80)
    X, y = physics()
    yield name, "physics", numbered(X, [32], activation="tanh"), X, y, how(SGD(2.5), 60)
    X, y = rings()
    told = how(optimizers.Momentum(5.0), 60, 64)
    yield name, "rings", fitted(classes(X, y, [32]), X, y, **told), X, y, {}
    X, y = friedman(5)
    model = numbers(solver="sgd", learning_rate_init=3.0, momentum=0.5)
    yield name, "friedman", model, X, y, {}


def _low_rates() -> Iterator[Case]:
    name = "learning_rate_too_low"
    yield name, "digits", multi(learning_rate_init=1e-6), *digits(), {}
    X, y = friedman(5)
    yield name, "friedman", regressor((30,), "elu", learning_rate_init=2e-6, max_iter=80,
                                         random_state=5), X, y, {}  # fmt: skip
    X, y = wine()
    told = how(SGD(1e-5), 60)
    net = fitted(classes(X, y, [20], activation="tanh"), X, y, **told)
    yield name, "wine", net, X, y, told
    X, y = spirals()
    net = classes(X, y, [32, 32], activation="swish")
    yield name, "spirals", net, X, y, how(optimizers.AdaGrad(1e-4), 80)
    X, y = rings()
    yield name, "rings", multi((50, 50), solver="sgd", learning_rate_init=1e-5), X, y, {}
    X, y = breast()
    told = how(optimizers.RMSProp(1e-7), 40)
    yield name, "breast", classes(X, y, [16], activation="softplus"), X, y, told


def _dead() -> Iterator[Case]:
    name = "dead_units"
    X, y = wine()
    net = classes(X, y, [32, 16])
    net.biases[0] -= 20.0
    yield name, "wine", net, X, y, how(ADAM(0.005), 60)
    X, y = diabetes()
    net = numbered(X, [40])
    net.biases[0] -= 15.0
    yield name, "diabetes", net, X, y, how(SGD(0.05), 60)
    X, y = digits()
    net = classes(X, y, [32, 32])
    net.biases[1][:28] -= 50.0
    yield name, "digits", net, X, y, how(ADAM(0.001), 30)
    X, y = rings()
    net = classes(X, y, [24], activation="relu6")
    net.biases[0] -= 9.0
    yield name, "rings", fitted(net, X, y, **how(ADAM(0.01), 30)), X, y, how(ADAM(0.01), 30)


def _vanishing() -> Iterator[Case]:
    name = "vanishing_gradients"
    X, y = hastie()
    yield name, "hastie", classes(X, y, [20] * 5, activation="sigmoid"), X, y, how(SGD(0.1), 60)
    X, y = rings()
    model = multi((16,) * 6, activation="logistic", solver="sgd", learning_rate_init=0.02)
    yield name, "rings", model, X, y, {}
    X, y = spirals()
    net = classes(X, y, [24] * 5, activation="tanh", initializer="normal(0.03)")
    yield name, "spirals", net, X, y, how(SGD(0.1), 100)
    X, y = friedman(5)
    net = numbered(X, [16] * 5, activation="hard_sigmoid")
    yield name, "friedman", net, X, y, how(SGD(0.05), 80)
    X, y = wine()
    model = MLPClassifier((12, 12, 12), "sigmoid", solver="momentum", learning_rate_init=0.001,
                          initializer="normal(0.05)", max_iter=80, random_state=5)  # fmt: skip
    yield name, "wine", model, X, y, {}
    X, y = chequers(5)
    net = classes(X, y, [10] * 7, activation="sigmoid")
    told = how(ADAM(0.001), 60)
    yield name, "chequers", fitted(net, X, y, **told), X, y, told


def _exploding() -> Iterator[Case]:
    name = "exploding_gradients"
    X, y = wine()
    net = classes(X, y, [64] * 8, initializer="normal(0.5)")
    yield name, "wine", net, X, y, how(SGD(0.01), 50)
    X, y = friedman(5)
    net = numbered(X, [24] * 7, activation="leaky_relu", initializer="normal(1.0)")
    yield name, "friedman", net, X, y, how(SGD(0.01), 50)
    X, y = rings()
    model = MLPClassifier((50,) * 6, initializer="normal(0.6)", solver="sgd", max_iter=50,
                          learning_rate_init=0.01, random_state=5)  # fmt: skip
    yield name, "rings", model, X, y, {}
    X, y = spirals()
    net = classes(X, y, [20] * 9, activation="elu", initializer="normal(1.2)")
    yield name, "spirals", net, X, y, how(SGD(0.02), 60)


def _loud() -> Iterator[Case]:
    name = "initial_weights_too_large"
    X, y = wine()
    net = classes(X, y, [32, 32], activation="tanh", initializer="normal(3.0)")
    yield name, "wine", net, X, y, how(SGD(0.02), 60)
    X, y = breast()
    net = classes(X, y, [50], activation="sigmoid", initializer="normal(6.0)")
    yield name, "breast", net, X, y, how(ADAM(0.001), 40)
    X, y = friedman(5)
    model = regressor((40, 40), "tanh", initializer="normal(2.0)", max_iter=80,
                         random_state=5)  # fmt: skip
    yield name, "friedman", model, X, y, {}
    X, y = hastie()
    net = classes(X, y, [40], initializer="uniform(8.0)")
    yield name, "hastie", net, X, y, how(ADAM(0.001), 40)
    X, y = digits()
    model = MLPClassifier((60,), "softsign", initializer="normal(4.0)", max_iter=40,
                          random_state=5)  # fmt: skip
    yield name, "digits", model, X, y, {}


def _equal() -> Iterator[Case]:
    name = "symmetric_start"
    X, y = wine()
    yield (
        name,
        "wine",
        MLPClassifier((20,), "tanh", initializer="zeros", random_state=5),
        X,
        y,
        {},
    )
    X, y = spirals()
    net = classes(X, y, [32, 32], activation="swish", initializer="constant(0.3)")
    yield name, "spirals", net, X, y, how(ADAM(0.01), 80)
    X, y = friedman(5)
    net = numbered(X, [24], activation="sigmoid", initializer="zeros")
    told = how(SGD(0.1), 60)
    yield name, "friedman", fitted(net, X, y, **told), X, y, told
    X, y = digits()
    model = MLPClassifier((40, 20), initializer="constant(0.05)", max_iter=40, random_state=5)
    yield name, "digits", model, X, y, {}


def _saturated() -> Iterator[Case]:
    name = "saturated_outputs"
    X, y = breast()
    net = classes(X, y, [16], loss="squared_error", output="sigmoid")
    net.biases[-1] -= 40.0
    yield name, "breast", net, X, y, how(SGD(0.1), 60)
    X, y = hastie()
    net = classes(X, y, [24], activation="tanh", loss="squared_error", output="hard_sigmoid")
    net.biases[-1] += 25.0
    yield name, "hastie", net, X, y, how(ADAM(0.005), 40)
    X, y = chequers(5)
    net = classes(X, y, [16], activation="gelu", loss="squared_error", output="tanh")
    net.biases[-1] += 20.0
    yield name, "chequers", net, X, 2 * y - 1, how(SGD(0.1), 60)
    X, y = spirals()
    net = classes(X, y, [16, 16], loss="absolute_error", output="sigmoid")
    net.biases[-1] += 50.0
    told = how(SGD(0.1), 60)
    yield name, "spirals", fitted(net, X, y, **told), X, y, told


def _heavy() -> Iterator[Case]:
    name = "too_much_regularization"
    X, y = wine()
    yield name, "wine", multi(alpha=2000.0, max_iter=200), X, y, {}
    X, y = digits()
    model = MLPClassifier((64,), dropout=0.96, max_iter=60, random_state=5)
    yield name, "digits", model, X, y, {}
    X, y = friedman(5)
    yield name, "friedman", numbered(X, [32], alpha=500.0), X, y, how(ADAM(0.01), 60)
    X, y = rings()
    told = how(optimizers.AdamW(0.01, weight_decay=20.0), 60)
    yield name, "rings", classes(X, y, [32], activation="tanh"), X, y, told
    X, y = spirals()
    model = fitted(multi((50, 50), alpha=300.0, learning_rate_init=0.01), X, y)
    yield name, "spirals", model, X, y, {}


def _early() -> Iterator[Case]:
    name = "stopped_too_early"
    X, y = digits()
    model = multi(tol=0.5, n_iter_no_change=1, learning_rate_init=5e-4, max_iter=300)
    yield name, "digits", fitted(model, X, y), X, y, {}
    X, y = friedman(5)
    model = regressor((40,), tol=0.1, n_iter_no_change=2, max_iter=300, random_state=5)
    yield name, "friedman", model, X, y, {}
    X, y = spirals()
    told = how(ADAM(0.003), 500)
    net = fitted(classes(X, y, [32, 32]), X, y, early_stopping=EarlyStopping(2, 0.1), **told)
    yield name, "spirals", net, X, y, told
    X, y = rings()
    model = multi((64,), tol=0.03, n_iter_no_change=2, max_iter=400)
    yield name, "rings", model, X, y, {}


def _large_batches() -> Iterator[Case]:
    name = "batch_too_large"
    X, y = hastie(1600)
    told = how(ADAM(0.002), 25, 1600)
    yield name, "hastie", classes(X, y, [48]), X, y, told
    X, y = rings(1200)
    model = multi((40,), batch_size=1200, max_iter=40, learning_rate_init=0.002)
    yield name, "rings", model, X, y, {}
    X, y = friedman(5, 1200)
    net = numbered(X, [32], activation="tanh")
    yield name, "friedman", net, X, y, how(SGD(0.02), 40, None)
    X, y = digits(1000)
    model = MLPClassifier((32,), batch_size=1000, max_iter=15, random_state=5)
    yield name, "digits", fitted(model, X, y), X, y, {}


def _small() -> Iterator[Case]:
    name = "too_small_network"
    X, y = spirals()
    yield name, "spirals", classes(X, y, [3], activation="tanh"), X, y, how(ADAM(0.02), 200)
    X, y = digits()
    yield name, "digits", multi((2,), learning_rate_init=0.01, max_iter=200), X, y, {}
    X, y = rings()
    model = MLPClassifier((2,), "gelu", learning_rate_init=0.01, max_iter=200, random_state=5)
    yield name, "rings", model, X, y, {}
    X, y = friedman(5)
    net = numbered(X, [1], activation="swish")
    yield name, "friedman", net, X, y, how(ADAM(0.01), 150)
    X, y = hastie()
    told = how(ADAM(0.01), 100)
    net = fitted(classes(X, y, [1], activation="elu"), X, y, **told)
    yield name, "hastie", net, X, y, told


def _slopes() -> Iterator[Case]:
    name = "wrong_gradient"
    X, y = wine()
    yield name, "wine", classes(X, y, [20], activation=HALF), X, y, how(ADAM(0.01), 60)
    X, y = friedman(5)
    yield name, "friedman", regressor((20,), LATE, random_state=5, max_iter=60), X, y, {}
    X, y = spirals()
    yield name, "spirals", classes(X, y, [32], activation=SINE), X, y, how(ADAM(0.01), 60)
    X, y = physics()
    yield name, "physics", numbered(X, [20], loss=UPHILL), X, y, how(ADAM(0.01), 40)
    X, y = blobs()
    model = MLPClassifier((20, 20), HALF, random_state=5, max_iter=60)
    yield name, "blobs", model, X, y, {}
    X, y = iris()
    net = classes(X, y, [8, 8], activation=["tanh", SINE])
    yield name, "iris", net, X, y, how(ADAM(0.01), 60)
