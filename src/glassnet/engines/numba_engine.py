"""The compiled engine: the same door as the NumPy engine's, many times as fast.

`train` runs whole epochs in one call of machine code, without the interpreter's lock. What
it has no kernels for (`supports` says), and what would not be faster, it hands to the NumPy
engine.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import catalog
from glassnet.engines.compiled import crew, layout, loop
from glassnet.engines.compiled.builder import Program
from glassnet.engines.compiled.linear import is_small
from glassnet.engines.compiled.program import build
from glassnet.engines.compiled.supported import lacking
from glassnet.engines.cores import at_work
from glassnet.engines.data import Batches, Data, Entries, addressable, entries_of
from glassnet.engines.numba_prediction import evaluate, forward
from glassnet.engines.numpy_engine import loss_and_gradients as by_numpy
from glassnet.engines.numpy_engine import refresh_buffers
from glassnet.engines.trained import DIVERGED, OK, STOPPED, Trained
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.optimizers import LBFGS, SGD, Optimizer

__all__ = [
    "evaluate",
    "forward",
    "loss_and_gradients",
    "refresh_buffers",
    "supports",
    "train",
]

# Rows that go through the network together: so few that the values of a small network stay
# in the fastest cache, so many that the products of a large one are efficient.
_FEW, _MANY = 256, 1024
_LANES = 8  # at most so many threads have work in a batch of many chunks
# Weights times rows of a batch from which threads gain more than they wait for each other:
# lanes share little; the parts of a layer share all that goes in and comes out.
_WORTH_IN_LANES, _WORTH_IN_PARTS = 400_000, 3_000_000

_NO_STEP = SGD(1.0)  # of a program whose step is never taken
_STATUS = {layout.GOOD: OK, layout.BAD: DIVERGED, layout.ENDED: STOPPED}


def supports(plan: Plan, optimizer: object, data: Data) -> str:
    """Return why this cannot be run here, or an empty text if it can.

    Parameters
    ----------
    plan : Plan
        The network.
    optimizer : Optimizer or LBFGS
        The update rule.
    data : Data
        What to train on.

    Returns
    -------
    str
        Such as ``"the loss 'my_loss' is not compiled"``.
    """
    if data.X.dtype not in (np.float32, np.float64):
        return f"data of dtype {data.X.dtype} are not compiled"
    # L-BFGS iterates in SciPy; what is compiled is the loss and the gradient it asks for
    if not isinstance(optimizer, LBFGS) and type(optimizer) not in catalog.OPTIMIZERS:
        return f"the optimizer {optimizer!r} is not compiled"
    return lacking(plan)


def train(
    plan: Plan,
    state: State,
    data: Data,
    optimizer: Optimizer,
    order: Sequence[NDArray[np.integer[Any]] | None],
    rates: Array,
    batches: Batches,
    stop: NDArray[np.int64] | None = None,
    threads: int = 1,
) -> Trained:
    """Train for ``len(order)`` epochs, in place on `state`; as the NumPy engine's `train`.

    Parameters
    ----------
    plan, state, data, optimizer, order, rates, batches, stop, threads
        As there, and such that `supports` has nothing against it. With `stop` the calling
        thread stays free for signals such as Ctrl-C.
    """
    precision = state.theta.dtype.newbyteorder("=")
    rule, shape = _of_any_rate(optimizer), _shape(plan, batches)
    program = build(plan, rule, precision.name, *shape, sparse=data.entries is not None)
    memory = program.memory(precision)
    slots = _slots(program, memory, state, optimizer)
    losses = np.full((*rates.shape, 2), np.nan)
    table = _Context(program, precision, state, data, order, rates, batches, losses)
    table.whole[layout.KEY] = state.key if plan.has_dropout else layout.NO_KEY
    buffers = memory[program.buffers : program.buffers + plan.n_buffers]
    buffers[...] = state.buffers
    product = state.slots.get("momentum_product")
    table.reals[layout.PRODUCT] = 1.0 if product is None else product
    theta = np.require(state.theta, precision, ["C", "A", "W"])  # machine code writes it
    table.whole[layout.STOP] = 0 if stop is None else stop.ctypes.data
    arrays = theta, memory, program.at, program.numbers, table.whole, table.reals
    with at_work(_useful(program, plan, batches, threads)) as granted:
        _run(crew.Job(precision.name, arrays, granted - 1, table.alive), stop)
    state.theta[...] = theta
    state.buffers[...] = buffers
    state.step = int(table.whole[layout.STEP])
    for name, vector in slots.items():
        state.slots[name][...] = vector
    if product is not None:
        product[...] = table.reals[layout.PRODUCT]
    status = _STATUS[int(table.whole[layout.STATUS])]
    return Trained(losses, status, int(table.whole[layout.DONE]))


def loss_and_gradients(
    plan: Plan,
    state: State,
    X: Array,
    y: Array,
    weight: Array | None = None,
    key: int | None = None,
    keep: Collection[str] = (),
    threads: int = 1,
    stop: NDArray[np.int64] | None = None,
) -> tuple[float, Array, dict[str, Array]]:
    """Return the loss of a batch and its gradient by θ; as the NumPy engine's.

    Parameters
    ----------
    plan, state, X, y, weight, key, keep, threads
        As there. Whoever asks for intermediates gets the NumPy engine's.
    stop : int64 array, shape (1,), optional
        As of `train`: looked at meanwhile. Once it is not 0, what is returned says nothing.
    """
    data, batches = Data(X, y, weight), Batches(len(y), max(len(y), 1))
    if keep or len(y) == 0 or supports(plan, _NO_STEP, data):
        return by_numpy(plan, state, X, y, weight, key, keep)
    precision, shape = state.theta.dtype.newbyteorder("="), _shape(plan, batches)
    program = build(plan, _NO_STEP, precision.name, *shape, sparse=data.entries is not None)
    memory, nothing = program.memory(precision), np.zeros((1, 1))
    table = _Context(program, precision, state, data, [None], nothing, batches, nothing)
    table.whole[layout.KEY] = layout.NO_KEY if key is None else key
    table.whole[layout.STOP] = 0 if stop is None else stop.ctypes.data
    theta = np.ascontiguousarray(state.theta, precision)
    arrays = theta, memory, program.at, program.numbers, table.whole, table.reals
    with at_work(_useful(program, plan, batches, threads)) as granted:
        _run(crew.Job(precision.name, arrays, granted - 1, table.alive, loop.learn), stop)
    gradient = memory[program.gradient : program.gradient + plan.n_parameters].copy()
    gradient.flags.writeable = False
    return float(table.reals[layout.LOSS] + table.reals[layout.PENALTY]), gradient, {}


@lru_cache(maxsize=64)
def _of_any_rate(optimizer: Optimizer) -> Optimizer:
    """Return the rule that has one program for all rates, which are handed over apart."""
    return replace(optimizer, learning_rate=1.0)


def _useful(program: Program, plan: Plan, batches: Batches, threads: int) -> int:
    """Return how many of the threads have something to do that is worth it."""
    worth = _WORTH_IN_LANES if program.lanes > 1 else _WORTH_IN_PARTS
    work = plan.n_parameters * min(batches.n, batches.size)
    return min(threads, program.most_jobs) if work >= worth else 1


def _run(job: crew.Job, stop: NDArray[np.int64] | None) -> None:
    """Run a job; where it may be asked to stop, this thread stays free to do so."""
    if stop is None:
        job.run()
    else:
        job.run_aside(stop)


def _shape(plan: Plan, batches: Batches) -> tuple[int, int, tuple[int, int]]:
    """Return rows that go through the network together, lanes, rows of a batch and the last.

    Shapes decide, nothing else: with them the order of all additions is given.
    """
    largest = batches.n if batches.per_epoch == 1 else batches.size
    last = batches.n - (batches.per_epoch - 1) * batches.size
    rows = chunk = max(largest, last)
    # the statistics of batch normalization are those of a whole batch
    if not any(layer.kind == "batch_norm" for layer in plan.layers):
        chunk = min(rows, _FEW if is_small(plan) else _MANY)
    if rows > chunk:
        return chunk, min(_LANES, -(-rows // chunk)), (chunk, chunk)
    return chunk, 1, (largest, last)


def _slots(
    program: Program, memory: Array, state: State, optimizer: Optimizer
) -> dict[str, Array]:
    """Copy the optimizer's vectors into memory; return where each stands."""
    count, found = len(state.theta), {}
    for i, name in enumerate(n for n in optimizer.slots if n != "momentum_product"):
        begin = program.slots + i * count
        found[name] = memory[begin : begin + count]
        found[name][...] = state.slots[name]
    return found


class _Context:
    """The numbers that the loop reads and writes, and the arrays that they point at."""

    def __init__(
        self,
        program: Program,
        precision: np.dtype[Any],
        state: State,
        data: Data,
        order: Sequence[NDArray[np.integer[Any]] | None],
        rates: Array,
        batches: Batches,
        losses: Array,
    ) -> None:
        self.whole = np.zeros((1 + program.lanes) * layout.CONTEXT, np.int64)
        self.reals = np.zeros((1 + program.lanes) * layout.REALS)
        features, put = _features(data, precision)
        y = addressable(data.y, precision)
        weight = None if data.weight is None else np.ascontiguousarray(data.weight, np.float64)
        orders, rates = _orders(order, batches.n), np.ascontiguousarray(rates, np.float64)
        self.alive = features, y, weight, orders, rates, losses, program
        put[layout.Y], (put[layout.Y_ROW], put[layout.Y_COLUMN]) = _placed(y)
        put[layout.WEIGHT] = 0 if weight is None else weight.ctypes.data
        put[layout.ORDER] = 0 if orders is None else orders.ctypes.data
        put[layout.KERNELS] = program.kernels.ctypes.data
        put[layout.AT] = program.at.ctypes.data
        put[layout.AT_LAST] = program.at_last.ctypes.data
        put[layout.STARTS] = program.starts.ctypes.data
        put[layout.JOBS], put[layout.STAGES] = (
            program.jobs.ctypes.data,
            program.stages.ctypes.data,
        )
        put[layout.STAGE_STARTS] = program.stage_starts.ctypes.data
        put[layout.MOST_LANES], put[layout.LANE_SIZE] = program.lanes, program.lane_size
        put[layout.RATES], put[layout.LOSSES] = rates.ctypes.data, losses.ctypes.data
        put[layout.EPOCHS], put[layout.STEPS] = rates.shape
        put[layout.N], put[layout.BATCH] = batches.n, batches.size
        put[layout.CHUNK] = program.chunk
        put[layout.PARAMETERS] = len(state.theta)
        put[layout.BUFFERS], put[layout.N_BUFFERS] = program.buffers, len(state.buffers)
        put[layout.STEP] = state.step
        put[layout.GATHERED] = int(
            orders is None and batches.per_epoch == 1 and program.lanes == 1
        )
        for place, number in put.items():
            self.whole[place] = number


def _orders(
    order: Sequence[NDArray[np.integer[Any]] | None], n: int
) -> NDArray[np.int64] | None:
    """Return one permutation per epoch, or None where all keep the data's own order."""
    if all(one is None for one in order):
        return None
    own = np.arange(n)
    return np.array([own if one is None else one for one in order], np.int64)


def _features(data: Data, precision: Any) -> tuple[Array | Entries, dict[int, int]]:
    """Return the features as kernels read them, and the numbers that say where they are."""
    put = dict[int, int]()
    if data.entries is not None:
        found = entries_of(data.X, precision)
        put[layout.X], put[layout.ROW_STARTS] = (
            found.values.ctypes.data,
            found.starts.ctypes.data,
        )
        put[layout.COLUMNS], put[layout.WIDE] = found.columns.ctypes.data, int(found.wide)
        return found, put
    X = addressable(data.X, precision)
    put[layout.X], (put[layout.X_ROW], put[layout.X_COLUMN]) = _placed(X)
    return X, put


def _placed(array: Array) -> tuple[int, tuple[int, int]]:
    """Return an array's address and its strides, in numbers."""
    row, column = (stride // array.itemsize for stride in array.strides)
    return array.ctypes.data, (row, column)
