"""The epochs of an MLP estimator's fit, with scikit-learn's record and reasons to stop."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from glassnet.engines.choice import Choice
from glassnet.engines.cores import n_threads
from glassnet.engines.data import Batches, Block, Data
from glassnet.engines.trained import DIVERGED, OK, STOPPED
from glassnet.estimators.holdout import Holdout
from glassnet.estimators.solver import Rates
from glassnet.estimators.trainer import batch_size
from glassnet.formulas.types import Array
from glassnet.network import State
from glassnet.optimizers import Optimizer
from glassnet.training import DivergenceWarning
from glassnet.training.blocks import Blocks
from glassnet.training.history import Epoch
from glassnet.training.interrupt import Interrupt
from glassnet.training.orders import Order, Orders
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
    engine : Choice
        Who computes.
    """

    est: Any
    data: Data
    held_out: Holdout | None
    optimizer: Optimizer
    rates: Rates
    tasks: Any
    engine: Choice
    _blocks: Blocks = field(init=False)
    _rows: Array = field(init=False)
    _before: State = field(init=False)  # what the block under way began with
    _lowered: int = field(init=False, default=0)  # epochs there were when the rate last was

    def __post_init__(self) -> None:
        est, n = self.est, len(self.data.y)
        batches = Batches(n, self._batch_size(n), no_single=bool(est._plan.buffers))
        self._check_variance(batches)
        # One batch of all samples: their order makes no difference, but scikit-learn draws it.
        follow = _reshuffled if est.shuffle else None
        orders = Orders(est._random_state, n, follow, used=batches.per_epoch > 1)
        threads = n_threads(est.n_threads)
        self._blocks = Blocks(
            self.engine, est._plan, self.data, self.optimizer, batches, orders, threads
        )
        self._rows = batches.shares(None, None)  # in each batch
        self._before = est._state.copy()

    def run(self, epochs: int) -> None:
        """Train for at most `epochs` epochs."""
        est, display = self.est, progress(self.est.verbose == "bar", epochs)
        est.n_iter_, finished, first = 0, False, len(est.loss_curve_)
        try:
            with Interrupt() as interrupt:
                while est.n_iter_ < epochs and not finished:
                    finished = self._advance(epochs, display, interrupt)
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
        self._advance(1, progress(False, 1), None)

    def _advance(self, epochs: int, display: Any, interrupt: Interrupt | None) -> bool:
        """Train for some epochs; return whether they were the last."""
        est, start = self.est, time.perf_counter()
        rate = self.rates.now
        with self.tasks.epoch() as task:
            status = self._train(epochs, interrupt)
            seconds = time.perf_counter() - start
            display.update(Epoch(est.n_iter_ - 1, est.loss_, None, {}, rate, seconds, est))
        if status == DIVERGED:
            return self._diverged()
        if status == STOPPED:
            return True
        return task.stop or (self._waited_too_long() and self._gives_up())

    def _train(self, epochs: int, interrupt: Interrupt | None) -> str:
        """Train a block of the `epochs` epochs planned, and record it."""
        est, blocks, first, status = self.est, self._blocks, self.est.n_iter_, STOPPED
        ahead = self.rates.ahead(self._size(epochs), first, epochs, blocks.batches, est.t_)
        block = blocks.draw(ahead)
        self._before.restore(est._state)
        try:
            found, status, done = blocks.train(block, est._state, interrupt=interrupt)
            status = self._record(block, found, done, status)
        finally:
            used = est.n_iter_ - first
            if used < len(block) and status != DIVERGED:
                # The network becomes that of the last epoch recorded.
                est._state.restore(self._before)
                if used:
                    blocks.train(block, est._state, used)
            blocks.orders.put_back(used)
        if used:
            self.rates.now = self.rates.after(est.t_)
            watched = est.loss_ if self.held_out is None else est.validation_loss_curve_[-1]
            self.rates.look(watched)
        return status

    def _size(self, epochs: int) -> int:
        """Return how many epochs the engine may do before anyone looks at the network."""
        est = self.est
        watched = self.held_out is not None or self.tasks.heard or est.verbose
        if watched or self.rates.plateau is not None:
            return 1
        # So many are no reason to stop, whatever their losses.
        sure = est.n_iter_no_change + 1 - est._no_improvement_count
        return self._blocks.size(epochs - est.n_iter_, sure, est.n_iter_ - self._lowered)

    def _record(self, block: Block, found: Array, done: int, status: str) -> str:
        """Add to the record the epochs of a block, up to one that ends the patience.

        Parameters
        ----------
        block : Block
            What was trained.
        found, done, status
            As of `Trained`.

        Returns
        -------
        str
            How the last epoch that was added ended.
        """
        reported = self.est._reported(found[..., 0], found[..., 1])
        for order, losses in zip(block.orders[:done], reported[:done], strict=True):
            self._add(self._mean(order, losses))
            if self._waited_too_long():
                return OK
        if status == DIVERGED:
            self._add(np.nan)
        return status

    def _mean(self, order: Order, losses: Array) -> float:
        """Return an epoch's loss from those of its batches.

        As scikit-learn has it, a batch counts by its rows, whatever their weights; but one
        in which no sample counts has not been trained on.
        """
        weight, batches = self.data.weight, self._blocks.batches
        if weight is None:
            return float(self._rows @ losses / batches.n)
        rows = self._rows * (batches.shares(order, weight) > 0)
        return float(rows @ losses / rows.sum())

    def _add(self, loss: float) -> None:
        """Add one epoch to the record."""
        est = self.est
        est.loss_ = np.float64(loss)
        est.n_iter_ += 1
        est.t_ += len(self.data.y)
        est.loss_curve_.append(est.loss_)
        if est.verbose:
            self._say(f"Iteration {est.n_iter_}, loss = {est.loss_:.8f}")
        self._judge()

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
        waited: bool = self.est._no_improvement_count > self.est.n_iter_no_change
        return waited

    def _gives_up(self) -> bool:
        """Answer to too long a wait: lower the rate, or return that training ends."""
        est = self.est
        what = "Validation score" if est.early_stopping else "Training loss"
        done = self.rates.on_no_progress()
        self._say(
            f"{what} did not improve more than tol={est.tol:f} for "
            f"{est.n_iter_no_change} consecutive epochs. {done}"
        )
        if done.endswith("Stopping."):
            return True
        est._no_improvement_count, self._lowered = 0, est.n_iter_
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

    def _check_variance(self, batches: Batches) -> None:
        """Raise if a batch has one row only where its variance is divided by."""
        if batches.size == 1 and self.est._plan.buffers:
            raise ValueError(
                "norm='batch' needs batches of at least 2 samples, for one has no variance; "
                f"got batch_size={self.est.batch_size!r} and {batches.n} sample(s)"
            )


def _reshuffled(rng: np.random.RandomState, order: Any) -> Any:
    """Return the next order, which scikit-learn makes by shuffling the one before."""
    shuffled = np.arange(len(order))
    rng.shuffle(shuffled)
    return order[shuffled]
