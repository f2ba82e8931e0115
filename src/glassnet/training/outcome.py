"""What to tell a user about how training ended."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from statistics import median

from glassnet.optimizers import LBFGS
from glassnet.training.run import Run

__all__ = ["DivergenceWarning", "rose", "warn_of_outcome"]

_LATEST = 4  # epochs of a fit for each that counts as one of its latest


class DivergenceWarning(RuntimeWarning):
    """Training ran away, or stopped because a number was no longer finite."""


def warn_of_outcome(run: Run) -> None:
    """Warn if the fit diverged, rose, was interrupted or came to no end of its own."""
    history, losses = run.history, run.history.loss[run.first :]
    validation = history.validation_loss[run.first :] if run.validation else []
    message = ""
    kind: type[Warning] = UserWarning
    if history.stopped == "diverged":
        message, kind = _divergence(run, losses), DivergenceWarning
    elif not all(map(math.isfinite, validation)):
        kind = DivergenceWarning
        message = (
            "the validation loss was not finite: look at X_val and y_val, or scale them as "
            "the training data"
        )
    elif history.stopped == "interrupted":
        message = "training was interrupted; the trained state is kept"
    elif history.stopped == "no_progress":
        message = (
            f"L-BFGS stopped short of its tolerance after {len(losses)} epochs ({run.remark}): "
            f"its line search found no lower loss in {run.state.theta.dtype}. Scale the inputs "
            f"{_largest(run)}, or train on float64 data"
        )
    elif history.stopped == "evaluation_limit":
        message = (
            f"L-BFGS used up its evaluations of the loss after {len(losses)} epochs: raise "
            f"max_evaluations in {run.settings.optimizer!r}"
        )
    if message:
        warnings.warn(message, kind, stacklevel=4)  # the caller of MLP.fit


def _divergence(run: Run, losses: Sequence[float]) -> str:
    rate, epoch = run.settings.learning_rate, run.history.best_epoch
    kept = "the best state (the initial one) is kept"
    if epoch is not None:
        kept = f"the best state (epoch {epoch}) is kept"
    if rose(losses):
        return (
            f"training diverged: the loss rose from {losses[0]:.3g} to {losses[-1]:.3g}; "
            f"{kept}. The learning rate ({rate:g}) is probably too high"
        )
    advice = f"Lower the learning rate (now {rate:g}), clip the gradient (clip_norm=1) or scale"
    if isinstance(run.settings.optimizer, LBFGS):  # which has neither
        advice = "Scale"
    return (
        f"training diverged: after {len(losses)} epochs a loss, gradient or parameter was no "
        f"longer finite; {kept}. {advice} the inputs {_largest(run)}"
    )


def _largest(run: Run) -> str:
    X, y = (float(abs(values).max()) for values in (run.data.X, run.data.y))
    return f"(largest |X| is {X:.3g}, largest |y| {y:.3g})"


def rose(losses: Sequence[float]) -> bool:
    """Whether the loss ended far above its start, and not by chance alone.

    Dropout on few rows makes losses that differ twofold from one epoch to the next, so the
    last one says little by itself: either it stands out, or those before it were high too.
    """
    if len(losses) < 2 or not math.isfinite(losses[0]):
        return False
    bar, last = _doubled(losses[0]), losses[-1]
    latest = losses[-max(1, len(losses) // _LATEST) :]
    return last > bar and (min(latest) > bar or last > _doubled(median(losses)))


def _doubled(loss: float) -> float:
    return loss + abs(loss) + 1e-6
