"""`Line`: one equation of a trace, with its symbols, with its numbers, and what comes out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.insight.lines.expressions import (
    Expression,
    Name,
    Partial,
    Valued,
)
from glassnet.insight.lines.notation import TEXT, number, written

__all__ = ["Line", "more", "places"]


@dataclass(frozen=True)
class Line:
    """One equation, or how many more there are; ``str(line)`` writes it.

    Attributes
    ----------
    part : str
        ``"Forward"``, ``"Backward"``, ...
    left : Expression or None
        What is computed; None where the line only counts.
    right : Expression or None
        How. Its leaves know their values.
    value : float
        What comes out, as the engine computed it; NaN where the line only counts.
    evaluates : str
        The formula, as ``glassnet.formulas`` calls it: ``"layers.dense"``.
    remark : str
        What numbers alone do not say, such as which rows a mean is taken over.
    """

    part: str
    left: Expression | None
    right: Expression | None
    value: float
    evaluates: str = ""
    remark: str = ""

    @property
    def symbol(self) -> str:
        """What is computed: ``"z0[1]"``."""
        return "" if self.left is None else written(self.left, TEXT)

    @property
    def formula(self) -> str:
        """How, in symbols: ``"x[0]·W0[0,1] + b0[1]"``."""
        return "" if self.right is None else written(self.right, TEXT)

    @property
    def numbers(self) -> str:
        """How, in numbers: ``"0.31·1.2 + 0.5"``; empty where that is the value itself."""
        if self.right is None or isinstance(self.right, Name | Partial | Valued):
            return ""
        return written(self.right, TEXT, numbers=True)

    def __str__(self) -> str:
        if self.right is None:
            return self.remark
        numbers = f" = {self.numbers}" if self.numbers else ""
        remark = f"  ({self.remark})" if self.remark else ""
        return f"{self.symbol} = {self.formula}{numbers} = {number(self.value)}{remark}"


def places(shape: tuple[int, ...], most: int | None) -> Iterator[tuple[int, ...]]:
    """Yield the places that have lines of their own: at most `most` along each axis."""
    yield from np.ndindex(*(length if most is None else min(length, most) for length in shape))


def more(part: str, name: str, shape: tuple[int, ...], most: int | None) -> Iterator[Line]:
    """Yield a line with how many entries of `name` have none of their own, if any."""
    shown = math.prod(length if most is None else min(length, most) for length in shape)
    if missing := math.prod(shape) - shown:
        yield Line(part, None, None, math.nan, remark=f"… {missing:,} more of {name}")
