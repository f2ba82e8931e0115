"""JAX: the whole training in one jitted function, a scan over epochs and batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.tasks import Numbers, Task

__all__ = ["loss_of", "many", "prepare", "train"]

_ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}
Rule = tuple[Callable[[list[Any]], Any], Callable[..., Any]]


def loss_of(task: Task) -> Callable[..., Any]:
    """Return a function from parameters, samples and targets to the mean loss."""
    activation = _ACTIVATIONS[task.case.activation]

    def loss(parameters: list[Any], X: Any, y: Any) -> Any:
        a = X
        for i in range(0, len(parameters) - 2, 2):
            a = activation(a @ parameters[i] + parameters[i + 1])
        f = a @ parameters[-2] + parameters[-1]
        if task.case.loss == "squared_error":
            return 0.5 * jnp.mean(jnp.sum((f - y) ** 2, axis=1))
        right = jnp.take_along_axis(jax.nn.log_softmax(f), y[:, None], axis=1)
        return -jnp.mean(right)

    return loss


def _by_hand(task: Task) -> Rule:
    """Return the first state and one update: parameters, two moments, the count of steps."""
    rate, gradient = task.case.rate, jax.grad(loss_of(task))

    def begin(parameters: list[Any]) -> Any:
        zeros = [jnp.zeros_like(p) for p in parameters]
        return parameters, zeros, zeros, jnp.zeros((), parameters[0].dtype)

    def sgd(state: Any, X: Any, y: Any) -> Any:
        parameters, m, v, t = state
        found = gradient(parameters, X, y)
        moved = [p - rate * g for p, g in zip(parameters, found, strict=True)]
        return moved, m, v, t

    def adam(state: Any, X: Any, y: Any) -> Any:
        parameters, m, v, t = state
        t = t + 1
        found = gradient(parameters, X, y)
        m = [0.9 * mean + 0.1 * g for mean, g in zip(m, found, strict=True)]
        v = [0.999 * square + 0.001 * g * g for square, g in zip(v, found, strict=True)]
        by_m, by_v = 1 - 0.9**t, 1 - 0.999**t
        moved = [
            p - rate * (mean / by_m) / (jnp.sqrt(square / by_v) + 1e-8)
            for p, mean, square in zip(parameters, m, v, strict=True)
        ]
        return moved, m, v, t

    return begin, adam if task.case.optimizer == "adam" else sgd


def _training(task: Task, rule: Rule) -> Callable[[Any, Any, list[Any], Any], list[Any]]:
    """Return a function from samples, first weights and orders to last weights."""
    (begin, step), size = rule, task.case.size
    whole = task.case.rows // size * size

    def training(X: Any, y: Any, parameters: list[Any], order: Any) -> list[Any]:
        def on_rows(state: Any, rows: Any) -> Any:
            return step(state, X[rows], y[rows]), None

        def epoch(state: Any, order: Any) -> Any:
            state, _ = lax.scan(on_rows, state, order[:whole].reshape(-1, size))
            if whole < task.case.rows:  # a last, smaller batch
                state, _ = on_rows(state, order[whole:])
            return state, None

        state = begin(parameters)
        if task.case.batch:
            return lax.scan(epoch, state, order)[0][0]
        return lax.fori_loop(0, task.case.epochs, lambda _, s: step(s, X, y), state)[0]

    return training


def prepare(task: Task, rule: Rule, *, side_by_side: bool = False) -> Callable[[], Numbers]:
    """Prepare training by a rule: its first state by the parameters, and its update.

    A state is a tuple that begins with the parameters.
    """
    precise = task.case.dtype == "float64"
    with jax.enable_x64(precise):
        X, y, order = (jnp.asarray(array) for array in (task.X, task.y, task.order))
        first = [jnp.asarray(array) for array in task.first]
        training = _training(task, rule)
        if side_by_side:
            training = jax.vmap(training, in_axes=(None, None, 0, 0))
        jitted = jax.jit(training)

    def work() -> Numbers:
        with jax.enable_x64(precise):
            return [np.asarray(p) for p in jitted(X, y, first, order)]

    return work


def train(task: Task) -> Callable[[], Numbers]:
    """Prepare training; the first call compiles."""
    return prepare(task, _by_hand(task))


def many(task: Task) -> Callable[[], Numbers]:
    """Prepare the training of all networks side by side."""
    return prepare(task, _by_hand(task), side_by_side=True)
