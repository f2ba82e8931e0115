"""The classic notebook's algorithm, written plainly: lists of weights, one loop over layers.

Its gradient is right. So is its Adam, which counts steps and not parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tasks import Numbers, Task

__all__ = ["Net", "perceptron", "train"]

Array = NDArray[Any]


def sigmoid(z: Array) -> Array:
    """Return the logistic function."""
    return 1 / (1 + np.exp(-np.clip(z, -80, 80)))


# value by z, and slope by the value
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0),
}


class Net:
    """The network, with SGD or Adam."""

    def __init__(self, task: Task) -> None:
        self.parameters = task.first
        self.value, self.slope = ACTIVATIONS[task.case.activation]
        self.classes = task.case.loss == "categorical_cross_entropy"
        self.rate, self.adam = task.case.rate, task.case.optimizer == "adam"
        self.m = [np.zeros_like(p) for p in self.parameters]
        self.v = [np.zeros_like(p) for p in self.parameters]
        self.t = 0

    def forward(self, X: Array) -> list[Array]:
        """Return the input of each layer, and the output."""
        activations, last = [X], len(self.parameters) - 2
        for i in range(0, last + 1, 2):
            z = activations[-1] @ self.parameters[i] + self.parameters[i + 1]
            activations.append(z if i == last else self.value(z))
        return activations

    def gradients(self, X: Array, y: Array) -> Numbers:
        """Return the gradient of the mean loss by each parameter."""
        activations = self.forward(X)
        delta = activations.pop()
        if self.classes:
            e = np.exp(delta - delta.max(axis=1, keepdims=True))
            delta = e / e.sum(axis=1, keepdims=True)
        delta = (delta - y) / len(X)
        found: Numbers = []
        for i in range(len(self.parameters) - 2, -1, -2):
            a = activations.pop()
            found = [a.T @ delta, delta.sum(axis=0), *found]
            if i > 0:
                delta = (delta @ self.parameters[i].T) * self.slope(a)
        return found

    def step(self, X: Array, y: Array) -> None:
        """Update all parameters."""
        self.t += 1
        found = self.gradients(X, y)
        for p, g, m, v in zip(self.parameters, found, self.m, self.v, strict=True):
            if not self.adam:
                p -= self.rate * g
                continue
            self.update_moments(g, m, v)
            p -= self.change(m, v)

    def update_moments(self, g: Array, m: Array, v: Array) -> None:
        """Update Adam's two moments, in place."""
        m += 0.1 * (g - m)
        v += 0.001 * (g * g - v)

    def change(self, m: Array, v: Array) -> Array:
        """Return what Adam's moments take off the parameter."""
        m_hat = m / (1 - 0.9**self.t)
        v_hat = v / (1 - 0.999**self.t)
        return self.rate * m_hat / (np.sqrt(v_hat) + 1e-8)


def train(task: Task, kind: type[Net] = Net) -> Callable[[], Numbers]:
    """Prepare training."""
    y = task.y
    if task.case.loss == "categorical_cross_entropy":
        y = np.eye(task.case.sizes[-1], dtype=task.X.dtype)[y]

    def work() -> Numbers:
        net = kind(task)
        for epoch in range(task.case.epochs):
            for rows in task.batches(epoch):
                net.step(task.X[rows], y[rows])
        return net.parameters

    return work


def perceptron(task: Task) -> Callable[[], Numbers]:
    """Prepare Rosenblatt's rule, sample by sample."""
    rate = task.case.rate

    def work() -> Numbers:
        w, b = task.weights[0][:, 0].copy(), 0.0
        for _ in range(task.case.epochs):
            for x, target in zip(task.X, task.y, strict=True):
                update = rate * (target - (1 if np.dot(x, w) + b >= 0 else 0))
                w += update * x
                b += update
        return [w, np.array([b])]

    return work
