"""Forward and backward through a network, one small class per kind of layer.

A layer's ``forward(x)`` takes what leaves the layer before it and returns what leaves it.
Its ``backward(delta, x, out)`` gets that input and that output again, with `delta`, the
gradient of the loss by the output; it writes the gradients of the layer's own parameters
and returns the gradient by its input. The mathematics stands in `glassnet.formulas`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glassnet import catalog
from glassnet.formulas import layers as formulas
from glassnet.formulas.penalties import l2_penalty, l2_penalty_gradient
from glassnet.formulas.random_bits import keep_mask
from glassnet.formulas.running_statistics import normalize_with, running_step
from glassnet.formulas.types import Array
from glassnet.network import Layer, Plan, State
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM

__all__ = ["Passes"]


@dataclass(frozen=True)
class _Shared:
    """What all layers of a network look at.

    Attributes
    ----------
    state : State
        The network's numbers.
    gradient : array or None
        Written by the backward pass, laid out like θ; None where there is to be none, as
        at prediction.
    key : int or None
        Of dropout's coin tosses; None: nothing is dropped.
    """

    state: State
    gradient: Array | None
    key: int | None

    @property
    def training(self) -> bool:
        return self.gradient is not None

    def trained(self, layer: Layer) -> list[Array]:
        """Return views of the layer's parameters in θ."""
        return [p.of(self.state.theta) for p in layer.parameters]

    def gradients(self, layer: Layer) -> list[Array]:
        """Return views of the layer's parameters in the gradient."""
        return [] if self.gradient is None else [p.of(self.gradient) for p in layer.parameters]


class _Step(Protocol):
    """A layer, bound to its numbers."""

    def __init__(self, layer: Layer, place: int, shared: _Shared) -> None: ...

    def forward(self, x: Array) -> Array: ...

    def backward(self, delta: Array, x: Array, out: Array) -> Array: ...


class _Dense:
    def __init__(self, layer: Layer, place: int, shared: _Shared) -> None:
        self.W, self.b = shared.trained(layer)
        self.gradients = shared.gradients(layer)
        self.first = place == 0

    def forward(self, x: Array) -> Array:
        return formulas.dense(x, self.W, self.b)

    def backward(self, delta: Array, x: Array, out: Array) -> Array:
        W_gradient, b_gradient = self.gradients
        if isinstance(x, np.ndarray):
            # `dense_gradients`, written where it belongs. A product adds up many rows
            # several times faster than a sum.
            np.matmul(x.mT, delta, out=W_gradient)
            np.matmul(np.ones(delta.shape[-2], delta.dtype), delta, out=b_gradient)
        else:  # a sparse matrix
            W_gradient[...], b_gradient[...] = formulas.dense_gradients(delta, x)
        # Nobody asks for the gradient by the data.
        return delta if self.first else formulas.dense_delta(delta, self.W)


class _Activation:
    def __init__(self, layer: Layer, place: int, shared: _Shared) -> None:
        self.record = catalog.activation(layer.formula)

    def forward(self, x: Array) -> Array:
        return self.record(x)

    def backward(self, delta: Array, x: Array, out: Array) -> Array:
        return self.record.backward(delta, x, out)


class _Dropout:
    def __init__(self, layer: Layer, place: int, shared: _Shared) -> None:
        self.layer, self.place, self.shared = layer, place, shared
        self.kept: NDArray[np.bool_] | None = None

    def forward(self, x: Array) -> Array:
        key, update = self.shared.key, self.shared.state.step + 1
        if key is None:
            return x
        size = len(x), self.layer.units
        self.kept = keep_mask(key, update, self.place, *size, self.layer.rate)
        return formulas.dropout(x, self.kept, self.layer.rate)

    def backward(self, delta: Array, x: Array, out: Array) -> Array:
        return (
            delta if self.kept is None else formulas.dropout(delta, self.kept, self.layer.rate)
        )


class _LayerNorm:
    axis = -1

    def __init__(self, layer: Layer, place: int, shared: _Shared) -> None:
        self.gain, self.shift = shared.trained(layer)
        self.gradients = shared.gradients(layer)

    def forward(self, x: Array) -> Array:
        normal, inverse, mean, variance = formulas.normalize(x, NORM_EPSILON, self.axis)
        if self.gradients:  # else threads may share the layer, and nobody asks for it again
            self.normal, self.inverse = normal, inverse
            self.mean, self.variance = mean, variance
        return formulas.scale(normal, self.gain, self.shift)

    def backward(self, delta: Array, x: Array, out: Array) -> Array:
        gain_gradient, shift_gradient = self.gradients
        gain_gradient[...], shift_gradient[...] = formulas.scale_gradients(delta, self.normal)
        by_normal = formulas.scale_delta(delta, self.gain)
        return formulas.normalize_delta(by_normal, self.normal, self.inverse, self.axis)


class _BatchNorm(_LayerNorm):
    axis = -2

    def __init__(self, layer: Layer, place: int, shared: _Shared) -> None:
        super().__init__(layer, place, shared)
        self.running_mean, self.running_variance = (
            p.of(shared.state.buffers) for p in layer.buffers
        )
        self.training = shared.training

    def forward(self, x: Array) -> Array:
        if self.training:
            return super().forward(x)
        normal = normalize_with(x, self.running_mean, self.running_variance, NORM_EPSILON)
        return formulas.scale(normal, self.gain, self.shift)

    def update_running(self, momentum: float) -> None:
        """Move the running statistics towards those of the batch that went forward last."""
        n = self.normal.shape[-2]
        if n > 1:  # a batch of one row has no variance
            running = self.running_mean, self.running_variance
            running_step(*running, self.mean, self.variance, n, momentum)


_KINDS: dict[str, type[_Step]] = {
    "dense": _Dense,
    "activation": _Activation,
    "dropout": _Dropout,
    "batch_norm": _BatchNorm,
    "layer_norm": _LayerNorm,
}


class Passes:
    """A plan bound to a state: its layers hold views of θ, of the gradient, of the buffers.

    Parameters
    ----------
    plan, state
        The network. What changes in the arrays of `state` is seen at once.
    training : bool
        Whether to compute gradients, and to normalize by a batch's own statistics.
    key : int, optional
        Of dropout's coin tosses; without it nothing is dropped.

    Attributes
    ----------
    gradient : array, shape (n_parameters,), read-only
        Of the last batch; the next one overwrites it. Empty where `training` is false.
    """

    def __init__(
        self, plan: Plan, state: State, training: bool = False, key: int | None = None
    ) -> None:
        gradient = np.empty_like(state.theta) if training else None
        shared = _Shared(state, gradient, key)
        self.plan = plan
        self.steps = [_KINDS[la.kind](la, i, shared) for i, la in enumerate(plan.layers)]
        self.output = catalog.activation(plan.output)
        self.loss = catalog.loss(plan.loss)
        self.penalized: list[tuple[Array, Array]] = []
        if gradient is not None and plan.alpha > 0:
            slices = [slice(p.start, p.stop) for p in plan.penalized]
            self.penalized = [(state.theta[s], gradient[s]) for s in slices]
        self.gradient = state.theta[:0] if gradient is None else gradient[:]
        self.gradient.flags.writeable = False

    def predict(self, X: Array, keep: Collection[str] = ()) -> tuple[Array, dict[str, Array]]:
        """Return the logits, and the outputs of the layers named in `keep`."""
        out, kept = X, {}
        for layer, step in zip(self.plan.layers, self.steps, strict=True):
            out = step.forward(out)
            if layer.output in keep:
                kept[layer.output] = out
        return out, kept

    def learn(
        self, X: Array, y: Array, weight: Array | None, keep: Collection[str] = ()
    ) -> tuple[float, float, dict[str, Array]]:
        """Go forward and backward; return the loss, the penalty and what is in `keep`.

        The gradient of their sum is then in `gradient`.
        """
        values = [X]  # `values[i]` enters layer `i` and `values[i + 1]` leaves it
        for step in self.steps:
            values.append(step.forward(values[-1]))
        loss, delta = self._loss_and_delta(values[-1], y, weight)
        kept = {"output": self.output(values[-1])} if "output" in keep else {}
        for layer, step in zip(reversed(self.plan.layers), reversed(self.steps), strict=True):
            out = values.pop()
            if layer.output in keep:
                kept[layer.output] = out
            if f"delta_{layer.output}" in keep:
                kept[f"delta_{layer.output}"] = delta
            delta = step.backward(delta, values[-1], out)
        strength = self._strength(y, weight)
        for weights, gradient in self.penalized:
            gradient += l2_penalty_gradient(weights, strength)
        return loss, self._penalty(strength), kept

    def value(self, X: Array, y: Array, weight: Array | None) -> float:
        """Return the loss with the penalty, as `learn` has them, without going backward."""
        z, _ = self.predict(X)
        loss = self.loss.mean(y, z if self.plan.fused else self.output(z), weight)
        return loss + self._penalty(self._strength(y, weight))

    def within(self) -> dict[str, Array]:
        """Return what layers made of the last batch of training and kept to themselves.

        Dropout ``keep0``, which units were kept; a normalization ``normal0``, and the
        ``mean0`` and ``variance0`` that made it.
        """
        found: dict[str, Array] = {}
        for layer, step in zip(self.plan.layers, self.steps, strict=True):
            own: dict[str, Any] = {}
            if isinstance(step, _LayerNorm):
                own = {"normal": step.normal, "mean": step.mean, "variance": step.variance}
            elif isinstance(step, _Dropout) and step.kept is not None:
                own = {"keep": step.kept}
            found |= {f"{name}{layer.number}": array for name, array in own.items()}
        return found

    def update_buffers(self, momentum: float = RUNNING_MOMENTUM) -> None:
        """Move the running statistics towards those of the last batch, in place."""
        for step in self.steps:
            if isinstance(step, _BatchNorm):
                step.update_running(momentum)

    def _loss_and_delta(self, z: Array, y: Array, weight: Array | None) -> tuple[float, Array]:
        """Return the loss and its gradient by the logits."""
        if self.plan.fused:
            return self.loss.mean_with_gradient(y, z, weight)
        a = self.output(z)
        loss, gradient = self.loss.mean_with_gradient(y, a, weight)
        return loss, self.output.backward(gradient, z, a)

    def _strength(self, y: Array, weight: Array | None) -> float:
        """Return how strong the L2 penalty is beside the mean loss of these samples."""
        return self.plan.alpha / (len(y) if weight is None else float(np.sum(weight)))

    def _penalty(self, strength: float) -> float:
        penalty = 0.0
        for weights, _ in self.penalized:
            penalty += float(l2_penalty(weights, strength))
        return penalty
