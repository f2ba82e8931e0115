"""One BLAS thread while an engine computes.

The sum inside a matrix product depends on how BLAS shares it among threads: with another
number of threads the last digits differ, and training carries that on. And on a machine
whose cores are busy, small products on several threads wait for each other so long that
they run many times slower than on one.

Most BLAS have one limit for the whole process. So while calls of several Python threads
overlap, the first sets it and the last puts back what was there before.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["begin_threads", "one_blas_thread"]

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _libraries(with_scipy: bool) -> list[Any]:
    """Return threadpoolctl's handles of the loaded BLAS; looking for them takes a while.

    SciPy brings a BLAS of its own, which is there `with_scipy`.
    """
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:  # an environment with NumPy alone: BLAS stays as it is set
        return []
    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found


def _per_thread(library: Any) -> bool:
    """Return whether each Python thread has a limit of its own in this library."""
    on_openmp = library.internal_api == "openblas" and library.threading_layer == "openmp"
    return bool(on_openmp or library.internal_api == "mkl")


def _set(library: Any, threads: int) -> None:
    # threadpoolctl obeys one Python thread, until that releases it. Here whoever is first
    # or last must be obeyed; the lock below is what keeps them apart.
    release = getattr(library, "clear_controlling_thread", None)
    if release:
        release(force=True)
    library.set_num_threads(threads)
    if release:
        release()


def _restore(changed: list[tuple[Any, int]]) -> None:
    while changed:
        _set(*changed.pop())


class _Own(threading.local):
    """What one Python thread has: its calls, one within another, and limits of its own."""

    def __init__(self) -> None:
        self.depth = 0
        self.changed: list[tuple[Any, int]] = []


class _Limit:
    """The limit of the process, and which Python threads are under it.

    `changed` lists libraries with the number of threads that they had before. Ctrl-C may
    fall between any two lines: so nothing is counted that could be counted twice.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a signal's handler may predict with a network
        self.own = _Own()
        self.inside: set[int] = set()
        self.changed: list[tuple[Any, int]] = []

    def enter(self) -> None:
        """Set the limit, unless this thread is under it already."""
        self.own.depth += 1
        if self.own.depth > 1:
            return
        with self.lock:
            self.inside.add(threading.get_ident())
            for library in _libraries("scipy.linalg" in sys.modules):
                threads = library.get_num_threads()
                if threads and threads > 1:  # None where a library does not tell
                    changed = self.own.changed if _per_thread(library) else self.changed
                    changed.append((library, threads))
                    _set(library, 1)

    def leave(self, depth: int) -> None:
        """Go back to `depth`, the calls there were before; lift the limit after the last."""
        self.own.depth = depth
        if depth > 0:
            return
        with self.lock:
            self.inside.discard(threading.get_ident())
            _restore(self.own.changed)
            if not self.inside:
                _restore(self.changed)

    def after_fork(self) -> None:
        """Forget the other Python threads in a child: a fork takes along only its own."""
        self.inside = {threading.get_ident()} if self.own.depth else set()
        if not self.inside:
            _restore(self.changed)
        self.lock.release()


_limit = _Limit()
if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(
        before=_limit.lock.acquire,  # so that no other thread is half-way through a change
        after_in_parent=_limit.lock.release,
        after_in_child=_limit.after_fork,
    )


def begin_threads(threads: Iterable[threading.Thread], begun: list[threading.Thread]) -> None:
    """Start threads, and append to `begun` each that was.

    Where the system gives no more, those before are all there are: whoever asks has to do
    without the others.
    """
    for thread in threads:
        try:
            thread.start()
        except RuntimeError:
            break
        begun.append(thread)


def one_blas_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function`, run with BLAS limited to one thread."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function under the limit, and lift it whatever happens."""
        depth = _limit.own.depth
        try:
            _limit.enter()
            return function(*args, **kwargs)
        finally:
            _limit.leave(depth)

    return limited
