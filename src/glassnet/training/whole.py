"""Training by an optimizer that is handed the whole function: L-BFGS."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.choice import Choice
from glassnet.engines.cost import epochs_in_a_moment
from glassnet.engines.data import Data
from glassnet.engines.threads import one_blas_thread
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.optimizers import LBFGS
from glassnet.training.interrupt import Interrupt
from glassnet.training.run import Run, Show

__all__ = ["GIVEN_UP", "Objective", "descend", "hand_over"]

GIVEN_UP = "given up"
_ENDINGS = {
    GIVEN_UP: "interrupted",
    "step limit": "finished",
    "converged": "converged",
    "evaluation limit": "evaluation_limit",
}


# --- for whoever trains so --------------------------------------------------------------


class _GivenUp(Exception):
    """Somebody asked to stop within an evaluation."""


@dataclass
class Objective:
    """The loss of all samples as a function of θ, which becomes the network's.

    Attributes
    ----------
    engine : Choice
        Who computes.
    plan, state
        The network.
    data : Data
        All samples.
    threads : int
        How many may work on it.
    stop : int64 array, shape (1,)
        Not 0 once `descend` is to give up, be it within an evaluation.
    """

    engine: Choice
    plan: Plan
    state: State
    data: Data
    threads: int
    stop: NDArray[np.int64]

    def __post_init__(self) -> None:
        # Before BLAS is limited to one thread, so that this covers SciPy's too.
        import scipy.optimize  # noqa: F401

        n = len(self.data.y)
        shape = self.engine.name, self.plan, n, n, self.data.entries
        self._is_long = epochs_in_a_moment(*shape) < 1
        self._latest: tuple[bytes, float] = (b"", 0.0)  # the last point seen, and its loss

    def with_gradient(self, theta: Array) -> tuple[float, Array]:
        """Return the loss at `theta` and its gradient."""
        data, stop = self.data, self.stop if self._is_long else None
        self.state.theta[...] = theta
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            loss, gradient, _ = self.engine.module.loss_and_gradients(
                self.plan,
                self.state,
                data.X,
                data.y,
                data.weight,
                threads=self.threads,
                stop=stop,
            )
        if self.stop[0]:
            raise _GivenUp
        self._latest = theta.tobytes(), loss
        return loss, gradient

    def loss(self, theta: Array) -> float:
        """Return the loss at `theta`, which is that of the last point more often than not."""
        point, loss = self._latest
        return loss if point == theta.tobytes() else self.with_gradient(theta)[0]

    def settle(self, theta: Array) -> None:
        """Make `theta` the network's, its running statistics included."""
        self.state.theta[...] = theta
        self.engine.module.refresh_buffers(self.plan, self.state, self.data.X)


@one_blas_thread
def descend(
    optimizer: LBFGS, objective: Objective, steps: int, arrived: Callable[[float], bool]
) -> str:
    """Iterate from the network's θ on, in place; return what the optimizer said at the end.

    SciPy works with one BLAS thread too: its small products are slower on several. Where the
    objective is asked to stop, the network is that of the last iteration's end.

    Parameters
    ----------
    optimizer : LBFGS
        How.
    objective : Objective
        What is minimized.
    steps : int
        Iterations allowed.
    arrived : callable
        ``arrived(loss)`` after each iteration, the network being that of its end; returning
        True stops.

    Raises
    ------
    RuntimeError
        If `arrived` changes θ.
    """
    reached = objective.state.copy()

    def after(theta: Array) -> bool:
        """Settle where an iteration ended, and hand on whether to stop."""
        loss = objective.loss(theta)
        objective.settle(theta)
        try:
            stop = arrived(loss)
        except StopIteration as error:  # SciPy would take it for its own
            raise RuntimeError("a callback raised StopIteration") from error
        if not np.array_equal(objective.state.theta, theta):
            raise RuntimeError(
                "a callback changed theta: L-BFGS, which keeps a model of the loss "
                "around it, cannot go on; use an optimizer that steps"
            )
        reached.restore(objective.state)
        return stop

    start = objective.state.theta.copy()
    try:
        theta, status = optimizer.run(objective.with_gradient, start, steps, after)
    except _GivenUp:
        objective.state.restore(reached)
        return GIVEN_UP
    objective.settle(theta)
    return status


# --- `fit` ------------------------------------------------------------------------------


def hand_over(run: Run, show: Show, interrupt: Interrupt) -> str:
    """Let L-BFGS iterate, an epoch each; return why it stopped, or an empty text.

    As everywhere, an epoch's loss is the one before its step. Where there is nothing to
    step to (it converges at once), one epoch holds the loss that was found.
    """
    optimizer, state = run.settings.optimizer, run.state
    assert isinstance(optimizer, LBFGS)
    state.slots, state.step = {}, 0
    try:
        course = _Course(run, show, interrupt)
    except _GivenUp:
        run.recover()
        return _ENDINGS[GIVEN_UP]
    if not np.isfinite(course.loss):
        return "diverged"
    run.remark = descend(optimizer, course.objective, run.settings.epochs, course.arrive)
    if len(run.history) == run.first and run.remark != GIVEN_UP:
        course.record()
    return course.stop or _ENDINGS.get(run.remark, "no_progress")


class _Course:
    """What follows each iteration of `fit`.

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
        self.objective = Objective(
            run.settings.engine,
            run.plan,
            run.state,
            run.data,
            run.settings.threads,
            interrupt.flag,
        )
        self._begin()
        self.loss = self.objective.with_gradient(run.state.theta)[0]

    def _begin(self) -> None:
        self.run.begin_block()
        self._started = time.perf_counter()

    def arrive(self, loss: float) -> bool:
        """Record the iteration that led to `loss`; return whether to stop."""
        self.run.state.step += 1
        self.record()
        self.stop = self.stop or ("interrupted" if self.interrupt.requested else "")
        self.loss = loss
        self._begin()
        return bool(self.stop)

    def record(self) -> None:
        """Enter the loss that the iteration began with into the books."""
        seconds = time.perf_counter() - self._started
        self.stop = self.run.end_block(
            [self.loss], [1.0], seconds, self.show, loss_is_of_start=True
        )
