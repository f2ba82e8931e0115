"""The state: every number that training changes, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from glassnet.formulas.types import Array

__all__ = ["State", "aligned", "writable"]

_LINE = 64  # bytes of a line of the cache


@dataclass(eq=False)  # two states are one where they are the same object
class State:
    """The numbers of a network and of its optimizer.

    Parameters
    ----------
    theta : float array, shape (n_parameters,)
        All trained parameters, laid out by the plan.
    buffers : float array, shape (n_buffers,)
        Running statistics of batch normalization.
    slots : dict of float arrays
        The optimizer's own vectors, such as Adam's two moments.
    step : int
        Updates since these slots were fresh.
    key : int
        Key of dropout's coin tosses.

    Examples
    --------
    >>> from glassnet import MLP
    >>> state = MLP([2, 3, 1], norm="batch", seed=0).state
    >>> state.theta.shape, state.buffers.shape, state.step
    ((19,), (6,), 0)
    """

    theta: Array
    buffers: Array
    slots: dict[str, Array] = field(default_factory=dict)
    step: int = 0
    key: int = 0

    def copy(self) -> State:
        """Return a state that shares no memory with this one."""
        slots = {name: array.copy() for name, array in self.slots.items()}
        return State(aligned(self.theta), self.buffers.copy(), slots, self.step, self.key)

    def restore(self, other: State) -> None:
        """Take over the numbers of `other`, in place: views into θ stay valid.

        No memory is shared afterwards, and none is taken where both hold the same slots.
        """
        self.theta[...] = other.theta
        self.buffers[...] = other.buffers
        self.slots = {
            name: _filled(self.slots.get(name), array) for name, array in other.slots.items()
        }
        self.step = other.step
        self.key = other.key

    def astype(self, dtype: np.dtype[np.floating]) -> None:
        """Change the precision of θ and the buffers, if it differs."""
        if self.theta.dtype != dtype:
            self.theta = aligned(self.theta.astype(dtype))
            self.buffers = self.buffers.astype(dtype)

    def make_writable(self) -> None:
        """Take copies of what lies in memory for reading alone, as joblib's maps of files.

        Examples
        --------
        >>> state = State(np.frombuffer(bytes(16)), np.zeros(0))
        >>> state.make_writable()
        >>> state.theta[0] = 1.0
        """
        self.theta = writable(self.theta)
        self.buffers = writable(self.buffers)
        self.slots = {name: writable(array) for name, array in self.slots.items()}


def writable(array: Array) -> Array:
    """Return `array`, or a copy where its memory cannot be written to.

    One that somebody has declared read-only, and could declare writable again, is theirs.
    """
    if array.flags.writeable:
        return array
    try:
        array.flags.writeable = True
    except ValueError:
        return aligned(array)
    array.flags.writeable = False
    return array


def aligned(array: Array) -> Array:
    """Return a copy that begins at a line of the processor's cache.

    So wide loads of long vectors take one line each, not parts of two: a row goes through a
    large layer about half as fast again.

    Examples
    --------
    >>> aligned(np.ones(3)).ctypes.data % 64
    0
    """
    room = np.empty(array.nbytes + _LINE, np.uint8)
    skipped = -room.ctypes.data % _LINE
    found: Array = room[skipped : skipped + array.nbytes].view(array.dtype)
    found = found.reshape(array.shape)
    found[...] = array
    return found


def _filled(own: Array | None, array: Array) -> Array:
    if own is None or own.shape != array.shape or own.dtype != array.dtype:
        return array.copy()
    own[...] = array
    return own
