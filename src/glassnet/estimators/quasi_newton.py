"""An MLP estimator's fit by L-BFGS: every iteration looks at all samples."""

from __future__ import annotations

import warnings
from contextlib import closing
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines.choice import Choice
from glassnet.engines.cores import n_threads
from glassnet.engines.data import Data
from glassnet.estimators.epochs import NOT_FINITE, Diverged
from glassnet.estimators.holdout import Holdout
from glassnet.estimators.tasks import Tasks
from glassnet.formulas.penalties import l2_penalty
from glassnet.optimizers import LBFGS
from glassnet.training.history import Epoch
from glassnet.training.interrupt import Interrupt
from glassnet.training.progress import progress
from glassnet.training.whole import GIVEN_UP, Objective, descend

__all__ = ["minimize"]


class _Course:
    """What each iteration leaves behind in an estimator's record."""

    def __init__(
        self, est: Any, objective: Objective, held_out: Holdout | None, tasks: Tasks
    ) -> None:
        self.est, self.objective = est, objective
        self.held_out, self.tasks = held_out, tasks
        self.display = progress(est.verbose == "bar", est.max_iter)

    def arrive(self, loss: float) -> bool:
        """Record an iteration and tell the callbacks; return whether they ask to stop."""
        with self.tasks.epoch() as task:
            self._record(loss)
        return task.stop

    def close(self) -> None:
        """Let go of the screen."""
        self.display.close("finished")

    def _record(self, loss: float) -> None:
        """Note the loss at the end of an iteration."""
        est = self.est
        est.loss_ = self.reported(loss)
        est.loss_curve_.append(est.loss_)
        est.best_loss_ = est.loss_ if est.best_loss_ is None else min(est.best_loss_, est.loss_)
        est.n_iter_ += 1
        if self.held_out is not None:
            est.validation_loss_curve_.append(self.held_out.loss(est))
        if est.verbose and est.verbose != "bar":
            print(f"Iteration {est.n_iter_}, loss = {est.loss_:.8f}")
        self.display.update(Epoch(est.n_iter_ - 1, est.loss_, None, {}, 1.0, 0.0, est))

    def reported(self, loss: float) -> float:
        """Return the loss as the estimator shows it."""
        est = self.est
        strength = est._plan.alpha / self.objective.data.total
        weights = (parameter.of(est._state.theta) for parameter in est._plan.penalized)
        penalty = sum(float(l2_penalty(W.ravel(), strength)) for W in weights)
        return np.float64(est._reported(loss - penalty, penalty))


def minimize(
    est: Any,
    data: Data,
    held_out: Holdout | None,
    optimizer: LBFGS,
    tasks: Tasks,
    engine: Choice,
) -> None:
    """Run L-BFGS for at most `est.max_iter` iterations, in place on `est`.

    It minimizes the very loss whose gradient it is given. (scikit-learn hands L-BFGS the
    loss divided by the number of outputs, with the gradient of the undivided one: its
    issue 8349.)
    """
    est.n_iter_, stopped = 0, False
    with Interrupt() as interrupt:
        objective = Objective(
            engine, est._plan, est._state, data, n_threads(est.n_threads), interrupt.flag
        )
        course = _Course(est, objective, held_out, tasks)

        def arrived(loss: float) -> bool:
            nonlocal stopped
            stopped = course.arrive(loss) or interrupt.requested
            return stopped

        with closing(course):
            status = descend(optimizer, objective, est.max_iter, arrived)
        if interrupt.requested:
            tasks.stopped = True
            warnings.warn("Training interrupted by user.", stacklevel=6)
    if status == GIVEN_UP:
        return
    if not est.loss_curve_:  # it had nothing to improve
        est.loss_ = course.reported(objective.loss(est._state.theta))
    if status.startswith("no progress: the loss"):
        raise Diverged(NOT_FINITE)
    if status != "converged" and not stopped:
        warnings.warn(
            f"lbfgs failed to converge after {est.n_iter_} iteration(s) ({status}). Increase "
            f"max_iter (now {est.max_iter}) or max_fun (now {est.max_fun}), or scale the data",
            ConvergenceWarning,
            stacklevel=6,
        )
