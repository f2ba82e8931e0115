"""Batch and layer normalization; the equations are those of `glassnet.formulas.layers`."""

import math

from glassnet.engines.compiled.bits import fill, span
from glassnet.engines.compiled.gradients import write_or_add
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import product, squares_about, sum_of_rows, total

__all__ = [
    "batch_backward",
    "batch_forward",
    "layer_backward",
    "layer_forward",
    "running_step",
]


@operands("units", "gain", "shift", "z", "out", "normal", "statistics", constants=("epsilon",))
def batch_forward(theta, memory, at, constants, context, reals):
    """Normalize each unit; the statistics are 1 / root, mean and variance of all units."""
    n, units = context.rows, at.units
    gain, shift = span(theta, at.gain, units), span(theta, at.shift, units)
    T = gain.dtype.type
    inverse = span(memory, at.statistics, units)
    means = span(memory, at.statistics + units, units)
    variances = span(memory, at.statistics + 2 * units, units)
    for j in range(units):
        z, out = span(memory, at.z + j * n, n), span(memory, at.out + j * n, n)
        normal = span(memory, at.normal + j * n, n)
        means[j] = total(z) / T(n)
        variances[j] = squares_about(z, means[j]) / T(n)
        inverse[j] = T(1) / math.sqrt(variances[j] + T(constants.epsilon))
        mean, by = means[j], inverse[j]
        for i in range(n):
            normal[i] = (z[i] - mean) * by
            out[i] = normal[i] * gain[j] + shift[j]


@operands("units", "gain", "gain_gradient", "shift_gradient", "normal", "statistics", "delta")
def batch_backward(theta, memory, at, constants, context, reals):
    """Compute the gradients of gain and shift, and turn delta."""
    n, units = context.rows, at.units
    gain = span(theta, at.gain, units)
    T = gain.dtype.type
    gain_gradient = span(memory, at.gain_gradient, units)
    shift_gradient = span(memory, at.shift_gradient, units)
    inverse = span(memory, at.statistics, units)
    for j in range(units):
        normal, delta = span(memory, at.normal + j * n, n), span(memory, at.delta + j * n, n)
        by_gain, by_shift = product(delta, normal), total(delta)
        write_or_add(gain_gradient, j, by_gain, context)
        write_or_add(shift_gradient, j, by_shift, context)
        moved, stretched, by = by_shift / T(n), by_gain / T(n), inverse[j] * gain[j]
        for i in range(n):
            delta[i] = by * (delta[i] - moved - normal[i] * stretched)


@operands("units", "mean", "variance", "statistics", constants=("momentum",))
def running_step(theta, memory, at, constants, context, reals):
    """Move the running mean and variance towards the batch's."""
    n, units = context.rows, at.units
    if n < 2:
        return  # a batch of one row has no variance
    mean, variance = span(memory, at.mean, units), span(memory, at.variance, units)
    means = span(memory, at.statistics + units, units)
    variances = span(memory, at.statistics + 2 * units, units)
    T = mean.dtype.type
    momentum, unbiased = T(constants.momentum), T(n / (n - 1))
    for j in range(units):
        mean[j] += momentum * (means[j] - mean[j])
        variance[j] += momentum * (unbiased * variances[j] - variance[j])


@operands(
    "units", "gain", "shift", "z", "out", "normal", "inverse", "scratch", constants=("epsilon",)
)
def layer_forward(theta, memory, at, constants, context, reals):
    """Normalize each row; ``inverse`` is 1 / root."""
    n, units = context.rows, at.units
    gain, shift = span(theta, at.gain, units), span(theta, at.shift, units)
    inverse, mean = span(memory, at.inverse, n), span(memory, at.scratch, n)
    T = gain.dtype.type
    sum_of_rows(memory, at.z, units, mean)
    for i in range(n):
        mean[i] /= T(units)
        inverse[i] = T(0)
    for j in range(units):
        z = span(memory, at.z + j * n, n)
        for i in range(n):
            inverse[i] += (z[i] - mean[i]) * (z[i] - mean[i])
    for i in range(n):
        inverse[i] = T(1) / math.sqrt(inverse[i] / T(units) + T(constants.epsilon))
    for j in range(units):
        z, out = span(memory, at.z + j * n, n), span(memory, at.out + j * n, n)
        normal = span(memory, at.normal + j * n, n)
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
)
def layer_backward(theta, memory, at, constants, context, reals):
    """Compute the gradients of gain and shift, and turn delta."""
    n, units = context.rows, at.units
    gain = span(theta, at.gain, units)
    T = gain.dtype.type
    gain_gradient = span(memory, at.gain_gradient, units)
    shift_gradient = span(memory, at.shift_gradient, units)
    inverse, moved = span(memory, at.inverse, n), span(memory, at.scratch, n)
    stretched = span(memory, at.scratch + n, n)
    fill(moved, T(0))
    fill(stretched, T(0))
    for j in range(units):
        normal, delta = span(memory, at.normal + j * n, n), span(memory, at.delta + j * n, n)
        write_or_add(gain_gradient, j, product(delta, normal), context)
        write_or_add(shift_gradient, j, total(delta), context)
        for i in range(n):
            delta[i] *= gain[j]
            moved[i] += delta[i]
            stretched[i] += delta[i] * normal[i]
    by = T(1) / T(units)
    for j in range(units):
        normal, delta = span(memory, at.normal + j * n, n), span(memory, at.delta + j * n, n)
        for i in range(n):
            apart = delta[i] - moved[i] * by - normal[i] * (stretched[i] * by)
            delta[i] = inverse[i] * apart
