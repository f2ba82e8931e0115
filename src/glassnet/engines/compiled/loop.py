"""The loop over epochs, batches and chunks: it runs a program and looks for what overflows."""

import math

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled import layout as at_
from glassnet.engines.compiled.bits import advanced, call, pointer, span
from glassnet.engines.compiled.layout import NUMBERS, WIDTH
from glassnet.engines.compiled.sums import finite

__all__ = ["train"]


@register_jitable
def _run(phase, skip, theta, memory, at, numbers, context, reals):
    """Run the instructions of a phase."""
    kernels = pointer(context[at_.KERNELS], np.int64)
    starts = pointer(context[at_.STARTS], np.int64)
    for k in range(starts[phase] + skip, starts[phase + 1]):
        call(
            kernels[k],
            theta,
            memory,
            advanced(at, k * WIDTH),
            advanced(numbers, k * NUMBERS),
            context,
            reals,
        )


@register_jitable
def _learn(theta, memory, at, numbers, context, reals, again):
    """Go forward and backward through a batch; its gradient is then in memory."""
    reals[at_.LOSS] = reals[at_.PENALTY] = 0.0
    skip = 1 if again and context[at_.GATHERED] else 0
    for first in range(0, context[at_.SIZE], context[at_.CHUNK]):
        context[at_.FIRST] = first
        context[at_.ROWS] = min(context[at_.CHUNK], context[at_.SIZE] - first)
        _run(at_.CHUNKS, skip, theta, memory, at, numbers, context, reals)
    _run(at_.AFTER, 0, theta, memory, at, numbers, context, reals)


@register_jitable
def _asked_to_stop(context):
    return context[at_.STOP] != 0 and pointer(context[at_.STOP], np.int64)[0] != 0


@register_jitable
def _step(number, theta, memory, at, numbers, context, reals):
    """Take one step, unless its loss or gradient is not finite; return whether they are."""
    losses = pointer(context[at_.LOSSES], np.float64)
    losses[2 * number] = losses[2 * number + 1] = 0.0
    _run(at_.BEFORE, 0, theta, memory, at, numbers, context, reals)
    if reals[at_.TOTAL] == 0:
        return True  # no sample of this batch counts
    context[at_.STEP] += 1
    _learn(theta, memory, at, numbers, context, reals, number > 0)
    losses[2 * number], losses[2 * number + 1] = reals[at_.LOSS], reals[at_.PENALTY]
    gradient = span(memory, context[at_.GRADIENT], context[at_.PARAMETERS])
    if not (math.isfinite(reals[at_.LOSS] + reals[at_.PENALTY]) and finite(gradient)):
        context[at_.STEP] -= 1
        return False
    reals[at_.RATE] = pointer(context[at_.RATES], np.float64)[number]
    _run(at_.UPDATE, 0, theta, memory, at, numbers, context, reals)
    return True


def train(theta, memory, at, numbers, context, reals):
    """Train for some epochs; `context` says on what, and holds the status afterwards."""
    steps, orders = context[at_.STEPS], context[at_.ORDER]
    for epoch in range(context[at_.EPOCHS]):
        if orders:
            context[at_.ORDER] = orders + epoch * context[at_.N] * 8
        for step in range(steps):
            if _asked_to_stop(context):
                context[at_.STATUS] = at_.ENDED
                return
            begin, size = step * context[at_.BATCH], context[at_.BATCH]
            context[at_.BEGIN] = begin
            context[at_.SIZE] = context[at_.N] - begin if step == steps - 1 else size
            if not _step(epoch * steps + step, theta, memory, at, numbers, context, reals):
                context[at_.STATUS] = at_.BAD
                return
        sound = finite(span(theta, 0, context[at_.PARAMETERS]))
        if not (sound and finite(span(memory, context[at_.BUFFERS], context[at_.N_BUFFERS]))):
            context[at_.STATUS] = at_.BAD
            return
        context[at_.DONE] = epoch + 1
