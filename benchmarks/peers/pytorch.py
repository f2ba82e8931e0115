"""PyTorch, eager: `nn.Sequential`, the fused optimizer, batches by index and no loader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.tasks import Numbers, Task

__all__ = ["losses", "network", "predict", "tensors", "train"]

_ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


def network(task: Task) -> nn.Sequential:
    """Return the network with the task's first weights."""
    layers: list[nn.Module] = []
    for W, b in zip(task.weights, task.biases, strict=True):
        linear = nn.Linear(*W.shape, dtype=torch.from_numpy(W).dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W).T)
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, _ACTIVATIONS[task.case.activation]()]
    return nn.Sequential(*layers[:-1])


def losses(outputs: Any, y: Any) -> Any:
    """Return the mean loss: by class numbers, else half the squared error."""
    if y.dtype == torch.int64:
        return nn.functional.cross_entropy(outputs, y)
    return 0.5 * ((outputs - y) ** 2).sum(dim=1).mean()


def tensors(task: Task) -> tuple[Any, Any, list[list[Any]]]:
    """Return X, y and the batches of each epoch; one None stands for all rows."""
    torch.set_num_threads(task.threads)
    X, y = torch.from_numpy(task.X), torch.from_numpy(task.y)
    epochs = range(task.case.epochs)
    if not task.case.batch:
        return X, y, [[None] for _ in epochs]
    return X, y, [[torch.from_numpy(rows) for rows in task.batches(e)] for e in epochs]


def _optimizer(task: Task, net: nn.Module) -> torch.optim.Optimizer:
    rule = torch.optim.Adam if task.case.optimizer == "adam" else torch.optim.SGD
    return rule(net.parameters(), lr=task.case.rate, fused=True)


def train(task: Task) -> Callable[[], Numbers]:
    """Prepare training."""
    X, y, epochs = tensors(task)

    def work() -> Numbers:
        net = network(task)
        optimizer = _optimizer(task, net)
        for batches in epochs:
            for rows in batches:
                inputs, wanted = (X, y) if rows is None else (X[rows], y[rows])
                optimizer.zero_grad()
                losses(net(inputs), wanted).backward()
                optimizer.step()
        return [p.detach().numpy().T for p in net.parameters()]

    return work


def predict(task: Task) -> Callable[[], Any]:
    """Prepare a forward pass, from a NumPy array to a NumPy array."""
    torch.set_num_threads(task.threads)
    return forward(network(task).eval(), task)


def forward(net: Callable[[Any], Any], task: Task) -> Callable[[], Any]:
    """Return the forward pass of a network, compiled or not."""

    def work() -> Any:
        with torch.inference_mode():
            return net(torch.from_numpy(task.X)).numpy()

    return work
