"""The training of one network, as a record keeps it while it goes on."""

from __future__ import annotations

import numpy as np

from glassnet.engines.data import Data
from glassnet.formulas.types import Array
from glassnet.insight.activity import activity
from glassnet.insight.kept_epochs import Chosen, Thinning
from glassnet.insight.snapshot import Snapshot, rounded, row_bytes, update_ratio
from glassnet.network import Plan, State

__all__ = ["Course", "room"]

_FEWEST = 3  # the first, the last and one in between

Figures = tuple[float, float, float]
"""Training loss, validation loss and learning rate of an epoch."""

_NONE: Figures = (float("nan"), float("nan"), float("nan"))


class Course:
    """What is kept of one network's training.

    Two copies of the network are under way beside what is kept: that after the last epoch
    and that before it.

    Parameters
    ----------
    plan, state
        The network as it is before its next epoch; copied.
    data : Data or None
        Probe rows.
    wanted : Chosen or Thinning
        Which epochs to keep; a `Thinning` thins itself in place, and has the last beside it.
    dtype : dtype
        Of what is kept.
    epoch : int
        Epochs done.

    Attributes
    ----------
    step : int
        Updates there were when the network was last seen.
    own_dtype : dtype
        The network's.
    """

    def __init__(
        self,
        plan: Plan,
        state: State,
        data: Data | None,
        wanted: Chosen | Thinning,
        dtype: np.dtype[np.floating],
        epoch: int,
    ) -> None:
        self.plan, self.data, self.wanted = plan, data, wanted
        self.dtype, self.own_dtype = dtype, state.theta.dtype
        self.step, self.epoch = state.step, epoch
        self._figures, self._steps = _NONE, 1
        self._before: State | None = None
        self._after = _copy(state)
        self._rows: list[Snapshot] = []
        self._last: Snapshot | None = None
        self._note()

    def arrive(self, state: State, epoch: int, figures: Figures) -> None:
        """Take note of the network after `epoch` epochs."""
        spare, self._before = self._before, self._after
        if spare is None:
            spare = _copy(state)
        spare.theta[...], spare.buffers[...] = state.theta, state.buffers
        self._after, self._last = spare, None
        self.epoch, self._figures = epoch, figures
        self._steps, self.step = max(state.step - self.step, 1), state.step
        self._note()

    @property
    def rows(self) -> list[Snapshot]:
        """What is kept, in the order of the epochs."""
        rows = self._rows
        if isinstance(self.wanted, Chosen) or (rows and rows[-1].epoch == self.epoch):
            return rows
        self._last = self._last or self._snapshot()
        return [*rows, self._last]

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers kept, the copies under way included."""
        copies = [one for one in (self._before, self._after) if one is not None]
        under_way = sum(one.theta.nbytes + one.buffers.nbytes for one in copies)
        return under_way + sum(row.nbytes for row in self.rows)

    def _note(self) -> None:
        """Keep the network as it is now, if its epoch is wanted."""
        wanted = self.wanted
        if not wanted.wants(self.epoch):
            return
        self._rows.append(self._snapshot())
        while isinstance(wanted, Thinning) and len(self._rows) > wanted.most:
            wanted.thin()
            self._rows = [row for row in self._rows if wanted.wants(row.epoch)]

    def _snapshot(self) -> Snapshot:
        after, before = self._after, self._before
        found = activity(self.plan, after, self.data)
        ratio = np.full(found.gradient_norm.shape, np.nan)
        if before is not None:
            ratio = update_ratio(self.plan, before.theta, after.theta, self._steps)
        theta, buffers = (rounded(v, self.dtype) for v in (after.theta, after.buffers))
        return Snapshot(self.epoch, theta, buffers, *self._figures, ratio, found)


def room(plan: Plan, state: State, dtype: np.dtype[np.floating], max_bytes: int) -> int:
    """Return how many snapshots of a network `max_bytes` hold, beside the copies under way.

    Raises
    ------
    ValueError
        If they are fewer than 3.
    """
    row = row_bytes(plan, state, dtype)
    copies = 2 * (state.theta.nbytes + state.buffers.nbytes)
    fit = (max_bytes - copies) // row
    if fit < _FEWEST:
        raise ValueError(
            f"max_bytes must be at least {copies + _FEWEST * row} for this network of "
            f"{plan.n_parameters} parameters; got {max_bytes}"
        )
    return int(fit)


def _copy(state: State) -> State:
    """Return a copy of the network's own numbers, without the optimizer's."""
    theta: Array = state.theta.copy()
    return State(theta, state.buffers.copy())
