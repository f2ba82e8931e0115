"""The books of one fit: what each epoch is recorded as, and which states are remembered.

Two copies of the state are kept beside the one that trains: the best so far, and the one
that the epoch under way began with. They trade places instead of being made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Data
from glassnet.network import Plan, State
from glassnet.network.build import Rng
from glassnet.schedules import PlateauState, ReduceOnPlateau
from glassnet.training.early_stopping import Best
from glassnet.training.history import Epoch, History
from glassnet.training.settings import Settings

__all__ = ["Run"]


@dataclass
class Run:
    """One fit under way.

    Attributes
    ----------
    plan, state
        The network; `state` is trained in place.
    data, validation : Data
        What is trained on, and what is measured on (or None).
    settings : Settings
        How to train.
    history : History
        Written in place.
    rng : numpy Generator or RandomState
        Source of the order of samples and of dropout's key.
    model : object
        What callbacks see as ``epoch.model``.
    first : int
        Number of this fit's first epoch.
    best : Best
        The best state so far.
    plateau : PlateauState or None
        Of `ReduceOnPlateau`.
    remark : str
        What the optimizer said when it stopped, for the warning.
    """

    plan: Plan
    state: State
    data: Data
    settings: Settings
    history: History
    rng: Rng
    validation: Data | None = None
    model: Any = None
    first: int = field(init=False)
    best: Best = field(init=False)
    plateau: PlateauState | None = field(init=False)
    remark: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.first = len(self.history)
        self.best = Best(self.state.copy())
        self._spare = self.state.copy()
        self._under_way = False  # while it is, `_spare` is the state of the last record
        self._judged = True  # whether the watched loss of the last state is known
        schedule = self.settings.schedule
        self.plateau = schedule.start() if isinstance(schedule, ReduceOnPlateau) else None

    # --- each epoch ---

    def begin_epoch(self) -> None:
        """Remember the state that an epoch begins with."""
        self._spare.restore(self.state)
        self._under_way = True

    def end_epoch(
        self,
        loss: float,
        rate: float,
        seconds: float,
        show: Callable[[Epoch], None],
        *,
        loss_is_of_start: bool,
    ) -> str:
        """Record an epoch; return why to stop, or an empty text.

        Parameters
        ----------
        loss, rate, seconds : float
            As in `Epoch`.
        show : callable
            Shows the epoch to whoever looks on.
        loss_is_of_start : bool
            Whether `loss` is that of the state the epoch began with, as a full batch's is.
            The mean over an epoch of mini-batches speaks of the state after it.

        Returns
        -------
        str
            "callback", "early_stopping" or "".
        """
        validation_loss, metrics = self._measure()
        number = len(self.history)
        epoch = Epoch(number, loss, validation_loss, metrics, rate, seconds, self.model)
        self.history.append(epoch)
        self._under_way = False  # state and history are in step again
        show(epoch)
        watched = loss if validation_loss is None else validation_loss
        self._keep(number, watched, loss_is_of_start and validation_loss is None)
        if self.plateau is not None and isinstance(self.settings.schedule, ReduceOnPlateau):
            self.plateau = self.settings.schedule.update(self.plateau, watched)
        # A list: every callback is called, also when an earlier one has asked to stop.
        if any([bool(callback(epoch)) for callback in self.settings.callbacks]):
            return "callback"
        stopping = self.settings.early_stopping
        return "early_stopping" if stopping and self.best.waited >= stopping.patience else ""

    def _keep(self, number: int, watched: float, of_start: bool) -> None:
        """Remember the state that the watched loss belongs to, if it is the best so far."""
        stopping = self.settings.early_stopping
        self._judged = not of_start
        if watched < self.best.value:
            if not of_start:
                self._spare.restore(self.state)
            self.best.state, self._spare = self._spare, self.best.state
        self.best.see(watched, number, stopping.min_delta if stopping else 0.0)

    def _measure(self) -> tuple[float | None, dict[str, float]]:
        """Return the validation loss and all metrics, after the epoch."""
        wanted, found = self.settings.metrics, dict[str, float]()
        if wanted:
            _, outputs = engine.evaluate(self.plan, self.state, self.data)
            found = {name: metric(self.data.y, outputs) for name, metric in wanted.items()}
        if self.validation is None:
            return None, found
        loss, outputs = engine.evaluate(self.plan, self.state, self.validation)
        for name, metric in wanted.items():
            found[f"validation_{name}"] = metric(self.validation.y, outputs)
        return loss, found

    # --- at the end ---

    def go_back(self) -> None:
        """Return to the best state where that was asked for, or where it is the sound one."""
        stopping = self.settings.early_stopping
        asked = stopping is not None and stopping.restore_best and self.best.epoch is not None
        if asked and self._last_is_best():
            return
        if asked or self.history.stopped == "diverged":
            self.state.restore(self.best.state)
            self.history.best_epoch = self.best.epoch

    def _last_is_best(self) -> bool:
        """Judge the state after the last update, whose loss no further epoch has measured."""
        if self._judged or self.history.stopped == "diverged":
            return False
        key = self.state.key if self.plan.has_dropout else None
        data = self.data
        loss, _, _ = engine.loss_and_gradients(
            self.plan, self.state, data.X, data.y, data.weight, key
        )
        return loss < self.best.value

    def recover(self) -> None:
        """Go back to the last epoch that history holds, if one was under way."""
        if self._under_way:
            self.state.restore(self._spare)
