"""What an engine makes once for a network and keeps until the next call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from glassnet.formulas.types import Array
from glassnet.network import Plan, State

__all__ = ["Kept"]

T = TypeVar("T")


class _Entry(NamedTuple, Generic[T]):
    plan: Plan
    theta: Array
    buffers: Array
    made: T


class Kept(Generic[T]):
    """One thing for each state in use, made anew once the state holds other arrays.

    It lives beside the state and not in it: so no copy of a model and no pickle takes it
    along, and it goes when the state goes.

    Parameters
    ----------
    make : callable
        Makes it of a plan and of a state, whose arrays it may keep, but not the state
        itself.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.network import build_plan
    >>> kept = Kept(lambda plan, state: state.theta.sum())
    >>> plan, state = build_plan([1, 1]), State(np.array([1.0, 2.0]), np.zeros(0))
    >>> kept.of(plan, state)
    np.float64(3.0)
    """

    def __init__(self, make: Callable[[Plan, State], T]) -> None:
        self._make = make
        self._entries: WeakKeyDictionary[State, _Entry[T]] = WeakKeyDictionary()

    def of(self, plan: Plan, state: State) -> T:
        """Return what is kept for a network. Several threads may ask at once.

        Parameters
        ----------
        plan, state
            The network.
        """
        entry = self._entries.get(state)
        if (
            entry is None
            or entry.theta is not state.theta
            or entry.buffers is not state.buffers
            or entry.plan is not plan
        ):
            entry = _Entry(plan, state.theta, state.buffers, self._make(plan, state))
            self._entries[state] = entry
        return entry.made
