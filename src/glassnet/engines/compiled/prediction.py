"""Prediction: kernels that training has no use for, and the loop over chunks of rows."""

import math

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled import layout
from glassnet.engines.compiled.bits import advanced, copy, pointer, span
from glassnet.engines.compiled.blas import affine
from glassnet.engines.compiled.denormals import as_before, tiny_are_zero
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import add_row
from glassnet.engines.compiled.team import execute

__all__ = ["by_running", "from_rows", "hand_out", "one_row", "predict"]


@register_jitable
def _add_four(out, a, b, c, d, u, v, w, x):
    for i in range(out.size):
        out[i] += (u * a[i] + v * b[i]) + (w * c[i] + x * d[i])


@register_jitable
def _add_rows(out, theta, inputs, count, weights):
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
def one_row(theta, memory, at, constants, context, reals):
    """Compute ``z = a W + b`` for one row, along the units."""
    units_in, units = at.units_in, at.units
    z = span(memory, at.z, units)
    copy(span(theta, at.b, units), z)
    _add_rows(z, theta, at.W, units_in, span(memory, at.a, units_in))


@operands("units_in", "units", "W", "b", "z", "gemm")
def from_rows(theta, memory, at, constants, context, reals):
    """Compute ``z = x W + b`` from the caller's own rows.

    The features of a row lie side by side, or the rows of a feature do.
    """
    b, W, z = span(theta, at.b, at.units), advanced(theta, at.W), advanced(memory, at.z)
    row, column = context.x_row, context.x_column
    x = advanced(pointer(context.x, b.dtype.type), context.first * row)
    by_row, step = (1, row) if column == 1 else (0, column)
    affine(at.gemm, b, W, at.units, x, by_row, step, at.units_in, z, context.rows)


@operands("units", "gain", "shift", "z", "out", "mean", "variance", constants=("epsilon",))
def by_running(theta, memory, at, constants, context, reals):
    """Normalize by running statistics, which are read where the network has them."""
    n, units = context.rows, at.units
    gain, shift = span(theta, at.gain, units), span(theta, at.shift, units)
    T = gain.dtype.type
    buffers = pointer(context.statistics, T)
    mean, variance = span(buffers, at.mean, units), span(buffers, at.variance, units)
    for j in range(units):
        z, out = span(memory, at.z + j * n, n), span(memory, at.out + j * n, n)
        root = math.sqrt(variance[j] + T(constants.epsilon))
        by, middle, up = gain[j] / root, mean[j], shift[j]
        for i in range(n):
            out[i] = (z[i] - middle) * by + up


@operands("units", "a", "logits")
def hand_out(theta, memory, at, constants, context, reals):
    """Write a chunk's values row by row where the caller reads outputs, or logits, if any."""
    n, units = context.rows, at.units
    address = context.logits if at.logits else context.out
    if address == 0:
        return
    T = span(memory, at.a, 1).dtype.type
    out = advanced(pointer(address, T), context.first * units)
    for j in range(units):
        a = span(memory, at.a + j * n, n)
        for i in range(n):
            out[i * units + j] = a[i]


def predict(theta, memory, at, constants, context, reals):
    """Take all rows through the network, chunk by chunk."""
    starts = pointer(context.starts, np.int64)
    begin, end = starts[layout.GATHER], starts[layout.AFTER]
    before = tiny_are_zero()
    for first in range(0, context.n, context.chunk):
        context.first = first
        context.rows = min(context.chunk, context.n - first)
        execute(begin, end, theta, memory, constants, context, reals)
    as_before(before)
