"""The training loop: it hands the engine some epochs at a time and looks in between.

The engine updates θ. What happens here is everything around that: the order of the
samples, the learning rates, the record, and the reasons to stop.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from glassnet.engines.data import Batches, Block, Data
from glassnet.engines.trained import DIVERGED, OK, STOPPED
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.network.build import Rng
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.training.blocks import Blocks
from glassnet.training.history import History
from glassnet.training.interrupt import Interrupt
from glassnet.training.orders import Order, Orders, anew, draw_key
from glassnet.training.outcome import rose, warn_of_outcome
from glassnet.training.progress import progress
from glassnet.training.rates import rates_ahead
from glassnet.training.run import Run, Show
from glassnet.training.settings import Settings
from glassnet.training.whole import hand_over

__all__ = ["batches_of", "fit", "losses_of_epochs", "orders_of"]


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
    show = display.update if settings.verbose else None
    history.stopped, history.best_epoch = "error", None
    try:
        with Interrupt() as interrupt:
            _announce(run)
            whole = isinstance(settings.optimizer, LBFGS)
            train = hand_over if whole else _step_through
            history.stopped = train(run, show, interrupt) or "finished"
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


def _announce(run: Run) -> None:
    """Tell callbacks that want to know it that training begins."""
    for callback in run.settings.callbacks:
        begin = getattr(callback, "on_fit_begin", None)
        if callable(begin):
            begin(run.model)


def _step_through(run: Run, show: Show, interrupt: Interrupt) -> str:
    """Train block by block; return why it stopped early, or an empty text."""
    state, optimizer = run.state, run.settings.optimizer
    assert isinstance(optimizer, Optimizer)
    blocks = _blocks(run, optimizer)
    state.slots, state.step = optimizer.start(state.theta), 0
    if run.plan.has_dropout:
        state.key = draw_key(run.rng)
    while (done := len(run.history) - run.first) < run.settings.epochs:
        block = blocks.draw(_rates(run, blocks, done))
        why = _train_block(run, blocks, block, show, interrupt)
        if why or interrupt.requested:
            return why or "interrupted"
    return ""


def batches_of(plan: Plan, data: Data, settings: Settings) -> Batches:
    """Return how a fit cuts its data into batches."""
    return Batches(len(data.y), settings.batch_size, no_single=bool(plan.buffers))


def orders_of(rng: Rng, settings: Settings, batches: Batches) -> Orders:
    """Return what draws the orders of a fit's rows."""
    # One batch of all samples: their order makes no difference to the sum.
    shuffled = settings.shuffle and batches.per_epoch > 1
    return Orders(rng, batches.n, anew if shuffled else None)


def _blocks(run: Run, optimizer: Optimizer) -> Blocks:
    settings = run.settings
    batches = batches_of(run.plan, run.data, settings)
    orders = orders_of(run.rng, settings, batches)
    return Blocks(
        settings.engine, run.plan, run.data, optimizer, batches, orders, settings.threads
    )


def _rates(run: Run, blocks: Blocks, done: int) -> Array:
    """Return the learning rates of the next block, after `done` epochs."""
    settings, steps = run.settings, blocks.batches.per_epoch
    rates = np.full(_size(run, blocks, done), settings.learning_rate)
    return rates_ahead(rates, settings.schedule, run.plateau, done, settings.epochs, steps)


def _size(run: Run, blocks: Blocks, done: int) -> int:
    """Return how many epochs to do before anyone looks at the network."""
    settings, stopping = run.settings, run.settings.early_stopping
    asked = settings.metrics or settings.callbacks or run.validation is not None
    if asked or run.plateau is not None:
        return 1
    sure = None if stopping is None else stopping.patience - run.best.waited
    return blocks.size(settings.epochs - done, sure, since=done)


def _train_block(
    run: Run, blocks: Blocks, block: Block, show: Show, interrupt: Interrupt
) -> str:
    """Train a block and record its epochs; return why to stop, or an empty text."""
    run.begin_block()
    start, used, first = time.perf_counter(), 0, len(run.history)
    try:
        found, status, done = blocks.train(block, run.state, interrupt=interrupt)
        used = done + (status == DIVERGED)
        seconds = (time.perf_counter() - start) / max(used, 1)
        if done == 0:
            run.recover()
        else:
            why = run.end_block(
                losses_of_epochs(run.data, blocks.batches, block.orders, found[:done]),
                block.rates[:done, 0].tolist(),
                seconds,
                show,
                loss_is_of_start=blocks.batches.per_epoch == 1,
                advance=partial(blocks.train, block),
                at_end=status == OK,
            )
            if why:
                used = len(run.history) - first
                return why
    finally:
        blocks.orders.put_back(used)
    return {OK: "", STOPPED: "interrupted", DIVERGED: "diverged"}[status]


def losses_of_epochs(
    data: Data, batches: Batches, orders: Sequence[Order], found: Array
) -> list[float]:
    """Return the loss of each epoch from those of its batches, as the engine found them."""
    if data.weight is None:
        shares = batches.shares(None, None)
    else:
        orders = orders[: len(found)]
        shares = np.array([batches.shares(one, data.weight) for one in orders])
    losses: list[float] = ((found.sum(axis=-1) * shares).sum(axis=-1) / data.total).tolist()
    return losses
