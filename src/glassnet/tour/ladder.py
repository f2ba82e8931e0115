"""The ladder from the notebook's settings to settings that learn, one change per rung."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import make_moons

from glassnet import MLP, optimizers
from glassnet.formulas.types import Array

__all__ = [
    "CURES",
    "RATE_ALONE",
    "STEPS",
    "Cure",
    "Rung",
    "accuracy",
    "climb",
    "cured",
    "gradient_lengths",
    "network",
    "notebook_network",
    "relative_losses",
    "train",
    "untrained",
]

STEPS = 1000

ONE_HALF = {"squared_error": 0.5 * 0.5**2, "binary_cross_entropy": float(np.log(2))}
"""Each loss if every answer is one half."""


@dataclass(frozen=True)
class Cure:
    """One rung of the ladder.

    Attributes
    ----------
    change : str
        Against the rung below.
    reason : str
    network : dict
        Arguments of `MLP`.
    learning_rate : float
    """

    change: str
    reason: str
    network: dict[str, Any]
    learning_rate: float


_NOTEBOOK = {"activation": "sigmoid", "initializer": "normal(0.1)", "loss": "squared_error"}
_GLOROT = {**_NOTEBOOK, "initializer": "glorot_uniform"}
_ENTROPY = {**_GLOROT, "loss": "binary_cross_entropy"}
_TANH = {**_ENTROPY, "activation": "tanh"}

CURES = (
    Cure("the notebook's settings", "", _NOTEBOOK, 0.01),
    Cure(
        "+ Glorot initial weights",
        "weights of 0.1·N(0, 1) shrink signal and gradient at every layer; Glorot's rule keeps "
        "their size where the activation has slope 1 (a sigmoid's 1/4 still shrinks them)",
        _GLOROT,
        0.01,
    ),
    Cure(
        "+ cross-entropy behind a sigmoid output",
        "the targets are classes: the output becomes a probability, which an identity output "
        "is not, and the loss asks for it; this steadies the result more than it speeds it up",
        _ENTROPY,
        0.01,
    ),
    Cure(
        "+ tanh for sigmoid",
        "a sigmoid's slope is at most 1/4, and its outputs are never centred on 0; tanh has "
        "slope 1 at 0 and is centred",
        _TANH,
        0.01,
    ),
    Cure(
        "+ learning rate 0.5 for 0.01",
        "with a sound gradient steps can be fifty times as long; long steps alone (last row) "
        "end at a straight line",
        _TANH,
        0.5,
    ),
)

RATE_ALONE = Cure("the learning rate alone: 0.5 for 0.01", "", _NOTEBOOK, 0.5)


@dataclass(frozen=True)
class Rung:
    """What several seeds measured with one set of settings.

    Attributes
    ----------
    cure : Cure
    training, held_out : (seeds,) lists
        Accuracy on the 200 moons, and on 2,000 new ones.
    losses : (seeds, steps) array
        Training loss before each step; 1 is the loss of always answering one half.
    gradients : (seeds, layers) array
        Length of the gradient by each layer's weights before the first step.
    """

    cure: Cure
    training: list[float]
    held_out: list[float]
    losses: Array
    gradients: Array

    @property
    def last_loss(self) -> float:
        """The loss before the last step, mean over seeds."""
        return float(self.losses[:, -1].mean())

    @property
    def first_to_last(self) -> float:
        """The first layer's gradient, as a multiple of the last's, mean over seeds."""
        return float(np.mean(self.gradients[:, 0] / self.gradients[:, -1]))


def climb(seeds: int) -> list[Rung]:
    """Measure each rung, and the learning rate alone, over several seeds."""
    X, y = make_moons(200, noise=0.1, random_state=42)
    X_new, y_new = make_moons(2000, noise=0.1, random_state=7)
    rungs = []
    for cure in (*CURES, RATE_ALONE):
        fresh = [network(cure, seed) for seed in range(seeds)]
        gradients = np.array([gradient_lengths(net, X, y) for net in fresh])
        nets = [train(cure, seed, X, y) for seed in range(seeds)]
        rungs.append(
            Rung(
                cure,
                [accuracy(net, X, y) for net in nets],
                [accuracy(net, X_new, y_new) for net in nets],
                np.array([relative_losses(net) for net in nets]),
                gradients,
            )
        )
    return rungs


def network(cure: Cure, seed: Any) -> MLP:
    """Return an untrained 2-10-5-1 network."""
    return MLP([2, 10, 5, 1], seed=seed, **cure.network)


def train(cure: Cure, seed: Any, X: Any, y: Any) -> MLP:
    """Return a 2-10-5-1 network trained for 1,000 full-batch steps."""
    rule = optimizers.SGD(cure.learning_rate)
    return network(cure, seed).fit(X, y, optimizer=rule, epochs=STEPS)


def untrained() -> MLP:
    """Return the notebook's network with the notebook's own initial weights."""
    return network(CURES[0], np.random.RandomState(42))


def notebook_network(X: Any, y: Any) -> MLP:
    """Return the notebook's network after its 1,000 steps."""
    return train(CURES[0], np.random.RandomState(42), X, y)


def cured(X: Any, y: Any, seed: int = 0) -> MLP:
    """Return the network at the top of the ladder."""
    return train(CURES[-1], seed, X, y)


def accuracy(net: MLP, X: Any, y: Any) -> float:
    """Return the share of points on the right side of one half."""
    return float(np.mean(net.predict(X, threshold=0.5) == y))


def gradient_lengths(net: MLP, X: Any, y: Any) -> list[float]:
    """Return the length of the gradient by each layer's weights, first layer first."""
    by_weights, _ = net.backward(X, y)
    return [float(np.linalg.norm(gradient)) for gradient in by_weights]


def relative_losses(net: MLP) -> Array:
    """Return the loss before each step, as a multiple of that of always answering 1/2."""
    return np.array(net.history.loss) / ONE_HALF[net.plan.loss]
