"""From a plan, an optimizer and the size of a chunk to a program: a table of instructions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

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
from glassnet.engines.compiled.dense import dense_layer, gather, sparse_layer
from glassnet.engines.compiled.operands import names_of
from glassnet.engines.compiled.stages import Cut
from glassnet.network import Layer, Plan
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM
from glassnet.optimizers import Optimizer

__all__ = ["LAYERS", "activate", "build"]


@lru_cache(maxsize=64)
def build(
    plan: Plan,
    optimizer: Optimizer | None,
    precision: str,
    chunk: int,
    lanes: int,
    rows: tuple[int, int],
    sparse: bool = False,
) -> Program:
    """Return the program that trains `plan` in chunks of up to `chunk` rows.

    Without an optimizer it finds the gradient, and that is all. With one lane a batch is one
    chunk; `rows` are those of a batch, and of the last one. With `sparse` the first layer
    reads the data's entries where they are.
    """
    to = Builder(plan, precision, chunk, lanes)
    y, share = to.rows(plan.n_outputs), to.rows(1)
    to.add(layout.BEFORE, batch.weigh)
    to.add(layout.GATHER, batch.targets, outputs=plan.n_outputs, y=y, share=share)
    if not sparse:
        gather(to)
    for place, layer in enumerate(plan.layers):
        add = sparse_layer if sparse and place == 0 else LAYERS[layer.kind]
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
                alpha=plan.alpha,
                begin=p.start,
                count=p.stop - p.start,
                uncut=True,
            )
    to.over_parameters(layout.AFTER, gradients.check, begin=0, count=count)
    kept = 0
    if optimizer is not None:
        _update(to, optimizer)
        kept = count * len(optimizer.slots)  # NAdam's product has room, and needs none
    return assembled(to, rows, kept=kept)


# --- layers: each adds its kernels and moves `to.a` to its output


def _activation(to: Builder, layer: Layer, place: int) -> None:
    activate(to, catalog.activation(layer.formula), layer.units)


def activate(to: Builder, record: catalog.Activation, units: int) -> None:
    """Add an activation."""
    z, to.a = to.a, to.layer(units)
    if record.rowwise:
        forward, backward = rowwise.ACTIVATIONS[record.name]
        given: dict[str, Any] = {"units": units, "z": z, "a": to.a, "scratch": to.scratch}
        to.forward(forward, **given)
        to.back(backward, delta=to.delta, **given)
        return
    forward = elementwise.activation_forward(record.name)
    backward = elementwise.activation_backward(record.name)
    given = {"units": units, "z": z, "a": to.a, "parameter": _parameter(record)}
    to.forward(forward, Cut(rows=("z", "a")), **given)
    to.back(backward, Cut(rows=("z", "a", "delta")), delta=to.delta, **given)


def _parameter(record: catalog.Activation | catalog.Loss) -> float:
    """Return the one parameter of a formula that has one; no compiled one has more."""
    return next((value for _, value in record.parameters), 0.0)


def _dropout(to: Builder, layer: Layer, place: int) -> None:
    units, rate = layer.units, layer.rate
    a, to.a, kept = to.a, to.layer(units), to.rows(units)
    cut = Cut(rows=("a", "out", "kept"), steps={"first": 1})
    given = {"units": units, "kept": kept, "rate": rate}
    to.forward(dropout.forward, cut, a=a, out=to.a, place=place, first=0, **given)
    to.back(dropout.backward, Cut(rows=("kept", "delta")), delta=to.delta, **given)


def _batch_norm(to: Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    mean, variance = (to.buffers + p.start for p in layer.buffers)
    z, to.a, normal = to.a, to.layer(layer.units), to.rows(layer.units)
    statistics = to.block(3 * layer.units)
    to.forward(
        norms.batch_forward,
        epsilon=NORM_EPSILON,
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
    to.add(
        layout.UPDATE,
        norms.running_step,
        momentum=RUNNING_MOMENTUM,
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
        epsilon=NORM_EPSILON,
        units=layer.units,
        gain=gain.start,
        shift=shift.start,
        z=z,
        out=to.a,
        normal=normal,
        inverse=inverse,
        scratch=to.scratch,
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
        scratch=to.scratch,
    )


LAYERS: dict[str, Callable[[Builder, Layer, int], None]] = {
    "dense": dense_layer,
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
    given: dict[str, Any] = {
        "units": units,
        "y": y,
        "f": to.a,
        "share": share,
        "delta": to.delta,
        "scratch": to.scratch,
    }
    kernel = rowwise.LOSSES.get(record.name) or elementwise.loss(record.name)
    to.forward(kernel, parameter=_parameter(record), **given)


def _update(to: Builder, optimizer: Optimizer) -> None:
    count, phase = to.plan.n_parameters, layout.UPDATE
    if optimizer.clip_value is not None:
        limit = optimizer.clip_value
        to.over_parameters(phase, gradients.clip_by_value, begin=0, count=count, limit=limit)
    if optimizer.clip_norm is not None:
        limit, kernel = optimizer.clip_norm, gradients.clip_by_norm
        to.over_parameters(phase, kernel, begin=0, count=count, limit=limit, uncut=True)
    kernel = updates.KERNELS[optimizer.name]
    names = set(names_of(kernel).constants) - {"rate_factor", "decay"}
    settings = {name: _setting(optimizer, name, to.precision) for name in names}
    for begin, stop, rate_factor, decay_factor in to.plan.stretches:
        decay, some = optimizer.weight_decay * decay_factor, stop - begin
        if decay and not optimizer.decoupled:
            add = gradients.weight_decay
            to.over_parameters(phase, add, begin=begin, count=some, decay=decay)
            decay = 0.0  # what is added to the gradient is no business of the step
        to.over_parameters(
            phase,
            kernel,
            begin=begin,
            count=some,
            uncut=optimizer.name == "nadam",  # its first stretch changes what others read
            slots=to.slots,
            parameters=count,
            is_first=int(begin == 0),
            rate_factor=rate_factor,
            decay=decay,
            **settings,
        )


def _setting(optimizer: Optimizer, name: str, precision: str) -> float:
    """Return a setting as a kernel gets it: no epsilon that counts as 0, and divides 0."""
    value = float(getattr(optimizer, name, 0.0))  # AdamW has not all that Adam has
    return max(value, float(np.finfo(precision).tiny)) if name == "epsilon" else value
