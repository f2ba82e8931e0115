"""Runs jobs in threads that live as long as one call, and ends them all at Ctrl-C."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

from glassnet.engines.company import Company, company, joined
from glassnet.engines.threads import one_blas_thread

__all__ = ["made_company", "side_by_side"]

_LOOK = 0.1  # seconds; some systems deliver no signal to a thread that waits for long


def made_company(threads: int, fits: int) -> Company:
    """Return a company of fits on so many threads each; it ends with one it is part of."""
    whole = company()
    if whole is None:
        return Company(threads, fits)
    return replace(whole, threads=threads, fits=whole.fits * fits)


def side_by_side(
    run: Callable[[int], None], chains: Sequence[Sequence[int]], threads: int
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

    Raises
    ------
    BaseException
        What `run` raises, and KeyboardInterrupt: once no job runs any more.
    """
    workers = max(1, min(threads, len(chains)))
    these = made_company(threads // workers, sum(map(len, chains)))
    as_here = _settings()

    @one_blas_thread  # set once: each change of BLAS's limit costs as much as small fits do
    def work(chain: Sequence[int]) -> None:
        """Run the jobs of a chain, as long as nobody asks to stop."""
        as_here()
        with joined(these):
            for job in chain:
                if these.stop[0]:
                    return
                run(job)

    # the pool's end waits for its threads
    with ThreadPoolExecutor(workers, "glassnet many") as pool:
        jobs = {pool.submit(contextvars.copy_context().run, work, c): c for c in chains}
        try:
            pending = set(jobs)
            while pending:
                done, pending = wait(pending, _LOOK, FIRST_COMPLETED)
                for future in done:
                    future.result()
                    yield from jobs[future]
        except BaseException:
            these.stop[0] = 1
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _settings() -> Callable[[], Any]:
    """Return a function that gives a thread scikit-learn's settings of this one."""
    if "sklearn" not in sys.modules:
        return lambda: None
    import sklearn

    config = sklearn.get_config()
    return lambda: sklearn.set_config(**config)
