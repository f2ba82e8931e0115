"""From a plan, an optimizer and the size of a chunk to a program: a table of instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

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
    stages,
    updates,
)
from glassnet.engines.compiled.compilation import Kernel, addresses
from glassnet.engines.compiled.sparse import first_layer
from glassnet.engines.compiled.stages import Cut, Said, staged, table
from glassnet.network import Layer, Parameter, Plan
from glassnet.network.plan import NORM_EPSILON, RUNNING_MOMENTUM
from glassnet.optimizers import Optimizer

__all__ = [
    "LAYERS",
    "Builder",
    "Program",
    "activate",
    "assembled",
    "build",
    "gather",
    "through_blas",
]

_ALIGNED = 16  # blocks of memory begin at multiples of this many numbers
_SCRATCH = 5  # rows that a kernel may need for itself
_PRODUCT = 200_000  # multiplications from which a product is left to BLAS
_PASS = 32  # operations that one number counts for in a pass over the parameters


@dataclass(frozen=True)
class Program:
    """What the loop runs.

    Attributes
    ----------
    kernels : int64 array, shape (n,)
        Addresses.
    at, at_last : int64 array, shape (n, WIDTH)
        For a whole batch, and for the last one, which may be shorter.
    numbers : float64 array, shape (n, NUMBERS)
    starts : int64 array, shape (PHASES + 1,)
        Where each phase begins, and the end.
    jobs, stages, stage_starts : int64 array
        Where each job begins among the instructions, each stage among the jobs, each phase
        among the stages; and the ends.
    chunk, lanes, lane_size : int
        Rows that go through the network together; lanes of a batch, and the numbers of
        memory that each has.
    size : int
        Numbers of memory it needs.
    gradient, slots, buffers : int
        Where in memory these stand.
    """

    kernels: np.ndarray[Any, Any]
    at: np.ndarray[Any, Any]
    at_last: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any]
    jobs: np.ndarray[Any, Any]
    stages: np.ndarray[Any, Any]
    stage_starts: np.ndarray[Any, Any]
    chunk: int
    lanes: int
    lane_size: int
    size: int
    gradient: int
    slots: int
    buffers: int

    @property
    def most_jobs(self) -> int:
        """How many threads at most have something to do at once."""
        return max(self.lanes, int(np.max(np.diff(self.stages))))


class Builder:
    """Hands out memory and collects instructions.

    The gradient by a layer's output replaces that by the next layer's input in place, but
    for dense layers, which go back and forth between two blocks.
    """

    def __init__(self, plan: Plan, precision: str, chunk: int, lanes: int) -> None:
        self.plan, self.precision, self.chunk, self.lanes = plan, precision, chunk, lanes
        self.size = 0
        self.phases: list[list[Said]] = [[] for _ in range(layout.PHASES)]
        self.backward: list[Said] = []
        self.gradient = self.block(plan.n_parameters)
        self.buffers = self.block(plan.n_buffers)
        widest = max(layer.units for layer in plan.layers)
        self.scratch = self.rows(_SCRATCH)
        self.delta, self.other_delta = self.rows(widest), self.rows(widest)
        self.a = -1  # where the values of the layer before stand

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

    def say(
        self,
        phase: int,
        kernel: Kernel,
        at: Sequence[int],
        *numbers: float,
        cut: Cut | None = None,
    ) -> None:
        """Add an instruction to a phase."""
        self.phases[phase].append(Said(kernel, at, numbers, cut))

    def forward(
        self, kernel: Kernel, at: Sequence[int], *numbers: float, cut: Cut | None = None
    ) -> None:
        """Add an instruction to the forward pass."""
        self.say(layout.CHUNKS, kernel, at, *numbers, cut=cut)

    def back(
        self, kernel: Kernel, at: Sequence[int], *numbers: float, cut: Cut | None = None
    ) -> None:
        """Add an instruction to the backward pass, which runs in reverse."""
        self.backward.append(Said(kernel, at, numbers, cut))

    def parts(self, units: int, work: int) -> int:
        """Return into how many stretches units are cut, for so many operations per row."""
        return 1 if self.lanes > 1 else stages.parts_of_product(units, work * self.chunk)

    def cut(self, units: int, *rows: int, steps: tuple[tuple[int, int], ...] = ()) -> Cut:
        """Return the cut of what is done for each unit by itself: as its layer is cut."""
        return Cut(units, 0, 0, rows, steps)

    def over_parameters(
        self,
        phase: int,
        kernel: Kernel,
        at: Sequence[int],
        *numbers: float,
        whole: bool = False,
    ) -> None:
        """Add an instruction on the stretch of θ from ``at[0]`` to ``at[1]``, in parts."""
        count = at[1] - at[0]
        parts = 1 if whole else stages.parts_of_pass(count, count * _PASS)
        self.say(phase, kernel, at, *numbers, cut=Cut(count, parts, -1))

    def in_gradient(self, parameter: Parameter) -> int:
        """Return where in memory the gradient by a parameter stands."""
        return self.gradient + parameter.start


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


def through_blas(layer: Layer, chunk: int) -> bool:
    """Return whether a layer's products are large enough for BLAS; shapes decide alone."""
    return layer.units_in * layer.units * chunk >= _PRODUCT


# --- layers: each adds its kernels and moves `to.a` to its output


def gather(to: Builder) -> None:
    """Add what fetches the features."""
    units = to.plan.n_inputs
    to.a = to.rows(units)
    by_row = units if through_blas(to.plan.layers[0], to.chunk) else 0
    parts = to.parts(units, units * _PASS)
    rows, steps = ((), ((1, 1), (2, 1))) if by_row else ((1,), ((2, 1),))
    cut = Cut(units, parts, 0, rows, steps)
    to.say(layout.GATHER, batch.gather, [units, to.a, 0, by_row], cut=cut)


def _dense(to: Builder, layer: Layer, place: int) -> None:
    W, b = layer.parameters
    z, first = to.rows(layer.units), place == 0
    sizes = [layer.units_in, layer.units, W.start]
    input_delta = -1
    if not first:
        to.delta, to.other_delta = to.other_delta, to.delta
        input_delta = to.other_delta
    forward = [*sizes, b.start, to.a, z]
    if through_blas(layer, to.chunk):
        _through_blas(to, layer, forward, input_delta, by_row=first)
    else:
        places = [to.in_gradient(W), to.in_gradient(b), to.a, to.delta, input_delta]
        to.forward(dense.forward, forward)
        to.back(dense.backward, [*sizes, *places])
    to.a = z


def _through_blas(
    to: Builder, layer: Layer, forward: list[int], input_delta: int, by_row: bool
) -> None:
    W, b = layer.parameters
    units_in, units, work = layer.units_in, layer.units, layer.units_in * layer.units
    gemm = products.gemm(to.precision)
    cut = Cut(units, to.parts(units, work), 1, (5,), ((2, 1), (3, 1)), fresh=True)
    to.forward(products.forward, [*forward, gemm, int(by_row), units], cut=cut)
    places = [W.start, to.in_gradient(W), to.a, to.delta, input_delta, gemm]
    rows = () if by_row else (4,) if input_delta < 0 else (4, 6)
    steps = ((2, units), (3, units), *([(4, 1)] if by_row else []))
    cut = Cut(units_in, to.parts(units_in, work), 0, rows, steps, fresh=True)
    at = [units_in, units, *places, units_in if by_row else 0]
    to.back(products.backward, at, cut=cut)
    bias = [units, to.in_gradient(b), to.delta]
    to.back(products.bias_backward, bias, cut=to.cut(units, 2, steps=((1, 1),)))


def _activation(to: Builder, layer: Layer, place: int) -> None:
    activate(to, catalog.activation(layer.formula), layer.units)


def activate(to: Builder, record: catalog.Activation, units: int) -> None:
    """Add an activation."""
    z, to.a = to.a, to.rows(units)
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
    a, to.a, kept = to.a, to.rows(layer.units), to.rows(layer.units)
    cut = to.cut(layer.units, 1, 2, 3, steps=((5, 1),))
    to.forward(dropout.forward, [layer.units, a, to.a, kept, place, 0], layer.rate, cut=cut)
    cut = to.cut(layer.units, 1, 2)
    to.back(dropout.backward, [layer.units, kept, to.delta], layer.rate, cut=cut)


def _batch_norm(to: Builder, layer: Layer, place: int) -> None:
    gain, shift = layer.parameters
    mean, variance = (to.buffers + p.start for p in layer.buffers)
    z, to.a, normal = to.a, to.rows(layer.units), to.rows(layer.units)
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
    z, to.a, normal = to.a, to.rows(layer.units), to.rows(layer.units)
    units, inverse = layer.units, to.rows(1)
    at = [units, gain.start, shift.start, z, to.a, normal, inverse, to.scratch_row(0)]
    to.forward(norms.layer_forward, at, NORM_EPSILON)
    at = [units, gain.start, to.in_gradient(gain), to.in_gradient(shift)]
    scratch = to.scratch_row(0), to.scratch_row(1)
    to.back(norms.layer_backward, [*at, normal, inverse, to.delta, *scratch])


LAYERS: dict[str, Callable[[Builder, Layer, int], None]] = {
    "dense": _dense,
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


def assembled(
    to: Builder, lane_size: int, size: int, rows: tuple[int, int], lead: Kernel = loop.train
) -> Program:
    """Return the program that a builder has collected; `lead` is the loop that runs it."""
    phases = [staged(phase) for phase in to.phases]
    in_all = [stage for phase in phases for stage in phase]
    jobs = [job for stage in in_all for job in stage]
    said = [one for job in jobs for one, _ in job]
    numbers = np.zeros((len(said), layout.NUMBERS))
    for line, one in zip(numbers, said, strict=True):
        line[: len(one.numbers)] = one.numbers
    # the loop as well: whoever waits for the first program is told of all kernels at once
    _, *found = addresses([lead, *(one.kernel for one in said)], to.precision)
    stage_starts, stage_ends, job_ends = (
        np.cumsum([0, *map(len, parts)]) for parts in (phases, in_all, jobs)
    )
    return Program(
        kernels=np.array(found, np.int64),
        at=table(in_all, rows[0]),
        at_last=table(in_all, rows[1]),
        numbers=numbers,
        starts=job_ends[stage_ends[stage_starts]],
        jobs=job_ends,
        stages=stage_ends,
        stage_starts=stage_starts,
        chunk=to.chunk,
        lanes=to.lanes,
        lane_size=lane_size,
        size=size,
        gradient=to.gradient,
        slots=to.lanes * lane_size,
        buffers=to.buffers,
    )
