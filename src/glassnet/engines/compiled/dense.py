"""Fully connected layers of small networks, as loops along the rows of a chunk."""

from numba import njit
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import fill, span
from glassnet.engines.compiled.layout import ADDING, ROWS
from glassnet.engines.compiled.sums import product, products, total

__all__ = ["backward", "forward", "mix", "put"]


@njit(error_model="numpy", fastmath={"contract"})
def _add(out, a, w):
    for i in range(out.size):
        out[i] += w * a[i]


@njit(error_model="numpy", fastmath={"contract"})
def _add_four(out, a, b, c, d, u, v, w, x):
    for i in range(out.size):
        out[i] += (u * a[i] + v * b[i]) + (w * c[i] + x * d[i])


@register_jitable
def mix(out, memory, inputs, count, weights, stride):
    """Add to `out` the rows at `inputs`, each times its weight, four at a time."""
    n = out.size
    for i in range(0, count - 3, 4):
        a = inputs + i * n
        _add_four(
            out,
            span(memory, a, n),
            span(memory, a + n, n),
            span(memory, a + 2 * n, n),
            span(memory, a + 3 * n, n),
            weights[i * stride],
            weights[(i + 1) * stride],
            weights[(i + 2) * stride],
            weights[(i + 3) * stride],
        )
    for i in range(count - count % 4, count):
        _add(out, span(memory, inputs + i * n, n), weights[i * stride])


def forward(theta, memory, at, numbers, context, reals):
    """Compute ``z = a W + b``: units in, units, W, b, a, z."""
    n, units_in, units = context[ROWS], at[0], at[1]
    b = span(theta, at[3], units)
    for j in range(units):
        z = span(memory, at[5] + j * n, n)
        fill(z, b[j])
        mix(z, memory, at[4], units_in, span(theta, at[2] + j, units_in * units), units)


@register_jitable
def put(gradient, place, value, context):
    """Write into the gradient with a lane's first chunk, add with the others."""
    gradient[place] = value if context[ADDING] == 0 else gradient[place] + value


def backward(theta, memory, at, numbers, context, reals):
    """Compute the gradients, and that by the input.

    Units in, units, W (in theta), gradients of W and b, a, delta, delta of the input (or
    -1, where nobody asks for it).
    """
    n, units_in, units = context[ROWS], at[0], at[1]
    W_gradient = span(memory, at[3], units_in * units)
    b_gradient = span(memory, at[4], units)
    for j in range(units):
        delta = span(memory, at[6] + j * n, n)
        put(b_gradient, j, total(delta), context)
        for i in range(0, units_in - 3, 4):
            a = at[5] + i * n
            rows = span(memory, a, n), span(memory, a + n, n)
            others = span(memory, a + 2 * n, n), span(memory, a + 3 * n, n)
            found = products(rows[0], rows[1], others[0], others[1], delta)
            for k in range(4):
                put(W_gradient, (i + k) * units + j, found[k], context)
        for i in range(units_in - units_in % 4, units_in):
            found = product(span(memory, at[5] + i * n, n), delta)
            put(W_gradient, i * units + j, found, context)
    if at[7] < 0:
        return
    for i in range(units_in):
        out = span(memory, at[7] + i * n, n)
        fill(out, delta.dtype.type(0))
        mix(out, memory, at[6], units, span(theta, at[2] + i * units, units), 1)
