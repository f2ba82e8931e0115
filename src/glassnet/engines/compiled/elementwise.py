"""Kernels made from the scalar pairs: an activation, and a loss that is a sum over outputs."""

from functools import cache

import numpy as np

from glassnet.engines.compiled import scalars
from glassnet.engines.compiled.bits import span, weighted
from glassnet.engines.compiled.layout import LOSS, ROWS
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import total

__all__ = ["activation_backward", "activation_forward", "loss"]


@cache
def activation_forward(name):
    """Return the kernel of an activation: ``at`` holds units, z, a."""
    value, _ = scalars.ACTIVATIONS[name]

    @operands("units", "z", "a")
    def forward(theta, memory, at, numbers, context, reals):
        """Fill a."""
        size = at[0] * context[ROWS]
        z, a = span(memory, at[1], size), span(memory, at[2], size)
        p = z.dtype.type(numbers[0])
        for i in range(size):
            a[i] = value(z[i], p)

    return forward


@cache
def activation_backward(name):
    """Return the kernel that turns delta by the slope: units, z, a, delta (overwritten)."""
    _, slope = scalars.ACTIVATIONS[name]

    @operands("units", "z", "a", "delta")
    def backward(theta, memory, at, numbers, context, reals):
        """Multiply delta by the slope."""
        size = at[0] * context[ROWS]
        z, a = span(memory, at[1], size), span(memory, at[2], size)
        delta = span(memory, at[3], size)
        p = z.dtype.type(numbers[0])
        for i in range(size):
            delta[i] *= slope(z[i], a[i], p)

    return backward


@cache
def loss(name):
    """Return the kernel of a loss: outputs, y, f, shares, delta, a row of scratch."""
    value, gradient = scalars.LOSSES[name]

    @operands("units", "y", "f", "share", "delta", "scratch")
    def value_and_gradient(theta, memory, at, numbers, context, reals):
        """Fill delta, and add to the loss."""
        rows = context[ROWS]
        share, each = span(memory, at[3], rows), span(memory, at[5], rows)
        p = share.dtype.type(numbers[0])
        for i in range(rows):
            each[i] = share.dtype.type(0)
        for k in range(at[0]):
            y, f = span(memory, at[1] + k * rows, rows), span(memory, at[2] + k * rows, rows)
            delta = span(memory, at[4] + k * rows, rows)
            for i in range(rows):
                # read before anything is written: then value and gradient share their terms
                target, logit, by = y[i], f[i], share[i]
                each[i] += weighted(by, value(target, logit, p))
                delta[i] = weighted(by, gradient(target, logit, p))
        reals[LOSS] += np.float64(total(each))

    return value_and_gradient
