"""Training by an optimizer that is handed the whole function: L-BFGS."""

from __future__ import annotations

import time

import numpy as np

from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.types import Array
from glassnet.optimizers import LBFGS
from glassnet.training.interrupt import Interrupt
from glassnet.training.run import Run, Show

__all__ = ["hand_over"]

_ENDINGS = {
    "step limit": "finished",
    "converged": "converged",
    "evaluation limit": "evaluation_limit",
}


def hand_over(run: Run, show: Show, interrupt: Interrupt) -> str:
    """Let L-BFGS iterate, an epoch each; return why it stopped, or an empty text.

    As everywhere, an epoch's loss is the one before its step. Where there is nothing to
    step to (it converges at once), one epoch holds the loss that was found. SciPy works
    with one BLAS thread too: its small products are slower on several.
    """
    import scipy.optimize  # noqa: F401  before the limit is set, so that it covers SciPy's BLAS

    return _iterate(run, show, interrupt)


@one_blas_thread
def _iterate(run: Run, show: Show, interrupt: Interrupt) -> str:
    """Do what `hand_over` says."""
    optimizer, state = run.settings.optimizer, run.state
    assert isinstance(optimizer, LBFGS)
    state.slots, state.step = {}, 0
    course = _Course(run, show, interrupt)
    if not np.isfinite(course.loss):
        return "diverged"
    theta, status = optimizer.run(
        course.loss_and_gradient, state.theta.copy(), run.settings.epochs, course.arrive
    )
    state.theta[...] = theta
    run.engine.refresh_buffers(run.plan, state, run.data.X)
    if len(run.history) == run.first:
        course.record()
    run.remark = status
    return course.stop or _ENDINGS.get(status, "no_progress")


class _Course:
    """What L-BFGS calls: the loss of all samples, and what follows each iteration.

    Attributes
    ----------
    loss : float
        At the point that the iteration under way began with.
    stop : str
        Why to stop, or an empty text.
    """

    def __init__(self, run: Run, show: Show, interrupt: Interrupt) -> None:
        self.run, self.show, self.interrupt = run, show, interrupt
        self.stop = ""
        self._latest: tuple[bytes, float] = (b"", 0.0)  # the last point seen, and its loss
        self._begin()
        self.loss = self.loss_and_gradient(run.state.theta)[0]

    def _begin(self) -> None:
        self.run.begin_block()
        self._started = time.perf_counter()

    def loss_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """Return the loss at `theta`, which becomes the network's, and its gradient."""
        state, data = self.run.state, self.run.data
        state.theta[...] = theta
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient, _ = self.run.engine.loss_and_gradients(
                self.run.plan,
                state,
                data.X,
                data.y,
                data.weight,
                threads=self.run.settings.threads,
            )
        self._latest = theta.tobytes(), loss
        return loss, gradient

    def arrive(self, theta: Array) -> bool:
        """Record the iteration that led to `theta`; return whether to stop."""
        seconds, state = time.perf_counter() - self._started, self.run.state
        known = self._latest[0] == theta.tobytes()
        here = self._latest[1] if known else self.loss_and_gradient(theta)[0]
        state.theta[...] = theta
        state.step += 1
        self.run.engine.refresh_buffers(self.run.plan, state, self.run.data.X)
        try:
            self.record(seconds)
        except StopIteration as error:  # SciPy would take it for its own
            raise RuntimeError("a callback raised StopIteration") from error
        if not np.array_equal(state.theta, theta):
            raise RuntimeError(
                "a callback changed theta: L-BFGS, which keeps a model of the loss "
                "around it, cannot go on; use an optimizer that steps"
            )
        self.stop = self.stop or ("interrupted" if self.interrupt.requested else "")
        self.loss = here
        self._begin()
        return bool(self.stop)

    def record(self, seconds: float | None = None) -> None:
        """Enter the loss that the iteration began with into the books."""
        if seconds is None:
            seconds = time.perf_counter() - self._started
        self.stop = self.run.end_block(
            [self.loss], [1.0], seconds, self.show, loss_is_of_start=True
        )
