"""From layer sizes and names to a plan, and from a plan to its first numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.network.plan import Layer, Parameter, Plan
from glassnet.network.state import State, aligned

__all__ = ["Rng", "build_plan", "initial_state"]

Rng = np.random.Generator | np.random.RandomState

_SIGNED = ("identity", "tanh")  # outputs that a hinge loss can stand behind
NORMS = {None: None, "batch": "batch_norm", "layer": "layer_norm"}


def build_plan(
    layer_sizes: Sequence[int],
    activation: object = "relu",
    output: object = None,
    loss: object = "squared_error",
    dropout: float | Sequence[float] = 0.0,
    norm: str | Sequence[str | None] | None = None,
    alpha: float = 0.0,
) -> Plan:
    """Return the plan of a fully connected network.

    Each hidden block is dense, then normalization, activation and dropout where asked
    for; a last dense layer computes the logits.

    Parameters
    ----------
    layer_sizes : sequence of int
        Features, units of each hidden layer, outputs.
    activation : name or record, or one per hidden layer
    output : name or record, optional
        Output activation; the loss's own link if None.
    loss : name or record
    dropout : float in [0, 1), or one per hidden layer
    norm : {None, "batch", "layer"}, or one per hidden layer
    alpha : float, >= 0
        L2 penalty.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If a value is outside its range, or output and loss do not go together.

    Examples
    --------
    >>> plan = build_plan([2, 3, 1], dropout=0.5)
    >>> [layer.output for layer in plan.layers], plan.n_parameters
    (['z0', 'a0', 'drop0', 'z1'], 13)
    """
    sizes = _sizes(layer_sizes)
    hidden = len(sizes) - 2
    activations = _per_layer("activation", activation, hidden)
    rates = [_rate(value) for value in _per_layer("dropout", dropout, hidden)]
    norms = [_norm(value) for value in _per_layer("norm", norm, hidden)]
    if not isinstance(alpha, int | float | np.number) or not (
        np.isfinite(alpha) and alpha >= 0
    ):
        raise ValueError(f"alpha must be a finite number >= 0; got {alpha!r}")

    builder = _Builder()
    for i in range(hidden):
        builder.dense(i, sizes[i], sizes[i + 1])
        builder.norm(i, norms[i], sizes[i + 1])
        builder.activation(i, activations[i], sizes[i + 1])
        builder.dropout(i, rates[i], sizes[i + 1])
    builder.dense(hidden, sizes[-2], sizes[-1])
    out, record = _output_and_loss(output, loss, sizes[-1])
    return Plan(tuple(builder.layers), output=out, loss=record, alpha=float(alpha))


def initial_state(plan: Plan, initializer: object, rng: Rng) -> State:
    """Return the state before training.

    Parameters
    ----------
    plan : Plan
    initializer : name or record, or None
        None takes for each layer the rule that suits the activation behind it (the
        output's own, for the last layer).
    rng : numpy Generator or RandomState
        Drawn from layer by layer, weights before biases.

    Returns
    -------
    State
        In float64, with no slots.

    Raises
    ------
    ValueError, TypeError
        If `initializer` is unknown.

    Examples
    --------
    >>> state = initial_state(build_plan([2, 3, 1]), "zeros", np.random.default_rng(0))
    >>> state.theta.shape, state.theta.any()
    ((13,), np.False_)
    """
    theta = aligned(np.zeros(plan.n_parameters))
    buffers = np.zeros(plan.n_buffers)
    for i, layer in enumerate(plan.layers):
        if layer.kind == "dense":
            rule = catalog.initializer(_suited(plan, i) if initializer is None else initializer)
            W, b = layer.parameters
            sizes = layer.units_in, layer.units
            W.of(theta)[...] = rule.weights(rng, *sizes, **dict(rule.parameters))
            if rule.biases is not None:
                b.of(theta)[...] = rule.biases(rng, *sizes, **dict(rule.parameters))
        elif layer.kind in ("batch_norm", "layer_norm"):
            layer.parameters[0].of(theta)[...] = 1.0  # gain
        if layer.kind == "batch_norm":
            layer.buffers[1].of(buffers)[...] = 1.0  # running variance
    return State(theta, buffers)


def _suited(plan: Plan, dense: int) -> str:
    """Return the initializer for the activation that follows layer number `dense`."""
    following = (la.formula for la in plan.layers[dense:] if la.kind == "activation")
    return catalog.activation(next(following, plan.output)).weights


class _Builder:
    """Collects layers and hands out slices of θ and of the buffers."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.trained = 0
        self.untrained = 0

    def dense(self, i: int, units_in: int, units: int) -> None:
        W = self._trained(f"W{i}", (units_in, units), "weights")
        b = self._trained(f"b{i}", (units,))
        self.layers.append(Layer("dense", f"z{i}", units_in, units, (W, b)))

    def norm(self, i: int, kind: str | None, units: int) -> None:
        if kind is None:
            return
        owned = (self._trained(f"gain{i}", (units,)), self._trained(f"shift{i}", (units,)))
        running: tuple[Parameter, ...] = ()
        if kind == "batch_norm":
            names = (f"running_mean{i}", f"running_variance{i}")
            running = tuple(self._untrained(name, (units,)) for name in names)
        self.layers.append(Layer(kind, f"norm{i}", units, units, owned, running))

    def activation(self, i: int, spec: object, units: int) -> None:
        record = catalog.activation(spec)
        if record.rowwise:
            raise ValueError(
                f"activation {record.name!r} is for outputs; it cannot stand in a hidden layer"
            )
        self.layers.append(Layer("activation", f"a{i}", units, units, formula=str(record)))

    def dropout(self, i: int, rate: float, units: int) -> None:
        if rate > 0:
            self.layers.append(Layer("dropout", f"drop{i}", units, units, rate=rate))

    def _trained(self, name: str, shape: tuple[int, ...], group: str = "other") -> Parameter:
        start, self.trained = self.trained, self.trained + math.prod(shape)
        return Parameter(name, shape, start, self.trained, group)

    def _untrained(self, name: str, shape: tuple[int, ...]) -> Parameter:
        start, self.untrained = self.untrained, self.untrained + math.prod(shape)
        return Parameter(name, shape, start, self.untrained)


def _sizes(layer_sizes: Sequence[int]) -> list[int]:
    if isinstance(layer_sizes, int | np.integer):
        raise ValueError(
            "layer_sizes must be one list of whole numbers, as in MLP([2, 10, 1]); "
            f"got {layer_sizes!r}"
        )
    sizes = list(layer_sizes) if isinstance(layer_sizes, Iterable) else []
    whole = all(isinstance(s, int | np.integer) and not isinstance(s, bool) for s in sizes)
    if len(sizes) < 2 or not whole or min(sizes) < 1:
        raise ValueError(
            "layer_sizes must hold at least two whole numbers >= 1 (features, units of "
            f"each hidden layer, outputs); got {layer_sizes!r}"
        )
    return [int(s) for s in sizes]


def _per_layer(argument: str, value: object, hidden: int) -> list[Any]:
    if not isinstance(value, list | tuple):
        return [value] * hidden
    if len(value) != hidden:
        raise ValueError(
            f"{argument} must be one value, or one for each of the {hidden} hidden layers; "
            f"got {len(value)}: {value!r}"
        )
    return list(value)


def _rate(value: float) -> float:
    real = isinstance(value, int | float | np.integer | np.floating)
    if not (real and not isinstance(value, bool) and 0 <= value < 1):
        raise ValueError(f"dropout must lie in [0, 1); got {value!r}")
    return float(value)


def _norm(value: str | None) -> str | None:
    if not isinstance(value, str | None) or value not in NORMS:
        raise ValueError(f"norm must be None, 'batch' or 'layer'; got {value!r}")
    return NORMS[value]


def _output_and_loss(output: object, loss: object, n_outputs: int) -> tuple[str, str]:
    record = catalog.loss(loss)
    out = catalog.activation(record.link if output is None else output)
    if record.link not in ("identity", str(out)):
        raise ValueError(
            f"loss {record.name!r} is defined at the logits of output {record.link!r}; "
            f"got output {str(out)!r}: leave output=None"
        )
    if record.task == "multiclass" and n_outputs < 2:
        raise ValueError(
            f"loss {record.name!r} needs an output per class, at least 2; layer_sizes ends "
            f"with {n_outputs}. For two classes and one output: 'binary_cross_entropy'"
        )
    if record.task == "binary" and record.link == "identity" and str(out) not in _SIGNED:
        raise ValueError(
            f"loss {record.name!r} asks for outputs on both sides of 0, as of "
            f"{' or '.join(_SIGNED)}; got output {str(out)!r}"
        )
    return str(out), str(record)
