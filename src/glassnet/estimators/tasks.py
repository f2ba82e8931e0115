"""scikit-learn's callbacks: a fit is a task, each of its epochs a task within it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["Task", "Tasks"]


@dataclass
class Task:
    """One epoch; `stop` says at its end whether a callback asked to end training."""

    stop: bool = False


class Tasks:
    """The callbacks of one fit, as ``estimator.set_callbacks`` took them.

    Parameters
    ----------
    est : estimator
        The one being fitted.
    X, y : arrays
        Training data, handed to callbacks that ask for it.
    metadata : dict or None
        Sample weights, where there are any.
    context : CallbackContext or None
        Of the fit; None where nothing is told (`partial_fit`).
    """

    def __init__(self, est: Any, X: Any, y: Any, metadata: Any, context: Any) -> None:
        self.est, self.context = est, context
        self.data = {"X": X, "y": y, "metadata": metadata}
        self.stopped = False  # by a callback or by Ctrl-C: no other start follows
        self.heard = context is not None and bool(getattr(est, "_skl_callbacks", None))

    def begin(self) -> None:
        """Tell that the fit begins."""
        if self.context is not None:
            self.context.call_on_fit_task_begin(estimator=self.est, **self.data)

    def end(self) -> None:
        """Tell that the fit has ended."""
        if self.context is not None:
            self.context.call_on_fit_task_end(
                estimator=self.est, **self.data, reconstruction_attributes={}
            )

    @contextmanager
    def epoch(self) -> Iterator[Task]:
        """Tell of an epoch's begin and end; callbacks get the model as it is at each."""
        task = Task()
        if not self.heard:
            yield task
            return
        context = self.context.subcontext(task_name="epoch")
        known = {**self.data, "reconstruction_attributes": self.est._snapshot}
        context.call_on_fit_task_begin(estimator=self.est, **known)
        yield task
        task.stop = context.call_on_fit_task_end(estimator=self.est, **known)
        self.stopped = self.stopped or task.stop
