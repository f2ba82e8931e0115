"""From a plan, an optimizer and the size of a chunk to a program: a table of instructions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numba.extending import get_cython_function_address

from glassnet import catalog
from glassnet.engines.compiled import (
    batch,
    dense,
    dropout,
    elementwise,
    gradients,
    layout,
    loop,
    norms,
    products,
    rowwise,
    updates,
)
from glassnet.engines.compiled.compilation import Kernel, addresses
from glassnet.network import Layer, Parameter, Plan
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM
from glassnet.optimizers import Optimizer

__all__ = ["Program", "build", "through_blas"]

_ALIGNED = 16  # blocks of memory begin at multiples of this many numbers
_SCRATCH = 5  # rows that a kernel may need for itself
_KEPT = RUNNING_MOMENTUM
_Instruction = tuple[Kernel, Sequence[int], Sequence[float]]
_PRODUCT = 200_000  # multiplications from which a product is left to BLAS


@dataclass(frozen=True)
class Program:
    """What the loop runs.

    Attributes
    ----------
    kernels : int64 array, shape (n,)
        Addresses.
    at : int64 array, shape (n, WIDTH)
    numbers : float64 array, shape (n, NUMBERS)
    starts : int64 array, shape (PHASES + 1,)
        Where each phase begins, and the end.
    size : int
        Numbers of memory it needs.
    gradient, slots, buffers : int
        Where in memory these stand.
    """

    kernels: np.ndarray[Any, Any]
    at: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any]
    size: int
    gradient: int
    slots: int
    buffers: int


class _Builder:
    """Hands out memory and collects instructions.

    The gradient by a layer's output replaces that by the next layer's input in place, but
    for dense layers, which go back and forth between two blocks.
    """

    def __init__(self, plan: Plan, precision: str, chunk: int) -> None:
        self.plan, self.precision, self.chunk = plan, precision, chunk
        self.size = 0
        self.phases: list[list[_Instruction]] = [[] for _ in range(layout.PHASES)]
        self.backward: list[_Instruction] = []
        self.gradient = self.block(plan.n_parameters)
        self.buffers = self.block(plan.n_buffers)
        widest = max(layer.units for layer in plan.layers)
        self.scratch = self.rows(_SCRATCH)
        self.delta, self.other_delta = self.rows(widest), self.rows(widest)
        self.a = self.x = self.rows(plan.n_inputs)

    def block(self, count: int) -> int:
        """Return the place of a fresh block of memory."""
        place, self.size = self.size, self.size + -(-count // _ALIGNED) * _ALIGNED
        return place

    def rows(self, count: int) -> int:
        """Return the place of `count` rows, each as long as a chunk."""
        return self.block(count * self.chunk)

    def scratch_row(self, number: int) -> int:
        """Return the place of a row that a kernel may use while it runs."""
        return self.scratch + number * self.chunk

    def say(self, phase: int, kernel: Kernel, at: Sequence[int], *numbers: float) -> None:
        """Add an instruction to a phase."""
        self.phases[phase].append((kernel, at, numbers))

    def forward(self, kernel: Kernel, at: Sequence[int], *numbers: float) -> None:
        """Add an instruction to the forward pass."""
        self.say(layout.CHUNKS, kernel, at, *numbers)

    def back(self, kernel: Kernel, at: Sequence[int], *numbers: float) -> None:
        """Add an instruction to the backward pass, which runs in reverse."""
        self.backward.append((kernel, at, numbers))

    def in_gradient(self, parameter: Parameter) -> int:
        """Return where in memory the gradient by a parameter stands."""
        return self.gradient + parameter.start


@lru_cache(maxsize=64)
def build(plan: Plan, optimizer: Optimizer, precision: str, chunk: int) -> Program:
    """Return the program that trains `plan` in chunks of up to `chunk` rows."""
    to = _Builder(plan, precision, chunk)
    slots = to.block(plan.n_parameters * len(optimizer.slots))
    y, share = to.rows(plan.n_outputs), to.rows(1)
    by_row = through_blas(plan.layers[0], chunk)
    to.say(layout.BEFORE, batch.weigh, [])
    to.forward(batch.gather, [plan.n_inputs, to.x, plan.n_outputs, y, share, int(by_row)])
    for place, layer in enumerate(plan.layers):
        _LAYERS[layer.kind](to, layer, place)
    _loss(to, y, share)
    to.phases[layout.CHUNKS] += reversed(to.backward)
    if plan.alpha > 0:
        for p in plan.penalized:
            at = [p.start, p.stop, to.gradient]
            to.say(layout.AFTER, gradients.l2_penalty, at, plan.alpha)
    _update(to, optimizer, slots)
    return _assembled(to, slots)


def through_blas(layer: Layer, chunk: int) -> bool:
    """Return whether a layer's products are large enough for BLAS; shapes decide alone."""
    return layer.units_in * layer.units * chunk >= _PRODUCT


# --- layers: each adds its kernels and moves `to.a` to its output


def _dense(to: _Builder, layer: Layer, place: int) -> None:
    W, b = layer.parameters
    z, first = to.rows(layer.units), place == 0
    sizes = [layer.units_in, layer.units, W.start]
    input_delta = -1
    if not first:
        to.delta, to.other_delta = to.other_delta, to.delta
        input_delta = to.other_delta
    forward = [*sizes, b.start, to.a, z]
    places = [to.in_gradient(W), to.in_gradient(b), to.a, to.delta, input_delta]
    if through_blas(layer, to.chunk):
        gemm, by_row = _gemm(to.precision), int(first)
        to.forward(products.forward, [*forward, gemm, by_row])
        to.back(products.backward, [*sizes, *places, gemm, by_row])
    else:
        to.forward(dense.forward, forward)
        to.back(dense.backward, [*sizes, *places])
    to.a = z


def _activation(to: _Builder, layer: Layer, place: int) -> None:
    _activate(to, catalog.activation(layer.formula), layer.units)


def _activate(to: _Builder, record: catalog.Activation, units: int) -> None:
    z, to.a = to.a, to.rows(units)
    parameters = [value for _, value in record.parameters]
    if record.rowwise:
        forward, backward = rowwise.KERNELS[record.name]
        to.forward(forward, [units, z, to.a, to.scratch_row(0), to.scratch_row(1)])
        to.back(backward, [units, z, to.a, to.delta, to.scratch_row(0)])
        return
    forward = elementwise.activation_forward(record.name)
    backward = elementwise.activation_backward(record.name)
    to.forward(forward, [units, z, to.a], *parameters)
    to.back(backward, [units, z, to.a, to.delta], *parameters)


def _dropout(to: _Builder, layer: Layer, place: int) -> None:
    a, to.a, kept = to.a, to.rows(layer.units), to.rows(layer.units)
    to.forward(dropout.forward, [layer.units, a, to.a, kept, place], layer.rate)
    to.back(dropout.backward, [layer.units, kept, to.delta], layer.rate)


def _batch_norm(to: _Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    mean, variance = (to.buffers + p.start for p in layer.buffers)
    z, to.a, normal = to.a, to.rows(layer.units), to.rows(layer.units)
    units, of_units = layer.units, to.block(3 * layer.units)
    at = [units, gain.start, shift.start, z, to.a, normal, of_units]
    to.forward(norms.batch_forward, at, NORM_EPSILON)
    at = [units, gain.start, to.in_gradient(gain), to.in_gradient(shift)]
    to.back(norms.batch_backward, [*at, normal, of_units, to.delta])
    to.say(layout.UPDATE, norms.running_step, [units, mean, variance, of_units], _KEPT)


def _layer_norm(to: _Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    z, to.a, normal = to.a, to.rows(layer.units), to.rows(layer.units)
    units, inverse = layer.units, to.rows(1)
    at = [units, gain.start, shift.start, z, to.a, normal, inverse, to.scratch_row(0)]
    to.forward(norms.layer_forward, at, NORM_EPSILON)
    at = [units, gain.start, to.in_gradient(gain), to.in_gradient(shift)]
    scratch = to.scratch_row(0), to.scratch_row(1)
    to.back(norms.layer_backward, [*at, normal, inverse, to.delta, *scratch])


_LAYERS: dict[str, Callable[[_Builder, Layer, int], None]] = {
    "dense": _dense,
    "activation": _activation,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
}


# --- the loss, and the step


def _loss(to: _Builder, y: int, share: int) -> None:
    plan = to.plan
    record, units = catalog.loss(plan.loss), plan.n_outputs
    if not plan.fused:
        _activate(to, catalog.activation(plan.output), units)
    parameters = [value for _, value in record.parameters]
    if record.name == "categorical_cross_entropy":
        kernel: Kernel = rowwise.categorical_cross_entropy
    else:
        kernel = elementwise.loss(record.name)
    to.forward(kernel, [units, y, to.a, share, to.delta, to.scratch_row(0)], *parameters)


def _update(to: _Builder, optimizer: Optimizer, slots: int) -> None:
    count = to.plan.n_parameters
    for kernel, limit in (
        (gradients.clip_by_value, optimizer.clip_value),
        (gradients.clip_by_norm, optimizer.clip_norm),
    ):
        if limit is not None:
            to.say(layout.UPDATE, kernel, [0, count, to.gradient], limit)
    names = updates.SETTINGS[optimizer.name]
    settings = [float(getattr(optimizer, name)) if name else 0.0 for name in names]
    for begin, stop, rate_factor, decay_factor in _stretches(to.plan):
        decay = optimizer.weight_decay * decay_factor
        if decay and not optimizer.decoupled:
            at = [begin, stop, to.gradient]
            to.say(layout.UPDATE, gradients.weight_decay, at, decay)
        at = [begin, stop, to.gradient, slots, count, int(begin == 0)]
        kernel = updates.KERNELS[optimizer.name]
        to.say(layout.UPDATE, kernel, at, rate_factor, decay, *settings)


def _stretches(plan: Plan) -> Iterator[tuple[int, int, float, float]]:
    """Yield stretches of θ on which the groups' factors are equal: begin, stop, factors."""
    groups = dict(plan.groups)

    def factors(p: Parameter) -> tuple[float, float]:
        return groups[p.group].rate_factor, groups[p.group].decay_factor

    for (rate, decay), run in groupby(plan.parameters, factors):
        found = list(run)
        yield found[0].start, found[-1].stop, rate, decay


def _assembled(to: _Builder, slots: int) -> Program:
    said = [one for phase in to.phases for one in phase]
    at = np.zeros((len(said), layout.WIDTH), np.int64)
    numbers = np.zeros((len(said), layout.NUMBERS))
    for row, (_, places, reals) in enumerate(said):
        at[row, : len(places)] = places
        numbers[row, : len(reals)] = reals
    # the loop as well: whoever waits for the first program is told of all kernels at once
    _, *found = addresses([loop.train, *(kernel for kernel, *_ in said)], to.precision)
    kernels = np.array(found, np.int64)
    starts = np.cumsum([0, *map(len, to.phases)])
    return Program(kernels, at, numbers, starts, to.size, to.gradient, slots, to.buffers)


def _gemm(precision: str) -> int:
    """Return the address of BLAS's product of matrices."""
    name = {"float32": "sgemm", "float64": "dgemm"}[precision]
    return int(get_cython_function_address("scipy.linalg.cython_blas", name))
