"""`Reader`: the quantities of a traced step as leaves of expressions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from glassnet import catalog
from glassnet.formulas.optimizers import clip_by_value
from glassnet.formulas.types import Array
from glassnet.insight.lines.expressions import (
    TERMS,
    Expression,
    Name,
    Number,
    Valued,
    called,
    total,
)

__all__ = ["Reader", "formula_name", "formula_of"]


@dataclass(frozen=True)
class Reader:
    """Reads a `Trace` by name and place.

    Attributes
    ----------
    step : Trace
    most : int or None
        Units that have lines of their own; None: all.
    """

    step: Any
    most: int | None

    @property
    def rows(self) -> int:
        """Samples of the batch."""
        return len(self.step.X)

    def of(self, name: str) -> Array:
        """Return an array by name: of the data, or what was computed."""
        given = {"x": self.step.X, "y": self.step.y}
        found: Array = given[name] if name in given else self.step.values[name]
        return found

    def at(self, name: str, unit: int, sample: int | None = None) -> Name:
        """Return a unit's number: of the shown sample, or of another, which is then named."""
        row = self.step.sample if sample is None else sample
        named = (f"n={sample}",) if sample is not None and self.rows > 1 else ()
        return Name(name, (*named, unit), self.of(name)[row][unit])

    def parameter(self, name: str, *place: int) -> Name:
        """Return a parameter's number before the step."""
        return Name(name, place, self.step.before[name][place])

    def statistic(self, name: str, place: int) -> Name:
        """Return a mean or variance: of a unit (batch normalization) or of a sample."""
        one = self.step.statistics[name]
        return Name(name, () if name in self.by_sample else (place,), one[place])

    @property
    def by_sample(self) -> set[str]:
        """Names of the statistics that layer normalization takes, one per sample."""
        layers = [la for la in self.step.plan.layers if la.kind == "layer_norm"]
        return {f"{which}{la.number}" for la in layers for which in ("mean", "variance")}

    @cached_property
    def gradient_norm(self) -> float:
        """Length of the whole gradient, once each element is clipped."""
        step = self.step
        whole = np.concatenate([step.gradient[p.name].ravel() for p in step.plan.parameters])
        if step.optimizer.clip_value is not None:
            whole = clip_by_value(whole, step.optimizer.clip_value)
        return float(np.linalg.norm(whole))

    def over_samples(self, one: Any, values: Array) -> Expression:
        """Return the sum over samples of ``one(sample)``, which are `values`."""
        return total([one(n) for n in range(min(self.rows, TERMS + 1))], values)

    def share(self, sample: int) -> Expression | None:
        """Return a sample's share of the batch; None where it is alone."""
        if self.step.weight is None:
            return None if self.rows == 1 else Number(1.0) / self.rows
        weight = Name("weight", (f"n={sample}",), self.step.weight[sample])
        return weight / self.whole

    @property
    def whole(self) -> Expression:
        """Sum of the sample weights; the number of samples where there are none."""
        if self.step.weight is None:
            return Number(float(self.rows))
        return Valued(called("sum", Name("weight")), float(np.sum(self.step.weight)))


def formula_of(kind: str, text: str, which: str) -> str:
    """Return the name of an activation's or a loss's function, as `formulas` calls it.

    Parameters
    ----------
    kind : {"activation", "loss"}
    text : str
        As the plan holds it.
    which : str
        Field of the record: ``"value"``, ``"slope"``, ``"gradient"``.
    """
    record = catalog.activation(text) if kind == "activation" else catalog.loss(text)
    function = getattr(record, which)
    home = "activations" if kind == "activation" else "losses"
    return formula_name(function, home)


def formula_name(function: Any, home: str) -> str:
    """Return the name of a function: as `formulas` calls it, or, of one's own, the whole."""
    own = not function.__module__.startswith("glassnet.formulas.")
    return f"{function.__module__ if own else home}.{function.__qualname__}"
