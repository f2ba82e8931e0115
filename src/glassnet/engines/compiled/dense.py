"""Fully connected layers: products of matrices, in tiles that fit the registers.

A row of ones stands behind the rows that enter a layer. So the bias is one more row of its
weights, and its gradient one more row of theirs: ``z = [a, 1] [W, b]``. Whatever the tiles,
each number is a sum in one order.
"""

from numba.extending import register_jitable

from glassnet.engines.compiled.bits import advanced, fill, span
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
    """Fill a row of a block with 1."""
    n = context.rows
    out = span(memory, at.block + at.row * n, n)
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

    There are `units` j, `places` i and `terms` k. `c`, which is in θ or in memory, has a step
    by unit and one by term. In sizes and steps, 0 stands for the rows of the chunk. A lane's
    later chunks add, where that is asked for.
    """
    n = context.rows
    units, places, terms = at.units or n, at.places or n, at.terms or n
    out, x = advanced(memory, at.out), advanced(memory, at.x)
    c = advanced(theta, at.c) if at.in_theta else advanced(memory, at.c)
    by_unit, by_term = at.by_unit or n, at.by_term or n
    adds = context.adding if at.adds else 0
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
    """Compute the gradient of [W, b], of `rows` rows, as sums along the rows of the chunk."""
    n, units, adds = context.rows, at.units, context.adding
    out, a, delta = advanced(memory, at.out), advanced(memory, at.a), advanced(memory, at.delta)
    rows, i = at.rows, 0
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
    """Write rows as columns; of either, 0 stands for the rows of the chunk."""
    n = context.rows
    rows, columns = at.rows or n, at.columns or n
    side = width(memory)
    for j in range(0, columns, side):
        for i in range(0, rows, side):
            x = advanced(memory, at.x + i * columns + j)
            out = advanced(memory, at.out + j * rows + i)
            if i + side <= rows and j + side <= columns:
                _square(x, columns, out, rows, side, side)
            else:
                _part_of_square(x, columns, out, rows, rows - i, columns - j)


@register_jitable
def put(gradient, place, value, context):
    """Write into the gradient with a lane's first chunk, add with the others."""
    gradient[place] = value if context.adding == 0 else gradient[place] + value
