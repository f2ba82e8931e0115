"""PyTorch, compiled: one graph for loss, gradients and update together.

`torch.compile` of the loss alone, with a fused optimizer beside it, is slower: what small
networks wait for is the way from Python into each compiled piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.peers import pytorch
from benchmarks.tasks import Numbers, Task

__all__ = ["predict", "train"]

_ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def train(task: Task) -> Callable[[], Numbers]:
    """Prepare training; the first call compiles."""
    X, y, epochs = pytorch.tensors(task)
    step = torch.compile(_step(task), fullgraph=True, dynamic=False)

    def work() -> Numbers:
        parameters = [torch.from_numpy(array) for array in task.first]
        m, v = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
        t = torch.zeros(1, dtype=X.dtype)  # in float64 the graph would not count up a scalar
        with torch.no_grad():
            for batches in epochs:
                for rows in batches:
                    inputs, wanted = (X, y) if rows is None else (X[rows], y[rows])
                    step(parameters, m, v, t, inputs, wanted)
        return [p.numpy() for p in parameters]

    return work


def _step(task: Task) -> Callable[..., None]:
    """Return one update, in place."""
    rate, activation = task.case.rate, _ACTIVATIONS[task.case.activation]

    def loss(parameters: list[Any], X: Any, y: Any) -> Any:
        a, last = X, len(parameters) - 2
        for i in range(0, last, 2):
            a = activation(torch.addmm(parameters[i + 1], a, parameters[i]))
        return pytorch.losses(torch.addmm(parameters[-1], a, parameters[last]), y)

    def sgd(parameters: list[Any], m: Any, v: Any, t: Any, X: Any, y: Any) -> None:
        found = torch.func.grad(loss)(parameters, X, y)
        for p, g in zip(parameters, found, strict=True):
            p.sub_(g, alpha=rate)

    def adam(parameters: list[Any], m: Any, v: Any, t: Any, X: Any, y: Any) -> None:
        found = torch.func.grad(loss)(parameters, X, y)
        t.add_(1)
        by_m, by_v = 1 - 0.9**t, torch.sqrt(1 - 0.999**t)
        for p, g, mean, square in zip(parameters, found, m, v, strict=True):
            mean.lerp_(g, 0.1)
            square.mul_(0.999).addcmul_(g, g, value=0.001)
            p.sub_(rate / by_m * mean / (square.sqrt() / by_v + 1e-8))

    return adam if task.case.optimizer == "adam" else sgd


def predict(task: Task) -> Callable[[], Any]:
    """Prepare a compiled forward pass."""
    torch.set_num_threads(task.threads)
    net = torch.compile(pytorch.network(task).eval(), fullgraph=True, dynamic=False)
    return pytorch.forward(net, task)
