"""The reference engine: it runs the formulas themselves, layer by layer.

`forward`, `evaluate`, `loss_and_gradients`, `train` and `refresh_buffers` are the whole
door. They take a `Plan` and a `State`; nothing here knows of estimators, callbacks or
histories.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.data import Batches, Data
from glassnet.engines.passes import Passes
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.optimizers import Optimizer

__all__ = [
    "DIVERGED",
    "OK",
    "evaluate",
    "forward",
    "loss_and_gradients",
    "refresh_buffers",
    "train",
]

OK = "ok"
DIVERGED = "diverged"


@one_blas_thread
def forward(
    plan: Plan, state: State, X: Array, keep: Collection[str] = ()
) -> tuple[Array, dict[str, Array]]:
    """Return the network's outputs, as at prediction: nothing dropped, running statistics.

    Parameters
    ----------
    plan, state
        The network.
    X : array or sparse matrix, shape (n, n_inputs)
    keep : collection of str
        Names of intermediates to return too, such as ``"z0"`` or ``"a1"``
        (`Layer.output`).

    Returns
    -------
    outputs : array, shape (n, n_outputs)
    kept : dict of arrays
    """
    passes = Passes(plan, state)
    z, kept = passes.predict(X, keep)
    return passes.output(z), kept


@one_blas_thread
def evaluate(plan: Plan, state: State, data: Data) -> tuple[float, Array]:
    """Return the mean loss (without the L2 penalty) and the outputs, as at prediction.

    Parameters
    ----------
    plan, state
        The network.
    data : Data
        Samples, targets and weights.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        passes = Passes(plan, state)
        z, _ = passes.predict(data.X)
        outputs = passes.output(z)
        loss = passes.loss.mean(data.y, z if plan.fused else outputs, data.weight)
    return loss, outputs


@one_blas_thread
def loss_and_gradients(
    plan: Plan,
    state: State,
    X: Array,
    y: Array,
    weight: Array | None = None,
    key: int | None = None,
    keep: Collection[str] = (),
) -> tuple[float, Array, dict[str, Array]]:
    """Return the loss of a batch and its gradient by θ, as in training.

    Parameters
    ----------
    plan, state
        The network; neither is changed.
    X : array or sparse matrix, shape (n, n_inputs)
    y : array, shape (n, n_outputs)
        Encoded targets.
    weight : array, shape (n,), optional
        Sample weights.
    key : int, optional
        Key of dropout's coin tosses; without it nothing is dropped.
    keep : collection of str
        Names of intermediates to return: ``"z0"`` for a layer's output, ``"delta_z0"``
        for the gradient of the loss by it, ``"output"``.

    Returns
    -------
    loss : float
        Mean over samples, with the L2 penalty.
    gradient : array, shape (n_parameters,), read-only
    kept : dict of arrays
    """
    passes = Passes(plan, state, training=True, key=key)
    loss, penalty, kept = passes.learn(X, y, weight, keep)
    return loss + penalty, passes.gradient, kept


@one_blas_thread
def train(
    plan: Plan,
    state: State,
    data: Data,
    optimizer: Optimizer,
    order: Sequence[NDArray[np.integer[Any]] | None],
    rates: Array,
    batches: Batches,
) -> tuple[Array, str]:
    """Train for ``len(order)`` epochs, in place on `state`.

    One call for many epochs gives the same numbers as one call for each.

    Parameters
    ----------
    plan, state
        The network. ``state.slots`` must come from ``optimizer.start``.
    data : Data
        Samples, targets and weights.
    optimizer : Optimizer
        The update rule.
    order : sequence of (permutation or None), one per epoch
        Rows in the order of their use; None keeps the data's own order.
    rates : array, shape (epochs, steps per epoch)
        Learning rate of each update.
    batches : Batches
        How rows are cut into batches.

    Returns
    -------
    losses : array, shape (epochs, steps per epoch, 2)
        Of each batch before the update it led to: the mean over its samples, and the L2
        penalty. Zeros for a batch in which no sample counts, and after a stop.
    status : {"ok", "diverged"}
        Training stops at the first loss or gradient that is not finite, before it is used,
        and at the end of an epoch that leaves θ or the buffers not finite.
    """
    passes = Passes(plan, state, training=True, key=state.key if plan.has_dropout else None)
    factors = {name: plan.factors(name) for name in ("rate_factor", "decay_factor")}
    losses = np.zeros((*rates.shape, 2))
    # An overflow is found and reported below, once, not by a warning per operation.
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch, permutation in enumerate(order):
            for i, rows in enumerate(batches.rows(permutation)):
                X, y, weight = data.take(rows)
                if weight is not None and not np.any(weight):
                    continue  # no sample of this batch counts
                loss, penalty, _ = passes.learn(X, y, weight)
                losses[epoch, i] = loss, penalty
                if not (np.isfinite(loss + penalty) and _finite(passes.gradient)):
                    return losses, DIVERGED
                state.step += 1
                optimizer.step(
                    state.theta,
                    passes.gradient,
                    state.slots,
                    state.step,
                    rate=rates[epoch, i],
                    **factors,
                )
                passes.update_buffers()
            if not (_finite(state.theta) and _finite(state.buffers)):
                return losses, DIVERGED
    return losses, OK


@one_blas_thread
def refresh_buffers(plan: Plan, state: State, X: Array) -> None:
    """Set the running statistics to those of `X`, in place (after full-batch training)."""
    if plan.buffers:
        passes = Passes(plan, state, training=True)
        passes.predict(X)
        passes.update_buffers(momentum=1.0)


def _finite(vector: Array) -> bool:
    """Return whether no element is infinite or NaN."""
    # One quick product tells almost always; of finite numbers it may overflow.
    return bool(np.isfinite(np.dot(vector, vector)) or np.all(np.isfinite(vector)))
