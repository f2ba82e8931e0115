"""One neutral description of a model and its training, on which everything else works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.formulas.types import Array
from glassnet.network import Plan, State, build_plan

__all__ = ["Case", "WrongTargets", "hidden_activations", "largest", "rebuilt"]


class WrongTargets(ValueError):
    """The targets are none that the model's loss can take."""


@dataclass(frozen=True)
class Case:
    """A model, how it is trained, and its data as it sees them.

    Attributes
    ----------
    kind : {"network", "perceptron"}
    plan : Plan
    start : State
        Numbers to begin from: the model's own before training, where they are known.
    start_known : bool
        Whether `start` are the model's own.
    fitted : State or None
        Its numbers after training.
    optimizer : Optimizer or LBFGS
    epochs, batch_size : int
    shuffle : bool
    patience : int or None
        Epochs without progress after which it stops.
    tolerance : float
        What counts as no progress.
    X, y : arrays
        `y` encoded for the loss, shape (n, n_outputs).
    X_val, y_val : arrays or None
    labels : array or None
        Class numbers; None where the targets are numbers.
    history, validation_history : tuples of float
        Losses of the model's own training.
    weight : array or None
        How much each row of `X` counts in training.
    schedule : object
        Factor on the learning rate, as `MLP.fit` takes it.
    stopped_itself : bool
        Whether the model's own training was ended by its stop rule.
    diverged_itself : bool
        Whether the model's own training ended in numbers that are not finite.
    watches_held_out : bool
        Whether its stop rule looks at held-out rows, not at those it is trained on.
    names : tuple of str
        Of the features; empty where they have none.
    balanced : bool
        Whether accuracy counts each class alike, however many rows it has.
    """

    kind: str
    plan: Plan
    start: State
    start_known: bool
    fitted: State | None
    optimizer: Any
    epochs: int
    batch_size: int
    shuffle: bool
    patience: int | None
    tolerance: float
    X: Array
    y: Array
    X_val: Array | None
    y_val: Array | None
    labels: Any
    history: tuple[float, ...] = ()
    validation_history: tuple[float, ...] = ()
    weight: Any = None
    schedule: Any = None
    stopped_itself: bool = False
    diverged_itself: bool = False
    watches_held_out: bool = False
    names: tuple[str, ...] = ()
    balanced: bool = False

    @property
    def metric(self) -> str:
        """What scores are called."""
        plain = "balanced accuracy" if self.balanced else "accuracy"
        return plain if self.labels is not None else "R2"

    def feature(self, j: int) -> str:
        """Return what feature `j` is called."""
        return f"feature {self.names[j]!r}" if self.names else f"feature {j}"

    def but(self, **changes: Any) -> Case:
        """Return the same case with some things changed."""
        return replace(self, **changes)


def largest(X: Array) -> Array:
    """Return the largest size in each column; what is divided by it can be squared."""
    found: Array = np.maximum(np.abs(X).max(axis=0), 1e-300)
    return found


def hidden_activations(plan: Plan) -> tuple[str, ...]:
    """Return the text of each hidden layer's activation."""
    return tuple(la.formula for la in plan.layers if la.kind == "activation")


def rebuilt(plan: Plan, **changes: Any) -> Plan:
    """Return the plan with other `hidden` sizes, `activation`, `dropout`, `alpha`, ..."""
    dense = [la for la in plan.layers if la.kind == "dense"]
    hidden = changes.pop("hidden", [la.units for la in dense[:-1]])
    kept = len(hidden) == len(dense) - 1
    rates = {la.output[4:]: la.rate for la in plan.layers if la.kind == "dropout"}
    kinds = {la.output[4:]: la.kind[:5] for la in plan.layers if la.output.startswith("norm")}
    places = [str(i) for i in range(len(hidden))]
    known = {
        "activation": list(hidden_activations(plan)) if kept else "relu",
        "dropout": [rates.get(i, 0.0) for i in places] if kept else 0.0,
        "norm": [kinds.get(i) for i in places] if kept else None,
        "output": plan.output,
        "loss": plan.loss,
        "alpha": plan.alpha,
    }
    return build_plan([plan.n_inputs, *hidden, plan.n_outputs], **{**known, **changes})
