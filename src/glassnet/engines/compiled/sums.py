"""Sums along a row, and of rows.

Along a row the order of additions is the compiler's choice, nowhere else: it keeps several
partial sums side by side. The order depends on the number of addends and on the machine code,
never on threads, so a sum is the same in every run.
"""

from numba import njit

__all__ = ["add_row", "finite", "product", "squares_about", "total"]

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


@njit(error_model="numpy", fastmath={"contract"})
def add_row(out, x, row):
    """Add ``x row`` to `out`."""
    for j in range(out.size):
        out[j] += x * row[j]
