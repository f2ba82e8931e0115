"""Fetching a chunk of the data, and weighing a batch."""

import numpy as np
from numba import njit
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import advanced, fill, pointer, span
from glassnet.engines.compiled.layout import (
    BEGIN,
    FIRST,
    ORDER,
    ROWS,
    SIZE,
    TOTAL,
    WEIGHT,
    X_COLUMN,
    X_ROW,
    Y_COLUMN,
    Y_ROW,
    X,
    Y,
)

__all__ = ["gather", "targets", "weigh"]

_BLOCK = 16


@njit(error_model="numpy")
def row_of(context, place):
    """Return the row of the data that stands at a place of the epoch's order."""
    return pointer(context[ORDER], np.int64)[place] if context[ORDER] else place


def weigh(theta, memory, at, numbers, context, reals):
    """Set the weight of the batch: the sum over its rows, or their number."""
    if context[WEIGHT] == 0:
        reals[TOTAL] = context[SIZE]
        return
    weight, found = pointer(context[WEIGHT], np.float64), 0.0
    for i in range(context[SIZE]):
        found += weight[row_of(context, context[BEGIN] + i)]
    reals[TOTAL] = found


@register_jitable
def _columns(memory, out, count, source, by_row, by_column, context):
    """Copy rows of the data into columns, a few of each at a time: both stay in the cache."""
    n, place = context[ROWS], context[BEGIN] + context[FIRST]
    for first in range(0, n, _BLOCK):
        for begin in range(0, count, _BLOCK):
            for i in range(first, min(first + _BLOCK, n)):
                row = advanced(source, row_of(context, place + i) * by_row)
                for j in range(begin, min(begin + _BLOCK, count)):
                    memory[out + j * n + i] = row[j * by_column]


def gather(theta, memory, at, numbers, context, reals):
    """Fetch the chunk's features: how many, where they go, whether as rows (else columns)."""
    n, T, by_column = context[ROWS], span(memory, at[1], 1).dtype.type, context[X_COLUMN]
    x, by_row = pointer(context[X], T), context[X_ROW]
    if at[2] == 0:
        _columns(memory, at[1], at[0], x, by_row, by_column, context)
        return
    for i in range(n):
        row = row_of(context, context[BEGIN] + context[FIRST] + i) * by_row
        out = span(memory, at[1] + i * at[0], at[0])
        for j in range(at[0]):
            out[j] = x[row + j * by_column]


def targets(theta, memory, at, numbers, context, reals):
    """Fetch a chunk's targets: outputs, y, shares (of the whole weight)."""
    n, share = context[ROWS], span(memory, at[2], context[ROWS])
    T = share.dtype.type
    y = pointer(context[Y], T)
    _columns(memory, at[1], at[0], y, context[Y_ROW], context[Y_COLUMN], context)
    fill(share, T(1 / reals[TOTAL]))
    if context[WEIGHT]:
        weight = pointer(context[WEIGHT], np.float64)
        for i in range(n):
            row = row_of(context, context[BEGIN] + context[FIRST] + i)
            share[i] = T(weight[row] / reals[TOTAL])
