"""The first layer of a network on sparse data (CSR): products that walk the entries.

The weights of a feature, ``units`` of them, lie side by side, and each entry adds them, or
to their gradient, as one row. So a few rows of the chunk at a time lie rows × units in a
scratch block, and are turned on their way from or to the layers behind, which have units ×
rows. Nobody asks for the gradient by the data.
"""

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled.batch import row_of
from glassnet.engines.compiled.bits import copy, fill, pointer, span
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import add_row

__all__ = ["BLOCK", "backward", "forward"]

BLOCK = 8  # rows in the scratch block: a line of the cache, where they are turned


@register_jitable
def _column(context, entry):
    if context.wide:
        return pointer(context.columns, np.int64)[entry]
    return np.int64(pointer(context.columns, np.int32)[entry])


@register_jitable
def _turn(memory, block, units, rows, n, count, to_block):
    """Copy `count` rows from where units × n begin to a block, or the other way."""
    for j in range(units):
        along = span(memory, rows + j * n, count)
        for k in range(count):
            if to_block:
                memory[block + k * units + j] = along[k]
            else:
                along[k] = memory[block + k * units + j]


@operands("units", "W_step", "W", "b", "z", "scratch")
def forward(theta, memory, at, constants, context, reals):
    """Compute ``z = X W + b``, for a stretch of the layer's units."""
    n, units, step = context.rows, at.units, at.W_step
    b = span(theta, at.b, units)
    values, starts = pointer(context.x, b.dtype.type), pointer(context.row_starts, np.int64)
    for first in range(0, n, BLOCK):
        count = min(BLOCK, n - first)
        for k in range(count):
            row = row_of(context, context.begin + context.first + first + k)
            z = span(memory, at.scratch + k * units, units)
            copy(b, z)
            for e in range(starts[row], starts[row + 1]):
                weights = span(theta, at.W + _column(context, e) * step, units)
                add_row(z, values[e], weights)
        _turn(memory, at.scratch, units, at.z + first, n, count, False)


@operands("units", "W_step", "gradient", "delta", "scratch", "units_in")
def backward(theta, memory, at, constants, context, reals):
    """Compute the gradient of W, for a stretch of the layer's units: 0 where no entry is."""
    n, units, step = context.rows, at.units, at.W_step
    T = span(memory, at.gradient, 1).dtype.type
    values, starts = pointer(context.x, T), pointer(context.row_starts, np.int64)
    if context.adding == 0:
        for i in range(at.units_in):
            fill(span(memory, at.gradient + i * step, units), T(0))
    for first in range(0, n, BLOCK):
        count = min(BLOCK, n - first)
        _turn(memory, at.scratch, units, at.delta + first, n, count, True)
        for k in range(count):
            row = row_of(context, context.begin + context.first + first + k)
            delta = span(memory, at.scratch + k * units, units)
            for e in range(starts[row], starts[row + 1]):
                gradient = span(memory, at.gradient + _column(context, e) * step, units)
                add_row(gradient, values[e], delta)
