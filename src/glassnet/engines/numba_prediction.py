"""The compiled engine's predictions: a network bound to machine code that runs it.

What a call needs is made once for a network and kept: the program, its memory, the
addresses. A single row goes through kernels of its own, which run along the units.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from glassnet.engines import numpy_engine
from glassnet.engines.arrays import addressable, element_strides
from glassnet.engines.compiled import layout, prediction
from glassnet.engines.compiled.compilation import function
from glassnet.engines.compiled.dense import for_blas, rows_together
from glassnet.engines.compiled.layout import Numbers
from glassnet.engines.compiled.prediction_program import build
from glassnet.engines.compiled.supported import lacking
from glassnet.engines.cores import at_work
from glassnet.engines.data import Data
from glassnet.engines.kept import Kept
from glassnet.engines.threads import begin_threads, one_blas_thread
from glassnet.formulas.types import Array
from glassnet.network import Plan, State

__all__ = ["Bound", "bind", "evaluate", "forward"]

# Chosen by timing on processors with vectors of 32 and 64 bytes; `benchmarks/thresholds.py`
# times them again.
_MOST_ROWS = 512  # that go through the network together
# Weights times rows: from which a second thread is started, each taking pieces of so many; and
# that one thread alone does before it looks for Ctrl-C.
_WORTH, _PIECE = 20_000_000, 2_000_000_000
_KEPT, _SMALL_MEMORY = 8, 1_000_000  # runners of a network that are kept, and their bytes
_FURTHEST = 2**31  # numbers between two rows that BLAS can count


def forward(
    plan: Plan, state: State, X: Array, keep: Collection[str] = (), threads: int = 1
) -> tuple[Array, dict[str, Array]]:
    """Return the network's outputs, as at prediction; as the NumPy engine's.

    Parameters
    ----------
    plan, state, X, keep, threads
        As there. Whoever asks for intermediates gets the NumPy engine's, and so does who
        has sparse data or formulas without kernels.
    """
    bound = None if keep or not isinstance(X, np.ndarray) else _bound.of(plan, state)
    if bound is None:
        return numpy_engine.forward(plan, state, X, keep)
    return bound(X, threads), {}


def evaluate(plan: Plan, state: State, data: Data, threads: int = 1) -> tuple[float, Array]:
    """Return the mean loss and the outputs, as at prediction; as the NumPy engine's.

    Parameters
    ----------
    plan, state, data, threads
        As there.
    """
    bound = _bound.of(plan, state) if isinstance(data.X, np.ndarray) else None
    if bound is None:
        return numpy_engine.evaluate(plan, state, data)
    outputs, logits = bound.with_logits(data.X, threads)
    return numpy_engine.mean_loss(plan, data, logits, outputs), outputs


def bind(plan: Plan, state: State) -> Bound | None:
    """Return a network bound to machine code; None where it has to be NumPy's.

    Parameters
    ----------
    plan, state
        The network.
    """
    arrays = state.theta, state.buffers
    in_place = all(one.flags.c_contiguous and one.flags.aligned for one in arrays)
    precise = state.theta.dtype in (np.float32, np.float64)
    return None if lacking(plan) or not (in_place and precise) else Bound(plan, state)


class Bound:
    """A network bound to machine code: outputs from rows.

    What is written into the state's arrays counts from the next call on. Several threads
    may call at once; each call has memory of its own, kept for a later one.

    Parameters
    ----------
    plan : Plan
        Of kernels that are compiled.
    state : State
        Its arrays are read where they lie.
    """

    def __init__(self, plan: Plan, state: State) -> None:
        self.plan, self.theta, self.buffers = plan, state.theta, state.buffers
        self.chunk = rows_together(plan, _MOST_ROWS)
        self.by_blas = for_blas(plan.layers[0], self.chunk)
        # Idle ones. To take one from a list, or to put it back, needs no lock.
        self._ones: list[_OneRow] = []
        self._many: list[_Runner] = []

    def __call__(self, X: Array, threads: int = 1) -> Array:
        """Return the outputs of rows, in the precision of the parameters.

        Parameters
        ----------
        X : array, shape (n, n_inputs)
        threads : int
            That work on many rows at most. The numbers never depend on it.
        """
        if X.shape != (1, self.plan.n_inputs):
            return self._of_many(X, threads, logits=None)
        try:
            one = self._ones.pop()
        except IndexError:
            one = _OneRow(self)
        outputs = one(X)
        self._ones.append(one)
        return outputs

    def with_logits(self, X: Array, threads: int = 1) -> tuple[Array, Array]:
        """Return the outputs of rows, and what their activation was given.

        Parameters
        ----------
        X, threads
            As of a call.
        """
        logits = np.empty((len(X), self.plan.n_outputs), self.theta.dtype)
        return self._of_many(X, threads, logits), logits

    @one_blas_thread
    def _of_many(self, X: Array, threads: int, logits: Array | None) -> Array:
        if X.ndim != 2 or X.shape[1] != self.plan.n_inputs:
            raise ValueError(f"X must have shape (n, {self.plan.n_inputs}); got {X.shape}")
        X = addressable(X, self.theta.dtype)
        if self.by_blas and not _fit_for_blas(X):
            X = X.copy()  # with fresh strides, too: those of a single row or column say nothing
        out = np.empty((len(X), self.plan.n_outputs), self.theta.dtype)
        worth = self.plan.n_parameters * len(X) >= _WORTH
        chunks = -(-len(X) // self.chunk)
        with at_work(min(threads, chunks) if worth else 1) as workers:
            runners = [self._runner() for _ in range(workers)]
            pieces = self._pieces(len(X), _PIECE if workers == 1 else _WORTH)

            def work(runner: _Runner) -> None:
                """Take piece after piece, as long as there are some."""
                while (rows := _taken(pieces)) is not None:
                    of_these = None if logits is None else logits[rows]
                    runner.point_at(X[rows], out[rows], of_these)
                    runner.run()

            _run_all(runners, work, pieces)
        self._keep(runners)
        return out

    def _pieces(self, n: int, work: int) -> deque[slice]:
        """Cut rows into pieces of whole chunks, each of about so many weights times rows."""
        size = max(work // (self.plan.n_parameters * self.chunk), 1) * self.chunk
        return deque(slice(begin, min(begin + size, n)) for begin in range(0, n, size))

    def _keep(self, runners: list[_Runner]) -> None:
        """Keep a few small ones: what is large is soon made anew beside the work it is for."""
        room = _KEPT - len(self._many)
        self._many += [one for one in runners if one.nbytes <= _SMALL_MEMORY][: max(room, 0)]

    def _runner(self) -> _Runner:
        try:
            return self._many.pop()
        except IndexError:
            return _Runner(self, self.chunk)


def _run_all(
    runners: list[_Runner], work: Callable[[_Runner], None], pieces: deque[slice]
) -> None:
    """Do a work with each runner, in as many threads as there are, this one included.

    One that is slow, as its core has other work, takes fewer pieces. Between two of them this
    thread takes signals; whatever ends it, the others end with the piece that they have.
    """
    first, *others = runners
    begun, raised = list[threading.Thread](), list[BaseException]()

    @one_blas_thread  # some BLAS have a limit of their own for each thread
    def help_out(runner: _Runner) -> None:
        """Do the work, and hand on what it raises."""
        try:
            work(runner)
        except BaseException as error:
            raised.append(error)

    try:
        helpers = [
            threading.Thread(target=help_out, args=(one,), name="glassnet helper")
            for one in others
        ]
        begin_threads(helpers, begun)
        work(first)
    finally:
        pieces.clear()
        for thread in begun:
            thread.join()
    if raised:
        raise raised[0]


def _taken(pieces: deque[slice]) -> slice | None:
    """Return a piece that nobody else has, or None if there is none."""
    try:
        return pieces.popleft()
    except IndexError:
        return None


class _Runner:
    """A program of prediction with memory of its own."""

    def __init__(self, bound: Bound, chunk: int) -> None:
        theta, buffers, precision = bound.theta, bound.buffers, bound.theta.dtype
        program = build(bound.plan, precision.name, chunk)
        memory = program.memory(precision)
        self.nbytes = memory.nbytes
        context = self.context = Numbers(layout.CONTEXT, np.int64)
        for name in ("kernels", "at", "starts"):
            context[name] = getattr(program, name).ctypes.data
        context["statistics"], context["chunk"] = buffers.ctypes.data, chunk
        reals = Numbers(layout.REALS, np.float64)
        arrays = theta, memory, program.at, program.constants, context.array, reals.array
        self.alive: Any = program, buffers, arrays
        self.given = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        self.loop = function(prediction.predict, precision.name)

    def point_at(self, X: Array, out: Array, logits: Array | None = None) -> None:
        """Say where the rows are and where results go; the caller keeps all of it alive."""
        context = self.context
        context["n"], context["x"] = len(X), X.ctypes.data
        context["x_row"], context["x_column"] = element_strides(X)
        context["out"] = out.ctypes.data
        context["logits"] = 0 if logits is None else logits.ctypes.data

    def run(self) -> None:
        """Run the machine code; other threads of Python run meanwhile."""
        self.loop(*self.given)


class _OneRow(_Runner):
    """A program for one row, which it is always given at the same place."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound, 1)
        self.x = np.zeros((1, bound.plan.n_inputs), bound.theta.dtype)
        self.out = np.zeros((1, bound.plan.n_outputs), bound.theta.dtype)
        self.point_at(self.x, self.out)

    def __call__(self, X: Array) -> Array:
        """Return the outputs of one row."""
        self.x[...] = X
        self.loop(*self.given)
        return self.out.copy()


def _fit_for_blas(X: Array) -> bool:
    """Return whether BLAS can read `X` as it lies, by rows or by columns."""
    row, column = element_strides(X)
    by_row = column == 1 and X.shape[1] <= row < _FURTHEST
    return by_row or (row == 1 < column and len(X) <= column < _FURTHEST)


_bound = Kept(bind)
