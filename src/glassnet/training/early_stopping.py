"""Stop when nothing improves any more, and keep the best state seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from glassnet.network import State

__all__ = ["Best", "EarlyStopping"]


@dataclass(frozen=True)
class EarlyStopping:
    """Settings of early stopping.

    The validation loss is watched where there is validation data, else the training loss.

    Parameters
    ----------
    patience : int, >= 1
        Stop after this many epochs in a row without improvement.
    min_delta : float, >= 0
        A smaller gain is no improvement.
    restore_best : bool
        End with the best state seen instead of the last.

    References
    ----------
    Prechelt (1998), "Early Stopping - But When?", in Neural Networks: Tricks of the Trade.

    Examples
    --------
    >>> EarlyStopping(patience=5)
    EarlyStopping(patience=5, min_delta=0.0, restore_best=True)
    """

    patience: int = 10
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        whole = isinstance(self.patience, int | np.integer)
        if not whole or isinstance(self.patience, bool) or self.patience < 1:
            raise ValueError(f"patience must be a whole number >= 1; got {self.patience!r}")
        real = isinstance(self.min_delta, int | float | np.integer | np.floating)
        if not real or not 0 <= self.min_delta < math.inf:
            raise ValueError(f"min_delta must be a finite number >= 0; got {self.min_delta!r}")


@dataclass
class Best:
    """The best state seen in one fit.

    Attributes
    ----------
    state : State
        A copy; at first the state that training started from.
    rest : callable or None
        What is still to be done to `state`, in place, to make it the best one: training
        some epochs of a block again.
    value : float
        Its watched loss.
    epoch : int or None
        Its epoch, as the history counts.
    waited : int
        Epochs since the last improvement that counted.
    """

    state: State
    rest: Callable[[State], object] | None = None
    value: float = math.inf
    epoch: int | None = None
    waited: int = 0
    _bar: float = field(default=math.inf, repr=False)

    def see(self, value: float, epoch: int, min_delta: float = 0.0) -> None:
        """Take note of one epoch's watched loss; its state is the keeper's to put here."""
        if value < self.value:
            self.value, self.epoch = value, epoch
        self.waited += 1
        if value < self._bar - min_delta or (math.isinf(self._bar) and value < math.inf):
            self._bar, self.waited = value, 0

    def see_all(self, values: Sequence[float], first: int) -> None:
        """Take note of several epochs, the first of which is `first`, where nobody waits."""
        found = np.asarray(values)
        found = np.where(np.isnan(found), np.inf, found)
        least = int(np.argmin(found))
        if found[least] < self.value:
            self.value, self.epoch = values[least], first + least
