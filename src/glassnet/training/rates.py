"""The learning rate of each step."""

from __future__ import annotations

import numpy as np

from glassnet.formulas.types import Array
from glassnet.schedules import PlateauState, ReduceOnPlateau, Schedule

__all__ = ["rates_ahead"]


def rates_ahead(
    rates: Array,
    schedule: Schedule | ReduceOnPlateau | None,
    plateau: PlateauState | None,
    done: int,
    epochs: int,
    steps: int,
) -> Array:
    """Return the rates of the next epochs, shape (count, steps), or of fewer.

    Parameters
    ----------
    rates : array, shape (count,)
        Of each epoch, without the schedule.
    schedule, plateau
        What changes it, and how far that has come (of `ReduceOnPlateau`).
    done, epochs : int
        Epochs before these, and how many are planned.
    steps : int
        Updates in each.

    Raises
    ------
    Exception
        What the schedule raises for the first epoch. Where it does for a later one, such as
        a schedule of one's own that fails, the rates end before it: the epochs until then
        can be trained.

    Examples
    --------
    >>> from glassnet.schedules import Exponential
    >>> of_epoch = np.array([0.1, 0.1])
    >>> rates_ahead(of_epoch, Exponential(final=0.25), None, 0, 2, 2).round(3)
    array([[0.1  , 0.071],
           [0.05 , 0.035]])
    """
    count = len(rates)
    factors = np.ones((count, steps))
    if plateau is not None:
        factors[:] = plateau.factor
    elif isinstance(schedule, Schedule):
        for i in range(count):
            updates = (done + i) * steps + np.arange(steps)
            try:
                factors[i] = schedule(updates / (epochs * steps))
            except Exception:
                if i == 0:
                    raise
                count = i
                break
    return (rates[:, np.newaxis] * factors)[:count]
