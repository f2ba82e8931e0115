"""The compiled engine: the same door as the NumPy engine's, many times as fast.

`train` runs whole epochs in one call of machine code, without the interpreter's lock. What
it has no kernels for (`lacks` says), and what would not be faster, it hands to the NumPy
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
from glassnet.engines import numpy_engine
from glassnet.engines.arrays import Entries, addressable, element_strides, entries_of
from glassnet.engines.compiled import compilation, layout, loop
from glassnet.engines.compiled.builder import Program
from glassnet.engines.compiled.dense import rows_together
from glassnet.engines.compiled.layout import Numbers
from glassnet.engines.compiled.operands import Kernel
from glassnet.engines.compiled.program import build
from glassnet.engines.compiled.run import Run
from glassnet.engines.compiled.supported import lacking
from glassnet.engines.cores import at_work
from glassnet.engines.data import Batches, Block, Data, Order
from glassnet.engines.numba_prediction import evaluate, forward
from glassnet.engines.numpy_engine import refresh_buffers
from glassnet.engines.trained import DIVERGED, OK, STOPPED, Trained
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.network.state import aligned
from glassnet.optimizers import LBFGS, Optimizer

__all__ = [
    "Training",
    "evaluate",
    "forward",
    "lacks",
    "loss_and_gradients",
    "refresh_buffers",
    "train",
    "train_each",
]

# Chosen by timing on processors with vectors of 32 and 64 bytes; `benchmarks/thresholds.py`
# times them again.
_MOST_ROWS = 512  # that go through the network together
_LANES = 8  # at most so many threads have work in a batch of many chunks
# Weights times rows of a batch from which threads gain more than they wait for each other:
# lanes share little; the parts of a layer share all that goes in and comes out.
_WORTH_IN_LANES, _WORTH_IN_PARTS = 400_000, 3_000_000

_STATUS = {layout.OK: OK, layout.DIVERGED: DIVERGED, layout.STOPPED: STOPPED}


def lacks(plan: Plan, optimizer: object, data: Data) -> str:
    """Return why this cannot be run here, or an empty text if it can.

    Parameters
    ----------
    plan : Plan
        The network.
    optimizer : Optimizer, LBFGS or None
        The update rule; None where only a gradient is asked for.
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
    own = optimizer is not None and type(optimizer) not in catalog.OPTIMIZERS
    if own and not isinstance(optimizer, LBFGS):
        return f"the optimizer {optimizer!r} is not compiled"
    return lacking(plan)


def train(
    plan: Plan,
    state: State,
    data: Data,
    optimizer: Optimizer,
    block: Block,
    stop: NDArray[np.int64] | None = None,
    threads: int = 1,
) -> Trained:
    """Train for some epochs, in place on `state`; as the NumPy engine's `train`.

    Parameters
    ----------
    plan, state, data, optimizer, block, stop, threads
        As there, and such that `lacks` names nothing. With `stop` the calling
        thread stays free for signals such as Ctrl-C.
    """
    training = Training(plan, state, data, optimizer, block)
    with at_work(training.useful(threads)) as granted:
        training.run(granted, stop)
    return training.finish()


def train_each(
    trainings: Sequence[Training], stop: NDArray[np.int64], threads: int = 1
) -> None:
    """Run many trainings of one precision in one call of machine code.

    Parameters
    ----------
    trainings : sequence of Training
        Whoever is free begins the next.
    stop : int64 array, shape (1,)
        As of `train`, for all of them.
    threads : int
        How many work at a time, one on each training.
    """
    precision = trainings[0].theta.dtype.name
    assert all(one.theta.dtype.name == precision for one in trainings)
    places = np.array([one.addresses() for one in trainings], np.int64)
    for one in trainings:
        one.context["stop"] = stop.ctypes.data
    at = Numbers(loop.EACH, np.int64)
    at["count"], at["trainings"] = len(trainings), places.ctypes.data
    at["train"] = compilation.address(loop.train, precision)
    nothing = np.zeros(1, precision)
    context, reals = Numbers(loop.TURNS, np.int64), Numbers(layout.REALS, np.float64)
    arrays = nothing, nothing, at.array, nothing
    with at_work(min(threads, len(trainings))) as granted:
        Run(loop.train_each, arrays, context, reals, granted, shares=False).to_end(stop)


class Training:
    """Some epochs of a network: what machine code is handed, and what comes of it.

    Parameters
    ----------
    plan, state, data, optimizer, block
        As of `train`. Of the state nothing is changed before `finish`.
    """

    def __init__(
        self,
        plan: Plan,
        state: State,
        data: Data,
        optimizer: Optimizer,
        block: Block,
    ) -> None:
        given = _Given(plan, _of_any_rate(optimizer), state, data, block)
        self.plan, self.state, self.batches, self.given = plan, state, block.batches, given
        self.context, self.reals, self.losses = given.context, given.reals, given.losses
        self.context["key"] = state.key if plan.has_dropout else layout.NO_KEY
        self.slots = _slots(given, state, optimizer)
        self.buffers = given.part(given.program.buffers, plan.n_buffers)
        self.buffers[...] = state.buffers
        self.product = state.slots.get("momentum_product")
        self.reals["product"] = 1.0 if self.product is None else float(self.product[()])
        self.theta = aligned(state.theta.astype(given.memory.dtype, copy=False))

    def useful(self, threads: int) -> int:
        """Return how many of the threads have something to do that is worth it."""
        return _useful(self.given.program, self.plan, self.batches, threads)

    def run(self, threads: int, stop: NDArray[np.int64] | None) -> None:
        """Train to the end, or until asked to stop."""
        self.given.run(loop.train, self.theta, threads, stop)

    def addresses(self) -> list[int]:
        """Return where the arrays are that a kernel is handed."""
        arrays = *self.given.arrays(self.theta), self.context.array, self.reals.array
        return [array.ctypes.data for array in arrays]

    @property
    def is_complete(self) -> bool:
        """Whether all epochs were trained, and no number was not finite."""
        context = self.context
        good = context["status"] == layout.OK
        return bool(good and context["done"] == context["epochs"])

    def finish(self) -> Trained:
        """Write what has come of it into the state, in place."""
        state, context = self.state, self.context
        state.theta[...], state.buffers[...] = self.theta, self.buffers
        state.step = int(context["step"])
        for name, vector in self.slots.items():
            state.slots[name][...] = vector
        if self.product is not None:
            self.product[...] = self.reals["product"]
        status = _STATUS[int(context["status"])]
        return Trained(self.losses, status, int(context["done"]))


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
    if keep or len(y) == 0 or lacks(plan, None, data):
        return numpy_engine.loss_and_gradients(plan, state, X, y, weight, key, keep)
    given = _Given(plan, None, state, data, Block([None], np.zeros((1, 1)), batches))
    given.context["key"] = layout.NO_KEY if key is None else key
    theta = np.ascontiguousarray(state.theta, given.memory.dtype)
    with at_work(_useful(given.program, plan, batches, threads)) as granted:
        given.run(loop.learn, theta, granted, stop)
    gradient = given.part(given.program.gradient, plan.n_parameters).copy()
    gradient.flags.writeable = False
    return float(given.reals["loss"] + given.reals["penalty"]), gradient, {}


@lru_cache(maxsize=64)
def _of_any_rate(optimizer: Optimizer) -> Optimizer:
    """Return the rule that has one program for all rates, which are handed over apart."""
    return replace(optimizer, learning_rate=1.0)


def _useful(program: Program, plan: Plan, batches: Batches, threads: int) -> int:
    """Return how many of the threads have something to do that is worth it."""
    worth = _WORTH_IN_LANES if program.lanes > 1 else _WORTH_IN_PARTS
    work = plan.n_parameters * min(batches.n, batches.size)
    return min(threads, program.most_jobs) if work >= worth else 1


def _shape(plan: Plan, batches: Batches) -> tuple[int, int, tuple[int, int]]:
    """Return rows that go through the network together, lanes, rows of a batch and the last.

    Shapes decide, nothing else: with them the order of all additions is given.
    """
    largest = batches.n if batches.per_epoch == 1 else batches.size
    rows = chunk = max(largest, batches.last)
    # the statistics of batch normalization are those of a whole batch
    if not any(layer.kind == "batch_norm" for layer in plan.layers):
        chunk = min(rows, rows_together(plan, _MOST_ROWS))
    if rows > chunk:
        return chunk, min(_LANES, -(-rows // chunk)), (chunk, chunk)
    return chunk, 1, (largest, batches.last)


def _slots(given: _Given, state: State, optimizer: Optimizer) -> dict[str, Array]:
    """Copy the optimizer's vectors into memory; return where each stands."""
    count, found = len(state.theta), {}
    for i, name in enumerate(n for n in optimizer.slots if n != "momentum_product"):
        found[name] = given.part(given.program.slots + i * count, count)
        found[name][...] = state.slots[name]
    return found


class _Given:
    """What machine code is handed: a program with its memory, and where the data are.

    Parameters
    ----------
    plan, state, data, block
        As of `train`.
    rule : Optimizer or None
        None for a program that finds the gradient, and that is all.

    Raises
    ------
    ValueError
        If the data have not the network's shape: machine code would read what is not there.
    """

    def __init__(
        self,
        plan: Plan,
        rule: Optimizer | None,
        state: State,
        data: Data,
        block: Block,
    ) -> None:
        batches = block.batches
        _check_shapes(plan, data, batches.n)
        precision, shape = state.theta.dtype.newbyteorder("="), _shape(plan, batches)
        program = build(plan, rule, precision.name, *shape, sparse=data.entries is not None)
        self.program, self.memory = program, program.memory(precision)
        context = self.context = Numbers(layout.CONTEXT, np.int64, 1 + program.lanes)
        self.reals = Numbers(layout.REALS, np.float64, 1 + program.lanes)
        features = _point_at_features(context, data, precision)
        y = addressable(data.y, precision)
        weight = None if data.weight is None else np.ascontiguousarray(data.weight, np.float64)
        orders = _orders(block.orders, batches.n)
        rates = np.ascontiguousarray(block.rates, np.float64)
        self.losses = np.full((*rates.shape, 2), np.nan)
        self.alive = features, y, weight, orders, rates, program
        context["y"] = y.ctypes.data
        context["y_row"], context["y_column"] = element_strides(y)
        context["weight"] = 0 if weight is None else weight.ctypes.data
        context["order"] = 0 if orders is None else orders.ctypes.data
        for name in ("kernels", "at", "at_last", "starts", "jobs", "stages", "stage_starts"):
            context[name] = getattr(program, name).ctypes.data
        context["most_lanes"], context["lane_size"] = program.lanes, program.lane_size
        context["rates"], context["losses"] = rates.ctypes.data, self.losses.ctypes.data
        context["epochs"], context["steps"] = rates.shape
        context["n"], context["batch"] = batches.n, batches.size
        context["chunk"] = program.chunk
        context["parameters"], context["step"] = len(state.theta), state.step
        context["buffers"], context["n_buffers"] = program.buffers, len(state.buffers)
        alone = batches.per_epoch == 1 and program.lanes == 1
        context["gathered"] = int(orders is None and alone)

    def part(self, begin: int, count: int) -> Array:
        """Return a stretch of the memory, which is not copied."""
        return self.memory[begin : begin + count]

    def arrays(self, theta: Array) -> tuple[NDArray[Any], ...]:
        """Return what every kernel reads and writes, with some parameters."""
        return theta, self.memory, self.program.at, self.program.constants

    def run(
        self, lead: Kernel, theta: Array, threads: int, stop: NDArray[np.int64] | None
    ) -> None:
        """Run a loop over all this, to its end or until it is asked to stop."""
        Run(lead, self.arrays(theta), self.context, self.reals, threads).to_end(stop)


def _check_shapes(plan: Plan, data: Data, n: int) -> None:
    weight = (n,) if data.weight is None else data.weight.shape
    found = data.X.shape, data.y.shape, weight
    wanted = (n, plan.n_inputs), (n, plan.n_outputs), (n,)
    if found != wanted:
        raise ValueError(f"X, y and weight must have the shapes {wanted}; got {found}")


def _orders(orders: Sequence[Order], n: int) -> NDArray[np.int64] | None:
    """Return one permutation per epoch, or None where all keep the data's own order."""
    if all(one is None for one in orders):
        return None
    own = np.arange(n)
    return np.array([own if one is None else one for one in orders], np.int64)


def _point_at_features(context: Numbers, data: Data, precision: Any) -> Array | Entries:
    """Say where the features are; return what holds them, as kernels read it."""
    if data.entries is not None:
        found = entries_of(data.X, precision)
        context["x"], context["columns"] = found.values.ctypes.data, found.columns.ctypes.data
        context["row_starts"], context["wide"] = found.starts.ctypes.data, int(found.wide)
        return found
    X = addressable(data.X, precision)
    context["x"] = X.ctypes.data
    context["x_row"], context["x_column"] = element_strides(X)
    return X
