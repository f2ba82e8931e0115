"""The compiled engine's predictions: a network bound to machine code that runs it.

What a call needs is made once: the program, its memory, the addresses. A single row goes
through kernels of its own, which run along the units.
"""

from __future__ import annotations

import ctypes
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.engines.compiled import layout, prediction
from glassnet.engines.compiled.builder import Builder, Program, assembled
from glassnet.engines.compiled.compilation import address
from glassnet.engines.compiled.linear import gather
from glassnet.engines.compiled.program import LAYERS, activate
from glassnet.engines.cores import at_work
from glassnet.engines.data import addressable
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.types import Array
from glassnet.network import Layer, Plan, State
from glassnet.network.plan import NORM_EPSILON

__all__ = ["Bound"]

_CHUNK = 256  # rows that go through the network together
_WORTH = 20_000_000  # weights times rows, from which a second thread is started

_Loop = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 6)


class Bound:
    """A network as it is now, bound to machine code: outputs from rows.

    Calls from several threads take turns.

    Parameters
    ----------
    plan : Plan
        Of kernels that are compiled.
    state : State
        Copied; what becomes of it later makes no difference.
    threads : int
        That work on many rows at most. The numbers never depend on it.
    """

    def __init__(self, plan: Plan, state: State, threads: int = 1) -> None:
        self.plan, self.threads = plan, threads
        self.theta, self.buffers = state.theta.copy(), state.buffers.copy()
        self._lock = threading.Lock()
        self._many: list[_Runner] = []
        self._one = _Runner(plan, self.theta, self.buffers, 1)
        self._x = np.zeros((1, plan.n_inputs), self.theta.dtype)
        self._out = np.zeros((1, plan.n_outputs), self.theta.dtype)
        self._one.point_at(self._x, self._out)

    def __call__(self, X: Array) -> Array:
        """Return the outputs of rows, in the precision of the parameters.

        Parameters
        ----------
        X : array, shape (n, n_inputs)
        """
        with self._lock:
            if len(X) == 1:
                self._x[...] = X
                self._one.run()
                return self._out.copy()
            return self._of_many(addressable(X, self.theta.dtype))

    @one_blas_thread
    def _of_many(self, X: Array) -> Array:
        out = np.empty((len(X), self.plan.n_outputs), self.theta.dtype)
        chunks = -(-len(X) // _CHUNK)
        worth = self.plan.n_parameters * len(X) >= _WORTH
        with at_work(min(self.threads, chunks) if worth else 1) as workers:
            while len(self._many) < workers:
                self._many.append(_Runner(self.plan, self.theta, self.buffers, _CHUNK))
            ends = [chunks * k // workers * _CHUNK for k in range(workers + 1)]
            for runner, begin, end in zip(self._many, ends, ends[1:], strict=False):
                runner.point_at(X[begin:end], out[begin:end])
            first, *others = self._many[:workers]
            if others:
                # some BLAS have a limit of their own for each thread
                limited = one_blas_thread(_Runner.run)
                with ThreadPoolExecutor(len(others), "glassnet helper") as pool:
                    pending = [pool.submit(limited, runner) for runner in others]
                    first.run()
                    for one in pending:
                        one.result()
            else:
                first.run()
        return out


class _Runner:
    """A program of prediction with memory of its own."""

    def __init__(self, plan: Plan, theta: Array, buffers: Array, chunk: int) -> None:
        program = _build(plan, theta.dtype.name, chunk)
        memory = program.memory(theta.dtype)
        memory[program.buffers : program.buffers + len(buffers)] = buffers
        self.context = np.zeros(layout.CONTEXT, np.int64)
        self.context[layout.KERNELS] = program.kernels.ctypes.data
        self.context[layout.AT] = program.at.ctypes.data
        self.context[layout.STARTS] = program.starts.ctypes.data
        self.context[layout.CHUNK] = chunk
        numbers, reals = program.numbers, np.zeros(layout.REALS)
        arrays = theta, memory, program.at, numbers, self.context, reals
        self.alive: Any = program, arrays
        self.given = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        self.loop = _Loop(address(prediction.predict, theta.dtype.name))

    def point_at(self, X: Array, out: Array) -> None:
        """Say where the rows are and where the outputs go; the caller keeps both alive."""
        context, (row, column) = self.context, X.strides
        context[layout.N], context[layout.X] = len(X), X.ctypes.data
        context[layout.X_ROW], context[layout.X_COLUMN] = (
            row // X.itemsize,
            column // X.itemsize,
        )
        context[layout.OUT] = out.ctypes.data

    def run(self) -> None:
        """Run the machine code; other threads of Python run meanwhile."""
        self.loop(*self.given)


@lru_cache(maxsize=64)
def _build(plan: Plan, precision: str, chunk: int) -> Program:
    """Return the program that takes `plan` forward, in chunks of up to `chunk` rows."""
    to = Builder(plan, precision, chunk, lanes=2)  # a lane's work is never cut
    gather(to)
    for place, layer in enumerate(plan.layers):
        if layer.kind == "dense" and chunk == 1:
            _one_row(to, layer)
        elif layer.kind == "batch_norm":
            _by_running(to, layer)
        elif layer.kind != "dropout":  # nothing is dropped
            LAYERS[layer.kind](to, layer, place)
    activate(to, catalog.activation(plan.output), plan.n_outputs)
    to.forward(prediction.hand_out, [plan.n_outputs, to.a])
    return assembled(to, to.size, to.size, (chunk, chunk), prediction.predict)


def _one_row(to: Builder, layer: Layer) -> None:
    W, b = layer.parameters
    z = to.rows(layer.units)
    at = [layer.units_in, layer.units, W.start, b.start, to.a, z]
    to.forward(prediction.one_row, at)
    to.a = z


def _by_running(to: Builder, layer: Layer) -> None:
    gain, shift = layer.parameters
    mean, variance = (to.buffers + p.start for p in layer.buffers)
    z, to.a = to.a, to.rows(layer.units)
    at = [layer.units, gain.start, shift.start, z, to.a, mean, variance]
    to.forward(prediction.by_running, at, NORM_EPSILON)
