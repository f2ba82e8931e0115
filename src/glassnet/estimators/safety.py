"""What keeps an estimator whole: its best parameters, and a way back from a failed fit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from glassnet.formulas.types import Array
from glassnet.network import State

__all__ = ["Best", "all_or_nothing", "copies"]

# What a fit changes in place; every other attribute is replaced.
_CHANGED = (
    "_state",
    "_best",
    "_running",
    "loss_curve_",
    "validation_loss_curve_",
    "validation_scores_",
)


@dataclass
class Best:
    """The parameters that gave the best validation score."""

    theta: Array
    buffers: Array

    def take(self, state: State) -> None:
        """Copy those of `state`, in place."""
        self.theta[...], self.buffers[...] = state.theta, state.buffers


def copies(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return copies of those attributes that a fit changes in place."""
    return {name: copy.deepcopy(attributes[name]) for name in _CHANGED if name in attributes}


@contextmanager
def all_or_nothing(est: Any) -> Iterator[None]:
    """If the block fails, put back the estimator as it was before, number for number."""
    before, numbers = vars(est).copy(), copies(vars(est))
    try:
        yield
    except BaseException:
        # scikit-learn's callbacks still have to be torn down.
        kept = {k: v for k, v in vars(est).items() if k.startswith(("_skl_", "_callback"))}
        state = before.get("_state")
        if state is not None:
            state.restore(numbers.pop("_state"))  # views into it stay valid
        est.__dict__ = {**before, **numbers, **kept}
        raise
