"""scikit-learn's own classes, unchanged, from the given weights and in the given order.

They draw both from a `RandomState`. `_Given` is one that answers with the task's numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.linear_model import Perceptron
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.tasks import Numbers, Task

__all__ = ["many", "perceptron", "predict", "train"]

_ACTIVATIONS = {"sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


class _Given(np.random.RandomState):
    """Hands out a task's first weights and orders where others are drawn."""

    def __init__(self, task: Task) -> None:
        super().__init__(0)
        self.arrays = iter(task.first)
        self.orders = iter(task.order)
        self.now = np.arange(task.case.rows)

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Any = None) -> Any:
        """Return the next weights or biases."""
        array = next(self.arrays)
        assert array.shape == (size if isinstance(size, tuple) else (size,))
        return array

    def shuffle(self, x: Any) -> None:
        """Fill `x` with what turns the present order into the next one."""
        place = np.empty_like(self.now)
        place[self.now] = np.arange(len(place))
        self.now = next(self.orders)
        x[...] = place[self.now]


def _model(task: Task) -> Any:
    """Return the estimator, told to take every step and to add no penalty."""
    case = task.case
    kind = MLPRegressor if case.loss == "squared_error" else MLPClassifier
    return kind(
        hidden_layer_sizes=case.sizes[1:-1],
        activation=_ACTIVATIONS[case.activation],
        solver=case.optimizer,
        alpha=0.0,
        batch_size=case.size,
        learning_rate_init=case.rate,
        momentum=0.0,
        max_iter=case.epochs,
        shuffle=bool(case.batch),
        tol=0.0,
        n_iter_no_change=case.epochs + 1,
        random_state=_Given(task),
    )


def _fitted(task: Task) -> Any:
    y = task.y
    if task.case.loss == "squared_error" and y.shape[1] == 1:
        y = y[:, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it "has not converged" is intended
        return _model(task).fit(task.X, y)


def _numbers(model: Any) -> Numbers:
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return [array for pair in pairs for array in pair]


def _alone(task: Task) -> Numbers:
    return _numbers(_fitted(task))


def _each(tasks: list[Task]) -> list[Numbers]:
    return [_alone(task) for task in tasks]


def train(task: Task) -> Callable[[], Numbers]:
    """Prepare `fit`."""
    return lambda: _alone(task)


def many(task: Task) -> Callable[[], Numbers]:
    """Prepare one `fit` per network, shared among processes by joblib."""
    from joblib import Parallel, delayed, parallel_config

    tasks = [task.net(k) for k in range(task.case.nets)]
    shares = [tasks[i :: task.threads] for i in range(task.threads)]
    # Else each process would take as many threads as this one was told to take.
    with parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = Parallel(n_jobs=task.threads)

    def work() -> Numbers:
        fitted = parallel(delayed(_each)(share) for share in shares)
        each = [fitted[k % task.threads][k // task.threads] for k in range(len(tasks))]
        return [np.array(arrays) for arrays in zip(*each, strict=True)]

    return work


def predict(task: Task) -> Callable[[], Any]:
    """Prepare `predict` of an estimator with the task's weights."""
    import dataclasses

    case = dataclasses.replace(task.case, kind="train", epochs=1, batch=0, rows=20)
    outputs = case.sizes[-1]
    labels = np.arange(20) % outputs
    y = np.zeros((20, outputs), case.dtype) if case.loss == "squared_error" else labels
    X = np.zeros((20, case.sizes[0]), case.dtype)
    model = _fitted(dataclasses.replace(task, case=case, X=X, y=y))
    model.coefs_, model.intercepts_ = task.weights, task.biases
    return lambda: model.predict(task.X)


def perceptron(task: Task) -> Callable[[], Numbers]:
    """Prepare `Perceptron.fit` in the samples' own order."""

    def work() -> Numbers:
        model = Perceptron(
            eta0=task.case.rate, max_iter=task.case.epochs, tol=None, shuffle=False
        )
        model.fit(task.X, task.y)
        return [model.coef_.T, model.intercept_]

    return work
