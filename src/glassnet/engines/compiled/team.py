"""How threads share the jobs of a stage: whoever is free claims the next.

The leading thread runs the loop and publishes a stage; helpers claim what they can of it.
Jobs are numbered through the whole run, so a claim can never fall into another stage. The
leader can do all of them alone: a helper that gets no processor holds nobody up, unless it
lost it in the middle of a job. Who waits spins for some microseconds, then offers its
processor to others, then sleeps.

The other kind of job is a lane: a run of the batch's chunks, with values, gradient and loss
of its own, which are added up in the order of the lanes.
"""

import numpy as np
from numba.extending import register_jitable

from glassnet.engines.compiled import atomic, layout
from glassnet.engines.compiled.bits import advanced, call, pointer
from glassnet.engines.compiled.denormals import as_before, tiny_are_zero

__all__ = ["asked_to_stop", "assist", "execute", "share"]

# Some microseconds, and some hundred; chosen, not measured again by a command.
_SPINS, _OFFERS = 4000, 6000  # looks before a waiting thread offers its processor, and sleeps


@register_jitable
def asked_to_stop(context):
    """Return whether training is to end; what a step under way has found is not used then."""
    return context.stop != 0 and pointer(context.stop, np.int64)[0] != 0


@register_jitable
def execute(begin, end, theta, memory, constants, context, reals):
    """Run a stretch of the table of instructions, unless it may be left off and is to be."""
    kernels = pointer(context.kernels, np.int64)
    at = pointer(context.at, np.int64)
    for k in range(begin, end):
        if context.learning and asked_to_stop(context):
            return
        call(
            kernels[k],
            theta,
            memory,
            advanced(at, k * layout.OPERANDS),
            advanced(constants, k * layout.CONSTANTS),
            context,
            reals,
        )


@register_jitable
def _do_lane(number, theta, memory, constants, context, reals):
    """Take a lane's chunks forward and backward, with a context of its own."""
    starts = pointer(context.starts, np.int64)
    own = advanced(context, (1 + number) * layout.N_CONTEXT)
    own_reals = advanced(reals, (1 + number) * layout.N_REALS)
    own_memory = advanced(memory, number * context.lane_size)
    for i in range(layout.N_CONTEXT):
        own[i] = context[i]
    for i in range(layout.N_REALS):
        own_reals[i] = reals[i]
    own_reals.loss = 0.0
    size, chunk, lanes = context.size, context.chunk, context.lanes
    chunks = (size + chunk - 1) // chunk
    first = number * chunks // lanes
    for c in range(first, (number + 1) * chunks // lanes):
        own.adding = c - first
        own.first = c * chunk
        own.rows = min(chunk, size - c * chunk)
        begin, end = starts[layout.GATHER], starts[layout.AFTER]
        execute(begin, end, theta, own_memory, constants, own, own_reals)


@register_jitable
def _do_job(number, of_lanes, theta, memory, constants, context, reals):
    if of_lanes:
        _do_lane(number, theta, memory, constants, context, reals)
    else:
        jobs = pointer(context.jobs, np.int64)
        begin, end = jobs[number], jobs[number + 1]
        execute(begin, end, theta, memory, constants, context, reals)


@register_jitable
def _claimed(team):
    """Return the number of a job that is now the caller's, or -1 if none is left."""
    found = atomic.load(team, layout.NEXT)
    while found < atomic.load(team, layout.LIMIT):
        if atomic.exchanged(team, layout.NEXT, found, found + 1):
            return found
        found = atomic.load(team, layout.NEXT)
    return np.int64(-1)


@register_jitable
def _rest(looks, context):
    """Wait a little, the longer the more often the caller has looked in vain."""
    if looks > _OFFERS:
        call(context.sleeping, context.nap)
    elif looks > _SPINS:
        call(context.offering, np.int64(0))


@register_jitable
def share(first, last, of_lanes, theta, memory, constants, context, reals):
    """Do jobs together with the helpers; return when all are done."""
    if context.team == 0 or last - first == 1:
        for number in range(first, last):
            _do_job(number, of_lanes, theta, memory, constants, context, reals)
        return
    team = pointer(context.team, np.int64)
    before = atomic.load(team, layout.LIMIT)
    atomic.store(team, layout.OFFSET, first - before)
    atomic.store(team, layout.OF_LANES, np.int64(of_lanes))
    limit = before + last - first
    atomic.store(team, layout.LIMIT, limit)
    claimed = _claimed(team)
    while claimed >= 0:
        number = claimed + first - before
        _do_job(number, of_lanes, theta, memory, constants, context, reals)
        atomic.add(team, layout.FINISHED, np.int64(1))
        claimed = _claimed(team)
    looks = 0
    while atomic.load(team, layout.FINISHED) != limit:
        looks += 1
        _rest(looks, context)


def assist(theta, memory, at, constants, context, reals):
    """Help until the leader says that it is over."""
    before, looks = tiny_are_zero(), 0
    team = pointer(context.team, np.int64)
    while atomic.load(team, layout.OVER) == 0:
        claimed = _claimed(team)
        if claimed < 0:
            looks += 1
            _rest(looks, context)
            continue
        looks = 0
        # whoever holds a claim may read these: the stage cannot end without it
        number = claimed + atomic.load(team, layout.OFFSET)
        of_lanes = atomic.load(team, layout.OF_LANES)
        _do_job(number, of_lanes, theta, memory, constants, context, reals)
        atomic.add(team, layout.FINISHED, np.int64(1))
    as_before(before)
