"""Kernels made from the scalar pairs: an activation, and a loss that is a sum over outputs."""

from functools import cache

import numpy as np

from glassnet.engines.compiled import scalars
from glassnet.engines.compiled.bits import fill, span, weighted
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import total

__all__ = ["activation_backward", "activation_forward", "loss"]


@cache
def activation_forward(name):
    """Return the kernel of an activation."""
    value, _ = scalars.ACTIVATIONS[name]

    @operands("units", "z", "a", constants=("parameter",))
    def forward(theta, memory, at, constants, context, reals):
        """Fill a."""
        size = at.units * context.rows
        z, a = span(memory, at.z, size), span(memory, at.a, size)
        p = z.dtype.type(constants.parameter)
        for i in range(size):
            a[i] = value(z[i], p)

    return forward


@cache
def activation_backward(name):
    """Return the kernel that turns delta by the slope of an activation."""
    _, slope = scalars.ACTIVATIONS[name]

    @operands("units", "z", "a", "delta", constants=("parameter",))
    def backward(theta, memory, at, constants, context, reals):
        """Multiply delta by the slope."""
        size = at.units * context.rows
        z, a = span(memory, at.z, size), span(memory, at.a, size)
        delta = span(memory, at.delta, size)
        p = z.dtype.type(constants.parameter)
        for i in range(size):
            delta[i] *= slope(z[i], a[i], p)

    return backward


@cache
def loss(name):
    """Return the kernel of a loss that is a sum over outputs, and of its gradient."""
    value, gradient = scalars.LOSSES[name]

    @operands("units", "y", "f", "share", "delta", "scratch", constants=("parameter",))
    def value_and_gradient(theta, memory, at, constants, context, reals):
        """Fill delta, and add to the loss."""
        rows = context.rows
        share, each = span(memory, at.share, rows), span(memory, at.scratch, rows)
        p = share.dtype.type(constants.parameter)
        fill(each, share.dtype.type(0))
        for k in range(at.units):
            y, f = span(memory, at.y + k * rows, rows), span(memory, at.f + k * rows, rows)
            delta = span(memory, at.delta + k * rows, rows)
            for i in range(rows):
                # read before anything is written: then value and gradient share their terms
                target, logit, by = y[i], f[i], share[i]
                each[i] += weighted(by, value(target, logit, p))
                delta[i] = weighted(by, gradient(target, logit, p))
        reals.loss += np.float64(total(each))

    return value_and_gradient
