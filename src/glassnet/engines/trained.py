"""What `train` of an engine reports."""

from __future__ import annotations

from typing import NamedTuple

from glassnet.formulas.types import Array

__all__ = ["DIVERGED", "OK", "STOPPED", "Trained"]

OK = "ok"
DIVERGED = "diverged"
STOPPED = "stopped"


class Trained(NamedTuple):
    """How far some epochs of training came.

    Attributes
    ----------
    losses : array, shape (epochs, steps per epoch, 2)
        Of each batch before the update it led to: the mean over its samples, and the L2
        penalty. Zeros for a batch in which no sample counts, NaN for one not reached.
    status : {"ok", "diverged", "stopped"}
        Training ends at the first loss or gradient that is not finite, before it is used;
        at the end of an epoch that leaves θ or the buffers not finite; and before the
        next step once it is asked to stop, or within one, which then counts as not reached.
    epochs : int
        Epochs that were completed, and left finite numbers.
    """

    losses: Array
    status: str
    epochs: int
