"""What training leaves behind: one line per epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Epoch", "History"]


@dataclass(frozen=True)
class Epoch:
    """One epoch, as callbacks see it.

    Parameters
    ----------
    number : int
        Counted from 0 over the model's whole life.
    loss : float
        Training loss, each sample's taken before the update it led to.
    validation_loss : float or None
        After the epoch; None without validation data.
    metrics : dict
        Name to value, after the epoch.
    learning_rate : float
        Of the epoch's first update.
    seconds : float
        Spent in the engine; epochs that it was handed at once share the time evenly.
    model : object
        The model being trained: read anything of it; write to it at your own risk.

    Examples
    --------
    >>> from glassnet import MLP
    >>> def stop_at_two(epoch):
    ...     return epoch.number == 2
    >>> net = MLP([1, 1], seed=0).fit([[0.0], [1.0]], [0.0, 1.0], callbacks=[stop_at_two])
    >>> len(net.history), net.history.stopped
    (3, 'callback')
    """

    number: int
    loss: float
    validation_loss: float | None
    metrics: dict[str, float]
    learning_rate: float
    seconds: float
    model: Any


@dataclass
class History:
    """Every epoch of a model's life, a second `fit` behind the first.

    Parameters
    ----------
    loss, learning_rate, seconds : lists of float
        One entry per epoch; see `Epoch`.
    validation_loss : list of float
        Empty if no fit had validation data; NaN for the epochs of a fit that had none.
    metrics : dict of lists
        Metrics on the training data by name, on validation data by ``validation_`` name;
        NaN for the epochs that did not measure them.
    stopped : str
        Why the last fit ended: "finished", "early_stopping", "callback", "interrupted",
        "diverged", "error" (an exception in a callback); for L-BFGS also "converged",
        "no_progress" and "evaluation_limit"; "" before the first.
    best_epoch : int or None
        Epoch whose state the last fit kept, where it went back to one.

    Notes
    -----
    An epoch's training loss is the one before its update, so that the first is that of the
    initial weights; the validation loss and the metrics are those after it.

    Examples
    --------
    >>> from glassnet import MLP
    >>> X, y = [[0.0], [1.0]], [0.0, 1.0]
    >>> history = MLP([1, 1], seed=0).fit(X, y, epochs=3, X_val=X, y_val=y).history
    >>> len(history.loss), len(history.validation_loss), history.stopped
    (3, 3, 'finished')
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    stopped: str = ""
    best_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.loss)

    def __repr__(self) -> str:
        if not self.loss:
            return "History: no epochs"
        epochs = f"{len(self)} epoch{'s' * (len(self) != 1)}"
        return f"History: {epochs}, loss {self.loss[0]:.4g} to {self.loss[-1]:.4g}"

    def append(self, epoch: Epoch) -> None:
        """Add one epoch, in place."""
        rates, seconds = [epoch.learning_rate], [epoch.seconds]
        self.extend([epoch.loss], rates, seconds, epoch.validation_loss, epoch.metrics)

    def extend(
        self,
        loss: Sequence[float],
        learning_rate: Sequence[float],
        seconds: Sequence[float],
        validation_loss: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Add some epochs, in place; what was measured is that of the last of them."""
        metrics = metrics or {}
        self.loss.extend(loss)
        self.learning_rate.extend(learning_rate)
        self.seconds.extend(seconds)
        if validation_loss is not None or self.validation_loss:
            self._put(self.validation_loss, validation_loss)
        for name in {**self.metrics, **metrics}:
            self._put(self.metrics.setdefault(name, []), metrics.get(name))

    def _put(self, series: list[float], value: float | None) -> None:
        """Append to a series that may have begun late, in step with the others."""
        series.extend([math.nan] * (len(self.loss) - 1 - len(series)))
        series.append(math.nan if value is None else value)
