"""`trace`: one forward pass, backward pass and optimizer step, with the real numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from glassnet import catalog
from glassnet.engines import numpy_engine as engine
from glassnet.formulas.types import Array
from glassnet.insight.equations import Line, equations, number
from glassnet.insight.subjects import network_and_data
from glassnet.network import Plan
from glassnet.optimizers import Optimizer

__all__ = ["Trace", "trace"]


@dataclass(frozen=True, eq=False)
class Trace:
    """Every number of one training step; ``print(trace)`` shows it line by line.

    Parameters
    ----------
    plan : Plan
        What the network is.
    optimizer : Optimizer
        Who made the step.
    X, y : arrays, shape (n, n_inputs) and (n, n_outputs)
        The batch, its targets as the loss takes them.
    weight : array, shape (n,), or None
        Sample weights.
    sample : int
        The sample that is shown in full.
    loss : float
        Mean over the batch, with the L2 penalty.
    values : mapping of arrays, shape (n, units) each
        ``z0``, ``a0``, ..., ``output``; ``slope_a0``; ``delta_z0``, ``delta_a0``, ...
    before, gradient, update, after : mappings of arrays
        Of each parameter by name; ``after`` is ``before + update``.
    """

    plan: Plan
    optimizer: Optimizer
    X: Array
    y: Array
    weight: Array | None
    sample: int
    loss: float
    values: Mapping[str, Array]
    before: Mapping[str, Array]
    gradient: Mapping[str, Array]
    update: Mapping[str, Array]
    after: Mapping[str, Array]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every equation of the shown sample, with its numbers put in."""
        return tuple(equations(self))

    @property
    def _headline(self) -> str:
        n = len(self.X)
        batch = f"a batch of {n}, shown for sample {self.sample}" if n > 1 else "one sample"
        return f"One step of {self.optimizer!r} on {batch}: loss {self.loss:.6g}"

    def __str__(self) -> str:
        text = [self._headline]
        part = ""
        for line in self.lines:
            if line.part != part:
                part = line.part
                text += ["", part]
            text.append(f"  {line}")
        return "\n".join(text)

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(line)) + "</tr>"
            for line in self.lines
        )
        return f"<p><b>{escape(self._headline)}</b></p><table>{rows}</table>"

    def to_frame(self) -> Any:
        """Return the equations as a pandas DataFrame, one a row.

        Raises
        ------
        ImportError
            If pandas cannot be imported.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame needs pandas; pip install pandas") from error
        return pd.DataFrame([vars(line) for line in self.lines if line.formula])

    def to_dict(self) -> dict[str, Any]:
        """Return every number as plain lists."""
        groups = ("values", "before", "gradient", "update", "after")
        found: dict[str, Any] = {
            name: {key: array.tolist() for key, array in getattr(self, name).items()}
            for name in groups
        }
        found |= {"X": self.X.tolist(), "y": self.y.tolist(), "loss": self.loss}
        return {"optimizer": repr(self.optimizer), "sample": self.sample, **found}


def _cells(line: Line) -> tuple[str, ...]:
    value = f"= {number(line.value)}" if line.formula else ""
    numbers = f"= {line.numbers}" if line.numbers else ""
    return line.part, line.symbol, f"= {line.formula}" * bool(line.formula), numbers, value


def trace(
    model: Any,
    X: Any,
    y: Any,
    optimizer: object = None,
    *,
    sample: int = 0,
    sample_weight: ArrayLike | None = None,
) -> Trace:
    r"""Compute one training step on a copy, and return every number of it.

    Parameters
    ----------
    model : MLP, MLPClassifier or MLPRegressor
        It is not changed.
    X, y : arrays
        One sample or a batch, as the model's ``fit`` takes them.
    optimizer : str or Optimizer, optional
        By default an estimator's own solver, else ``"sgd"``. It makes its first step.
    sample : int
        The sample of the batch whose numbers are shown in full, from 0.
    sample_weight : array, shape (n,), optional

    Returns
    -------
    Trace

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; L-BFGS has no single step.

    Notes
    -----
    The numbers are the NumPy engine's, in the precision of the network. Nothing is dropped.

    Examples
    --------
    >>> from glassnet import MLP
    >>> net = MLP([1, 1], initializer="zeros")
    >>> found = trace(net, [[3.0]], [1.0], "sgd(0.1)")
    >>> found.gradient["W0"], found.after["W0"]
    (array([[-3.]]), array([[0.3]]))
    """
    network, data = network_and_data(model, X, y, sample_weight)
    rule = _rule(model, network, optimizer)
    if not isinstance(sample, int) or not 0 <= sample < len(data.y):
        raise ValueError(f"sample must be one of the {len(data.y)} rows of X; got {sample!r}")
    plan, state = network.plan, network.state.copy()
    dtype = state.theta.dtype
    features, targets = (np.asarray(a, dtype) for a in (data.X, data.y))
    weight = None if data.weight is None else data.weight.astype(dtype)
    names = [layer.output for layer in plan.layers]
    wanted = [*names, "output", *(f"delta_{name}" for name in names)]
    with np.errstate(over="ignore", invalid="ignore"):
        loss, gradient, kept = engine.loss_and_gradients(
            plan, state, features, targets, weight, keep=wanted
        )
    before = state.theta.copy()
    factors = {name: plan.factors(name) for name in ("rate_factor", "decay_factor")}
    rule.step(state.theta, gradient, rule.start(state.theta), 1, **factors)
    vectors = (before, gradient, state.theta - before, state.theta)
    parts = [{p.name: p.of(v).copy() for p in plan.parameters} for v in vectors]
    values = {**{name: kept[name].copy() for name in wanted}, **_slopes(plan, kept)}
    return Trace(plan, rule, features, targets, weight, sample, float(loss), values, *parts)


def _rule(model: Any, network: Any, optimizer: object) -> Optimizer:
    if optimizer is not None or model is network:
        found = catalog.optimizer("sgd" if optimizer is None else optimizer)
    else:
        from glassnet.estimators.solver import find_optimizer  # needs scikit-learn

        found = find_optimizer(model)
    if not isinstance(found, Optimizer):
        raise ValueError(
            f"optimizer must take single steps; got {found!r}, which searches along a line"
        )
    return found


def _slopes(plan: Plan, kept: Mapping[str, Array]) -> dict[str, Array]:
    """Return the slope of each activation, from the formulas that the engine runs."""
    found = {}
    for before, layer in zip(plan.layers[:-1], plan.layers[1:], strict=True):
        if layer.kind == "activation":
            z, a = kept[before.output], kept[layer.output]
            record = catalog.activation(layer.formula)
            found[f"slope_{layer.output}"] = record.backward(np.ones_like(z), z, a)
    return found
