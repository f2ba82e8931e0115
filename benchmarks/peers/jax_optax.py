"""JAX with Optax: the same jitted scan, with Optax's rule in place of the one by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import optax

from benchmarks.peers.jax_scan import Rule, loss_of, prepare
from benchmarks.tasks import Numbers, Task

__all__ = ["train"]


def _by_optax(task: Task) -> Rule:
    """Return the first state and one update: parameters and Optax's own state."""
    make = {"adam": optax.adam, "sgd": optax.sgd}[task.case.optimizer]
    rule, gradient = make(task.case.rate), jax.grad(loss_of(task))

    def begin(parameters: list[Any]) -> Any:
        return parameters, rule.init(parameters)

    def step(state: Any, X: Any, y: Any) -> Any:
        parameters, kept = state
        updates, kept = rule.update(gradient(parameters, X, y), kept)
        return optax.apply_updates(parameters, updates), kept

    return begin, step


def train(task: Task) -> Callable[[], Numbers]:
    """Prepare training; the first call compiles."""
    return prepare(task, _by_optax(task))
