"""From a plan, an optimizer and the size of a chunk to a program: a table of instructions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from glassnet import catalog
from glassnet.engines.compiled import (
    batch,
    dropout,
    elementwise,
    gradients,
    layout,
    norms,
    rowwise,
    updates,
)
from glassnet.engines.compiled.builder import Builder, Program, assembled
from glassnet.engines.compiled.linear import fully_connected, gather
from glassnet.engines.compiled.sparse import first_layer
from glassnet.network import Layer, Plan
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM
from glassnet.optimizers import Optimizer

__all__ = ["LAYERS", "activate", "build"]


@lru_cache(maxsize=64)
def build(
    plan: Plan,
    optimizer: Optimizer,
    precision: str,
    chunk: int,
    lanes: int = 1,
    rows: tuple[int, int] | None = None,
    sparse: bool = False,
) -> Program:
    """Return the program that trains `plan` in chunks of up to `chunk` rows.

    With one lane a batch is one chunk; `rows` are those of a batch, and of the last one.
    With `sparse` the first layer reads the data's entries where they are.
    """
    to = Builder(plan, precision, chunk, lanes)
    y, share = to.rows(plan.n_outputs), to.rows(1)
    to.say(layout.BEFORE, batch.weigh, [])
    to.say(layout.GATHER, batch.targets, [plan.n_outputs, y, share])
    if not sparse:
        gather(to)
    for place, layer in enumerate(plan.layers):
        add = first_layer if sparse and place == 0 else LAYERS[layer.kind]
        add(to, layer, place)
    _loss(to, y, share)
    to.phases[layout.CHUNKS] += reversed(to.backward)
    whole = [0, plan.n_parameters, to.gradient]
    if lanes > 1:
        to.over_parameters(layout.AFTER, gradients.add_lanes, whole)
    if plan.alpha > 0:
        for p in plan.penalized:
            at = [p.start, p.stop, to.gradient]
            to.say(layout.AFTER, gradients.l2_penalty, at, plan.alpha)
    to.over_parameters(layout.AFTER, gradients.check, whole)
    slots, lane_size = lanes * to.size, to.size
    _update(to, optimizer, slots)
    size = slots + plan.n_parameters * len(optimizer.slots)
    return assembled(to, lane_size, size, rows or (chunk, chunk))


# --- layers: each adds its kernels and moves `to.a` to its output


def _activation(to: Builder, layer: Layer, place: int) -> None:
    activate(to, catalog.activation(layer.formula), layer.units)


def activate(to: Builder, record: catalog.Activation, units: int) -> None:
    """Add an activation."""
    z, to.a = to.a, to.layer(units)
    parameters = [value for _, value in record.parameters]
    if record.rowwise:
        forward, backward = rowwise.KERNELS[record.name]
        to.forward(forward, [units, z, to.a, to.scratch_row(0), to.scratch_row(1)])
        to.back(backward, [units, z, to.a, to.delta, to.scratch_row(0)])
        return
    forward = elementwise.activation_forward(record.name)
    backward = elementwise.activation_backward(record.name)
    to.forward(forward, [units, z, to.a], *parameters, cut=to.cut(units, 1, 2))
    at = [units, z, to.a, to.delta]
    to.back(backward, at, *parameters, cut=to.cut(units, 1, 2, 3))


def _dropout(to: Builder, layer: Layer, place: int) -> None:
    a, to.a, kept = to.a, to.layer(layer.units), to.rows(layer.units)
    cut = to.cut(layer.units, 1, 2, 3, steps=((5, 1),))
    to.forward(dropout.forward, [layer.units, a, to.a, kept, place, 0], layer.rate, cut=cut)
    cut = to.cut(layer.units, 1, 2)
    to.back(dropout.backward, [layer.units, kept, to.delta], layer.rate, cut=cut)


def _batch_norm(to: Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    mean, variance = (to.buffers + p.start for p in layer.buffers)
    z, to.a, normal = to.a, to.layer(layer.units), to.rows(layer.units)
    units, of_units = layer.units, to.block(3 * layer.units)
    at = [units, gain.start, shift.start, z, to.a, normal, of_units]
    to.forward(norms.batch_forward, at, NORM_EPSILON)
    at = [units, gain.start, to.in_gradient(gain), to.in_gradient(shift)]
    to.back(norms.batch_backward, [*at, normal, of_units, to.delta])
    to.say(
        layout.UPDATE, norms.running_step, [units, mean, variance, of_units], RUNNING_MOMENTUM
    )


def _layer_norm(to: Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    z, to.a, normal = to.a, to.layer(layer.units), to.rows(layer.units)
    units, inverse = layer.units, to.rows(1)
    at = [units, gain.start, shift.start, z, to.a, normal, inverse, to.scratch_row(0)]
    to.forward(norms.layer_forward, at, NORM_EPSILON)
    at = [units, gain.start, to.in_gradient(gain), to.in_gradient(shift)]
    scratch = to.scratch_row(0), to.scratch_row(1)
    to.back(norms.layer_backward, [*at, normal, inverse, to.delta, *scratch])


LAYERS: dict[str, Callable[[Builder, Layer, int], None]] = {
    "dense": fully_connected,
    "activation": _activation,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
}


# --- the loss, and the step


def _loss(to: Builder, y: int, share: int) -> None:
    plan = to.plan
    record, units = catalog.loss(plan.loss), plan.n_outputs
    if not plan.fused:
        activate(to, catalog.activation(plan.output), units)
    parameters = [value for _, value in record.parameters]
    of_rows = record.name == "categorical_cross_entropy"
    kernel = rowwise.categorical_cross_entropy if of_rows else elementwise.loss(record.name)
    to.forward(kernel, [units, y, to.a, share, to.delta, to.scratch_row(0)], *parameters)


def _update(to: Builder, optimizer: Optimizer, slots: int) -> None:
    count = to.plan.n_parameters
    at = [0, count, to.gradient]
    if optimizer.clip_value is not None:
        to.over_parameters(layout.UPDATE, gradients.clip_by_value, at, optimizer.clip_value)
    if optimizer.clip_norm is not None:
        to.say(layout.UPDATE, gradients.clip_by_norm, at, optimizer.clip_norm)
    names = updates.SETTINGS[optimizer.name]
    settings = [float(getattr(optimizer, name)) if name else 0.0 for name in names]
    for begin, stop, rate_factor, decay_factor in to.plan.stretches:
        decay = optimizer.weight_decay * decay_factor
        if decay and not optimizer.decoupled:
            at = [begin, stop, to.gradient]
            to.over_parameters(layout.UPDATE, gradients.weight_decay, at, decay)
        at = [begin, stop, to.gradient, slots, count, int(begin == 0)]
        kernel = updates.KERNELS[optimizer.name]
        whole = optimizer.name == "nadam"  # its first stretch changes what the others read
        given = rate_factor, decay, *settings
        to.over_parameters(layout.UPDATE, kernel, at, *given, whole=whole)
