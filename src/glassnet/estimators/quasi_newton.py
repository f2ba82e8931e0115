"""An MLP estimator's fit by L-BFGS: every iteration looks at all samples."""

from __future__ import annotations

import warnings
from contextlib import closing
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines.cores import n_threads
from glassnet.engines.data import Data
from glassnet.engines.threads import one_blas_thread
from glassnet.estimators.epochs import NOT_FINITE, Diverged
from glassnet.estimators.holdout import Holdout
from glassnet.estimators.tasks import Tasks
from glassnet.formulas.penalties import l2_penalty
from glassnet.formulas.types import Array
from glassnet.optimizers import LBFGS
from glassnet.training.history import Epoch
from glassnet.training.interrupt import Interrupt
from glassnet.training.progress import progress

__all__ = ["minimize"]


class _Objective:
    """The loss of all samples as a function of θ, and what each iteration leaves behind.

    It minimizes the very loss whose gradient it is given. (scikit-learn hands L-BFGS the
    loss divided by the number of outputs, with the gradient of the undivided one: its
    issue 8349.)
    """

    def __init__(
        self, est: Any, data: Data, held_out: Holdout | None, tasks: Tasks, engine: Any
    ) -> None:
        self.est, self.data, self.held_out, self.tasks = est, data, held_out, tasks
        self.engine, self.threads = engine, n_threads(est.n_threads)
        self.display = progress(est.verbose == "bar", est.max_iter)
        self.stop = False
        self.latest: tuple[bytes, float] = (b"", 0.0)  # the last point seen, and its loss

    def __call__(self, theta: Array) -> tuple[float, Array]:
        state, data = self.est._state, self.data
        state.theta[...] = theta
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradient, _ = self.engine.loss_and_gradients(
                self.est._plan, state, data.X, data.y, data.weight, threads=self.threads
            )
        self.latest = theta.tobytes(), loss
        return loss, gradient

    def record(self, theta: Array) -> None:
        """Note the loss at `theta`, the end of an iteration."""
        est = self.est
        loss = self.latest[1] if self.latest[0] == theta.tobytes() else self(theta)[0]
        est._state.theta[...] = theta
        self.engine.refresh_buffers(est._plan, est._state, self.data.X)
        est.loss_ = self._reported(loss)
        est.loss_curve_.append(est.loss_)
        est.best_loss_ = est.loss_ if est.best_loss_ is None else min(est.best_loss_, est.loss_)
        est.n_iter_ += 1
        if self.held_out is not None:
            est.validation_loss_curve_.append(self.held_out.loss(est))
        if est.verbose and est.verbose != "bar":
            print(f"Iteration {est.n_iter_}, loss = {est.loss_:.8f}")
        self.display.update(Epoch(est.n_iter_ - 1, est.loss_, None, {}, 1.0, 0.0, est))

    def close(self) -> None:
        """Let go of the screen."""
        self.display.close("finished")

    def _reported(self, loss: float) -> float:
        """Return the loss as the estimator shows it."""
        est = self.est
        strength = est._plan.alpha / self.data.total
        weights = (parameter.of(est._state.theta) for parameter in est._plan.penalized)
        penalty = sum(float(l2_penalty(W.ravel(), strength)) for W in weights)
        return np.float64(est._reported(loss - penalty, penalty))


@one_blas_thread
def minimize(
    est: Any,
    data: Data,
    held_out: Holdout | None,
    optimizer: LBFGS,
    tasks: Tasks,
    engine: Any,
) -> None:
    """Run L-BFGS for at most `est.max_iter` iterations, in place on `est`.

    With one BLAS thread throughout: SciPy's own small products are slower on several.
    """
    objective = _Objective(est, data, held_out, tasks, engine)
    est.n_iter_ = 0

    with Interrupt() as interrupt, closing(objective):

        def after(theta: Array) -> bool:
            """End an iteration: record it, tell the callbacks, say whether to stop."""
            with tasks.epoch() as task:
                objective.record(theta)
            objective.stop = task.stop or interrupt.requested
            return objective.stop

        start = est._state.theta.copy()
        theta, status = optimizer.run(objective, start, est.max_iter, after)
        if interrupt.requested:
            tasks.stopped = True
            warnings.warn("Training interrupted by user.", stacklevel=7)
    est._state.theta[...] = theta
    engine.refresh_buffers(est._plan, est._state, data.X)
    if not est.loss_curve_:  # it had nothing to improve
        est.loss_ = objective._reported(objective(theta)[0])
    if status.startswith("no progress: the loss"):
        raise Diverged(NOT_FINITE)
    if status != "converged" and not objective.stop:
        warnings.warn(
            f"lbfgs failed to converge after {est.n_iter_} iteration(s) ({status}). Increase "
            f"max_iter (now {est.max_iter}) or max_fun (now {est.max_fun}), or scale the data",
            ConvergenceWarning,
            stacklevel=7,
        )
