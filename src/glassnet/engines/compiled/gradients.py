"""What is done to a batch's gradient: how it is written, and before an optimizer's step."""

import math

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled.bits import advanced, span
from glassnet.engines.compiled.operands import operands
from glassnet.engines.compiled.sums import add_row, finite, product

__all__ = [
    "STRETCH",
    "add_lanes",
    "check",
    "clip_by_norm",
    "clip_by_value",
    "l2_penalty",
    "stretch",
    "weight_decay",
    "write_or_add",
]

STRETCH = "begin", "count", "gradient"  # operands by which `stretch` finds its numbers


@register_jitable
def stretch(theta, memory, at):
    """Return the parameters of a stretch and their gradient."""
    begin, size = at.begin, at.count
    return span(theta, begin, size), span(memory, at.gradient + begin, size)


@operands(*STRETCH)
def add_lanes(theta, memory, at, constants, context, reals):
    """Add the gradients of the other lanes to that of the first, in their order."""
    _, g = stretch(theta, memory, at)
    for lane in range(1, context.lanes):
        _, other = stretch(theta, advanced(memory, lane * context.lane_size), at)
        for i in range(g.size):
            g[i] += other[i]


@operands(*STRETCH)
def check(theta, memory, at, constants, context, reals):
    """Say so if a number of the gradient is not finite."""
    _, g = stretch(theta, memory, at)
    if not finite(g):
        context.sound = 0


@operands(*STRETCH, constants=("alpha",))
def l2_penalty(theta, memory, at, constants, context, reals):
    """Add the network's penalty and its gradient."""
    w, g = stretch(theta, memory, at)
    strength = constants.alpha / reals.total
    add_row(g, w.dtype.type(strength), w)
    reals.penalty += np.float64(w.dtype.type(strength / 2) * product(w, w))


@operands(*STRETCH, constants=("decay",))
def weight_decay(theta, memory, at, constants, context, reals):
    """Add the optimizer's decay, times the parameters."""
    w, g = stretch(theta, memory, at)
    add_row(g, w.dtype.type(constants.decay), w)


@operands(*STRETCH, constants=("limit",))
def clip_by_value(theta, memory, at, constants, context, reals):
    """Move each element into an interval around 0."""
    _, g = stretch(theta, memory, at)
    limit = g.dtype.type(constants.limit)
    for i in range(g.size):
        high = limit if g[i] > limit else g[i]
        g[i] = -limit if high < -limit else high


@operands(*STRETCH, constants=("limit",))
def clip_by_norm(theta, memory, at, constants, context, reals):
    """Shorten the gradient to a length, where it is longer."""
    _, g = stretch(theta, memory, at)
    T = g.dtype.type
    largest = T(0)
    for i in range(g.size):
        largest = max(largest, abs(g[i]))
    if largest == T(0):
        return
    squares = 0.0
    for i in range(g.size):
        one = np.float64(g[i] / largest)
        squares += one * one
    length = max(T(math.sqrt(squares)), T(1))
    limit = T(constants.limit) / length
    if largest > limit:
        for i in range(g.size):
            g[i] = g[i] / largest * limit


@register_jitable
def write_or_add(gradient, place, value, context):
    """Write into the gradient with a lane's first chunk, add with the others."""
    gradient[place] = value if context.adding == 0 else gradient[place] + value
