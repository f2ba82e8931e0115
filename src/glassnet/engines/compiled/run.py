"""The threads that run a loop: one leads and the others assist, or all do the same.

They are ordinary threads of Python that live as long as one call, and hold no lock of the
interpreter while machine code runs: so nothing is left behind for a fork to lose.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.compiled import layout, team
from glassnet.engines.compiled.compilation import function
from glassnet.engines.compiled.operands import Kernel
from glassnet.engines.threads import begin_threads, one_blas_thread

__all__ = ["Run"]

_LINE = 8  # whole numbers to a line of the cache


class Run:
    """A loop over a program's arrays, to be run by some threads.

    The caller keeps alive all arrays whose addresses the context holds.

    Parameters
    ----------
    lead : kernel
        What the leading thread runs.
    arrays : tuple of array
        θ, memory, operands and constants.
    context, reals : Numbers
        As kernels read and write them.
    threads : int
        How many run it: the one that leads, and helpers.
    shares : bool
        Whether the lead shares its jobs with the helpers; else every thread runs the lead.
    """

    def __init__(
        self,
        lead: Kernel,
        arrays: tuple[NDArray[Any], ...],
        context: layout.Numbers,
        reals: layout.Numbers,
        threads: int,
        shares: bool = True,
    ) -> None:
        precision = arrays[0].dtype.name
        self.arrays, self.context = (*arrays, context.array, reals.array), context
        self.helpers = threads - 1
        self.lead = self.help = function(lead, precision)
        self.shared = np.zeros(layout.SHARED + _LINE, np.int64)
        if self.helpers > 0 and shares:
            self.help = function(team.assist, precision)
            skipped = -self.shared.ctypes.data // self.shared.itemsize % _LINE
            self.shared = self.shared[skipped:]
            context["team"] = self.shared.ctypes.data
            context["offering"], context["sleeping"], context["nap"] = _calls()

    def to_end(self, stop: NDArray[np.int64] | None = None) -> None:
        """Run the loop to its end; where it may be asked to stop, this thread stays free.

        Parameters
        ----------
        stop : int64 array, shape (1,), optional
            Looked at meanwhile: the loop ends soon once it is not 0.
        """
        if stop is None:
            self._here()
        else:
            self.context["stop"] = stop.ctypes.data
            self._aside(stop)

    def _here(self) -> None:
        """Run the loop, in this thread and its helpers."""
        threads = [
            threading.Thread(target=self._call, args=(self.help,), name="glassnet helper")
            for _ in range(self.helpers)
        ]
        begun = list[threading.Thread]()
        try:
            begin_threads(threads, begun)
            self._call(self.lead)
        finally:
            self.shared[layout.OVER] = 1
            for thread in begun:
                thread.join()

    def _aside(self, stop: NDArray[np.int64]) -> None:
        """Run the loop in a thread of its own, so that this one can take signals meanwhile.

        What is raised here, or there, is raised once the loop has ended: it writes to its
        arrays until then.
        """
        over, raised = threading.Event(), list[BaseException]()

        def work() -> None:
            """Run it, and say that it has ended, whatever happens."""
            try:
                self._here()
            except BaseException as error:
                raised.append(error)
            finally:
                over.set()

        begun = list[threading.Thread]()
        begin_threads([threading.Thread(target=work, name="glassnet")], begun)
        if not begun:
            self._here()  # a signal has to wait for the end
            return
        ended = False
        while not ended:
            try:
                # not the thread's own `join`: interrupted, it may take a thread for ended
                ended = over.wait(0.05)
            except BaseException as error:
                stop[0] = 1
                raised.append(error)
        if raised:
            raise raised[0]

    @one_blas_thread
    def _call(self, loop: Callable[..., None]) -> None:
        """Run machine code; ctypes lets other threads run meanwhile."""
        loop(*(array.ctypes.data for array in self.arrays))


@cache
def _calls() -> tuple[int, int, int]:
    """Return addresses of the system's calls that offer the processor and that sleep.

    And what the latter is told: 50 microseconds. Windows counts in milliseconds; at 0 it gives
    the rest of a thread's turn away.
    """
    if os.name == "nt":
        library: Any = ctypes.CDLL("kernel32")
        calls, nap = (library.SwitchToThread, library.Sleep), 0
    else:
        library = ctypes.CDLL(None)
        calls, nap = (library.sched_yield, library.usleep), 50
    offering, sleeping = (ctypes.cast(call, ctypes.c_void_p).value or 0 for call in calls)
    return offering, sleeping, nap
