"""Batch and layer normalization; the equations are those of `glassnet.formulas.layers`."""

import math

from numba.extending import register_jitable

from glassnet.engines.compiled.bits import fill, span
from glassnet.engines.compiled.dense import put
from glassnet.engines.compiled.layout import ROWS
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import product, squares_about, total

__all__ = [
    "batch_backward",
    "batch_forward",
    "layer_backward",
    "layer_forward",
    "running_step",
]


@operands("units", "gain", "shift", "z", "out", "normal", "statistics")
def batch_forward(theta, memory, at, numbers, context, reals):
    """Normalize each unit: units, gain, shift, z, out, normal, then statistics of units.

    The statistics are 1 / root, mean and variance, a stretch each. ``numbers``: epsilon.
    """
    n, units = context[ROWS], at[0]
    gain, shift = span(theta, at[1], units), span(theta, at[2], units)
    T = gain.dtype.type
    inverse, means = span(memory, at[6], units), span(memory, at[6] + units, units)
    variances = span(memory, at[6] + 2 * units, units)
    for j in range(units):
        z, out = span(memory, at[3] + j * n, n), span(memory, at[4] + j * n, n)
        normal = span(memory, at[5] + j * n, n)
        means[j] = total(z) / T(n)
        variances[j] = squares_about(z, means[j]) / T(n)
        inverse[j] = T(1) / math.sqrt(variances[j] + T(numbers[0]))
        mean, by = means[j], inverse[j]
        for i in range(n):
            normal[i] = (z[i] - mean) * by
            out[i] = normal[i] * gain[j] + shift[j]


@operands("units", "gain", "gain_gradient", "shift_gradient", "normal", "statistics", "delta")
def batch_backward(theta, memory, at, numbers, context, reals):
    """Units, gain, gradients of gain and shift, normal, statistics, delta (overwritten)."""
    n, units = context[ROWS], at[0]
    gain = span(theta, at[1], units)
    T = gain.dtype.type
    gain_gradient, shift_gradient = span(memory, at[2], units), span(memory, at[3], units)
    inverse = span(memory, at[5], units)
    for j in range(units):
        normal, delta = span(memory, at[4] + j * n, n), span(memory, at[6] + j * n, n)
        by_gain, by_shift = product(delta, normal), total(delta)
        put(gain_gradient, j, by_gain, context)
        put(shift_gradient, j, by_shift, context)
        moved, stretched, by = by_shift / T(n), by_gain / T(n), inverse[j] * gain[j]
        for i in range(n):
            delta[i] = by * (delta[i] - moved - normal[i] * stretched)


@operands("units", "mean", "variance", "statistics")
def running_step(theta, memory, at, numbers, context, reals):
    """Move running statistics: units, running mean, variance, statistics; momentum."""
    n, units = context[ROWS], at[0]
    if n < 2:
        return  # a batch of one row has no variance
    mean, variance = span(memory, at[1], units), span(memory, at[2], units)
    means = span(memory, at[3] + units, units)
    variances = span(memory, at[3] + 2 * units, units)
    T = mean.dtype.type
    kept, unbiased = T(numbers[0]), T(n / (n - 1))
    for j in range(units):
        mean[j] += kept * (means[j] - mean[j])
        variance[j] += kept * (unbiased * variances[j] - variance[j])


@register_jitable
def _add_rows(memory, start, units, out):
    n = out.size
    fill(out, out.dtype.type(0))
    for j in range(units):
        row = span(memory, start + j * n, n)
        for i in range(n):
            out[i] += row[i]


@operands("units", "gain", "shift", "z", "out", "normal", "inverse", "scratch")
def layer_forward(theta, memory, at, numbers, context, reals):
    """Normalize each row: units, gain, shift, z, out, normal, 1 / roots, means; epsilon."""
    n, units = context[ROWS], at[0]
    gain, shift = span(theta, at[1], units), span(theta, at[2], units)
    inverse, mean = span(memory, at[6], n), span(memory, at[7], n)
    T = gain.dtype.type
    _add_rows(memory, at[3], units, mean)
    for i in range(n):
        mean[i] /= T(units)
        inverse[i] = T(0)
    for j in range(units):
        z = span(memory, at[3] + j * n, n)
        for i in range(n):
            inverse[i] += (z[i] - mean[i]) * (z[i] - mean[i])
    for i in range(n):
        inverse[i] = T(1) / math.sqrt(inverse[i] / T(units) + T(numbers[0]))
    for j in range(units):
        z, out = span(memory, at[3] + j * n, n), span(memory, at[4] + j * n, n)
        normal = span(memory, at[5] + j * n, n)
        for i in range(n):
            normal[i] = (z[i] - mean[i]) * inverse[i]
            out[i] = normal[i] * gain[j] + shift[j]


@operands(
    "units",
    "gain",
    "gain_gradient",
    "shift_gradient",
    "normal",
    "inverse",
    "delta",
    "scratch",
    "second",
)
def layer_backward(theta, memory, at, numbers, context, reals):
    """Units, gain, gradients of gain and shift, normal, 1 / roots, delta (overwritten).

    Two rows of scratch come last.
    """
    n, units = context[ROWS], at[0]
    gain = span(theta, at[1], units)
    T = gain.dtype.type
    gain_gradient, shift_gradient = span(memory, at[2], units), span(memory, at[3], units)
    inverse, moved = span(memory, at[5], n), span(memory, at[7], n)
    stretched = span(memory, at[8], n)
    fill(moved, T(0))
    fill(stretched, T(0))
    for j in range(units):
        normal, delta = span(memory, at[4] + j * n, n), span(memory, at[6] + j * n, n)
        put(gain_gradient, j, product(delta, normal), context)
        put(shift_gradient, j, total(delta), context)
        for i in range(n):
            delta[i] *= gain[j]
            moved[i] += delta[i]
            stretched[i] += delta[i] * normal[i]
    by = T(1) / T(units)
    for j in range(units):
        normal, delta = span(memory, at[4] + j * n, n), span(memory, at[6] + j * n, n)
        for i in range(n):
            apart = delta[i] - moved[i] * by - normal[i] * (stretched[i] * by)
            delta[i] = inverse[i] * apart
