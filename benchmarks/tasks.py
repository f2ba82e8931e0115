"""A case with its numbers: samples, first weights, the order of samples of every epoch.

They are made once, by glassnet's own draws, and written to a file that every peer reads.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.cases import Case
from benchmarks.data import make

__all__ = ["Task", "build", "load", "save"]

Numbers = list[NDArray[Any]]


@dataclass(frozen=True)
class Task:
    """What every peer is given.

    Attributes
    ----------
    case : Case
    X : array, shape (rows, features)
    y : array, shape (rows, outputs) of numbers or (rows,) of class numbers
    weights, biases : list of arrays, (units_in, units_out) and (units_out,)
        Before the first step; with several networks, one more axis in front.
    order : int64 array, shape (epochs, rows)
        The samples of each epoch; no epochs for full batches. With several networks, one
        more axis in front.
    threads : int
    """

    case: Case
    X: NDArray[Any]
    y: NDArray[Any]
    weights: Numbers
    biases: Numbers
    order: NDArray[np.int64]
    threads: int = 1

    @property
    def first(self) -> Numbers:
        """Weights and biases in turn, copied."""
        pairs = zip(self.weights, self.biases, strict=True)
        return [array.copy() for pair in pairs for array in pair]

    def net(self, k: int) -> Task:
        """Return the task of network `k` alone."""
        weights, biases = [W[k] for W in self.weights], [b[k] for b in self.biases]
        case = dataclasses.replace(self.case, nets=1, kind="train")
        return dataclasses.replace(
            self, case=case, weights=weights, biases=biases, order=self.order[k]
        )

    def batches(self, epoch: int) -> list[Any]:
        """Return the rows of each batch of an epoch."""
        size, rows = self.case.size, self.case.rows
        if not self.case.batch:
            return [slice(None)]
        return [self.order[epoch][i : i + size] for i in range(0, rows, size)]


def build(case: Case) -> Task:
    """Make the numbers of a case."""
    from glassnet import MLP

    X, y = make(case)
    if case.kind == "perceptron":
        zeros = [np.zeros(case.sizes, case.dtype)], [np.zeros(1, case.dtype)]
        return Task(case, X, y, *zeros, np.zeros((0, case.rows), np.int64))
    nets = [
        MLP(case.sizes, activation=case.activation, loss=case.loss, seed=seed)
        for seed in range(case.nets)
    ]
    epochs = case.epochs if case.batch and case.kind != "predict" else 0
    shape = len(nets), epochs, case.rows
    order = [net.rng.permutation(case.rows) for net in nets for _ in range(epochs)]
    arrays = (
        [np.array(one, case.dtype) for one in zip(*(net.weights for net in nets), strict=True)],
        [np.array(one, case.dtype) for one in zip(*(net.biases for net in nets), strict=True)],
        np.array(order, np.int64).reshape(shape),
    )
    if case.kind == "many":
        return Task(case, X, y, *arrays)
    weights, biases, orders = arrays
    return Task(case, X, y, [W[0] for W in weights], [b[0] for b in biases], orders[0])


def save(task: Task, path: Path) -> None:
    """Write a task to a file."""
    layers = {f"W{i}": W for i, W in enumerate(task.weights)}
    layers |= {f"b{i}": b for i, b in enumerate(task.biases)}
    case = json.dumps(dataclasses.asdict(dataclasses.replace(task.case, bars=())))
    np.savez(path, X=task.X, y=task.y, order=task.order, case=np.array(case), **layers)


def load(path: Path, threads: int) -> Task:
    """Read a task from a file."""
    with np.load(path) as file:
        told = json.loads(str(file["case"]))
        case = Case(**{k: tuple(v) if isinstance(v, list) else v for k, v in told.items()})
        layers = range(len(case.sizes) - 1)
        weights, biases = [file[f"W{i}"] for i in layers], [file[f"b{i}"] for i in layers]
        return Task(case, file["X"], file["y"], weights, biases, file["order"], threads)
