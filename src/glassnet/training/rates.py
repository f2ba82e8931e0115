"""The learning rate of each step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from glassnet.formulas.types import Array
from glassnet.schedules import PlateauState, ReduceOnPlateau, Schedule

__all__ = ["rates_ahead", "scheduled"]


def scheduled(
    rate: float,
    schedule: Schedule | ReduceOnPlateau | None,
    plateau: PlateauState | None,
    epoch: int,
    epochs: int,
    steps: int,
) -> Array | float:
    """Return the rate of each step of an epoch, or one for all.

    Parameters
    ----------
    rate : float
        Without the schedule.
    schedule, plateau
        What changes it, and how far that has come (of `ReduceOnPlateau`).
    epoch, epochs : int
        The epoch, counted from 0, and how many are planned.
    steps : int
        Updates in each.

    Examples
    --------
    >>> from glassnet.schedules import Exponential
    >>> scheduled(0.1, Exponential(final=0.25), None, epoch=1, epochs=2, steps=2).round(3)
    array([0.05 , 0.035])
    """
    if plateau is not None:
        return rate * plateau.factor
    if isinstance(schedule, Schedule):
        return rate * schedule((epoch * steps + np.arange(steps)) / (epochs * steps))
    return rate


def rates_ahead(of_epoch: Callable[[int], Array | float], count: int, steps: int) -> Array:
    """Return the rates of the next epochs, shape (count, steps), or of fewer.

    Parameters
    ----------
    of_epoch : callable
        The rates of the epoch that is so many epochs ahead.
    count, steps : int
        Epochs, and updates in each.

    Raises
    ------
    Exception
        What `of_epoch` raises for the first. Where it does for a later one, such as a
        schedule of one's own that fails, the rates end before it: the epochs until then
        can be trained.
    """
    rates = np.empty((count, steps))
    for i in range(count):
        try:
            rates[i] = of_epoch(i)
        except Exception:
            if i == 0:
                raise
            return rates[:i]
    return rates
