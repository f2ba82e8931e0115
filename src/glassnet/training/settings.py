"""How one fit trains, as frozen data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from glassnet.engines.choice import REFERENCE, Choice
from glassnet.formulas.types import Array
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.schedules import ReduceOnPlateau, Schedule
from glassnet.training.early_stopping import EarlyStopping
from glassnet.training.history import Epoch

__all__ = ["Settings"]

Metric = Callable[[Array, Array], float]


@dataclass(frozen=True)
class Settings:
    """How to train, in the forms that the loop works with; `MLP.fit` makes and checks it.

    Parameters
    ----------
    optimizer : Optimizer or LBFGS
        The update rule.
    epochs : int, >= 1
        Passes over the data; iterations, for L-BFGS.
    batch_size : int, in [1, n]
        Samples per update.
    shuffle : bool
        Draw a new order of the samples each epoch, where there is more than one batch.
    schedule : Schedule or ReduceOnPlateau, optional
        Factor on the learning rate; None leaves it as it is.
    early_stopping : EarlyStopping, optional
        When to stop for want of improvement, and what to end with.
    metrics : dict of callables
        By name, ``metric(y, outputs)`` of encoded targets and outputs, (n, n_outputs) each.
    callbacks : tuple of callables
        Each is called with an `Epoch`; a true answer ends training.
    verbose : bool or int
        What is shown: see `glassnet.training.progress.progress`.
    engine : Choice
        Who computes.
    threads : int
        How many it may use.

    Examples
    --------
    >>> from glassnet import optimizers
    >>> Settings(optimizers.SGD(0.1), epochs=5, batch_size=32).learning_rate
    0.1
    """

    optimizer: Optimizer | LBFGS
    epochs: int
    batch_size: int
    shuffle: bool = True
    schedule: Schedule | ReduceOnPlateau | None = None
    early_stopping: EarlyStopping | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    callbacks: tuple[Callable[[Epoch], Any], ...] = ()
    verbose: bool | int = False
    engine: Choice = REFERENCE
    threads: int = 1

    @property
    def learning_rate(self) -> float:
        """The optimizer's; 1 for L-BFGS, whose line search finds the length of a step."""
        return 1.0 if isinstance(self.optimizer, LBFGS) else self.optimizer.learning_rate
