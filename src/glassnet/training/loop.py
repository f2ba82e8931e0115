"""The training loop: it hands the engine one epoch at a time and looks in between.

The engine updates θ. What happens here is everything around that: the order of the
samples, the learning rates, the record, and the reasons to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Batches, Data
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.network.build import Rng
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.schedules import ReduceOnPlateau, Schedule
from glassnet.training.early_stopping import Best, EarlyStopping
from glassnet.training.history import Epoch, History
from glassnet.training.interrupt import Interrupt
from glassnet.training.outcome import rose, warn_of_outcome
from glassnet.training.progress import progress

__all__ = ["Settings", "fit"]

Metric = Callable[[Array, Array], float]


@dataclass(frozen=True)
class Settings:
    """How to train; see `MLP.fit` for what each means."""

    optimizer: Optimizer | LBFGS
    epochs: int
    batch_size: int
    shuffle: bool = True
    schedule: Schedule | ReduceOnPlateau | None = None
    early_stopping: EarlyStopping | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)  # of (y, outputs)
    callbacks: tuple[Callable[[Epoch], Any], ...] = ()
    verbose: bool | int = False

    @property
    def learning_rate(self) -> float:
        """The optimizer's; 1 for L-BFGS, whose line search finds the length of a step."""
        return 1.0 if isinstance(self.optimizer, LBFGS) else self.optimizer.learning_rate


def fit(
    plan: Plan,
    state: State,
    data: Data,
    settings: Settings,
    history: History,
    rng: Rng,
    validation: Data | None = None,
    model: Any = None,
) -> None:
    """Train in place on `state` and `history`.

    Raises nothing on Ctrl-C, on divergence, or when a callback asks to stop: these end
    training with a state that holds together, and `history.stopped` says which it was.
    An exception from a callback or a metric leaves the state of the last epoch that
    `history` holds.
    """
    loop = _Loop(plan, state, data, settings, history, rng, validation, model)
    display = progress(settings.verbose, settings.epochs, loop.first)
    history.stopped, history.best_epoch = "error", None
    try:
        with Interrupt() as interrupt:
            whole = isinstance(settings.optimizer, LBFGS)
            run = loop.hand_over if whole else loop.step_through
            history.stopped = run(display.update, interrupt) or "finished"
    except KeyboardInterrupt:  # from a callback, or a second Ctrl-C
        history.stopped = "interrupted"
        loop.recover()
    except BaseException:
        loop.recover()
        raise
    finally:
        display.close(history.stopped)
    if history.stopped == "finished" and rose(history.loss[loop.first :]):
        history.stopped = "diverged"
    loop.go_back()
    warn_of_outcome(history, loop.first, data, settings.learning_rate, validation is not None)


@dataclass
class _Loop:
    plan: Plan
    state: State
    data: Data
    settings: Settings
    history: History
    rng: Rng
    validation: Data | None
    model: Any

    def __post_init__(self) -> None:
        self.first = len(self.history)
        self.best = Best(self.state.copy())
        self.sound: State | None = None  # of the last recorded epoch, while one is under way
        self.judged = True  # whether the watched loss of the last state is known
        schedule = self.settings.schedule
        self.plateau = schedule.start() if isinstance(schedule, ReduceOnPlateau) else None

    # --- optimizers that step ---

    def step_through(self, show: Callable[[Epoch], None], interrupt: Interrupt) -> str:
        """Train epoch by epoch; return why it stopped early, or an empty text."""
        settings, state, optimizer = self.settings, self.state, self.settings.optimizer
        assert isinstance(optimizer, Optimizer)
        normed = bool(self.plan.buffers)
        batches = Batches(len(self.data.y), settings.batch_size, no_single=normed)
        whole = batches.per_epoch == 1
        state.slots, state.step = optimizer.start(state.theta), 0
        if self.plan.has_dropout:
            state.key = _draw_key(self.rng)
        for number in range(settings.epochs):
            # One batch of all samples: their order makes no difference to the sum.
            order = self.rng.permutation(batches.n) if settings.shuffle and not whole else None
            rates = self._rates(number, batches.per_epoch)
            self.sound = before = state.copy()
            start = time.perf_counter()
            losses, status = engine.train(
                self.plan, state, self.data, optimizer, [order], rates[None], batches
            )
            seconds = time.perf_counter() - start
            if status == engine.DIVERGED or not _finite(state):
                return "diverged"
            shares = batches.shares(order, self.data.weight)
            loss = float(shares @ losses[0].sum(axis=-1)) / self.data.total
            stop = self._look(loss, float(rates[0]), seconds, before if whole else None, show)
            if stop or interrupt.requested:
                return stop or "interrupted"
        return ""

    def _rates(self, epoch: int, steps: int) -> Array:
        """Return the learning rate of each step of an epoch."""
        base = np.full(steps, self.settings.learning_rate)
        if self.plateau is not None:
            return base * self.plateau.factor
        if isinstance(self.settings.schedule, Schedule):
            done = (epoch * steps + np.arange(steps)) / (self.settings.epochs * steps)
            return base * self.settings.schedule(done)
        return base

    # --- an optimizer that is handed the whole function ---

    def hand_over(self, show: Callable[[Epoch], None], interrupt: Interrupt) -> str:
        """Let L-BFGS iterate, an epoch each; return why it stopped, or an empty text."""
        state, data, optimizer = self.state, self.data, self.settings.optimizer
        assert isinstance(optimizer, LBFGS)
        latest: tuple[bytes, float] = (b"", 0.0)  # the last point seen, and its loss

        def fun(theta: Array) -> tuple[float, Array]:
            nonlocal latest
            state.theta[...] = theta
            with np.errstate(over="ignore", invalid="ignore"):
                loss, gradient, _ = engine.loss_and_gradients(
                    self.plan, state, data.X, data.y, data.weight
                )
            latest = theta.tobytes(), loss
            return loss, gradient

        state.slots, state.step = {}, 0
        self.sound = before = state.copy()
        start, stop = time.perf_counter(), ""
        loss = fun(state.theta)[0]  # at `before`
        if not np.isfinite(loss):
            return "diverged"

        def after(theta: Array) -> bool:
            nonlocal before, start, stop, loss
            seconds = time.perf_counter() - start
            here = latest[1] if latest[0] == theta.tobytes() else fun(theta)[0]
            state.theta[...] = theta
            state.step += 1
            engine.refresh_buffers(self.plan, state, data.X)
            try:
                stop = self._look(loss, 1.0, seconds, before, show)
            except StopIteration as error:  # SciPy would take it for its own
                raise RuntimeError("a callback raised StopIteration") from error
            if not np.array_equal(state.theta, theta):
                raise RuntimeError(
                    "a callback changed theta: L-BFGS, which keeps a model of the loss "
                    "around it, cannot go on; use an optimizer that steps"
                )
            stop = stop or ("interrupted" if interrupt.requested else "")
            self.sound = before = state.copy()
            start, loss = time.perf_counter(), here
            return bool(stop)

        theta, status = optimizer.run(fun, state.theta.copy(), self.settings.epochs, after)
        state.theta[...] = theta
        engine.refresh_buffers(self.plan, state, data.X)
        endings = {"step limit": "finished", "converged": "converged"}
        return stop or endings.get(status, "no_progress")

    # --- after each epoch ---

    def _look(
        self,
        loss: float,
        rate: float,
        seconds: float,
        before: State | None,
        show: Callable[[Epoch], None],
    ) -> str:
        """Record an epoch; return why to stop, or an empty text."""
        validation_loss, metrics = self._measure()
        number = len(self.history)
        epoch = Epoch(number, loss, validation_loss, metrics, rate, seconds, self.model)
        self.history.append(epoch)
        self.sound = None  # state and history are in step again
        show(epoch)
        watched = loss if validation_loss is None else validation_loss
        self._keep(number, watched, before if validation_loss is None else None)
        if self.plateau is not None and isinstance(self.settings.schedule, ReduceOnPlateau):
            self.plateau = self.settings.schedule.update(self.plateau, watched)
        # A list: every callback is called, also when an earlier one has asked to stop.
        if any([bool(callback(epoch)) for callback in self.settings.callbacks]):
            return "callback"
        stopping = self.settings.early_stopping
        return "early_stopping" if stopping and self.best.waited >= stopping.patience else ""

    def _keep(self, number: int, watched: float, before: State | None) -> None:
        """Remember the state that the watched loss belongs to, if it is the best so far.

        A full batch's loss was taken before the update (`before`); the mean over an epoch
        of mini-batches, and a validation loss, speak of the state after it.
        """
        stopping = self.settings.early_stopping
        min_delta = stopping.min_delta if stopping else 0.0
        state, self.judged = self.best.state, before is None
        if watched < self.best.value:
            state = self.state.copy() if before is None else before
        self.best.see(watched, number, state, min_delta)

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
        if self.judged or self.history.stopped == "diverged":
            return False
        key = self.state.key if self.plan.has_dropout else None
        data = self.data
        loss, _, _ = engine.loss_and_gradients(
            self.plan, self.state, data.X, data.y, data.weight, key
        )
        return loss < self.best.value

    def recover(self) -> None:
        """Go back to the last epoch that history holds, if one was under way."""
        if self.sound is not None:
            self.state.restore(self.sound)


def _finite(state: State) -> bool:
    return bool(np.all(np.isfinite(state.theta)) and np.all(np.isfinite(state.buffers)))


def _draw_key(rng: Rng) -> int:
    if isinstance(rng, np.random.RandomState):
        return int(rng.randint(0, 2**63 - 1, dtype=np.int64))
    return int(rng.integers(0, 2**63 - 1))
