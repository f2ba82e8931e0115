"""The epochs of an MLP estimator's fit, with scikit-learn's record and reasons to stop."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines.choice import epochs_in_a_moment
from glassnet.engines.cores import n_threads
from glassnet.engines.data import Batches, Data
from glassnet.engines.trained import DIVERGED, STOPPED, Trained
from glassnet.estimators.holdout import Holdout
from glassnet.estimators.solver import Rates
from glassnet.estimators.trainer import batch_size
from glassnet.formulas.types import Array
from glassnet.optimizers import Optimizer
from glassnet.training import DivergenceWarning
from glassnet.training.history import Epoch
from glassnet.training.interrupt import Interrupt
from glassnet.training.outcome import rose
from glassnet.training.progress import progress

__all__ = ["NOT_FINITE", "Diverged", "Epochs"]

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values "
    "and need to be preprocessed: scale X, lower learning_rate_init or set clip_norm=1"
)
_USER = 7  # calls from a warning here up to the line that called `fit`


class Diverged(ValueError):
    """A loss, gradient or parameter was no longer finite."""


@dataclass
class Epochs:
    """One run of epochs, in place on the numbers and the record of `est`.

    Attributes
    ----------
    est : estimator
        Holds plan, state, record and parameters.
    data : Data
        What to train on.
    held_out : Holdout or None
        What to judge by.
    optimizer : Optimizer
    rates : Rates
        Learning rates; `partial_fit` goes on with those of the call before.
    tasks : Tasks
        scikit-learn's callbacks, one task per epoch.
    engine : module
        Who computes; see `glassnet.engines.choice`.
    """

    est: Any
    data: Data
    held_out: Holdout | None
    optimizer: Optimizer
    rates: Rates
    tasks: Any
    engine: Any
    _order: Any = field(init=False)
    _batches: Batches = field(init=False)
    _rows: Array = field(init=False)
    _pace: float = field(init=False)
    _threads: int = field(init=False)
    _stop: Any = field(init=False, default=None)

    def __post_init__(self) -> None:
        n = len(self.data.y)
        self._order = np.arange(n)
        self._batches = Batches(n, self._batch_size(n), no_single=bool(self.est._plan.buffers))
        self._check_variance()
        self._rows = self._batches.shares(None, None)  # in each batch
        shape = n, self._batches.size, self.data.entries
        self._pace = epochs_in_a_moment(self.est.engine_, self.est._plan, *shape)
        self._threads = n_threads(self.est.n_threads)

    def run(self, epochs: int) -> None:
        """Train for at most `epochs` epochs."""
        est, display = self.est, progress(self.est.verbose == "bar", epochs)
        est.n_iter_, finished, first = 0, False, len(est.loss_curve_)
        try:
            with Interrupt() as interrupt:
                # Within a long epoch the engine itself looks whether Ctrl-C was pressed.
                self._stop = interrupt.flag if self._pace < 1 else None
                while est.n_iter_ < epochs and not finished:
                    finished = self._advance(epochs, display)
                    if interrupt.requested:
                        raise KeyboardInterrupt
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=_USER)
            finished = self.tasks.stopped = True
        finally:
            display.close("finished")
        losses = est.loss_curve_[first:]
        if not est.early_stopping and rose(losses):
            warnings.warn(
                f"training diverged: the loss rose from {losses[0]:.3g} to {losses[-1]:.3g}; "
                "lower learning_rate_init, scale X or set clip_norm=1",
                DivergenceWarning,
                stacklevel=_USER,
            )
        if not finished:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({epochs}) reached and the "
                "optimization hasn't converged yet.",
                ConvergenceWarning,
                stacklevel=_USER,
            )

    def once(self) -> None:
        """Train for one epoch (`partial_fit`)."""
        self.est.n_iter_ = 0
        self._advance(1, progress(False, 1))

    def _advance(self, epochs: int, display: Any) -> bool:
        """Train for some epochs; return whether they were the last."""
        est, start = self.est, time.perf_counter()
        rate = self.rates.now
        with self.tasks.epoch() as task:
            status = self._train(self._unwatched(epochs), epochs)
            seconds = time.perf_counter() - start
            display.update(Epoch(est.n_iter_ - 1, est.loss_, None, {}, rate, seconds, est))
        if status == DIVERGED:
            return self._diverged()
        if status == STOPPED:
            return True
        return task.stop or self._waited_too_long()

    def _unwatched(self, epochs: int) -> int:
        """Return how many epochs the engine may do before anyone looks at the network.

        More than one where nothing is asked in between: the rule that stops training on
        its loss cannot apply sooner than after `n_iter_no_change` epochs and one. And no
        more than are done in a moment, for Ctrl-C has to wait for them.
        """
        est = self.est
        watched = self.held_out is not None or self.tasks.heard or est.verbose
        if watched or self.rates.plateau is not None:
            return 1
        patience = est.n_iter_no_change + 1 - est._no_improvement_count
        return int(max(1, min(epochs - est.n_iter_, patience, self._pace)))

    def _train(self, count: int, epochs: int) -> str:
        """Train for `count` epochs of the `epochs` planned, and record each."""
        est, batches = self.est, self._batches
        orders = [self._next_order() for _ in range(count)]
        rates = self.rates.of_epochs(est.n_iter_, count, epochs, batches, est.t_)
        losses, status, _ = self._trained(orders, rates)
        if status == STOPPED:
            return status
        for order, found in zip(orders, losses, strict=True):
            self._record(order, found, status)
            self._judge()
        self.rates.look(est.loss_ if self.held_out is None else est.validation_loss_curve_[-1])
        return status

    def _trained(self, orders: Any, rates: Array) -> Trained:
        """Train in place; an epoch that is broken off leaves no trace in the network."""
        est, before = self.est, None if self._stop is None else self.est._state.copy()
        status = STOPPED
        try:
            found = self.engine.train(
                est._plan,
                est._state,
                self.data,
                self.optimizer,
                orders,
                rates,
                self._batches,
                self._stop,
                self._threads,
            )
            status = found.status
        finally:
            if status == STOPPED and before is not None:
                est._state.restore(before)
        return found

    def _record(self, order: Any, losses: Array, status: str) -> None:
        """Add one epoch to the record, from the losses and penalties of its batches."""
        est = self.est
        # As scikit-learn has it, a batch counts by its rows, whatever their weights; but
        # one in which no sample counts has not been trained on.
        reported, rows = est._reported(losses[:, 0], losses[:, 1]), self._rows
        if self.data.weight is not None:
            rows = rows * (self._batches.shares(order, self.data.weight) > 0)
        est.loss_ = np.float64(rows @ reported / rows.sum())
        if status == DIVERGED:
            est.loss_ = np.float64("nan")
        est.n_iter_ += 1
        est.t_ += self._batches.n
        est.loss_curve_.append(est.loss_)
        if est.verbose:
            self._say(f"Iteration {est.n_iter_}, loss = {est.loss_:.8f}")

    def _next_order(self) -> Any:
        """Return the order of the samples; None for their own.

        scikit-learn shuffles the order of the epoch before. The number is drawn for one
        batch of all samples too, where their order makes no difference.
        """
        if not self.est.shuffle:
            return None
        if len(self._rows) == 1:
            self.est._random_state.shuffle(self._order)
            return None
        shuffled = np.arange(self._batches.n)
        self.est._random_state.shuffle(shuffled)
        self._order = self._order[shuffled]
        return self._order

    def _judge(self) -> None:
        """Record this epoch's validation figures, and whether it is the best so far."""
        est = self.est
        curve = est.validation_loss_curve_
        if self.held_out is not None or curve:  # in step with the training loss
            curve.extend([np.nan] * (len(est.loss_curve_) - 1 - len(curve)))
            curve.append(np.nan if self.held_out is None else self.held_out.loss(est))
        if not est.early_stopping:
            waited = est.loss_ > est.best_loss_ - est.tol
            if est.loss_ < est.best_loss_:
                est.best_loss_ = est.loss_
        else:
            assert self.held_out is not None
            score = self.held_out.score(est)
            est.validation_scores_.append(score)
            self._say(f"Validation score: {score:f}")
            waited = score < est.best_validation_score_ + est.tol
            if score > est.best_validation_score_:
                est.best_validation_score_ = score
                est._best.take(est._state)
        est._no_improvement_count = est._no_improvement_count + 1 if waited else 0

    def _waited_too_long(self) -> bool:
        est = self.est
        if not est._no_improvement_count > est.n_iter_no_change:
            return False
        what = "Validation score" if est.early_stopping else "Training loss"
        done = self.rates.on_no_progress()
        self._say(
            f"{what} did not improve more than tol={est.tol:f} for "
            f"{est.n_iter_no_change} consecutive epochs. {done}"
        )
        if done.endswith("Stopping."):
            return True
        est._no_improvement_count = 0
        return False

    def _say(self, line: str) -> None:
        if self.est.verbose and self.est.verbose != "bar":
            print(line)

    def _diverged(self) -> bool:
        """End the run; without early stopping, which keeps its best state, that is an error."""
        if not self.est.early_stopping:
            raise Diverged(NOT_FINITE)
        warnings.warn(
            f"training diverged in iteration {self.est.n_iter_}: a loss or gradient was no "
            "longer finite; the weights of the best validation score are kept. Scale the "
            "inputs, or lower learning_rate_init",
            DivergenceWarning,
            stacklevel=_USER + 1,
        )
        return True

    def _batch_size(self, n: int) -> int:
        size = self.est.batch_size
        if size != "auto" and size > n:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be "
                f"clipped: batch_size={size} for {n} samples",
                stacklevel=_USER + 2,
            )
        return batch_size(self.est, n)

    def _check_variance(self) -> None:
        """Raise if a batch has one row only where its variance is divided by."""
        if self._batches.size == 1 and self.est._plan.buffers:
            raise ValueError(
                "norm='batch' needs batches of at least 2 samples, for one has no variance; "
                f"got batch_size={self.est.batch_size!r} and {self._batches.n} sample(s)"
            )
