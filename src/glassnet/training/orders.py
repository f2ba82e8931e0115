"""Random numbers of training: the order of the samples, and the key of dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.data import Order
from glassnet.network.build import Rng

__all__ = ["Order", "Orders", "anew", "draw_key", "set_state", "state_of"]

Permutation = NDArray[np.integer[Any]]


class Orders:
    """Draws the order of the samples of each epoch, and takes back those drawn too many.

    Parameters
    ----------
    rng : numpy Generator or RandomState
        Where they are drawn from.
    n : int
        Samples.
    follow : callable or None
        ``follow(rng, order)`` returns the order that follows `order`, the data's own at
        first. None draws nothing: all epochs keep the data's own.
    used : bool
        Whether the engine is told of what is drawn.

    Examples
    --------
    >>> orders = Orders(np.random.default_rng(0), 4, anew)
    >>> first, second = orders.draw(2)
    >>> orders.put_back(1)
    >>> bool((orders.draw(1)[0] == second).all())
    True
    """

    def __init__(
        self,
        rng: Rng,
        n: int,
        follow: Callable[[Rng, Permutation], Permutation] | None,
        used: bool = True,
    ) -> None:
        self._rng, self._follow, self._used = rng, follow, used
        self._last: Permutation = np.arange(n)
        self._before: tuple[Any, Permutation] = (None, self._last)
        self._drawn = 0

    @property
    def random(self) -> bool:
        """Whether anything is drawn and used."""
        return self._follow is not None and self._used

    def draw(self, count: int) -> list[Order]:
        """Return the orders of the next `count` epochs; None for the data's own."""
        if self._follow is None:
            return [None] * count
        self._before, self._drawn = (state_of(self._rng), self._last), count
        orders: list[Order] = []
        for _ in range(count):
            self._last = self._follow(self._rng, self._last)
            orders.append(self._last if self._used else None)
        return orders

    def put_back(self, used: int) -> None:
        """Leave all as if only `used` orders had been drawn by the last `draw`."""
        if self._follow is None or used == self._drawn:
            return
        state, self._last = self._before
        set_state(self._rng, state)
        self.draw(used)


def anew(rng: Rng, order: Permutation) -> Permutation:
    """Return an order that has nothing to do with the one before."""
    return rng.permutation(len(order))


def draw_key(rng: Rng) -> int:
    """Return the key of a fit's coin tosses for dropout."""
    if isinstance(rng, np.random.RandomState):
        return int(rng.randint(0, 2**63 - 1, dtype=np.int64))
    return int(rng.integers(0, 2**63 - 1))


def state_of(rng: Rng) -> Any:
    """Return where a source of random numbers stands."""
    if isinstance(rng, np.random.RandomState):
        return rng.get_state(legacy=False)
    return rng.bit_generator.state


def set_state(rng: Rng, state: Any) -> None:
    """Put a source of random numbers back to where it stood."""
    if isinstance(rng, np.random.RandomState):
        rng.set_state(state)
    else:
        rng.bit_generator.state = state
