"""What to tell a user about how training ended."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from glassnet.engines.data import Data
from glassnet.training.history import History

__all__ = ["DivergenceWarning", "rose", "warn_of_outcome"]


class DivergenceWarning(RuntimeWarning):
    """Training ran away, or stopped because a number was no longer finite."""


def warn_of_outcome(
    history: History, first: int, data: Data, learning_rate: float, validated: bool
) -> None:
    """Warn if the fit that began with epoch `first` diverged, rose or was interrupted."""
    losses = history.loss[first:]
    if history.stopped == "diverged" and rose(losses):
        message = (
            f"training diverged: the loss rose from {losses[0]:.3g} to {losses[-1]:.3g}; the "
            f"best state (epoch {history.best_epoch}) is kept. The learning rate "
            f"({learning_rate:g}) is probably too high"
        )
        warnings.warn(message, DivergenceWarning, stacklevel=4)
    elif history.stopped == "diverged":
        kept = (
            "the initial one" if history.best_epoch is None else f"epoch {history.best_epoch}"
        )
        message = (
            f"training diverged: after {len(losses)} epochs a loss, gradient or parameter was "
            f"no longer finite; the best state ({kept}) is kept. Lower the learning rate "
            f"(now {learning_rate:g}), clip the gradient (clip_norm=1) or scale the inputs "
            f"(largest |X| is {float(abs(data.X).max()):.3g}, largest |y| "
            f"{float(abs(data.y).max()):.3g})"
        )
        warnings.warn(message, DivergenceWarning, stacklevel=4)
    elif validated and not all(map(math.isfinite, history.validation_loss[first:])):
        warnings.warn(
            "the validation loss was not finite: look at X_val and y_val, or scale them as "
            "the training data",
            DivergenceWarning,
            stacklevel=4,
        )
    elif history.stopped == "interrupted":
        warnings.warn("training was interrupted; the trained state is kept", stacklevel=4)


def rose(losses: Sequence[float]) -> bool:
    """Whether the loss ended far above its start: noise does not double it."""
    if len(losses) < 2 or not math.isfinite(losses[0]):
        return False
    return losses[-1] > losses[0] + abs(losses[0]) + 1e-6
