"""Blocks of epochs: what the engine is handed at once, drawn so that it can be done again.

No number depends on how epochs are cut into blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.choice import epochs_in_a_moment
from glassnet.engines.data import Batches
from glassnet.engines.trained import Trained
from glassnet.formulas.types import Array
from glassnet.network import State
from glassnet.network.build import Rng
from glassnet.optimizers import Optimizer
from glassnet.schedules import Schedule
from glassnet.training.run import Run

__all__ = ["Block", "Blocks"]

_ROWS = 2_000_000  # of orders drawn at once: 16 MB
Order = NDArray[np.integer[Any]] | None


@dataclass(frozen=True)
class Block:
    """Some epochs to train.

    Attributes
    ----------
    orders : sequence of (permutation or None), one per epoch
    rates : array, shape (epochs, steps per epoch)
    before : object
        State of the source of random numbers before the orders were drawn.
    """

    orders: Sequence[Order]
    rates: Array
    before: Any

    def __len__(self) -> int:
        return len(self.orders)


class Blocks:
    """Draws the blocks of a fit and trains them.

    Parameters
    ----------
    run : Run
        The fit.

    Attributes
    ----------
    batches : Batches
        How rows are cut into batches.
    whole : bool
        Whether one batch holds all samples.
    pace : float
        About how many epochs the engine does in a tenth of a second.
    """

    def __init__(self, run: Run) -> None:
        settings, n = run.settings, len(run.data.y)
        self.run = run
        self.batches = Batches(n, settings.batch_size, no_single=bool(run.plan.buffers))
        self.whole = self.batches.per_epoch == 1
        shape = n, settings.batch_size, run.data.entries
        self.pace = epochs_in_a_moment(settings.engine.name, run.plan, *shape)
        # One batch of all samples: their order makes no difference to the sum.
        self._shuffled = settings.shuffle and not self.whole
        optimizer = settings.optimizer
        assert isinstance(optimizer, Optimizer)
        self._engine_train = partial(
            run.engine.train, run.plan, data=run.data, optimizer=optimizer, batches=self.batches
        )

    def draw(self, done: int) -> Block:
        """Return the next block, after `done` epochs.

        Raises
        ------
        Exception
            What a schedule raises for the block's first epoch. For a later one the block
            ends before it, so that the epochs until then are trained.
        """
        rng, before = self.run.rng, None
        if self._shuffled:
            before = _get_state(rng)
        rates = self._rates_of_block(done)
        orders: list[Order] = [None] * len(rates)
        if self._shuffled:
            orders = [rng.permutation(self.batches.n) for _ in orders]
        return Block(orders, rates, before)

    def train(
        self,
        block: Block,
        state: State,
        count: int | None = None,
        stop: NDArray[np.int64] | None = None,
    ) -> Trained:
        """Train `state`, in place, through a block or its first `count` epochs."""
        trained: Trained = self._engine_train(
            state,
            order=block.orders[:count],
            rates=block.rates[:count],
            stop=stop,
            threads=self.run.settings.threads,
        )
        return trained

    def losses(self, block: Block, found: Array) -> list[float]:
        """Return the loss of each epoch from those of its batches."""
        weight, total = self.run.data.weight, self.run.data.total
        if weight is None:
            shares = self.batches.shares(None, None)
        else:
            orders = block.orders[: len(found)]
            shares = np.array([self.batches.shares(one, weight) for one in orders])
        losses: list[float] = ((found.sum(axis=-1) * shares).sum(axis=-1) / total).tolist()
        return losses

    def put_back(self, block: Block, used: int) -> None:
        """Leave the source of random numbers as if the orders of `used` epochs were drawn."""
        if block.before is not None and used < len(block):
            _set_state(self.run.rng, block.before)
            for _ in range(used):
                self.run.rng.permutation(self.batches.n)

    def _size(self, done: int) -> int:
        """Return how many epochs to do before anyone looks at the network."""
        run, settings = self.run, self.run.settings
        asked = settings.metrics or settings.callbacks or run.validation is not None
        if asked or run.plateau is not None:
            return 1
        size = min(int(self.pace), settings.epochs - done)
        if self._shuffled:
            size = min(size, _ROWS // self.batches.n)
        if settings.early_stopping:  # what is done again is at most what was done before
            size = min(size, max(settings.early_stopping.patience, done))
        return max(size, 1)

    def _rates_of_block(self, done: int) -> Array:
        """Return the learning rates of the next block; `draw` says what it raises."""
        rates = np.empty((self._size(done), self.batches.per_epoch))
        if not isinstance(self.run.settings.schedule, Schedule):
            rates[...] = self._rates(done)
            return rates
        for i in range(len(rates)):
            try:
                rates[i] = self._rates(done + i)
            except Exception:
                if i == 0:
                    raise
                return rates[:i]
        return rates

    def _rates(self, epoch: int) -> Any:
        """Return the learning rate of each step of an epoch, or one for all."""
        run, settings = self.run, self.run.settings
        if run.plateau is not None:
            return settings.learning_rate * run.plateau.factor
        if isinstance(settings.schedule, Schedule):
            steps = self.batches.per_epoch
            done = (epoch * steps + np.arange(steps)) / (settings.epochs * steps)
            return settings.learning_rate * settings.schedule(done)
        return settings.learning_rate


def _get_state(rng: Rng) -> Any:
    if isinstance(rng, np.random.RandomState):
        return rng.get_state(legacy=False)
    return rng.bit_generator.state


def _set_state(rng: Rng, state: Any) -> None:
    if isinstance(rng, np.random.RandomState):
        rng.set_state(state)
    else:
        rng.bit_generator.state = state
