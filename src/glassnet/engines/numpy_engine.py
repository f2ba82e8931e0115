"""The reference engine: it runs the formulas themselves, layer by layer.

`forward`, `evaluate`, `loss_and_gradients`, `train` and `refresh_buffers` are the whole
door. They take a `Plan` and a `State`; nothing here knows of estimators, callbacks or
histories.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import catalog
from glassnet.engines.data import Batches, Data
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas import layers as formulas
from glassnet.formulas.random_bits import keep_mask
from glassnet.formulas.types import Array
from glassnet.network import Layer, Plan, State
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM
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

_activation = catalog.activation
_loss = catalog.loss


@dataclass
class _Pass:
    """One forward pass, with what the backward pass will need of it.

    `values[i]` enters layer `i` and `values[i + 1]` leaves it; the last are the logits.
    """

    plan: Plan
    state: State
    training: bool
    key: int | None = None  # of dropout; None: nothing is dropped
    values: list[Array] = field(default_factory=list)
    saved: dict[int, tuple[Any, ...]] = field(default_factory=dict)


# --- forward ---------------------------------------------------------------------------


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
    run = _run(_Pass(plan, state, training=False), X)
    kept = {
        la.output: run.values[i + 1] for i, la in enumerate(plan.layers) if la.output in keep
    }
    return _activation(plan.output)(run.values[-1]), kept


def _run(run: _Pass, X: Array) -> _Pass:
    run.values = [X]
    for i, layer in enumerate(run.plan.layers):
        run.values.append(_FORWARD[layer.kind](run, i, layer, run.values[i]))
    return run


def _dense(run: _Pass, i: int, layer: Layer, a: Array) -> Array:
    W, b = (p.of(run.state.theta) for p in layer.parameters)
    return formulas.dense(a, W, b)


def _activate(run: _Pass, i: int, layer: Layer, z: Array) -> Array:
    return _activation(layer.formula)(z)


def _dropout(run: _Pass, i: int, layer: Layer, a: Array) -> Array:
    if run.key is None:
        return a
    mask = keep_mask(run.key, run.state.step + 1, i, len(a), layer.units, layer.rate)
    run.saved[i] = (mask,)
    return formulas.dropout(a, mask, layer.rate)


def _batch_norm(run: _Pass, i: int, layer: Layer, z: Array) -> Array:
    gain, shift = (p.of(run.state.theta) for p in layer.parameters)
    if run.training:
        run.saved[i] = formulas.normalize(z, NORM_EPSILON, axis=-2)
        return formulas.scale(run.saved[i][0], gain, shift)
    mean, variance = (p.of(run.state.buffers) for p in layer.buffers)
    return formulas.scale((z - mean) / np.sqrt(variance + NORM_EPSILON), gain, shift)


def _layer_norm(run: _Pass, i: int, layer: Layer, z: Array) -> Array:
    gain, shift = (p.of(run.state.theta) for p in layer.parameters)
    run.saved[i] = formulas.normalize(z, NORM_EPSILON, axis=-1)
    return formulas.scale(run.saved[i][0], gain, shift)


@one_blas_thread
def evaluate(plan: Plan, state: State, data: Data) -> tuple[float, Array]:
    """Return the mean loss (without the L2 penalty) and the outputs, as at prediction.

    Parameters
    ----------
    plan, state
        The network.
    data : Data
    """
    with np.errstate(over="ignore", invalid="ignore"):
        z = _run(_Pass(plan, state, training=False), data.X).values[-1]
        outputs = _activation(plan.output)(z)
        loss = _loss(plan.loss).mean(data.y, z if plan.fused else outputs, data.weight)
    return loss, outputs


# --- loss and backward -----------------------------------------------------------------


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
    run = _run(_Pass(plan, state, training=True, key=key), X)
    loss, penalty, gradient, kept = _backward(run, y, weight, keep)
    return loss + penalty, gradient, kept


def _backward(
    run: _Pass, y: Array, weight: Array | None, keep: Collection[str]
) -> tuple[float, float, Array, dict[str, Array]]:
    """Return the batch's loss, the penalty, the gradient of their sum, and what was asked."""
    plan = run.plan
    loss, delta = _loss_and_delta(run, y, weight)
    gradient = np.zeros_like(run.state.theta)
    kept = {"output": _activation(plan.output)(run.values[-1])} if "output" in keep else {}
    for i in reversed(range(len(plan.layers))):
        layer = plan.layers[i]
        if layer.output in keep:
            kept[layer.output] = run.values[i + 1]
        if f"delta_{layer.output}" in keep:
            kept[f"delta_{layer.output}"] = delta
        delta = _BACKWARD[layer.kind](run, i, layer, delta, gradient)
    penalty = _penalty(run, gradient, len(y) if weight is None else float(np.sum(weight)))
    gradient.flags.writeable = False
    return loss, penalty, gradient, kept


def _loss_and_delta(run: _Pass, y: Array, weight: Array | None) -> tuple[float, Array]:
    """Return the loss and its gradient by the logits."""
    loss, z = _loss(run.plan.loss), run.values[-1]
    if run.plan.fused:
        return loss.mean(y, z, weight), loss.mean_gradient(y, z, weight)
    output = _activation(run.plan.output)
    a = output(z)
    return loss.mean(y, a, weight), output.backward(loss.mean_gradient(y, a, weight), z, a)


def _penalty(run: _Pass, gradient: Array, total: float) -> float:
    """Add the L2 penalty's gradient in place and return the penalty."""
    if run.plan.alpha == 0:
        return 0.0
    square = 0.0
    for parameter in run.plan.penalized:
        W = parameter.of(run.state.theta)
        parameter.of(gradient)[...] += run.plan.alpha / total * W
        square += float(np.sum(W * W))
    return run.plan.alpha / (2 * total) * square


def _dense_backward(run: _Pass, i: int, layer: Layer, delta: Array, gradient: Array) -> Array:
    W, b = layer.parameters
    W.of(gradient)[...], b.of(gradient)[...] = formulas.dense_gradients(delta, run.values[i])
    if i == 0:
        return delta  # nobody asks for the gradient by the data
    return formulas.dense_delta(delta, W.of(run.state.theta))


def _activate_backward(
    run: _Pass, i: int, layer: Layer, delta: Array, gradient: Array
) -> Array:
    return _activation(layer.formula).backward(delta, run.values[i], run.values[i + 1])


def _dropout_backward(run: _Pass, i: int, layer: Layer, delta: Array, gradient: Array) -> Array:
    if i not in run.saved:
        return delta
    return formulas.dropout(delta, run.saved[i][0], layer.rate)


def _norm_backward(run: _Pass, i: int, layer: Layer, delta: Array, gradient: Array) -> Array:
    gain, shift = layer.parameters
    normal, inverse = run.saved[i][:2]
    axis = -2 if layer.kind == "batch_norm" else -1
    gain.of(gradient)[...], shift.of(gradient)[...] = formulas.scale_gradients(delta, normal)
    by_normal = delta * gain.of(run.state.theta)
    return formulas.normalize_delta(by_normal, normal, inverse, axis)


_FORWARD: dict[str, Callable[[_Pass, int, Layer, Array], Array]] = {
    "dense": _dense,
    "activation": _activate,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
}
_BACKWARD: dict[str, Callable[[_Pass, int, Layer, Array, Array], Array]] = {
    "dense": _dense_backward,
    "activation": _activate_backward,
    "dropout": _dropout_backward,
    "batch_norm": _norm_backward,
    "layer_norm": _norm_backward,
}


# --- training --------------------------------------------------------------------------


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

    Parameters
    ----------
    plan, state
        The network. ``state.slots`` must come from ``optimizer.start``.
    data : Data
    optimizer : Optimizer
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
        At the first loss or gradient that is not finite training stops, before it is used.
    """
    factors = {name: plan.factors(name) for name in ("rate_factor", "decay_factor")}
    key = state.key if plan.has_dropout else None
    losses = np.zeros((*rates.shape, 2))
    # An overflow is found and reported below, once, not by a warning per operation.
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch, permutation in enumerate(order):
            for i, rows in enumerate(batches.rows(permutation)):
                X, y, weight = data.take(rows)
                if weight is not None and not np.any(weight):
                    continue  # no sample of this batch counts
                run = _run(_Pass(plan, state, training=True, key=key), X)
                loss, penalty, gradient, _ = _backward(run, y, weight, keep=())
                losses[epoch, i] = loss, penalty
                if not (np.isfinite(loss + penalty) and np.all(np.isfinite(gradient))):
                    return losses, DIVERGED
                state.step += 1
                optimizer.step(
                    state.theta,
                    gradient,
                    state.slots,
                    state.step,
                    rate=rates[epoch, i],
                    **factors,
                )
                _update_buffers(run)
    return losses, OK


@one_blas_thread
def refresh_buffers(plan: Plan, state: State, X: Array) -> None:
    """Set the running statistics to those of `X`, in place (after full-batch training)."""
    if plan.buffers:
        _update_buffers(_run(_Pass(plan, state, training=True), X), momentum=1.0)


def _update_buffers(run: _Pass, momentum: float = RUNNING_MOMENTUM) -> None:
    """Move the running statistics towards those of this batch, in place.

    The running variance divides by n - 1, as PyTorch's does; a batch of one row has none.
    """
    for i, layer in enumerate(run.plan.layers):
        n = len(run.values[i + 1])
        if layer.kind != "batch_norm" or n < 2:
            continue
        _, _, mean, variance = run.saved[i]
        for buffer, now in zip(layer.buffers, (mean, variance * n / (n - 1)), strict=True):
            running = buffer.of(run.state.buffers)
            running += momentum * (np.squeeze(now, axis=-2) - running)
