"""Softmax, its logarithm and its cross-entropy, for all rows of a chunk at once."""

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import copy, fill, scalar, span, weighted
from glassnet.engines.compiled.mathematics import exp_negative, log1p
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import sum_of_rows, total

__all__ = ["ACTIVATIONS", "LOSSES"]


@register_jitable
def _largest(memory, z, units, largest):
    n = largest.size
    copy(span(memory, z, n), largest)
    for k in range(1, units):
        row = span(memory, z + k * n, n)
        for i in range(n):
            largest[i] = row[i] if row[i] > largest[i] else largest[i]


@scalar
def _below(z, largest):
    """Return ``z - largest``, 0 for the largest though it be infinite."""
    return type(z)(0) if z == largest else z - largest


@scalar
def _power(z, largest):
    """Return ``exp(z - largest)`` with what the subtraction rounds away put back."""
    T = type(z)
    gap = _below(z, largest)
    e = exp_negative(gap)
    x, y = (z if abs(z) < T(4096) else T(0)), (largest if abs(largest) < T(4096) else T(0))
    d = x - y
    minus_y = d - x
    return e + e * ((x - (d - minus_y)) - (y + minus_y))


@register_jitable
def _powers(memory, z, out, units, largest, others):
    """Write ``exp(z - largest)``; `others` is their sum but for one largest."""
    n = largest.size
    zero = largest.dtype.type(0)
    fill(others, largest.dtype.type(-1))
    for k in range(units):  # the largest are counted first: whole numbers add up exactly
        row = span(memory, z + k * n, n)
        for i in range(n):
            others[i] += largest.dtype.type(1) if row[i] == largest[i] else zero
    for k in range(units):
        row, e = span(memory, z + k * n, n), span(memory, out + k * n, n)
        for i in range(n):
            logit, top = row[i], largest[i]
            power = _power(logit, top)
            e[i] = power
            others[i] += zero if logit == top else power


@operands("units", "z", "a", "scratch")
def softmax(theta, memory, at, constants, context, reals):
    """Compute the softmax."""
    n, units = context.rows, at.units
    largest, others = span(memory, at.scratch, n), span(memory, at.scratch + n, n)
    _largest(memory, at.z, units, largest)
    _powers(memory, at.z, at.a, units, largest, others)
    for k in range(units):
        a = span(memory, at.a + k * n, n)
        for i in range(n):
            a[i] /= a.dtype.type(1) + others[i]


@operands("units", "z", "a", "delta", "scratch")
def softmax_backward(theta, memory, at, constants, context, reals):
    """Turn delta by the Jacobian."""
    n, units = context.rows, at.units
    mean = span(memory, at.scratch, n)
    fill(mean, mean.dtype.type(0))
    for k in range(units):
        a, delta = span(memory, at.a + k * n, n), span(memory, at.delta + k * n, n)
        for i in range(n):
            mean[i] += a[i] * delta[i]
    for k in range(units):
        a, delta = span(memory, at.a + k * n, n), span(memory, at.delta + k * n, n)
        for i in range(n):
            delta[i] = a[i] * (delta[i] - mean[i])


@operands("units", "z", "a", "scratch")
def log_softmax(theta, memory, at, constants, context, reals):
    """Compute the logarithm of the softmax."""
    n, units = context.rows, at.units
    largest, others = span(memory, at.scratch, n), span(memory, at.scratch + n, n)
    _largest(memory, at.z, units, largest)
    _powers(memory, at.z, at.a, units, largest, others)
    for i in range(n):
        others[i] = log1p(others[i])
    for k in range(units):
        z, a = span(memory, at.z + k * n, n), span(memory, at.a + k * n, n)
        for i in range(n):
            a[i] = _below(z[i], largest[i]) - others[i]


@operands("units", "z", "a", "delta", "scratch")
def log_softmax_backward(theta, memory, at, constants, context, reals):
    """Turn delta by the Jacobian."""
    n, units = context.rows, at.units
    sums = span(memory, at.scratch, n)
    sum_of_rows(memory, at.delta, units, sums)
    for k in range(units):
        a, delta = span(memory, at.a + k * n, n), span(memory, at.delta + k * n, n)
        for i in range(n):
            delta[i] -= exp_negative(a[i]) * sums[i]


@operands("units", "y", "f", "share", "delta", "scratch", constants=("parameter",))
def categorical_cross_entropy(theta, memory, at, constants, context, reals):
    """Compute value and gradient at the logits, with five rows of scratch."""
    n, units = context.rows, at.units
    share = span(memory, at.share, n)
    T = share.dtype.type
    smoothing = constants.parameter
    kept, added = T(1 - smoothing), T(smoothing / units)
    largest, others = span(memory, at.scratch, n), span(memory, at.scratch + n, n)
    each, targets = span(memory, at.scratch + 2 * n, n), span(memory, at.scratch + 3 * n, n)
    _largest(memory, at.f, units, largest)
    _powers(memory, at.f, at.delta, units, largest, others)
    logarithm = span(memory, at.scratch + 4 * n, n)
    for i in range(n):
        logarithm[i], each[i], targets[i] = log1p(others[i]), T(0), T(0)
    for k in range(units):
        y, f = span(memory, at.y + k * n, n), span(memory, at.f + k * n, n)
        for i in range(n):
            t = kept * y[i] + added
            surprise = logarithm[i] - _below(f[i], largest[i])
            each[i] += weighted(t, surprise)
            targets[i] += t
    for i in range(n):
        each[i] = weighted(share[i], each[i])
        targets[i] = targets[i] / (T(1) + others[i])
    reals.loss += np.float64(total(each))
    for k in range(units):
        y, delta = span(memory, at.y + k * n, n), span(memory, at.delta + k * n, n)
        for i in range(n):
            delta[i] = weighted(share[i], targets[i] * delta[i] - (kept * y[i] + added))


ACTIVATIONS = {
    "softmax": (softmax, softmax_backward),
    "log_softmax": (log_softmax, log_softmax_backward),
}
LOSSES = {"categorical_cross_entropy": categorical_cross_entropy}
