"""From a plan, an optimizer and the size of a chunk to a program: a table of instructions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

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
from glassnet.engines.compiled.stages import Cut
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
    to.say(layout.BEFORE, batch.weigh)
    to.say(layout.GATHER, batch.targets, outputs=plan.n_outputs, y=y, share=share)
    if not sparse:
        gather(to)
    for place, layer in enumerate(plan.layers):
        add = first_layer if sparse and place == 0 else LAYERS[layer.kind]
        add(to, layer, place)
    _loss(to, y, share)
    to.phases[layout.CHUNKS] += reversed(to.backward)
    count = plan.n_parameters
    if lanes > 1:
        to.over_parameters(layout.AFTER, gradients.add_lanes, begin=0, count=count)
    if plan.alpha > 0:
        for p in plan.penalized:  # in one part, for it adds to one number
            to.over_parameters(
                layout.AFTER,
                gradients.l2_penalty,
                plan.alpha,
                begin=p.start,
                count=p.stop - p.start,
                whole=True,
            )
    to.over_parameters(layout.AFTER, gradients.check, begin=0, count=count)
    _update(to, optimizer)
    return assembled(to, rows or (chunk, chunk), slots=count * len(optimizer.slots))


# --- layers: each adds its kernels and moves `to.a` to its output


def _activation(to: Builder, layer: Layer, place: int) -> None:
    activate(to, catalog.activation(layer.formula), layer.units)


def activate(to: Builder, record: catalog.Activation, units: int) -> None:
    """Add an activation."""
    z, to.a = to.a, to.layer(units)
    parameters = [value for _, value in record.parameters]
    if record.rowwise:
        forward, backward = rowwise.KERNELS[record.name]
        scratch, second = to.scratch_row(0), to.scratch_row(1)
        to.forward(forward, units=units, z=z, a=to.a, scratch=scratch, second=second)
        to.back(backward, units=units, z=z, a=to.a, delta=to.delta, scratch=scratch)
        return
    forward = elementwise.activation_forward(record.name)
    backward = elementwise.activation_backward(record.name)
    cut = Cut(units, rows=("z", "a"))
    to.forward(forward, *parameters, cut=cut, units=units, z=z, a=to.a)
    cut = Cut(units, rows=("z", "a", "delta"))
    to.back(backward, *parameters, cut=cut, units=units, z=z, a=to.a, delta=to.delta)


def _dropout(to: Builder, layer: Layer, place: int) -> None:
    units, rate = layer.units, layer.rate
    a, to.a, kept = to.a, to.layer(units), to.rows(units)
    cut = Cut(units, rows=("a", "out", "kept"), steps={"first": 1})
    given = {"units": units, "a": a, "out": to.a, "kept": kept, "place": place, "first": 0}
    to.forward(dropout.forward, rate, cut=cut, **given)
    cut = Cut(units, rows=("kept", "delta"))
    to.back(dropout.backward, rate, cut=cut, units=units, kept=kept, delta=to.delta)


def _batch_norm(to: Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    mean, variance = (to.buffers + p.start for p in layer.buffers)
    z, to.a, normal = to.a, to.layer(layer.units), to.rows(layer.units)
    statistics = to.block(3 * layer.units)
    to.forward(
        norms.batch_forward,
        NORM_EPSILON,
        units=layer.units,
        gain=gain.start,
        shift=shift.start,
        z=z,
        out=to.a,
        normal=normal,
        statistics=statistics,
    )
    to.back(
        norms.batch_backward,
        units=layer.units,
        gain=gain.start,
        gain_gradient=to.in_gradient(gain),
        shift_gradient=to.in_gradient(shift),
        normal=normal,
        statistics=statistics,
        delta=to.delta,
    )
    to.say(
        layout.UPDATE,
        norms.running_step,
        RUNNING_MOMENTUM,
        units=layer.units,
        mean=mean,
        variance=variance,
        statistics=statistics,
    )


def _layer_norm(to: Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    z, to.a, normal = to.a, to.layer(layer.units), to.rows(layer.units)
    inverse = to.rows(1)
    to.forward(
        norms.layer_forward,
        NORM_EPSILON,
        units=layer.units,
        gain=gain.start,
        shift=shift.start,
        z=z,
        out=to.a,
        normal=normal,
        inverse=inverse,
        scratch=to.scratch_row(0),
    )
    to.back(
        norms.layer_backward,
        units=layer.units,
        gain=gain.start,
        gain_gradient=to.in_gradient(gain),
        shift_gradient=to.in_gradient(shift),
        normal=normal,
        inverse=inverse,
        delta=to.delta,
        scratch=to.scratch_row(0),
        second=to.scratch_row(1),
    )


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
    to.forward(
        kernel,
        *parameters,
        units=units,
        y=y,
        f=to.a,
        share=share,
        delta=to.delta,
        scratch=to.scratch_row(0),
    )


def _update(to: Builder, optimizer: Optimizer) -> None:
    count, slots = to.plan.n_parameters, to.lanes * to.size  # behind the memory of all lanes
    if optimizer.clip_value is not None:
        by = optimizer.clip_value
        to.over_parameters(layout.UPDATE, gradients.clip_by_value, by, begin=0, count=count)
    if optimizer.clip_norm is not None:
        by, kernel = optimizer.clip_norm, gradients.clip_by_norm
        to.over_parameters(layout.UPDATE, kernel, by, begin=0, count=count, whole=True)
    names = updates.SETTINGS[optimizer.name]
    settings = [_setting(optimizer, name, to.precision) for name in names]
    for begin, stop, rate_factor, decay_factor in to.plan.stretches:
        decay, some = optimizer.weight_decay * decay_factor, stop - begin
        if decay and not optimizer.decoupled:
            kernel = gradients.weight_decay
            to.over_parameters(layout.UPDATE, kernel, decay, begin=begin, count=some)
            decay = 0.0  # what is added to the gradient is no business of the step
        to.over_parameters(
            layout.UPDATE,
            updates.KERNELS[optimizer.name],
            rate_factor,
            decay,
            *settings,
            begin=begin,
            count=some,
            whole=optimizer.name == "nadam",  # its first stretch changes what others read
            slots=slots,
            parameters=count,
            is_first=int(begin == 0),
        )


def _setting(optimizer: Optimizer, name: str, precision: str) -> float:
    """Return a setting as a kernel gets it: no epsilon that counts as 0, and divides 0."""
    value = float(getattr(optimizer, name)) if name else 0.0
    return max(value, float(np.finfo(precision).tiny)) if name == "epsilon" else value
