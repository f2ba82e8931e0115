"""Blocks of epochs: what the engine is handed at once, drawn so that it can be done again.

No number depends on how epochs are cut into blocks. Where training should have ended within
a block, it begins again from the state before it, and takes only so many of its epochs: the
same orders and rates give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from glassnet.engines.choice import Choice
from glassnet.engines.cost import epochs_in_a_moment
from glassnet.engines.data import Batches, Block, Data
from glassnet.engines.trained import Trained
from glassnet.formulas.types import Array
from glassnet.network import Plan, State
from glassnet.optimizers import Optimizer
from glassnet.training.interrupt import Interrupt
from glassnet.training.orders import Orders

__all__ = ["Blocks"]

_ROWS = 2_000_000  # of orders drawn at once: 16 MB
_LOST = 0.1  # moments of work that may be lost, and done again, where a block is cut short


@dataclass
class Blocks:
    """Draws the blocks of a fit and trains them.

    Parameters
    ----------
    engine : Choice
        Who computes.
    plan : Plan
        The network.
    data : Data
        What it is trained on.
    optimizer : Optimizer
        The update rule.
    batches : Batches
        How rows are cut into batches.
    orders : Orders
        Draws the order of the rows.
    threads : int
        How many may work on it.

    Attributes
    ----------
    pace : float
        About how many epochs the engine does in a tenth of a second.
    """

    engine: Choice
    plan: Plan
    data: Data
    optimizer: Optimizer
    batches: Batches
    orders: Orders
    threads: int

    def __post_init__(self) -> None:
        shape = self.batches.n, self.batches.size, self.data.entries
        self.pace = epochs_in_a_moment(self.engine.name, self.plan, *shape)

    def size(self, left: int, sure: int | None = None, since: int = 0) -> int:
        """Return how many epochs to do before anyone looks at the network.

        Parameters
        ----------
        left : int
            Epochs planned.
        sure : int, optional
            Epochs before which no rule can end training, or change its rate; by default
            none can. Beyond these, what may have to be done again is little, and not more
            than `since`.
        since : int
            Epochs since a rule last did so.
        """
        size: float = min(left, self.pace)
        if self.orders.random:
            size = min(size, _ROWS // self.batches.n)
        if sure is not None:
            size = min(size, max(sure, min(since, _LOST * self.pace)))
        return max(int(size), 1)

    def draw(self, rates: Array) -> Block:
        """Return the next block, which has these rates."""
        return Block(self.orders.draw(len(rates)), rates, self.batches)

    def train(
        self,
        block: Block,
        state: State,
        count: int | None = None,
        interrupt: Interrupt | None = None,
    ) -> Trained:
        """Train `state`, in place, through a block or its first `count` epochs.

        Within a long epoch the engine itself looks whether Ctrl-C was pressed.
        """
        stop = interrupt.flag if interrupt is not None and self.pace < 1 else None
        trained: Trained = self.engine.module.train(
            self.plan,
            state,
            self.data,
            self.optimizer,
            block if count is None else block.first(count),
            stop,
            self.threads,
        )
        return trained
