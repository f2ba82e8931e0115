"""What a fit is told that runs beside others: its share of the threads, and when to end.

A thread joins a company for as long as it works for it; every fit in that thread is then one
of many. The engine that "auto" chooses depends on how many they are, and no number of a fit
on anything else of the others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Company", "company", "joined"]


@dataclass(frozen=True)
class Company:
    """Fits that run at the same time, for one caller who waits for them all.

    Attributes
    ----------
    threads : int
        How many each fit may use.
    fits : int
        How many they are.
    stop : int64 array, shape (1,)
        Not 0 once all are to end, as after Ctrl-C; what an engine takes as ``stop``.
    """

    threads: int = 1
    fits: int = 1
    stop: NDArray[Any] = field(default_factory=lambda: np.zeros(1, np.int64))


class _Own(threading.local):
    company: Company | None = None


_own = _Own()


def company() -> Company | None:
    """Return the company that this thread works for; None for a fit of its own.

    Examples
    --------
    >>> company() is None
    True
    """
    return _own.company


@contextmanager
def joined(whose: Company) -> Iterator[None]:
    """Let this thread work for a company."""
    before, _own.company = _own.company, whose
    try:
        yield
    finally:
        _own.company = before
