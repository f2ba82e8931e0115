"""What a program is, and what collects its instructions and hands out its memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.compiled import layout, loop, stages
from glassnet.engines.compiled.compilation import addresses
from glassnet.engines.compiled.operands import Kernel
from glassnet.engines.compiled.stages import Cut, Instruction, staged, table
from glassnet.formulas.types import Array
from glassnet.network import Parameter, Plan

__all__ = ["Builder", "Program", "assembled"]

_PASS = 32  # operations that a number of θ counts for: an optimizer's step divides, takes roots
_ALIGNED = 16  # blocks of memory begin at multiples of this many numbers
_SCRATCH = 5  # rows, one behind the other, that a kernel may use while it runs


@dataclass(frozen=True)
class Program:
    """What the loop runs.

    Attributes
    ----------
    kernels : int64 array, shape (n,)
        Addresses.
    at, at_last : int64 array, shape (n, OPERANDS)
        For a whole batch, and for the last one, which may be shorter.
    constants : float64 array, shape (n, CONSTANTS)
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

    kernels: NDArray[np.int64]
    at: NDArray[np.int64]
    at_last: NDArray[np.int64]
    constants: NDArray[np.float64]
    starts: NDArray[np.int64]
    jobs: NDArray[np.int64]
    stages: NDArray[np.int64]
    stage_starts: NDArray[np.int64]
    chunk: int
    lanes: int
    lane_size: int
    size: int
    gradient: int
    slots: int
    buffers: int

    def memory(self, dtype: np.dtype[Any]) -> Array:
        """Return fresh memory, all 0, that begins where a vector does."""
        raw = np.zeros(self.size + _ALIGNED, dtype)
        begin = -raw.ctypes.data % (_ALIGNED * raw.itemsize) // raw.itemsize
        return raw[begin : begin + self.size]

    @property
    def most_jobs(self) -> int:
        """How many threads at most have something to do at once."""
        return max(self.lanes, int(np.max(np.diff(self.stages))))


class Builder:
    """Hands out memory and collects instructions.

    The gradient by a layer's output replaces that by the next layer's input in place, but
    for dense layers, which go back and forth between two blocks.

    Parameters
    ----------
    plan : Plan
        The network.
    precision : str
        "float32" or "float64".
    chunk, lanes : int
        As of `Program`.
    learns : bool
        Whether it goes backward too. If not, there is no gradient, and nothing is cut.
    """

    def __init__(
        self, plan: Plan, precision: str, chunk: int, lanes: int = 1, learns: bool = True
    ) -> None:
        self.plan, self.precision, self.chunk, self.lanes = plan, precision, chunk, lanes
        self.learns, self.size = learns, 0
        self.phases: list[list[Instruction]] = [[] for _ in range(layout.PHASES)]
        self.backward: list[Instruction] = []
        self.scratch = self.rows(_SCRATCH)
        self.gradient = self.buffers = self.delta = self.other_delta = -1
        if learns:
            widest = max(layer.units for layer in plan.layers)
            self.gradient = self.block(plan.n_parameters)
            self.buffers = self.block(plan.n_buffers)
            self.delta, self.other_delta = self.rows(widest), self.rows(widest)
        self.a = -1  # where the values of the layer before stand

    @property
    def slots(self) -> int:
        """Where the optimizer's vectors begin: behind all lanes, once no block is asked for."""
        return self.lanes * self.size

    def block(self, count: int) -> int:
        """Return the place of a fresh block of memory."""
        place, self.size = self.size, self.size + -(-count // _ALIGNED) * _ALIGNED
        return place

    def rows(self, count: int) -> int:
        """Return the place of `count` rows, each as long as a chunk."""
        return self.block(count * self.chunk)

    def layer(self, units: int) -> int:
        """Return the place of a layer's rows, and of one that a layer behind it may need."""
        return self.rows(units + 1)

    def add(self, phase: int, kernel: Kernel, cut: Cut | None = None, **given: float) -> None:
        """Add an instruction to a phase, with all that the kernel declares."""
        self.phases[phase].append(Instruction(kernel, given, cut))

    def forward(self, kernel: Kernel, cut: Cut | None = None, **given: float) -> None:
        """Add an instruction to the forward pass."""
        self.add(layout.CHUNKS, kernel, cut, **given)

    def back(self, kernel: Kernel, cut: Cut | None = None, **given: float) -> None:
        """Add an instruction to the backward pass, if any, which runs in reverse."""
        if self.learns:
            self.backward.append(Instruction(kernel, given, cut))

    def parts(self, units: int, work: int, packed: bool = False) -> int:
        """Return into how many stretches units are cut, for so many operations per row."""
        if self.lanes > 1 or not self.learns:
            return 1
        return stages.parts_of_product(units, work * self.chunk, packed)

    def over_parameters(
        self,
        phase: int,
        kernel: Kernel,
        begin: int,
        count: int,
        uncut: bool = False,
        **given: float,
    ) -> None:
        """Add an instruction on a stretch of θ and of its gradient, in parts."""
        parts = 1 if uncut else stages.parts_of_pass(count, count * _PASS)
        cut = Cut(parts, "count", steps={"begin": 1})
        given = {"begin": begin, "count": count, "gradient": self.gradient, **given}
        self.add(phase, kernel, cut, **given)

    def in_gradient(self, parameter: Parameter) -> int:
        """Return where in memory the gradient by a parameter stands."""
        return self.gradient + parameter.start


def assembled(
    to: Builder, rows: tuple[int, int], lead: Kernel = loop.train, kept: int = 0
) -> Program:
    """Return the program that a builder has collected.

    `rows` are those of a batch, and of the last one; `lead` is the loop that runs it, `kept`
    how many numbers the optimizer keeps from step to step.
    """
    phases = [staged(phase) for phase in to.phases]
    in_all = [stage for phase in phases for stage in phase]
    jobs = [job for stage in in_all for job in stage]
    instructions = [one for job in jobs for one, _ in job]
    constants = np.zeros((len(instructions), layout.CONSTANTS))
    for line, one in zip(constants, instructions, strict=True):
        line[: len(one.constants)] = one.constants
    # the loop as well: whoever waits for the first program is told of all kernels at once
    _, *found = addresses([lead, *(one.kernel for one in instructions)], to.precision)
    stage_starts, stage_ends, job_ends = (
        np.cumsum([0, *map(len, parts)]) for parts in (phases, in_all, jobs)
    )
    return Program(
        kernels=np.array(found, np.int64),
        at=table(in_all, rows[0]),
        at_last=table(in_all, rows[1]),
        constants=constants,
        starts=job_ends[stage_ends[stage_starts]],
        jobs=job_ends,
        stages=stage_ends,
        stage_starts=stage_starts,
        chunk=to.chunk,
        lanes=to.lanes,
        lane_size=to.size,
        size=to.slots + kept,
        gradient=to.gradient,
        slots=to.slots,
        buffers=to.buffers,
    )
