"""The training loop: it hands the engine one epoch at a time and looks in between.

The engine updates θ. What happens here is everything around that: the order of the
samples, the learning rates, the record, and the reasons to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.engines import numpy_engine as engine
from glassnet.engines.data import Batches, Data
from glassnet.engines.trained import DIVERGED
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.network.build import Rng
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.schedules import Schedule
from glassnet.training.history import Epoch, History
from glassnet.training.interrupt import Interrupt
from glassnet.training.outcome import rose, warn_of_outcome
from glassnet.training.progress import progress
from glassnet.training.run import Run
from glassnet.training.settings import Settings
from glassnet.training.whole import hand_over

__all__ = ["fit"]


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

    Parameters
    ----------
    plan, state
        The network.
    data : Data
        What to train on, checked and encoded.
    settings : Settings
        How to train.
    history : History
        One entry per epoch is added.
    rng : numpy Generator or RandomState
        Source of the order of samples and of dropout's key.
    validation : Data, optional
        What to measure on after each epoch.
    model : object, optional
        What callbacks see as ``epoch.model``.

    Raises
    ------
    Exception
        Whatever a callback or a metric raises, with the state of the last epoch that
        `history` holds. Nothing on Ctrl-C, on divergence, or when a callback asks to stop:
        these end training with a state that holds together, and `history.stopped` says
        which it was.

    Warns
    -----
    DivergenceWarning, UserWarning
        As `MLP.fit` does.

    Examples
    --------
    >>> from glassnet import MLP, optimizers
    >>> net, rows = MLP([1, 1], seed=0), np.array([[0.0], [1.0]])
    >>> settings = Settings(optimizers.SGD(0.5), epochs=3, batch_size=2)
    >>> fit(net.plan, net.state, Data(rows, rows), settings, net.history, net.rng)
    >>> len(net.history), net.history.stopped
    (3, 'finished')
    """
    run = Run(plan, state, data, settings, history, rng, validation, model)
    display = progress(settings.verbose, settings.epochs, run.first)
    history.stopped, history.best_epoch = "error", None
    try:
        with Interrupt() as interrupt:
            whole = isinstance(settings.optimizer, LBFGS)
            train = hand_over if whole else _step_through
            history.stopped = train(run, display.update, interrupt) or "finished"
    except KeyboardInterrupt:  # from a callback, or a second Ctrl-C
        history.stopped = "interrupted"
        run.recover()
    except BaseException:
        run.recover()
        raise
    finally:
        display.close(history.stopped)
    if history.stopped == "finished" and rose(history.loss[run.first :]):
        history.stopped = "diverged"
    run.go_back()
    warn_of_outcome(run)


def _step_through(run: Run, show: Callable[[Epoch], None], interrupt: Interrupt) -> str:
    """Train epoch by epoch; return why it stopped early, or an empty text."""
    settings, state, optimizer = run.settings, run.state, run.settings.optimizer
    assert isinstance(optimizer, Optimizer)
    normed = bool(run.plan.buffers)
    batches = Batches(len(run.data.y), settings.batch_size, no_single=normed)
    whole = batches.per_epoch == 1
    state.slots, state.step = optimizer.start(state.theta), 0
    if run.plan.has_dropout:
        state.key = _draw_key(run.rng)
    for number in range(settings.epochs):
        # One batch of all samples: their order makes no difference to the sum.
        order = run.rng.permutation(batches.n) if settings.shuffle and not whole else None
        rates = _rates(run, number, batches.per_epoch)
        run.begin_epoch()
        start = time.perf_counter()
        losses, status, _ = engine.train(
            run.plan, state, run.data, optimizer, [order], rates[None], batches
        )
        seconds = time.perf_counter() - start
        if status == DIVERGED or not _finite(state):
            return "diverged"
        shares = batches.shares(order, run.data.weight)
        loss = float(shares @ losses[0].sum(axis=-1)) / run.data.total
        stop = run.end_epoch(loss, float(rates[0]), seconds, show, loss_is_of_start=whole)
        if stop or interrupt.requested:
            return stop or "interrupted"
    return ""


def _rates(run: Run, epoch: int, steps: int) -> Array:
    """Return the learning rate of each step of an epoch."""
    settings = run.settings
    base = np.full(steps, settings.learning_rate)
    if run.plateau is not None:
        return base * run.plateau.factor
    if isinstance(settings.schedule, Schedule):
        done = (epoch * steps + np.arange(steps)) / (settings.epochs * steps)
        return base * settings.schedule(done)
    return base


def _finite(state: State) -> bool:
    return bool(np.all(np.isfinite(state.theta)) and np.all(np.isfinite(state.buffers)))


def _draw_key(rng: Rng) -> int:
    if isinstance(rng, np.random.RandomState):
        return int(rng.randint(0, 2**63 - 1, dtype=np.int64))
    return int(rng.integers(0, 2**63 - 1))
