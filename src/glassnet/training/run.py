"""The books of one fit: what each epoch is recorded as, and which states are remembered.

Two copies of the state are kept beside the one that trains: the best so far, and the one
that the block of epochs under way began with. They trade places instead of being made anew.
What lies within a block is found again by training from its beginning: the same orders and
rates give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.network.build import Rng
from glassnet.schedules import PlateauState, ReduceOnPlateau
from glassnet.training.early_stopping import Best
from glassnet.training.history import Epoch, History
from glassnet.training.settings import Settings

__all__ = ["Advance", "Run", "Show"]

Advance = Callable[[State, int], object]
"""Train a state, in place, through the first so many epochs of a block."""
Show = Callable[[Epoch], None] | None
"""Shows an epoch to whoever looks on; None where nobody does."""


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

    @property
    def engine(self) -> Any:
        """Who computes."""
        return self.settings.engine.module

    # --- each block of epochs ---

    def begin_block(self) -> None:
        """Remember the state that a block begins with."""
        self._spare.restore(self.state)
        self._under_way = True

    def end_block(
        self,
        losses: Sequence[float],
        rates: Sequence[float],
        seconds: float,
        show: Show,
        *,
        loss_is_of_start: bool,
        advance: Advance | None = None,
        at_end: bool = True,
    ) -> str:
        """Record the epochs of a block; return why to stop, or an empty text.

        Parameters
        ----------
        losses, rates : sequences of float, one per epoch
            As in `Epoch`.
        seconds : float
            Of one epoch.
        show : Show
            Shows the epochs.
        loss_is_of_start : bool
            Whether a loss is that of the state its epoch began with, as a full batch's is.
            The mean over an epoch of mini-batches speaks of the state after it.
        advance : Advance, optional
            Not needed for a block of one epoch.
        at_end : bool
            Whether the state is the one after the last of these epochs; else it is made so.

        Returns
        -------
        str
            "callback", "early_stopping" or "".
        """
        validation_loss, metrics = self._measure()
        first, of_start = len(self.history), loss_is_of_start and validation_loss is None
        watched = losses if validation_loss is None else [validation_loss]
        best, kept = self._seen(watched, first)
        losses, rates = losses[:kept], rates[:kept]
        if advance is not None and not (at_end and kept == len(watched)):
            self.state.restore(self._spare)
            advance(self.state, kept)
        self.history.extend(losses, rates, [seconds] * kept, validation_loss, metrics)
        self._under_way = False  # state and history are in step again
        self._keep(best, first, kept, of_start, advance)
        epochs = []
        if show is not None or self.settings.callbacks:
            epochs = [
                Epoch(first + i, loss, validation_loss, metrics, rate, seconds, self.model)
                for i, (loss, rate) in enumerate(zip(losses, rates, strict=True))
            ]
        if show is not None:
            for epoch in epochs:
                show(epoch)
        return self._told(epochs, watched[kept - 1])

    def _seen(self, watched: Sequence[float], first: int) -> tuple[Best, int]:
        """Return the books of the best after these losses, and how many patience allows."""
        stopping, best = self.settings.early_stopping, copy(self.best)
        if stopping is None:
            best.see_all(watched, first)
            return best, len(watched)
        for i, value in enumerate(watched):
            best.see(value, first + i, stopping.min_delta)
            if best.waited >= stopping.patience:
                return best, i + 1
        return best, len(watched)

    def _keep(
        self, best: Best, first: int, kept: int, of_start: bool, advance: Advance | None
    ) -> None:
        """Remember the state that the best loss belongs to, if it lies in this block."""
        self._judged = not of_start
        if best.epoch is not None and best.epoch >= first:
            count = best.epoch - first + (not of_start)
            if count == kept:  # it is the state as it stands
                self._spare.restore(self.state)
                count = 0
            best.state, self._spare = self._spare, best.state
            best.rest = partial(_advanced, advance, count) if advance and count else None
        self.best = best

    def _told(self, epochs: Sequence[Epoch], watched: float) -> str:
        """Tell the plateau and the callbacks; return why to stop, or an empty text."""
        if self.plateau is not None and isinstance(self.settings.schedule, ReduceOnPlateau):
            self.plateau = self.settings.schedule.update(self.plateau, watched)
        callbacks = self.settings.callbacks
        # A list: every callback is called, also when an earlier one has asked to stop.
        if any([bool(callback(epoch)) for epoch in epochs for callback in callbacks]):
            return "callback"
        stopping = self.settings.early_stopping
        return "early_stopping" if stopping and self.best.waited >= stopping.patience else ""

    def _measure(self) -> tuple[float | None, dict[str, float]]:
        """Return the validation loss and all metrics, after the epoch."""
        wanted, found = self.settings.metrics, dict[str, float]()
        if wanted:
            _, outputs = self._evaluated(self.data)
            found = {name: metric(self.data.y, outputs) for name, metric in wanted.items()}
        if self.validation is None:
            return None, found
        loss, outputs = self._evaluated(self.validation)
        for name, metric in wanted.items():
            found[f"validation_{name}"] = metric(self.validation.y, outputs)
        return loss, found

    def _evaluated(self, data: Data) -> tuple[float, Array]:
        threads = self.settings.threads
        found: tuple[float, Array] = self.engine.evaluate(self.plan, self.state, data, threads)
        return found

    # --- at the end ---

    def go_back(self) -> None:
        """Return to the best state where that was asked for, or where it is the sound one."""
        stopping = self.settings.early_stopping
        asked = stopping is not None and stopping.restore_best and self.best.epoch is not None
        if asked and self._last_is_best():
            return
        if asked or self.history.stopped == "diverged":
            if self.best.rest is not None:
                self.best.rest(self.best.state)
                self.best.rest = None
            self.state.restore(self.best.state)
            self.history.best_epoch = self.best.epoch

    def _last_is_best(self) -> bool:
        """Judge the state after the last update, whose loss no further epoch has measured."""
        if self._judged or self.history.stopped == "diverged":
            return False
        key = self.state.key if self.plan.has_dropout else None
        data = self.data
        loss, _, _ = self.engine.loss_and_gradients(
            self.plan, self.state, data.X, data.y, data.weight, key
        )
        return bool(loss < self.best.value)

    def recover(self) -> None:
        """Go back to the last epoch that history holds, if one was under way."""
        if self._under_way:
            self.state.restore(self._spare)


def _advanced(advance: Advance, count: int, state: State) -> None:
    advance(state, count)
