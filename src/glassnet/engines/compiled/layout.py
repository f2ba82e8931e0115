"""What kernels and the loops around them read and write, by name: ``context`` and ``reals``.

And the parts of a program, as they stand in its table of instructions.
"""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONTEXT = (  # whole numbers
    # --- the chunk and the batch
    "rows",  # of the chunk
    "first",  # the chunk's first row, counted from the batch's
    "adding",  # not 0 if the chunk adds to its lane's gradient; else it writes it
    "begin",  # the batch's first place in the epoch's order
    "size",  # rows of the batch
    "lanes",  # of the batch
    "step",  # number of this update, from 1
    "sound",  # 0 once a number of the gradient is not finite
    # --- the data: addresses, and steps in numbers
    "x",
    "x_row",
    "x_column",
    "row_starts",  # sparse data: where rows start (int64)
    "columns",  # of their entries
    "wide",  # whether these are int64, or int32
    "y",
    "y_row",
    "y_column",
    "weight",  # of the samples (float64), or 0
    "order",  # this epoch's permutation (int64), or 0
    # --- the call
    "n",  # rows of the data
    "batch",  # rows of a whole batch
    "chunk",  # rows of a whole chunk
    "epochs",
    "steps",  # of an epoch
    "rates",  # address
    "losses",  # address of what is returned
    "key",  # of dropout's coin tosses; NO_KEY: nothing is dropped
    "gathered",  # 1 if every step sees the same rows: they are gathered once
    "stop",  # address of a whole number that is not 0 once training is to end, or 0
    "learning",  # not 0 while a gradient is made, which is left off where that was asked for
    "status",  # OK, DIVERGED, or STOPPED where that was asked for
    "done",  # epochs completed
    # --- the network
    "parameters",  # how many
    "buffers",  # where in memory
    "n_buffers",
    # --- prediction: addresses
    "statistics",  # the network's buffers
    "out",  # where outputs go, row by row
    "logits",  # and what their activation is given, or 0
    # --- the program: addresses
    "kernels",
    "starts",  # of the phases
    "at",  # operands: those in use
    "at_last",  # and those for the last batch
    "jobs",
    "stages",
    "stage_starts",  # of the phases, among the stages
    # --- threads
    "most_lanes",  # of a whole batch
    "lane_size",  # numbers of memory that a lane has
    "team",  # address of the numbers that threads share, or 0 for one that works alone
    "offering",  # addresses of the system's calls for a thread that waits
    "sleeping",
    "nap",  # how long it sleeps, in the unit of that call
)
REALS = (
    "total",  # weight of the batch, or its rows
    "rate",  # learning rate of this update
    "loss",  # of the batch, so far
    "penalty",
    "product",  # NAdam's product of momenta
)
N_CONTEXT, N_REALS = len(CONTEXT), len(REALS)
NO_KEY = -1
OK, DIVERGED, STOPPED = 0, 1, 2

# --- what a team shares, each on a line of the cache of its own
NEXT, LIMIT, FINISHED = 0, 16, 32  # jobs claimed, published and done since the start
OFFSET, OF_LANES, OVER = 48, 49, 64
SHARED = 80  # how many

# --- phases of a program, in its table of instructions: weighing a batch; fetching a chunk;
# its way forward and back; what is done to the batch's gradient; the optimizer's step
BEFORE, GATHER, CHUNKS, AFTER, UPDATE, PHASES = 0, 1, 2, 3, 4, 5
OPERANDS, CONSTANTS = 12, 10  # of an instruction, at most


class Numbers:
    """An array of zeros, the first of which have names: ``numbers["rows"] = 3``.

    Parameters
    ----------
    names : tuple of str
        `CONTEXT`, `REALS`, or those of another loop.
    kind : type
        ``np.int64`` or ``np.float64``.
    copies : int
        How often there is room for so many.

    Attributes
    ----------
    array : array, shape (copies * len(names),)
        What machine code is handed.
    """

    def __init__(self, names: tuple[str, ...], kind: type, copies: int = 1) -> None:
        self.array: NDArray[Any] = np.zeros(copies * len(names), kind)
        self._place = _places(names)

    def copy(self) -> Numbers:
        """Return the same numbers in an array of their own."""
        other = copy(self)
        other.array = self.array.copy()
        return other

    def __getitem__(self, name: str) -> Any:
        return self.array[self._place[name]]

    def __setitem__(self, name: str, value: float) -> None:
        self.array[self._place[name]] = value


@cache
def _places(names: tuple[str, ...]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}
