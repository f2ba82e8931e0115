"""glassnet, through its public names."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import glassnet
from benchmarks.cases import Case
from benchmarks.peers import NotThere
from benchmarks.tasks import Numbers, Task
from glassnet import MLP, optimizers

__all__ = ["given", "many", "network", "perceptron", "predict", "train"]

ENGINE = "auto"
HAS_ENGINES = {"engine", "n_threads"} <= set(inspect.signature(MLP).parameters)


def network(task: Task, seed: int = 0, engine: str = ENGINE) -> MLP:
    """Return the untrained network of a case."""
    case = task.case
    chosen = {"engine": engine, "n_threads": task.threads} if HAS_ENGINES else {}
    return MLP(case.sizes, activation=case.activation, loss=case.loss, seed=seed, **chosen)


def settings(case: Case) -> dict[str, Any]:
    """Return what `fit` is told."""
    rules = {"sgd": optimizers.SGD, "adam": optimizers.Adam}
    optimizer = rules[case.optimizer](case.rate)
    return {"optimizer": optimizer, "epochs": case.epochs, "batch_size": case.batch or None}


def train(task: Task, engine: str = ENGINE) -> Callable[[], Numbers]:
    """Prepare `MLP.fit`; its generator draws the orders that the others are given."""
    if not HAS_ENGINES and engine == ENGINE:
        return _through_the_door(task)
    told = settings(task.case)

    def work() -> Numbers:
        return _numbers(network(task, engine=engine).fit(task.X, task.y, **told))

    return work


def many(task: Task) -> Callable[[], Numbers]:
    """Prepare `fit_many`."""
    fit_many = getattr(glassnet, "fit_many", None)
    if fit_many is None:
        raise NotThere("missing: this glassnet has no fit_many")
    told = {"n_threads": task.threads, **settings(task.case)}
    try:
        inspect.signature(fit_many).bind([], task.X, task.y, **told)
    except TypeError as error:
        raise NotThere(f"missing: fit_many takes other arguments ({error})") from error

    def work() -> Numbers:
        nets = [network(task, seed) for seed in range(task.case.nets)]
        fitted = fit_many(nets, task.X, task.y, **told)
        return [list(each) for each in zip(*map(_numbers, fitted), strict=True)]

    return work


def predict(task: Task) -> Callable[[], Any]:
    """Prepare `MLP.forward`."""
    net, X = given(task), task.X
    return lambda: net.forward(X)


def perceptron(task: Task) -> Callable[[], Numbers]:
    """Prepare `Perceptron.fit`."""
    from glassnet import Perceptron

    def work() -> Numbers:
        model = Perceptron(learning_rate=task.case.rate, n_iterations=task.case.epochs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a last pass made mistakes is intended
            model.fit(task.X, task.y)
        return [model.coef_.T, model.intercept_]

    return work


def given(task: Task) -> MLP:
    """Return a network with the task's weights, in its precision.

    It is told to compute by machine code, as one that was trained by it does anyway.
    """
    net = network(task, engine="numba")
    net.state.astype(task.X.dtype)
    net.weights, net.biases = task.weights, task.biases
    return net


def _numbers(net: MLP) -> Numbers:
    pairs = zip(net.weights, net.biases, strict=True)
    return [array for pair in pairs for array in pair]


def _through_the_door(task: Task) -> Callable[[], Numbers]:
    """Prepare the compiled engine's `train` itself, for an `MLP` that cannot choose it."""
    import numpy as np

    from glassnet.engines import numba_engine
    from glassnet.engines.data import Batches, Block, Data

    case, y = task.case, task.y
    if y.ndim == 1:
        y = np.eye(case.sizes[-1], dtype=task.X.dtype)[y]
    optimizer, batches = settings(case)["optimizer"], Batches(case.rows, case.size)
    rates = np.full((case.epochs, batches.per_epoch), case.rate)

    def work() -> Numbers:
        net = network(task)
        net.state.astype(task.X.dtype)
        net.state.slots, net.state.step = optimizer.start(net.theta), 0
        epochs = range(case.epochs)
        order = [net.rng.permutation(case.rows) if case.batch else None for _ in epochs]
        data = Data(task.X, y)
        numba_engine.train(net.plan, net.state, data, optimizer, Block(order, rates, batches))
        return _numbers(net)

    return work
