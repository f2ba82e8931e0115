"""The classic notebook's backward pass, fault and all, out of our own formulas."""

from __future__ import annotations

import numpy as np

from glassnet import MLP
from glassnet.formulas import activations, layers
from glassnet.formulas.optimizers import sgd_step
from glassnet.formulas.types import Array

__all__ = ["classic_error", "classic_step"]


def classic_step(net: MLP, X: Array, y: Array, rate: float) -> None:
    """Take one step as the notebook does, in place on a sigmoid network with squared error.

    It changes the weights of a layer *before* it sends the error back through them, so that
    all layers but the last step along something that is not quite the gradient.
    """
    seen = net.intermediates(X)
    delta: Array = (seen["output"] - y[:, None]) / len(X)
    last = len(net.weights) - 1
    for i in range(last, -1, -1):
        if i < last:
            a = seen[f"a{i}"]
            delta = layers.dense_delta(delta, net.weights[i + 1])  # already updated
            delta = delta * activations.sigmoid_slope(seen[f"z{i}"], a)
        gradients = layers.dense_gradients(delta, X if i == 0 else seen[f"a{i - 1}"])
        for own, gradient in zip((net.weights[i], net.biases[i]), gradients, strict=True):
            sgd_step(own, gradient, rate)


def classic_error(net: MLP, X: Array, y: Array, rate: float) -> float:
    """Return how far the notebook's next step is off in the first layer, relatively.

    `net` takes that step.
    """
    gradient = net.loss_and_gradients(X, y)[1]
    before = net.theta.copy()
    classic_step(net, X, y, rate)
    first = slice(0, net.plan.parameters[0].stop)
    taken = (before - net.theta)[first] / rate
    return float(np.linalg.norm(taken - gradient[first]) / np.linalg.norm(gradient[first]))
