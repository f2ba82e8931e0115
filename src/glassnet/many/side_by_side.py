"""Runs jobs in threads that live as long as one call, and ends them all at Ctrl-C."""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from glassnet.engines.company import Company, company, joined
from glassnet.engines.threads import begin_threads, one_blas_thread

__all__ = ["made_company", "side_by_side"]

_LOOK = 0.1  # seconds; some systems deliver no signal to a thread that waits for long


def made_company(threads: int, fits: int) -> Company:
    """Return a company of fits on so many threads each; it ends with one it is part of."""
    whole = company()
    if whole is None:
        return Company(threads, fits)
    return replace(whole, threads=threads, fits=whole.fits * fits)


def side_by_side(
    run: Callable[[int], None],
    chains: Sequence[Sequence[int]],
    threads: int,
    fits: int | None = None,
) -> Iterator[int]:
    """Run jobs by their numbers, those of a chain one after another; yield each that ended.

    Parameters
    ----------
    run : callable
        Takes a job's number.
    chains : sequence of sequences of int
        Each is run by one thread.
    threads : int
        That are used together; where chains are fewer, a job may use several.
    fits : int, optional
        How many fits these are part of; by default there are no others.

    Raises
    ------
    BaseException
        What `run` raises, and KeyboardInterrupt: once no job runs any more.
    """
    workers = max(1, min(threads, len(chains)))
    these = made_company(threads // workers, fits or sum(map(len, chains)))
    as_here, context = _settings(), contextvars.copy_context()
    todo = SimpleQueue[Sequence[int]]()
    told = SimpleQueue[int | BaseException | None]()
    for chain in chains:
        todo.put(chain)

    def in_order(chain: Sequence[int]) -> None:
        """Run the jobs of a chain, as long as nobody asks to stop."""
        for job in chain:
            if these.stop[0]:
                return
            run(job)
            told.put(job)

    @one_blas_thread  # set once: each change of BLAS's limit costs as much as small fits do
    def work() -> None:
        """Take chain after chain, and tell what ended: a job, or the work, and by what."""
        try:
            as_here()
            with joined(these):
                while (chain := _taken(todo)) is not None:
                    context.copy().run(in_order, chain)
            told.put(None)
        except BaseException as error:
            told.put(error)

    begun = list[threading.Thread]()
    everybody = [threading.Thread(target=work, name="glassnet many") for _ in range(workers)]
    try:
        begin_threads(everybody, begun)
        if not begun:
            work()  # the system gives no thread
        yield from _as_told(told, max(len(begun), 1))
        if not begun and these.stop[0]:
            raise KeyboardInterrupt  # which the fit under way has taken for its own
    except BaseException:
        these.stop[0] = 1
        raise
    finally:
        for thread in begun:
            thread.join()


def _taken(todo: SimpleQueue[Sequence[int]]) -> Sequence[int] | None:
    try:
        return todo.get_nowait()
    except Empty:
        return None


def _as_told(told: SimpleQueue[int | BaseException | None], workers: int) -> Iterator[int]:
    """Yield jobs as they end, until all workers have."""
    while workers:
        try:
            found = told.get(timeout=_LOOK)
        except Empty:
            continue
        if isinstance(found, BaseException):
            raise found
        if found is None:
            workers -= 1
        else:
            yield found


def _settings() -> Callable[[], Any]:
    """Return a function that gives a thread scikit-learn's settings of this one."""
    if "sklearn" not in sys.modules:
        return lambda: None
    import sklearn

    config = sklearn.get_config()
    return lambda: sklearn.set_config(**config)
