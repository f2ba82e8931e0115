"""Which epochs a record keeps: those asked for, or a few of a run of any length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt
from typing import Any

from glassnet.arguments import is_whole_number

__all__ = ["Chosen", "Thinning"]


@dataclass(frozen=True)
class Chosen:
    """The very epochs that somebody named.

    Examples
    --------
    >>> Chosen.of([0, 5, 10]).wants(5), Chosen.of([0, 5, 10]).wants(6)
    (True, False)
    """

    epochs: frozenset[int]

    @classmethod
    def of(cls, epochs: Iterable[Any]) -> Chosen:
        """Return them from any sequence of whole numbers.

        Raises
        ------
        ValueError
            If there is none, or one is no whole number of at least 0.
        """
        given = list(epochs)
        wrong = [one for one in given if not is_whole_number(one) or one < 0]
        if not given or wrong:
            got = repr(wrong[0]) if wrong else "none"
            raise ValueError(f"epochs must be whole numbers >= 0, at least one; got {got}")
        return cls(frozenset(map(int, given)))

    def wants(self, epoch: int) -> bool:
        """Return whether to keep the state after so many epochs."""
        return epoch in self.epochs

    @property
    def most(self) -> int:
        """How many there can be."""
        return len(self.epochs)


@dataclass
class Thinning:
    r"""At most so many epochs, close together at first and further and further apart.

    .. math:: e_j = \left\lfloor \frac{(2^k j)^2}{4 n} \right\rfloor, \qquad j = 0, 1, \dots

    Every :math:`e_j` of one :math:`k` is one of the :math:`k` before: when there are more
    than `n`, :math:`k` rises by one and about half of them go, whatever the length of the
    run turns out to be. Gaps grow with the square root of the epoch, for the most happens
    at the start.

    Parameters
    ----------
    most : int, >= 2
        :math:`n`.
    thinned : int
        :math:`k`.

    Examples
    --------
    >>> thinning = Thinning(4)
    >>> [epoch for epoch in range(8) if thinning.wants(epoch)]
    [0, 1, 2, 3, 4, 5, 6, 7]
    >>> thinning.thin()
    >>> [epoch for epoch in range(17) if thinning.wants(epoch)]
    [0, 1, 2, 4, 6, 9, 12, 16]
    """

    most: int
    thinned: int = 0

    def wants(self, epoch: int) -> bool:
        """Return whether to keep the state after so many epochs."""
        scale, step = 4 * self.most, 2**self.thinned
        root = isqrt(epoch * scale)
        root += root * root < epoch * scale
        place = -(-root // step) * step  # the first multiple whose square gets there
        return bool(place * place // scale == epoch)

    def thin(self) -> None:
        """Want about half as many epochs from now on, in place; none is new."""
        self.thinned += 1
