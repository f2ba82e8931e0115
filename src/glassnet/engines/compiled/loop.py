"""The loop over epochs, batches and chunks, which runs a program, and one over networks."""

import math

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled import atomic, layout
from glassnet.engines.compiled.bits import advanced, call, pointer, span
from glassnet.engines.compiled.denormals import as_before, tiny_are_zero
from glassnet.engines.compiled.operands import ARGUMENTS, operands
from glassnet.engines.compiled.sums import finite
from glassnet.engines.compiled.team import asked_to_stop, share

__all__ = ["EACH", "TURNS", "learn", "train", "train_each"]

EACH = (
    "count",  # of trainings
    "trainings",  # address of the addresses that each is handed
    "train",  # address of the loop over epochs
)
TURNS = (
    "next",  # the training whose turn it is
    "stop",  # as of one training
)
_NEXT = TURNS.index("next")
_WORD = 8  # bytes of a place in an order


@register_jitable
def _run_phase(phase, theta, memory, constants, context, reals):
    """Run the stages of a phase, one after the other."""
    stages = pointer(context.stages, np.int64)
    starts = pointer(context.stage_starts, np.int64)
    for k in range(starts[phase], starts[phase + 1]):
        share(stages[k], stages[k + 1], False, theta, memory, constants, context, reals)


@register_jitable
def _learn(theta, memory, constants, context, reals, again):
    """Go forward and backward through a batch; its gradient is then in memory.

    This may be left off; what comes before and the update, which change the network, are not.
    """
    context.learning = 1
    reals.loss = reals.penalty = 0.0
    context.first, context.sound = 0, 1
    size, chunk = context.size, context.chunk
    lanes = min(context.most_lanes, (size + chunk - 1) // chunk)
    context.lanes = lanes
    if context.most_lanes > 1:
        context.rows = min(size, chunk)
        share(0, lanes, True, theta, memory, constants, context, reals)
        for lane in range(lanes):
            reals.loss += advanced(reals, (1 + lane) * layout.N_REALS).loss
    else:
        context.rows = size
        if not (again and context.gathered):
            _run_phase(layout.GATHER, theta, memory, constants, context, reals)
        _run_phase(layout.CHUNKS, theta, memory, constants, context, reals)
    _run_phase(layout.AFTER, theta, memory, constants, context, reals)
    context.learning = 0


@register_jitable
def _step(number, theta, memory, constants, context, reals):
    """Take one step; return whether, for it needs a loss and a gradient that are finite."""
    losses = pointer(context.losses, np.float64)
    losses[2 * number] = losses[2 * number + 1] = 0.0
    _run_phase(layout.BEFORE, theta, memory, constants, context, reals)
    if reals.total == 0:
        return True  # no sample of this batch counts
    context.step += 1
    _learn(theta, memory, constants, context, reals, number > 0)
    if asked_to_stop(context):
        losses[2 * number] = losses[2 * number + 1] = np.nan
        context.step -= 1
        return False
    losses[2 * number], losses[2 * number + 1] = reals.loss, reals.penalty
    if not (math.isfinite(reals.loss + reals.penalty) and context.sound):
        context.step -= 1
        return False
    reals.rate = pointer(context.rates, np.float64)[number]
    _run_phase(layout.UPDATE, theta, memory, constants, context, reals)
    return True


def learn(theta, memory, at, constants, context, reals):
    """Find loss and gradient of all rows, unless asked to stop; no step is taken."""
    before = tiny_are_zero()
    context.begin, context.size = 0, context.n
    context.step += 1  # as the step that would follow: dropout counts them
    _run_phase(layout.BEFORE, theta, memory, constants, context, reals)
    _learn(theta, memory, constants, context, reals, False)
    as_before(before)


def train(theta, memory, at, constants, context, reals):
    """Train for some epochs; `context` says on what, and holds the status afterwards."""
    before = tiny_are_zero()
    _epochs(theta, memory, constants, context, reals)
    as_before(before)


@operands(*EACH, context=TURNS)
def train_each(theta, memory, at, constants, context, reals):
    """Train network after network, each with arrays of its own, until all have begun."""
    trainings = pointer(at.trainings, np.int64)
    turn = atomic.add(context, _NEXT, np.int64(1))
    while turn < at.count and not asked_to_stop(context):
        one = advanced(trainings, turn * ARGUMENTS)
        # addresses as whole numbers: a call hands them over as it does pointers
        call(at.train, one[0], one[1], one[2], one[3], one[4], one[5])
        turn = atomic.add(context, _NEXT, np.int64(1))


@register_jitable
def _epochs(theta, memory, constants, context, reals):
    steps, orders, at = context.steps, context.order, context.at
    for epoch in range(context.epochs):
        if orders:
            context.order = orders + epoch * context.n * _WORD
        for step in range(steps):
            if asked_to_stop(context):
                context.status = layout.STOPPED
                return
            begin, size = step * context.batch, context.batch
            context.begin = begin
            last = step == steps - 1
            context.size = context.n - begin if last else size
            context.at = context.at_last if last else at
            if not _step(epoch * steps + step, theta, memory, constants, context, reals):
                context.status = layout.STOPPED if asked_to_stop(context) else layout.DIVERGED
                return
        sound = finite(span(theta, 0, context.parameters))
        if not (sound and finite(span(memory, context.buffers, context.n_buffers))):
            context.status = layout.DIVERGED
            return
        context.done = epoch + 1
