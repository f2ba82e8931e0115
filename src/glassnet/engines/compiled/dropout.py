"""Dropout: the coins of `glassnet.formulas.random_bits`, bit for bit, and what they drop."""

import math

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import copy, fill, span
from glassnet.engines.compiled.layout import NO_KEY
from glassnet.engines.compiled.operands import operands
from glassnet.formulas import random_bits

__all__ = ["backward", "forward"]


@register_jitable
def _shift(z, places):
    """Shift right and fill with zeros, though the number is signed."""
    return (z >> places) & ((1 << (64 - places)) - 1)


@register_jitable
def _mix(h):
    z = h + random_bits.GOLDEN
    z = (z ^ _shift(z, 30)) * random_bits.FIRST
    z = (z ^ _shift(z, 27)) * random_bits.SECOND
    return z ^ _shift(z, 31)


@operands("units", "a", "out", "kept", "place", "first", constants=("rate",))
def forward(theta, memory, at, constants, context, reals):
    """Toss, note what is kept as 1 and 0, and drop; `place` is the layer's in the plan."""
    n, units = context.rows, at.units
    size = units * n
    a = span(memory, at.a, size)
    out = span(memory, at.out, size)
    kept = span(memory, at.kept, size)
    T = a.dtype.type
    if context.key == NO_KEY:
        fill(kept, T(1))
        copy(a, out)
        return
    h = _mix(_mix(_mix(np.int64(context.key)) ^ context.step) ^ at.place)
    threshold = np.int64(math.ceil(constants.rate * 2.0**53))
    for i in range(n):
        by_row = _mix(h ^ (context.first + i))
        for j in range(units):
            mixed = _mix(by_row ^ (at.first + j))
            kept[j * n + i] = T(1) if _shift(mixed, 11) >= threshold else T(0)
    likely = T(1 - constants.rate)  # how likely a unit is kept
    for i in range(size):
        x = a[i] / likely
        out[i] = x if kept[i] != T(0) else T(0)


@operands("units", "kept", "delta", constants=("rate",))
def backward(theta, memory, at, constants, context, reals):
    """Drop again."""
    size = at.units * context.rows
    kept, delta = span(memory, at.kept, size), span(memory, at.delta, size)
    T = delta.dtype.type
    likely = T(1) if context.key == NO_KEY else T(1 - constants.rate)  # how likely it is kept
    for i in range(size):
        x = delta[i] / likely
        delta[i] = x if kept[i] != T(0) else T(0)
