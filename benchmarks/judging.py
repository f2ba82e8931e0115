"""What came out, by one plain formula for everyone: the proof that it was the same work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.tasks import Numbers, Task

__all__ = ["result"]


def result(task: Task, answer: Any) -> float:
    """Return the loss that a peer's work led to, computed here in float64.

    Parameters
    ----------
    task : Task
        What was to be done.
    answer : list of arrays, or array
        Weights and biases in turn after the last step; for predictions, the outputs or
        the labels. The result of these is their mean squared or 0-1 error.
    """
    if task.case.kind == "predict":
        return _error(task, np.asarray(answer))
    if task.case.kind == "many":
        each = [[array[k] for array in answer] for k in range(task.case.nets)]
        return float(np.mean([_loss(task, one) for one in each]))
    return _loss(task, answer)


def _loss(task: Task, parameters: Numbers) -> float:
    """Return the training loss over all samples."""
    found = [np.asarray(array, np.float64) for array in parameters]
    a = task.X.astype(np.float64)
    for i in range(0, len(found), 2):
        z = a @ found[i].reshape(a.shape[1], -1) + found[i + 1]
        a = _ACTIVATIONS[task.case.activation](z)
    return float(np.mean(_LOSSES[task.case.loss](z, task.y)))


def _error(task: Task, outputs: NDArray[Any]) -> float:
    if task.case.loss == "squared_error":
        return float(np.mean((outputs.reshape(task.y.shape) - task.y) ** 2))
    labels = outputs if outputs.ndim == 1 else outputs.argmax(axis=1)
    return float(np.mean(labels != task.y))


def _squared_error(z: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    return 0.5 * np.sum((z - y) ** 2, axis=1)


def _cross_entropy(z: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    top = z.max(axis=1, keepdims=True)
    scale = top[:, 0] + np.log(np.exp(z - top).sum(axis=1))
    return scale - np.take_along_axis(z, y[:, None], axis=1)[:, 0]


def _perceptron(z: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    return np.maximum(0, -z[:, 0] * (2 * y - 1))


_ACTIVATIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "step": lambda z: z,
}
_LOSSES = {
    "squared_error": _squared_error,
    "categorical_cross_entropy": _cross_entropy,
    "perceptron": _perceptron,
}
