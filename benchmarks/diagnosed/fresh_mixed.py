"""Fresh cases with two failures at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.diagnosed.data import Case, classes, multi, numbered, numbers, regressor
from benchmarks.diagnosed.fresh_data import (
    clouds,
    houses,
    lending,
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
from benchmarks.diagnosed.fresh_tables import SQUARELESS, ordered
from benchmarks.diagnosed.fresh_training import scaled
from benchmarks.diagnosis_cases import how
from glassnet import MLPClassifier, optimizers

__all__ = ["fresh_mixed_cases"]

SGD, ADAM = optimizers.SGD, optimizers.Adam


def fresh_mixed_cases() -> Iterator[Case]:
    """Yield them; the causes are joined by a plus."""
    yield from _on_raw_tables()
    yield from _with_rates()
    yield from _with_columns()
    yield from _with_targets()


def _on_raw_tables() -> Iterator[Case]:
    X, y = houses()
    yield "unscaled_inputs+unscaled_target", "houses", numbers((64,)), X, y, {}
    X, y = tumours()
    model = multi((32,), solver="sgd", learning_rate_init=20.0)
    yield "unscaled_inputs+learning_rate_too_high", "tumours", model, X, y, {}
    X, y = lending()
    net = classes(X, y, [16] * 6, activation="sigmoid")
    yield "unscaled_inputs+vanishing_gradients", "lending", net, X, y, how(SGD(0.05), 60)
    X, y = vintages()
    model = MLPClassifier((32,), alpha=2000.0, learning_rate_init=0.01, random_state=4)
    yield "unscaled_inputs+too_much_regularization", "vintages", model, X, y, {}
    X, y = houses()
    net = numbered(X, [24], activation=SQUARELESS)
    yield "unscaled_inputs+wrong_gradient", "houses", net, X, standard(y), how(ADAM(0.01), 50)
    X, y = lending()
    X = np.column_stack([X, y + 0.02 * np.random.default_rng(23).normal(size=len(y))])
    yield "unscaled_inputs+leakage_suspected", "lending", multi((32,)), X, y, {}


def _with_rates() -> Iterator[Case]:
    X, y = plane()
    model = numbers((40,), learning_rate_init=1e-6)
    yield "unscaled_target+learning_rate_too_low", "plane", model, X, 1000 * y, {}
    X, y = stripes()
    net = classes(X, y, [1], activation="tanh")
    yield "learning_rate_too_low+too_small_network", "stripes", net, X, y, how(ADAM(1e-6), 100)
    X, y = pixels()
    model = MLPClassifier((30,), initializer="zeros", solver="sgd", learning_rate_init=1e-6,
                          max_iter=60)  # fmt: skip
    yield "symmetric_start+learning_rate_too_low", "pixels", model, X, y, {}
    X, y = waveform()
    net = classes(X, y, [32])
    net.biases[0] -= 30.0
    yield "dead_units+learning_rate_too_low", "waveform", net, X, y, how(ADAM(1e-6), 50)
    X, y = clouds()
    net = classes(X, y, [32], alpha=1000.0)
    yield (
        "too_much_regularization+learning_rate_too_low",
        "clouds",
        net,
        X,
        y,
        how(SGD(1e-6), 60),
    )
    X, y = ordered(stripes())
    told = how(ADAM(2.0), 60, shuffle=False)
    yield (
        "unshuffled_batches+learning_rate_too_high",
        "stripes",
        classes(X, y, [32]),
        X,
        y,
        told,
    )
    X, y = ordered(scaled(houses(), target=True))
    model = regressor((32,), alpha=1000.0, shuffle=False, batch_size=20, max_iter=60)
    yield "unshuffled_batches+too_much_regularization", "houses", model, X, y, {}


def _with_columns() -> Iterator[Case]:
    X, y = vintages()
    X = np.column_stack([X, X[:, 12], np.ones(len(X))])
    yield "unscaled_inputs+constant_or_duplicate_features", "vintages", multi((40,)), X, y, {}
    X, y = rare(waveform(2400), 0, 40)
    X = np.column_stack([X, X[:, 9]])
    net = classes(X, y, [16], activation="tanh")
    yield (
        "majority_collapse+constant_or_duplicate_features",
        "waveform",
        net,
        X,
        y,
        how(SGD(0.01), 20),
    )
    X, y = parity()
    X = np.column_stack([X, X[:, 0]])
    net = classes(X, y, [64], activation="tanh", initializer="normal(40)")
    yield (
        "initial_weights_too_large+constant_or_duplicate_features",
        "parity",
        net,
        X,
        y,
        how(SGD(0.1), 60),
    )
    X, y = roll()
    X = np.column_stack([X, np.zeros(len(X))])
    net = numbered(X, [12] * 6, activation="sigmoid")
    yield (
        "vanishing_gradients+constant_or_duplicate_features",
        "roll",
        net,
        X,
        y,
        how(SGD(0.05), 60),
    )


def _with_targets() -> Iterator[Case]:
    X, y = progress()
    model = regressor((2,), "tanh", initializer="zeros", learning_rate_init=0.01)
    yield "unscaled_target+symmetric_start", "progress", model, X, y, {}
    X, y = waves()
    net = numbered(X, [1], activation="tanh")
    yield (
        "unscaled_target+too_small_network",
        "waves",
        net,
        X,
        500 * y + 2000,
        how(ADAM(0.01), 100),
    )
