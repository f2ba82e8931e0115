"""What keeps an estimator whole: its best parameters, and a way back from a failed fit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.network import State
from glassnet.network.state import writable
from glassnet.training.under_way import alone

__all__ = ["Best", "all_or_nothing", "badness", "copies", "records"]

# What a fit adds to; every other attribute is replaced, or copied by `copies`.
_RECORDS = ("loss_curve_", "validation_loss_curve_", "validation_scores_")


@dataclass
class Best:
    """The parameters that gave the best validation score."""

    theta: Array
    buffers: Array

    def take(self, state: State) -> None:
        """Copy those of `state`, in place."""
        self.theta[...], self.buffers[...] = state.theta, state.buffers

    def make_writable(self) -> None:
        """Take copies of what cannot be written to."""
        self.theta, self.buffers = writable(self.theta), writable(self.buffers)


def copies(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return copies of the numbers that a fit changes in place."""
    found: dict[str, Any] = {}
    if "_state" in attributes:
        best = attributes["_best"]
        found["_state"] = attributes["_state"].copy()
        found["_best"] = Best(best.theta.copy(), best.buffers.copy())
        if attributes["_running"] is not None:
            optimizer, rates = attributes["_running"]
            found["_running"] = optimizer, copy.copy(rates)
    return found


def records(attributes: dict[str, Any]) -> dict[str, list[float]]:
    """Return the lists that a fit adds to."""
    return {name: attributes[name] for name in _RECORDS if attributes.get(name) is not None}


def badness(run: dict[str, Any]) -> tuple[bool, float]:
    """Return what the best of several runs has least of: its last loss, or minus its score.

    A run without a finite figure is behind all others.
    """
    value = -run["best_validation_score_"] if run["validation_scores_"] else run["loss_"]
    return not np.isfinite(value), float(value)


@contextmanager
def all_or_nothing(est: Any) -> Iterator[None]:
    """If the block fails, put back the estimator as it was before, number for number.

    Raises
    ------
    RuntimeError
        If the estimator is being fitted already, by another thread.
    """
    with alone(est, "fitted: a second fit must wait"), _restored_on_failure(est):
        yield


@contextmanager
def _restored_on_failure(est: Any) -> Iterator[None]:
    if "_state" in vars(est):
        est._state.make_writable()
        est._best.make_writable()
    before, numbers = vars(est).copy(), copies(vars(est))
    lengths = {name: len(values) for name, values in records(before).items()}
    try:
        yield
    except BaseException:
        # scikit-learn's callbacks still have to be torn down.
        kept = {k: v for k, v in vars(est).items() if k.startswith(("_skl_", "_callback"))}
        state = before.get("_state")
        if state is not None:
            state.restore(numbers.pop("_state"))  # views into it stay valid
        for name, values in records(before).items():
            del values[lengths[name] :]
        est.__dict__ = {**before, **numbers, **kept}
        raise
