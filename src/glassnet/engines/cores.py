"""How many threads may work at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from glassnet.engines.company import company

__all__ = ["at_work", "n_threads"]

_OURS, _OPENMP = "GLASSNET_NUM_THREADS", "OMP_NUM_THREADS"


def n_threads(asked: int | None = None) -> int:
    """Return how many threads an engine may use; its numbers never depend on it.

    Parameters
    ----------
    asked : int, >= 1, optional
        By default the environment variable ``GLASSNET_NUM_THREADS``, else
        ``OMP_NUM_THREADS``, else as many as there are cores.

    Returns
    -------
    int
        At most the cores that this process may use, and for a fit that runs beside others
        its share of them.

    Raises
    ------
    ValueError
        If ``GLASSNET_NUM_THREADS`` is no whole number of at least 1.

    Examples
    --------
    >>> n_threads(1)
    1
    """
    cores, beside = _cores(), company()
    found = min(cores, asked or _from_environment() or cores)
    return found if beside is None else min(found, beside.threads)


class _Busy:
    """How many threads work in machine code now, in the whole process."""

    def __init__(self) -> None:
        # Ctrl-C may fall between any two lines, and a signal's handler may predict: so what
        # each call has stands by itself, and a thread may hold the lock twice.
        self.lock, self.threads = threading.RLock(), dict[object, int]()


_busy = _Busy()
if hasattr(os, "register_at_fork"):  # a child takes along none of the threads that work
    os.register_at_fork(after_in_child=_busy.__init__)  # type: ignore[misc]


@contextmanager
def at_work(wanted: int) -> Iterator[int]:
    """Yield how many threads may work now: those of `wanted` for which cores are free.

    At least the caller's own. So fits in several threads, as those of joblib's backend
    "threading", share the cores instead of taking all of them each.

    Parameters
    ----------
    wanted : int, >= 1

    Examples
    --------
    >>> with at_work(1) as threads:
    ...     threads
    1
    """
    call = object()
    try:
        with _busy.lock:
            free = _cores() - sum(_busy.threads.values())
            threads = _busy.threads[call] = max(1, min(wanted, free))
        yield threads
    finally:
        with _busy.lock:
            _busy.threads.pop(call, None)


def _from_environment() -> int | None:
    value = os.environ.get(_OURS, "").strip()
    if value:
        found = _positive(value)
        if found is None:
            raise ValueError(
                f"the environment variable {_OURS} must be a whole number >= 1; got {value!r}"
            )
        return found
    # OpenMP allows a list, a number for each level of nesting, and ignores what is neither.
    return _positive(os.environ.get(_OPENMP, "").partition(",")[0].strip())


def _positive(text: str) -> int | None:
    """Return the whole number that `text` is, if it is one above 0."""
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
