"""From the solver parameters of an MLP estimator to an optimizer and its learning rates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.engines.data import Batches
from glassnet.formulas.types import Array
from glassnet.names import key
from glassnet.optimizers import LBFGS, Adam, Momentum, Optimizer
from glassnet.schedules import ReduceOnPlateau, resolve
from glassnet.training.rates import rates_ahead

__all__ = ["Rates", "find_optimizer"]

_SMALLEST = 1e-6  # "adaptive" gives up at this learning rate


def find_optimizer(est: Any) -> Optimizer | LBFGS:
    """Return the optimizer that `est.solver` means.

    ``"sgd"`` and ``"adam"`` are scikit-learn's: gradient descent with (Nesterov's)
    momentum, and Adam with epsilon added before the correction. Any other name is an
    optimizer of glassnet at the rate `learning_rate_init`; a text with brackets, or
    settings, say themselves what they are.

    Raises
    ------
    ValueError
        If the text holds an argument that the optimizer does not take, or clipping is
        asked of L-BFGS.
    """
    found: Optimizer | LBFGS
    solver = key(est.solver) if isinstance(est.solver, str) else ""
    if solver == "sgd":
        found = Momentum(est.learning_rate_init, est.momentum, est.nesterovs_momentum)
    elif solver == "adam":
        moments = (est.beta_1, est.beta_2, est.epsilon)
        found = Adam(est.learning_rate_init, *moments, epsilon_before_correction=True)
    elif solver == "lbfgs":
        found = LBFGS(tolerance=est.tol, max_evaluations=est.max_fun)
    else:
        found = catalog.optimizer(est.solver)
        if solver and "(" not in solver and not found.full_batch:
            found = replace(found, learning_rate=est.learning_rate_init)
    return _clipped(found, est)


def _clipped(found: Optimizer | LBFGS, est: Any) -> Optimizer | LBFGS:
    limits = {
        name: value
        for name in ("clip_norm", "clip_value")
        if (value := getattr(est, name)) is not None
    }
    if not limits:
        return found
    if isinstance(found, LBFGS):
        raise ValueError(
            f"{' and '.join(limits)} must be None with solver 'lbfgs', whose line search sets "
            f"the length of a step; got {limits}"
        )
    return replace(found, **limits)


@dataclass
class Rates:
    """The learning rate from epoch to epoch.

    Attributes
    ----------
    now : float
        Rate of the next epoch, before `schedule`.
    mode : {"constant", "invscaling", "adaptive"}
        What scikit-learn calls ``learning_rate``.
    first : float
        Rate of the first epoch.
    power : float
        Exponent of "invscaling".
    schedule : callable, ReduceOnPlateau or None
        Factor on the rate, by progress or by the watched loss.
    plateau : state of ReduceOnPlateau, or None
    """

    now: float
    mode: str = "constant"
    first: float = 0.0
    power: float = 0.5
    schedule: Any = None
    plateau: Any = None

    @classmethod
    def of(cls, est: Any, optimizer: Optimizer) -> Rates:
        """Return the rates that the parameters of `est` ask for."""
        plain = isinstance(est.solver, str) and key(est.solver) == "sgd"
        mode = est.learning_rate if plain else "constant"
        schedule = est.schedule
        if schedule is not None and mode != "constant":
            raise ValueError(
                f"schedule must be None with learning_rate={mode!r}, which changes the rate "
                f"itself; got {schedule!r}"
            )
        schedule = resolve(schedule)
        plateau = schedule.start() if isinstance(schedule, ReduceOnPlateau) else None
        rate = float(optimizer.learning_rate)
        return cls(rate, mode, rate, est.power_t, schedule, plateau)

    def after(self, samples_seen: int) -> float:
        """Return the rate of an epoch that begins after so many samples."""
        if self.mode == "invscaling":
            return self.first / (samples_seen + 1) ** self.power
        return self.now

    def ahead(self, count: int, done: int, epochs: int, batches: Batches, seen: int) -> Array:
        """Return the rates of the next epochs, shape (count, steps), or of fewer.

        Parameters
        ----------
        count : int
            How many.
        done, epochs : int
            Epochs before them, and how many are planned.
        batches : Batches
            How rows are cut into batches.
        seen : int
            Samples seen before.

        Raises
        ------
        Exception
            What a schedule raises for the first of them.
        """
        rates = np.full(count, self.now)
        if self.mode == "invscaling":
            rates[1:] = [self.after(seen + i * batches.n) for i in range(1, count)]
        return rates_ahead(rates, self.schedule, self.plateau, done, epochs, batches.per_epoch)

    def look(self, watched: float) -> None:
        """Take note of the watched loss after an epoch, in place (`ReduceOnPlateau`)."""
        if self.plateau is not None:
            self.plateau = self.schedule.update(self.plateau, watched)

    def on_no_progress(self) -> str:
        """Answer to too many epochs without progress: lower the rate, in place, or stop.

        Returns
        -------
        str
            What was done, as `verbose` prints it; it ends in "Stopping." at the end.
        """
        if self.mode != "adaptive":
            return "Stopping."
        if self.now <= _SMALLEST:
            return "Learning rate too small. Stopping."
        self.now /= 5.0
        return f"Setting learning rate to {self.now:f}"
