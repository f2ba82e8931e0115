"""Fully connected layers: products of matrices, in tiles that fit the registers.

A row of ones stands behind the rows that enter a layer. So the bias is one more row of its
weights, and its gradient one more row of theirs: ``z = [a, 1] [W, b]``. Whatever the tiles,
each number is a sum in one order.
"""

from numba.extending import register_jitable

from glassnet.engines.compiled.bits import advanced, fill, span
from glassnet.engines.compiled.layout import ADDING, ROWS
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.vectors import (
    MOST_ROWS,
    MOST_UNITS,
    add_products,
    dots,
    transposed,
    width,
)

__all__ = ["gradient_along_rows", "multiply", "ones", "put", "transpose"]

_VECTORS = 3  # of a tile, side by side
_TERMS = 256  # added at once: what they need of both factors stays in the cache


@operands("block", "row")
def ones(theta, memory, at, numbers, context, reals):
    """Fill a row with 1: block, row (which of the block's)."""
    n = context[ROWS]
    out = span(memory, at[0] + at[1] * n, n)
    fill(out, out.dtype.type(1))


def _stripe(vectors, masked):
    """Return a function that makes a stripe of a product: all units of a few places."""
    tiles = [add_products(units, vectors, masked) for units in (MOST_UNITS, 4, 2, 1)]
    most, four, two, one = tiles

    @register_jitable
    def stripe(units, out, x, c, stride, by_unit, by_term, terms, adds, count):
        """Take the largest tiles first."""
        j = 0
        while j + MOST_UNITS <= units:
            to, of = advanced(out, j * stride), advanced(c, j * by_unit)
            most(to, x, of, stride, by_unit, by_term, terms, adds, count)
            j += MOST_UNITS
        if j + 4 <= units:
            to, of = advanced(out, j * stride), advanced(c, j * by_unit)
            four(to, x, of, stride, by_unit, by_term, terms, adds, count)
            j += 4
        if j + 2 <= units:
            to, of = advanced(out, j * stride), advanced(c, j * by_unit)
            two(to, x, of, stride, by_unit, by_term, terms, adds, count)
            j += 2
        if j < units:
            to, of = advanced(out, j * stride), advanced(c, j * by_unit)
            one(to, x, of, stride, by_unit, by_term, terms, adds, count)

    return stripe


_wide_stripe, _last_stripe = _stripe(_VECTORS, False), _stripe(1, True)


@operands("units", "places", "terms", "out", "x", "c", "in_theta", "by_unit", "by_term", "adds")
def multiply(theta, memory, at, numbers, context, reals):
    """Compute a product: ``out[j, i] = sum over k of c[j, k] x[k, i]``.

    Units (j), places (i), terms (k); out, x, c, in_theta (whether c is); steps of c: by_unit,
    by_term; adds (whether a lane's later chunks do). In sizes and steps, 0 stands for the rows
    of the chunk.
    """
    n = context[ROWS]
    units, places, terms = at[0] or n, at[1] or n, at[2] or n
    out, x = advanced(memory, at[3]), advanced(memory, at[4])
    c = advanced(theta, at[5]) if at[6] else advanced(memory, at[5])
    by_unit, by_term = at[7] or n, at[8] or n
    adds = context[ADDING] if at[9] else 0
    narrow = width(out)
    wide = narrow * _VECTORS
    for k in range(0, terms, _TERMS):
        some, by = min(_TERMS, terms - k), advanced(c, k * by_term)
        row, i = advanced(x, k * places), 0
        while i + wide <= places:
            to, of = advanced(out, i), advanced(row, i)
            _wide_stripe(units, to, of, by, places, by_unit, by_term, some, adds, wide)
            i += wide
        while i < places:
            to, of, left = advanced(out, i), advanced(row, i), places - i
            _last_stripe(units, to, of, by, places, by_unit, by_term, some, adds, left)
            i += narrow
        adds = 1


def _columns(rows):
    """Return a function that fills so many rows of a gradient."""
    four, two, one = dots(rows, 4), dots(rows, 2), dots(rows, 1)

    @register_jitable
    def fill_rows(units, out, x, y, n, adds):
        """Take the largest tiles first."""
        j = 0
        while j + 4 <= units:
            four(advanced(out, j), x, advanced(y, j * n), n, n, units, 1, adds)
            j += 4
        if j + 2 <= units:
            two(advanced(out, j), x, advanced(y, j * n), n, n, units, 1, adds)
            j += 2
        if j < units:
            one(advanced(out, j), x, advanced(y, j * n), n, n, units, 1, adds)

    return fill_rows


_some_rows, _one_row = _columns(MOST_ROWS), _columns(1)


@operands("rows", "units", "out", "a", "delta")
def gradient_along_rows(theta, memory, at, numbers, context, reals):
    """Compute the gradient of [W, b] as sums along the rows of the chunk.

    Rows (of [a, 1]), units, out, a, delta.
    """
    n, units, adds = context[ROWS], at[1], context[ADDING]
    out, a, delta = advanced(memory, at[2]), advanced(memory, at[3]), advanced(memory, at[4])
    rows, i = at[0], 0
    while i + MOST_ROWS <= rows:
        _some_rows(units, advanced(out, i * units), advanced(a, i * n), delta, n, adds)
        i += MOST_ROWS
    if 0 < i < rows and adds == 0:  # some are made again, and become the same
        i = rows - MOST_ROWS
        _some_rows(units, advanced(out, i * units), advanced(a, i * n), delta, n, adds)
        i = rows
    while i < rows:
        _one_row(units, advanced(out, i * units), advanced(a, i * n), delta, n, adds)
        i += 1


_square, _part_of_square = transposed(False), transposed(True)


@operands("rows", "columns", "x", "out")
def transpose(theta, memory, at, numbers, context, reals):
    """Write rows as columns: rows, columns, x, out; 0 stands for the rows of the chunk."""
    n = context[ROWS]
    rows, columns = at[0] or n, at[1] or n
    side = width(memory)
    for j in range(0, columns, side):
        for i in range(0, rows, side):
            x = advanced(memory, at[2] + i * columns + j)
            out = advanced(memory, at[3] + j * rows + i)
            if i + side <= rows and j + side <= columns:
                _square(x, columns, out, rows, side, side)
            else:
                _part_of_square(x, columns, out, rows, rows - i, columns - j)


@register_jitable
def put(gradient, place, value, context):
    """Write into the gradient with a lane's first chunk, add with the others."""
    gradient[place] = value if context[ADDING] == 0 else gradient[place] + value
