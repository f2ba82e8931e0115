"""Fits that scikit-learn makes through joblib, as a search does: side by side in threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from joblib import parallel_config
from joblib._parallel_backends import ThreadingBackend

from glassnet.engines.company import Company, company, joined
from glassnet.engines.threads import one_blas_thread

__all__ = ["fit_within"]


class _Threads(ThreadingBackend):
    """joblib's threads, each of which works for a company.

    Parameters
    ----------
    whose : Company
    places : int
        Jobs that run at a time at most.
    """

    def __init__(self, whose: Company | None = None, places: int = 1, **settings: Any) -> None:
        super().__init__(**settings)
        self.whose, self.n_places = whose or Company(), places
        self.places = threading.BoundedSemaphore(places)

    def submit(self, func: Callable[[], Any], callback: Any = None) -> Any:
        """Have a batch of jobs run."""
        return super().submit(partial(self._beside, func), callback)

    def apply_async(self, func: Callable[[], Any], callback: Any = None) -> Any:
        """Have a batch of jobs run; how older releases of joblib call it."""
        return super().apply_async(partial(self._beside, func), callback)

    def _beside(self, func: Callable[[], Any]) -> Any:
        with self.places:
            if self.whose.stop[0]:
                return []  # nobody waits for it any more
            with joined(self.whose):
                return one_blas_thread(func)()

    def wait(self) -> None:
        """Wait until none of the jobs runs."""
        for _ in range(self.n_places):
            self.places.acquire()


def fit_within(estimator: Any, threads: int, X: Any, y: Any, **arguments: Any) -> Any:
    """Fit an estimator, running the fits that it makes through joblib side by side.

    Parameters
    ----------
    estimator : estimator
        A search, a pipeline of several, ...
    threads : int
    X, y, **arguments
        Of its `fit`.

    Returns
    -------
    estimator

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, once none of its fits runs any more.
    """
    whole = company()
    alone = Company(threads) if whole is None else Company(threads, stop=whole.stop)
    backend = _Threads(Company(1, stop=alone.stop), threads)
    try:
        # what it fits itself, such as the best of a search at the end, has all threads
        with parallel_config(backend=backend, n_jobs=threads), joined(alone):
            estimator.fit(X, y, **arguments)
    except BaseException:
        alone.stop[0] = 1
        backend.wait()
        raise
    if alone.stop[0]:
        raise KeyboardInterrupt
    return estimator
