"""One moment of a training: the numbers of the network, and what goes on in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.formulas.types import Array
from glassnet.insight.activity import Activity
from glassnet.network import Plan, State

__all__ = ["Snapshot", "rounded", "row_bytes", "update_ratio"]

_FLOATS_BESIDE = 4  # epoch, training loss, validation loss, learning rate


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a record keeps of one epoch.

    Attributes
    ----------
    epoch : int
        Epochs done: 0 before the first.
    theta, buffers : arrays
        In the record's precision.
    training_loss, validation_loss, learning_rate : float
        As in `Epoch`; NaN where there is none.
    update_ratio : array, (dense layers,)
        See `update_ratio`.
    activity : Activity
        On the probe rows.
    """

    epoch: int
    theta: Array
    buffers: Array
    training_loss: float
    validation_loss: float
    learning_rate: float
    update_ratio: Array
    activity: Activity

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers."""
        numbers = self.theta.nbytes + self.buffers.nbytes + self.update_ratio.nbytes
        return numbers + 8 * _FLOATS_BESIDE + self.activity.nbytes


def row_bytes(plan: Plan, state: State, dtype: np.dtype[np.floating]) -> int:
    """Return how many bytes the numbers of one `Snapshot` of a network take."""
    kinds = [layer.kind for layer in plan.layers]
    numbers = 2 * kinds.count("dense") + 4 * kinds.count("activation") + 1 + _FLOATS_BESIDE
    return (state.theta.size + state.buffers.size) * dtype.itemsize + 8 * numbers


def rounded(values: Array, dtype: np.dtype[np.floating]) -> Array:
    """Return a copy in another precision; what is too large for it becomes its largest.

    Examples
    --------
    >>> rounded(np.array([0.1, -1e6]), np.dtype(np.float16)).tolist()
    [0.0999755859375, -65504.0]
    """
    most = float(np.finfo(dtype).max)
    if np.finfo(values.dtype).max > most:
        values = np.clip(values, -most, most)
    return np.array(values, dtype=dtype)


def update_ratio(plan: Plan, before: Array, after: Array, steps: int) -> Array:
    r"""Return how much an update changes each weight matrix, relative to its size.

    .. math:: r = \frac{\lVert W_{t+S} - W_t \rVert}{S \, \lVert W_t \rVert}

    Parameters
    ----------
    plan : Plan
    before, after : arrays, (n_parameters,)
    steps : int, >= 1
        :math:`S`, the updates between them.

    Returns
    -------
    array, (dense layers,)
        For one step its ratio itself. For several it is at most about their mean, and less
        the more they undo each other. Infinite where all weights were 0 and moved.

    References
    ----------
    Karpathy, CS231n notes, "Neural Networks Part 3: Learning and Evaluation", section
    "Ratio of weights:updates".

    Examples
    --------
    >>> from glassnet.network import build_plan
    >>> update_ratio(build_plan([2, 1]), np.array([3.0, 4.0, 0.0]), np.array([3.0, 5, 9]), 2)
    array([0.1])
    """
    found = []
    for layer in plan.layers:
        if layer.kind == "dense":
            W, V = (layer.parameters[0].of(v).astype(float) for v in (before, after))
            found.append((np.linalg.norm(V - W), np.linalg.norm(W)))
    moved, size = np.array(found).T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = np.where(moved == 0, 0.0, moved / (steps * size))
    return ratio
