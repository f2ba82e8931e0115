"""Which engine trains an MLP estimator."""

from __future__ import annotations

from typing import Any

from glassnet.engines.choice import Choice, choose
from glassnet.engines.data import Data
from glassnet.optimizers import LBFGS, Optimizer

__all__ = ["batch_size", "trainer"]


def trainer(
    est: Any,
    optimizer: Optimizer | LBFGS,
    data: Data,
    starts: int = 1,
    before: str | None = None,
    epochs: int | None = None,
) -> Choice:
    """Return who trains, and tell `est` its name and why it is that.

    Parameters
    ----------
    est : estimator
        Its network is built.
    optimizer : Optimizer or LBFGS
    data : Data
        What to train on.
    starts : int
        How often it trains from new weights.
    before : str or None
        The engine that trained so far, where this goes on with it.
    epochs : int or None
        As many as are planned; by default `max_iter`.
    """
    n = len(data.y)
    size = n if isinstance(optimizer, LBFGS) else batch_size(est, n)
    planned = starts * (est.max_iter if epochs is None else epochs)
    found = choose(est.engine, est._plan, optimizer, data, planned, size, before)
    est.engine_, _, est.engine_reason_ = found
    return found


def batch_size(est: Any, n: int) -> int:
    """Return how many of `n` samples an update of `est` looks at."""
    return min(200 if est.batch_size == "auto" else int(est.batch_size), n)
