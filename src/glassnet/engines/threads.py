"""One BLAS thread while an engine computes.

The sum inside a matrix product depends on how BLAS shares it among threads: with another
number of threads the last digits differ, and training carries that on. And on a machine
whose cores are busy, small products on several threads wait for each other so long that
they run many times slower than on one.

The limit is threadpoolctl's. It obeys one Python thread at a time: where fits of several
Python threads overlap, the limit may be lifted under one of them, or stay when all are done.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["one_blas_thread"]

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _controller() -> Any:
    """Return threadpoolctl's view of the loaded libraries; looking for them takes a while."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:  # an environment with NumPy alone: BLAS stays as it is set
        return None
    return ThreadpoolController()


def _limit() -> AbstractContextManager[Any]:
    controller = _controller()
    if controller is None:
        return nullcontext()
    limit: AbstractContextManager[Any] = controller.limit(limits=1, user_api="blas")
    return limit


def one_blas_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return `function`, run with BLAS limited to one thread."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with _limit():
            return function(*args, **kwargs)

    return limited
