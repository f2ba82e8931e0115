"""Fetching a chunk of the data, and weighing a batch."""

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import advanced, copy, fill, pointer, prefetch, span
from glassnet.engines.compiled.operands import operands

__all__ = ["gather", "targets", "weigh"]

_BLOCK = 16  # rows, and columns, that are turned together
_AHEAD = 8  # rows: the data are asked for that long before they are read
_LINE = 64  # bytes of a line of the cache
_LINES = 8  # of a row; behind these the processor asks for the next by itself


@register_jitable
def row_of(context, place):
    """Return the row of the data that stands at a place of the epoch's order."""
    return pointer(context.order, np.int64)[place] if context.order else place


@operands()
def weigh(theta, memory, at, constants, context, reals):
    """Set the weight of the batch: the sum over its rows, or their number."""
    if context.weight == 0:
        reals.total = context.size
        return
    weight, found = pointer(context.weight, np.float64), 0.0
    for i in range(context.size):
        found += weight[row_of(context, context.begin + i)]
    reals.total = found


@register_jitable
def _ask_for(context, source, place, by_row, count, size):
    """Have a row's beginning brought into the cache: `count` numbers of `size` bytes.

    Rows come in any order, so that the processor cannot know which is next.
    """
    row, line = row_of(context, place) * by_row, _LINE // size
    for j in range(0, min(count, _LINES * line), line):
        prefetch(source, row + j)


@register_jitable
def _columns(memory, out, count, source, by_row, by_column, context):
    """Copy rows of the data into columns, a few of each at a time: both stay in the cache."""
    n, place = context.rows, context.begin + context.first
    size = span(memory, out, 1).itemsize
    for first in range(0, n, _BLOCK):
        end = min(first + _BLOCK, n)
        if by_column == 1:
            for i in range(end, min(end + _BLOCK, n)):
                _ask_for(context, source, place + i, by_row, count, size)
        for begin in range(0, count, _BLOCK):
            for i in range(first, end):
                row = advanced(source, row_of(context, place + i) * by_row)
                for j in range(begin, min(begin + _BLOCK, count)):
                    memory[out + j * n + i] = row[j * by_column]


@operands("units", "out", "as_rows")
def gather(theta, memory, at, constants, context, reals):
    """Fetch the chunk's features, as rows or else as columns."""
    n, units, T = context.rows, at.units, span(memory, at.out, 1).dtype.type
    x, by_row, by_column = pointer(context.x, T), context.x_row, context.x_column
    if at.as_rows == 0:
        _columns(memory, at.out, units, x, by_row, by_column, context)
        return
    place = context.begin + context.first
    for i in range(n):
        row, out = row_of(context, place + i) * by_row, span(memory, at.out + i * units, units)
        if by_column != 1:
            for j in range(units):
                out[j] = x[row + j * by_column]
            continue
        if i + _AHEAD < n:
            _ask_for(context, x, place + i + _AHEAD, by_row, units, out.itemsize)
        copy(span(x, row, units), out)


@operands("outputs", "y", "share")
def targets(theta, memory, at, constants, context, reals):
    """Fetch a chunk's targets, and the share that each row has of the whole weight."""
    n, share = context.rows, span(memory, at.share, context.rows)
    T = share.dtype.type
    y = pointer(context.y, T)
    _columns(memory, at.y, at.outputs, y, context.y_row, context.y_column, context)
    fill(share, T(1 / reals.total))
    if context.weight:
        weight = pointer(context.weight, np.float64)
        for i in range(n):
            row = row_of(context, context.begin + context.first + i)
            share[i] = T(weight[row] / reals.total)
