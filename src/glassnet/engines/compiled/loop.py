"""The loop over epochs, batches and chunks: it runs a program and looks for what overflows."""

import math

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled import layout as at_
from glassnet.engines.compiled.bits import pointer, span
from glassnet.engines.compiled.denormals import as_before, tiny_are_zero
from glassnet.engines.compiled.sums import finite
from glassnet.engines.compiled.team import asked_to_stop, instructions, share

__all__ = ["learn", "train"]


@register_jitable
def _run(phase, theta, memory, numbers, context, reals):
    """Run the instructions of a phase, stage by stage if there are others to help.

    Learning is left off when asked to stop; what prepares it and the update are not.
    """
    learning = at_.BEFORE < phase < at_.UPDATE
    if context[at_.TEAM] == 0:
        starts = pointer(context[at_.STARTS], np.int64)
        for k in range(starts[phase], starts[phase + 1]):
            if learning and asked_to_stop(context):
                return
            instructions(k, k + 1, theta, memory, numbers, context, reals)
        return
    stages = pointer(context[at_.STAGES], np.int64)
    starts = pointer(context[at_.STAGE_STARTS], np.int64)
    for k in range(starts[phase], starts[phase + 1]):
        if learning and asked_to_stop(context):
            return
        share(stages[k], stages[k + 1], False, theta, memory, numbers, context, reals)


@register_jitable
def _learn(theta, memory, numbers, context, reals, again):
    """Go forward and backward through a batch; its gradient is then in memory."""
    reals[at_.LOSS] = reals[at_.PENALTY] = 0.0
    context[at_.FIRST], context[at_.SOUND] = 0, 1
    size, chunk = context[at_.SIZE], context[at_.CHUNK]
    lanes = min(context[at_.MOST_LANES], (size + chunk - 1) // chunk)
    context[at_.LANES] = lanes
    if context[at_.MOST_LANES] > 1:
        context[at_.ROWS] = min(size, chunk)
        share(0, lanes, True, theta, memory, numbers, context, reals)
        for lane in range(lanes):
            reals[at_.LOSS] += reals[(1 + lane) * at_.REALS + at_.LOSS]
    else:
        context[at_.ROWS] = size
        if not (again and context[at_.GATHERED]):
            _run(at_.GATHER, theta, memory, numbers, context, reals)
        _run(at_.CHUNKS, theta, memory, numbers, context, reals)
    _run(at_.AFTER, theta, memory, numbers, context, reals)


@register_jitable
def _step(number, theta, memory, numbers, context, reals):
    """Take one step; return whether, for it needs a loss and a gradient that are finite."""
    losses = pointer(context[at_.LOSSES], np.float64)
    losses[2 * number] = losses[2 * number + 1] = 0.0
    _run(at_.BEFORE, theta, memory, numbers, context, reals)
    if reals[at_.TOTAL] == 0:
        return True  # no sample of this batch counts
    context[at_.STEP] += 1
    _learn(theta, memory, numbers, context, reals, number > 0)
    if asked_to_stop(context):
        losses[2 * number] = losses[2 * number + 1] = np.nan
        context[at_.STEP] -= 1
        return False
    losses[2 * number], losses[2 * number + 1] = reals[at_.LOSS], reals[at_.PENALTY]
    if not (math.isfinite(reals[at_.LOSS] + reals[at_.PENALTY]) and context[at_.SOUND]):
        context[at_.STEP] -= 1
        return False
    reals[at_.RATE] = pointer(context[at_.RATES], np.float64)[number]
    _run(at_.UPDATE, theta, memory, numbers, context, reals)
    return True


def learn(theta, memory, at, numbers, context, reals):
    """Find loss and gradient of all rows, unless asked to stop; no step is taken."""
    before = tiny_are_zero()
    context[at_.BEGIN], context[at_.SIZE] = 0, context[at_.N]
    context[at_.STEP] += 1  # as the step that would follow: dropout counts them
    _run(at_.BEFORE, theta, memory, numbers, context, reals)
    _learn(theta, memory, numbers, context, reals, False)
    as_before(before)


def train(theta, memory, at, numbers, context, reals):
    """Train for some epochs; `context` says on what, and holds the status afterwards."""
    before = tiny_are_zero()
    _epochs(theta, memory, numbers, context, reals)
    as_before(before)


@register_jitable
def _epochs(theta, memory, numbers, context, reals):
    steps, orders, whole = context[at_.STEPS], context[at_.ORDER], context[at_.AT]
    for epoch in range(context[at_.EPOCHS]):
        if orders:
            context[at_.ORDER] = orders + epoch * context[at_.N] * 8
        for step in range(steps):
            if asked_to_stop(context):
                context[at_.STATUS] = at_.ENDED
                return
            begin, size = step * context[at_.BATCH], context[at_.BATCH]
            context[at_.BEGIN] = begin
            last = step == steps - 1
            context[at_.SIZE] = context[at_.N] - begin if last else size
            context[at_.AT] = context[at_.AT_LAST] if last else whole
            if not _step(epoch * steps + step, theta, memory, numbers, context, reals):
                context[at_.STATUS] = at_.ENDED if asked_to_stop(context) else at_.BAD
                return
        sound = finite(span(theta, 0, context[at_.PARAMETERS]))
        if not (sound and finite(span(memory, context[at_.BUFFERS], context[at_.N_BUFFERS]))):
            context[at_.STATUS] = at_.BAD
            return
        context[at_.DONE] = epoch + 1
