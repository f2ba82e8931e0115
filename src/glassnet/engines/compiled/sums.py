"""Sums along a row, and of rows.

Along a row the order of additions is the compiler's choice, nowhere else: it keeps several
partial sums side by side. The order depends on the number of addends and on the machine code,
never on threads, so a sum is the same in every run.
"""

from numba import njit
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import fill, span

__all__ = ["add_row", "finite", "product", "squares_about", "sum_of_rows", "total"]

_SUM = {"error_model": "numpy", "fastmath": {"contract", "reassoc", "nsz"}}


@njit(**_SUM)
def total(x):
    """Return the sum of `x`."""
    found = x.dtype.type(0)
    for i in range(x.size):
        found += x[i]
    return found


@njit(**_SUM)
def product(x, y):
    """Return the scalar product of `x` and `y`."""
    found = x.dtype.type(0)
    for i in range(x.size):
        found += x[i] * y[i]
    return found


@njit(**_SUM)
def squares_about(x, mean):
    """Return the sum of squared distances from `mean`."""
    found = x.dtype.type(0)
    for i in range(x.size):
        found += (x[i] - mean) * (x[i] - mean)
    return found


@njit(**_SUM)
def finite(x):
    """Return whether no element is infinite or NaN."""
    zero = x.dtype.type(0)
    found = zero
    for i in range(x.size):
        found += x[i] * zero  # NaN for what is not finite
    return found == zero


@register_jitable
def add_row(out, x, row):
    """Add ``x row`` to `out`."""
    for j in range(out.size):
        out[j] += x * row[j]


@register_jitable
def sum_of_rows(memory, start, count, out):
    """Write into `out` the sum of `count` rows of its length, which begin at `start`."""
    n = out.size
    fill(out, out.dtype.type(0))
    for j in range(count):
        row = span(memory, start + j * n, n)
        for i in range(n):
            out[i] += row[i]
