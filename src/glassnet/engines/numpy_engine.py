"""The reference engine: it runs the formulas themselves, layer by layer.

`forward`, `evaluate`, `loss_and_gradients`, `train` and `refresh_buffers` are the whole
door; `mean_loss` is for other engines to share. They take a `Plan` and a `State`; nothing
here knows of estimators, callbacks or histories.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from glassnet import catalog
from glassnet.engines.data import Block, Data, all_finite
from glassnet.engines.kept import Kept
from glassnet.engines.passes import Passes
from glassnet.engines.threads import one_blas_thread
from glassnet.engines.trained import DIVERGED, OK, STOPPED, Trained
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.optimizers import Optimizer

__all__ = [
    "evaluate",
    "forward",
    "loss_and_gradients",
    "mean_loss",
    "refresh_buffers",
    "train",
]


@one_blas_thread
def forward(
    plan: Plan, state: State, X: Array, keep: Collection[str] = (), threads: int = 1
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
    threads : int
        At most so many work on it; this engine uses one. The numbers never depend on it.

    Returns
    -------
    outputs : array, shape (n, n_outputs)
        What overflows shows in the numbers, without a warning.
    kept : dict of arrays
    """
    passes = _passes.of(plan, state)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        z, kept = passes.predict(X, keep)
        return passes.output(z), kept


@one_blas_thread
def evaluate(plan: Plan, state: State, data: Data, threads: int = 1) -> tuple[float, Array]:
    """Return the mean loss (without the L2 penalty) and the outputs, as at prediction.

    Parameters
    ----------
    plan, state
        The network.
    data : Data
        Samples, targets and weights.
    threads : int
        As of `forward`.
    """
    passes = _passes.of(plan, state)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        logits, _ = passes.predict(data.X)
        outputs = passes.output(logits)
    return mean_loss(plan, data, logits, outputs), outputs


def mean_loss(plan: Plan, data: Data, logits: Array, outputs: Array) -> float:
    """Return the mean loss of samples, without the L2 penalty.

    Parameters
    ----------
    plan : Plan
        The network.
    data : Data
        Samples, targets and weights.
    logits, outputs : arrays, shape (n, n_outputs)
        What the last dense layer makes of the samples, and what the network does.
    """
    at = logits if plan.fused else outputs
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return catalog.loss(plan.loss).mean(data.y, at, data.weight)


@one_blas_thread
def loss_and_gradients(
    plan: Plan,
    state: State,
    X: Array,
    y: Array,
    weight: Array | None = None,
    key: int | None = None,
    keep: Collection[str] = (),
    threads: int = 1,
    stop: NDArray[np.int64] | None = None,
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
    threads : int
        At most so many work on it; this engine uses one. The numbers never depend on it.
    stop : int64 array, shape (1,), optional
        Not looked at: this engine goes through a batch in one piece.

    Returns
    -------
    loss : float
        Mean over samples, with the L2 penalty.
    gradient : array, shape (n_parameters,), read-only
    kept : dict of arrays
    """
    passes = Passes(plan, state, training=True, key=key)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        loss, penalty, kept = passes.learn(X, y, weight, keep)
    return loss + penalty, passes.gradient, kept


@one_blas_thread
def train(
    plan: Plan,
    state: State,
    data: Data,
    optimizer: Optimizer,
    block: Block,
    stop: NDArray[np.int64] | None = None,
    threads: int = 1,
) -> Trained:
    """Train for some epochs, in place on `state`.

    One call for many epochs gives the same numbers as one call for each.

    Parameters
    ----------
    plan, state
        The network. ``state.slots`` must come from ``optimizer.start``.
    data : Data
        Samples, targets and weights.
    optimizer : Optimizer
        The update rule.
    block : Block
        What to train, in which order and how fast.
    stop : int64 array, shape (1,), optional
        Looked at before each step: training ends once it is not 0.
    threads : int
        At most so many work on it; this engine uses one. The numbers never depend on it.
    """
    passes = Passes(plan, state, training=True, key=state.key if plan.has_dropout else None)
    factors = {name: plan.factors(name) for name in ("rate_factor", "decay_factor")}
    losses = np.full((*block.rates.shape, 2), np.nan)
    # An overflow is found and reported below, once, not by a warning per operation.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for epoch, permutation in enumerate(block.orders):
            for i, rows in enumerate(block.batches.rows(permutation)):
                if stop is not None and stop[0]:
                    return Trained(losses, STOPPED, epoch)
                X, y, weight = data.take(rows)
                if weight is not None and not np.any(weight):
                    losses[epoch, i] = 0.0  # no sample of this batch counts
                    continue
                loss, penalty, _ = passes.learn(X, y, weight)
                losses[epoch, i] = loss, penalty
                if not (np.isfinite(loss + penalty) and all_finite(passes.gradient)):
                    return Trained(losses, DIVERGED, epoch)
                state.step += 1
                optimizer.step(
                    state.theta,
                    passes.gradient,
                    state.slots,
                    state.step,
                    rate=block.rates[epoch, i],
                    **factors,
                )
                passes.update_buffers()
            if not (all_finite(state.theta) and all_finite(state.buffers)):
                return Trained(losses, DIVERGED, epoch)
    return Trained(losses, OK, len(block))


@one_blas_thread
def refresh_buffers(plan: Plan, state: State, X: Array) -> None:
    """Set the running statistics to those of `X`, in place (after full-batch training)."""
    if plan.buffers:
        passes = Passes(plan, state, training=True)
        passes.predict(X)
        passes.update_buffers(momentum=1.0)


# For predictions. A state of its own: what is kept must not hold the one it is kept for.
_passes = Kept(lambda plan, state: Passes(plan, State(state.theta, state.buffers)))
