"""Prediction: kernels that training has no use for, and the loop over chunks of rows."""

import math

import numpy as np
from numba import njit
from numba.extending import register_jitable

from glassnet.engines.compiled import layout as at_
from glassnet.engines.compiled.bits import advanced, copy, fill, pointer, span
from glassnet.engines.compiled.blas import times
from glassnet.engines.compiled.denormals import as_before, tiny_are_zero
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import add_row
from glassnet.engines.compiled.team import instructions

__all__ = ["by_running", "from_rows", "hand_out", "one_row", "predict"]


@njit(error_model="numpy", fastmath={"contract"})
def _add_four(out, a, b, c, d, u, v, w, x):
    for i in range(out.size):
        out[i] += (u * a[i] + v * b[i]) + (w * c[i] + x * d[i])


@register_jitable
def _mix(out, theta, inputs, count, weights):
    """Add to `out` the rows at `inputs`, each times its weight, four at a time."""
    n = out.size
    for i in range(0, count - 3, 4):
        a = inputs + i * n
        _add_four(
            out,
            span(theta, a, n),
            span(theta, a + n, n),
            span(theta, a + 2 * n, n),
            span(theta, a + 3 * n, n),
            weights[i],
            weights[i + 1],
            weights[i + 2],
            weights[i + 3],
        )
    for i in range(count - count % 4, count):
        add_row(out, weights[i], span(theta, inputs + i * n, n))


@operands("units_in", "units", "W", "b", "a", "z")
def one_row(theta, memory, at, numbers, context, reals):
    """Compute ``z = a W + b`` for one row, along the units: units in, units, W, b, a, z."""
    units_in, units = at[0], at[1]
    z = span(memory, at[5], units)
    copy(span(theta, at[3], units), z)
    _mix(z, theta, at[2], units_in, span(memory, at[4], units_in))


@operands("units_in", "units", "W", "b", "z", "gemm")
def from_rows(theta, memory, at, numbers, context, reals):
    """Compute ``z = x W + b`` from the caller's own rows: units in, units, W, b, z, gemm.

    The features of a row lie side by side, or the rows of a feature do.
    """
    n, units_in, units = context[at_.ROWS], at[0], at[1]
    b = span(theta, at[3], units)
    for j in range(units):
        fill(span(memory, at[4] + j * n, n), b[j])
    T, row, column = b.dtype.type, context[at_.X_ROW], context[at_.X_COLUMN]
    x = advanced(pointer(context[at_.X], T), context[at_.FIRST] * row)
    by_row, W, z = column == 1, advanced(theta, at[2]), advanced(memory, at[4])
    apart = row if by_row else column
    times(at[5], 1, int(by_row), units, n, units_in, W, units, x, apart, T(1), z)


@operands("units", "gain", "shift", "z", "out", "mean", "variance")
def by_running(theta, memory, at, numbers, context, reals):
    """Normalize by running statistics: units, gain, shift, z, out, mean, variance.

    The statistics are read where the network has them. ``numbers``: epsilon.
    """
    n, units = context[at_.ROWS], at[0]
    gain, shift = span(theta, at[1], units), span(theta, at[2], units)
    T = gain.dtype.type
    buffers = pointer(context[at_.STATISTICS], T)
    mean, variance = span(buffers, at[5], units), span(buffers, at[6], units)
    for j in range(units):
        z, out = span(memory, at[3] + j * n, n), span(memory, at[4] + j * n, n)
        root = math.sqrt(variance[j] + T(numbers[0]))
        by, middle, up = gain[j] / root, mean[j], shift[j]
        for i in range(n):
            out[i] = (z[i] - middle) * by + up


@operands("units", "a", "address")
def hand_out(theta, memory, at, numbers, context, reals):
    """Write a chunk's values row by row where the caller reads them, if anywhere.

    Units, a, address (where in the context the caller's stands).
    """
    n, units = context[at_.ROWS], at[0]
    if context[at[2]] == 0:
        return
    T = span(memory, at[1], 1).dtype.type
    out = advanced(pointer(context[at[2]], T), context[at_.FIRST] * units)
    for j in range(units):
        a = span(memory, at[1] + j * n, n)
        for i in range(n):
            out[i * units + j] = a[i]


def predict(theta, memory, at, numbers, context, reals):
    """Take all rows through the network, chunk by chunk."""
    starts = pointer(context[at_.STARTS], np.int64)
    begin, end = starts[at_.GATHER], starts[at_.AFTER]
    before = tiny_are_zero()
    for first in range(0, context[at_.N], context[at_.CHUNK]):
        context[at_.FIRST] = first
        context[at_.ROWS] = min(context[at_.CHUNK], context[at_.N] - first)
        instructions(begin, end, theta, memory, numbers, context, reals)
    as_before(before)
