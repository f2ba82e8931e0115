"""Which models are being trained: a model takes one fit at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

__all__ = ["alone", "is_under_way"]


class _UnderWay:
    """Models in training, and the thread that each is trained in."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.threads: WeakKeyDictionary[Any, int] = WeakKeyDictionary()

    def begin(self, model: Any, words: str) -> None:
        """Take note of a model, unless it is being trained already."""
        with self.lock:
            if model in self.threads:
                raise RuntimeError(f"this {type(model).__name__} is being {words}")
            self.threads[model] = threading.get_ident()

    def end(self, model: Any) -> None:
        """Forget a model."""
        with self.lock:
            self.threads.pop(model, None)

    def after_fork(self) -> None:
        """Forget in a child what other threads train: a fork takes along only its own."""
        self.lock = threading.RLock()
        own = threading.get_ident()
        for model, thread in list(self.threads.items()):
            if thread != own:
                del self.threads[model]


_found = _UnderWay()
if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_found.after_fork)


def is_under_way(model: Any) -> bool:
    """Return whether a model is being trained."""
    return model in _found.threads


@contextmanager
def alone(model: Any, words: str) -> Iterator[None]:
    """Have no second fit of a model begin meanwhile.

    Parameters
    ----------
    model : object
    words : str
        How an error goes on after "this MLP is being".

    Raises
    ------
    RuntimeError
        If it is being trained already.

    Examples
    --------
    >>> class Model: ...
    >>> model = Model()
    >>> with alone(model, "trained"):
    ...     is_under_way(model)
    True
    """
    _found.begin(model, words)
    try:
        yield
    finally:
        _found.end(model)
