"""How the instructions of a program are cut into jobs that threads can do side by side.

The values of a batch lie units × rows, so the work on a stretch of units stands alone: sums
along the rows are as they would be without the cut. Instructions on the same units follow
each other within one job, while their numbers are in the cache. Shapes decide on the cuts,
and for huge ones the machine, but never how many threads are used: these have no say in any
digit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.compiled import layout
from glassnet.engines.compiled.operands import Kernel, names_of

__all__ = [
    "Cut",
    "Instruction",
    "Stage",
    "parts_of_pass",
    "parts_of_product",
    "staged",
    "table",
]

# Chosen by timing on processors with vectors of 32 and 64 bytes; `benchmarks/thresholds.py`
# times them again.
# Where BLAS multiplies, they have a say in the last digits.
_LEAST = 16  # units of a part
_TILE = 8  # a multiple of the units of every tile
_PARTS, _WORK = 4, 500_000  # of a pass: parts at most, operations of each at least
# Of a product by BLAS each part packs for itself what the parts share: so there are few, and
# large. In tiles nothing is packed. Four parts of a huge one would cost one thread or two 0.07
# of their time: so there are more than two only where the machine has more cores.
_PACKED_PARTS, _PACKED_WORK = 2, 2_000_000
_HUGE_PARTS, _HUGE_WORK = min(4, os.cpu_count() or 1), 100_000_000
_TILED_PARTS, _TILED_WORK = 4, 35_000  # and what is done next finds it in the cache
_UNCUT = 0, 1  # units that are cut, and into how many stretches
Job = list[tuple["Instruction", tuple[int, int] | None]]
Stage = list[Job]


@dataclass(frozen=True)
class Cut:
    """How an instruction is cut over units: which operand counts them, what moves with them.

    Attributes
    ----------
    parts : int
        Into how many stretches the units are cut; 0 for as many as what comes before on the
        same units.
    count : str
        The operand that is the number of units.
    rows : tuple of str
        Operands that move by a row of the batch per unit.
    steps : dict
        Operands that move by a fixed step per unit, and the step.
    fresh : bool
        Whether it needs all that came before, not that on its own units alone.
    """

    parts: int = 0
    count: str = "units"
    rows: tuple[str, ...] = ()
    steps: Mapping[str, int] = field(default_factory=dict)
    fresh: bool = False

    @property
    def names(self) -> set[str]:
        """The operands that it changes."""
        return {self.count, *self.rows, *self.steps}

    def of(
        self, operands: Mapping[str, int], stretch: tuple[int, int], rows: int
    ) -> dict[str, int]:
        """Return the operands for a stretch of the units, in a batch of so many rows."""
        begin, end = stretch
        moves = {**dict.fromkeys(self.rows, rows), **self.steps}
        moved = {name: place + begin * moves.get(name, 0) for name, place in operands.items()}
        return {**moved, self.count: end - begin}


@dataclass(frozen=True)
class Instruction:
    """An instruction: a kernel, its operands and constants by name, and how it may be cut.

    Raises
    ------
    TypeError
        If what is given is not what the kernel declares, or the cut changes no operand of it.
    """

    kernel: Kernel
    given: Mapping[str, float]
    cut: Cut | None = None

    def __post_init__(self) -> None:
        name, operands = self.kernel.__name__, set(names_of(self.kernel).at)
        wanted = operands.union(names_of(self.kernel).constants)
        if set(self.given) != wanted:
            raise TypeError(f"{name} takes {sorted(wanted)}; got {sorted(self.given)}")
        if self.cut and not self.cut.names <= operands:
            raise TypeError(f"{name} takes {sorted(wanted)}; its cut changes {self.cut.names}")

    @property
    def units(self) -> int:
        """How many units its cut goes over."""
        assert self.cut is not None
        return int(self.given[self.cut.count])

    @property
    def constants(self) -> list[float]:
        """Its ``constants``."""
        return [self.given[name] for name in names_of(self.kernel).constants]

    def places(self, stretch: tuple[int, int] | None, rows: int) -> list[int]:
        """Return its ``at`` for a stretch of its units, in a batch of so many rows."""
        operands = {name: int(self.given[name]) for name in names_of(self.kernel).at}
        if stretch is not None and self.cut is not None:
            operands = self.cut.of(operands, stretch, rows)
        return list(operands.values())


def parts_of_pass(units: int, work: int) -> int:
    """Return into how many stretches a pass over units is worth cutting, by its operations."""
    return max(1, min(_PARTS, units // _LEAST, work // _WORK))


def parts_of_product(units: int, work: int, packed: bool) -> int:
    """Return into how many stretches a product is worth cutting, by its multiplications."""
    kinds = [(_TILED_PARTS, _TILED_WORK)]
    if packed:
        kinds = [(_PACKED_PARTS, _PACKED_WORK), (_HUGE_PARTS, _HUGE_WORK)]
    return max(1, *(min(parts, units // _LEAST, work // least) for parts, least in kinds))


def staged(instructions: Sequence[Instruction]) -> list[Stage]:
    """Return instructions as stages; the jobs of a stage do not depend on each other."""
    found: list[Stage] = []
    before = _UNCUT
    for one in instructions:
        units, parts = now = _pieces(one, before)
        fresh = one.cut is not None and one.cut.fresh and parts > 1
        if not found or now != before or fresh:
            found.append([[] for _ in range(parts)])
        ends = [_end(units, number, parts) for number in range(parts + 1)]
        for job, stretch in zip(found[-1], pairwise(ends), strict=True):
            job.append((one, stretch if parts > 1 else None))
        before = now
    return found


def _pieces(one: Instruction, before: tuple[int, int]) -> tuple[int, int]:
    """Return how many units an instruction is cut over, and into how many stretches."""
    if one.cut and one.cut.parts == 0 and one.units == before[0]:
        return before
    return (one.units, one.cut.parts) if one.cut and one.cut.parts > 1 else _UNCUT


def _end(units: int, number: int, parts: int) -> int:
    """Return where a stretch ends: all but the last is a multiple of every tile's units."""
    return units if number == parts else units * number // parts // _TILE * _TILE


def table(stages: Sequence[Stage], rows: int) -> NDArray[np.int64]:
    """Return the ``at`` of all instructions, one after the other."""
    whole = [one for stage in stages for job in stage for one in job]
    at = np.zeros((len(whole), layout.OPERANDS), np.int64)
    for line, (instruction, stretch) in zip(at, whole, strict=True):
        places = instruction.places(stretch, rows)
        line[: len(places)] = places
    return at
