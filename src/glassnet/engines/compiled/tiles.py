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

__all__ = ["gradient_along_rows", "multiply", "ones", "transpose"]

# Baked into machine code, so that no command times them again: chosen by timing, once.
_VECTORS = 3  # of a tile, side by side
_TERMS = 256  # added at once: what they need of both factors stays in the cache


@operands("block", "row")
def ones(theta, memory, at, constants, context, reals):
    """Fill a row of a block with 1."""
    n = context.rows
    out = span(memory, at.block + at.row * n, n)
    fill(out, out.dtype.type(1))


def _ladder(tile, most):
    """Return a function that covers all units with tiles, the largest that fit first.

    Written out, for rungs that call each other take twice as long to compile.
    """
    large, four, two, one = (tile(units) for units in (most, 4, 2, 1))

    @register_jitable
    def cover(units, out, by_out, c, by_unit, given):
        """Hand each tile its places in `out` and `c`, and what all of them are given."""
        j = 0
        while j + most <= units:
            large(advanced(out, j * by_out), advanced(c, j * by_unit), *given)
            j += most
        if j + 4 <= units:
            four(advanced(out, j * by_out), advanced(c, j * by_unit), *given)
            j += 4
        if j + 2 <= units:
            two(advanced(out, j * by_out), advanced(c, j * by_unit), *given)
            j += 2
        if j < units:
            one(advanced(out, j * by_out), advanced(c, j * by_unit), *given)

    return cover


_wide_stripe = _ladder(lambda units: add_products(units, _VECTORS, False), MOST_UNITS)
_last_stripe = _ladder(lambda units: add_products(units, 1, True), MOST_UNITS)
_some_rows = _ladder(lambda units: dots(MOST_ROWS, units), 4)
_one_row = _ladder(lambda units: dots(1, units), 4)


@operands("units", "places", "terms", "out", "x", "c", "in_theta", "by_unit", "by_term", "adds")
def multiply(theta, memory, at, constants, context, reals):
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
            given = advanced(row, i), places, by_unit, by_term, some, adds, wide
            _wide_stripe(units, advanced(out, i), places, by, by_unit, given)
            i += wide
        while i < places:
            given = advanced(row, i), places, by_unit, by_term, some, adds, places - i
            _last_stripe(units, advanced(out, i), places, by, by_unit, given)
            i += narrow
        adds = 1


@operands("rows", "units", "out", "a", "delta")
def gradient_along_rows(theta, memory, at, constants, context, reals):
    """Compute the gradient of [W, b], of `rows` rows, as sums along the rows of the chunk."""
    n, units, adds = context.rows, at.units, context.adding
    out, a, delta = advanced(memory, at.out), advanced(memory, at.a), advanced(memory, at.delta)
    rows, i = at.rows, 0
    while i < rows:
        if adds == 0 and i > rows - MOST_ROWS > 0:
            i = rows - MOST_ROWS  # some are made again, and become the same
        to, given = advanced(out, i * units), (advanced(a, i * n), n, units, adds)
        if i + MOST_ROWS <= rows:
            _some_rows(units, to, 1, delta, n, given)
            i += MOST_ROWS
        else:
            _one_row(units, to, 1, delta, n, given)
            i += 1


_square, _part_of_square = transposed(False), transposed(True)


@operands("rows", "columns", "x", "out")
def transpose(theta, memory, at, constants, context, reals):
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
